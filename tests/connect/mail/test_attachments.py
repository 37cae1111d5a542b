"""What comes along with incoming mail: what is kept of it, who may read it, when it goes."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from leadwise.connect.mail.attachments import (
    MOST_KEPT,
    MOST_MAIL_BYTES,
    Attachment,
    attachments_in,
    keep_file,
    read_file,
    sweep,
)
from leadwise.connect.mail.intake import intake_of
from leadwise.errors import UserError
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.playbooks.model import Step
from leadwise.playbooks.runs.acting import Here, House, Run
from leadwise.playbooks.steps.reaching import file_of
from leadwise.settings import Settings
from leadwise.settings.mail import MailSettings
from leadwise.store.attachments import FOLDER, forget_attachments
from leadwise.store.documents import canonical, values_of
from leadwise.store.export import export_person
from leadwise.store.opening import Store
from leadwise.store.privacy import erase_person
from leadwise.store.schema import event, mail_attachment
from leadwise.web.secret import make_secret_key
from tests.databases import make_tables, postgres_database
from tests.playbooks.conditions.test_conditions import playbook
from tests.records import NOW_US, add_lead

PDF = b"%PDF-1.7\n\x00\x01 an invoice\n%%EOF\n"
MIB = 1024 * 1024


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        with Store(str(tmp_path / "record.db")) as made:
            make_tables(made)
            yield made
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as url, Store(url) as made:
        make_tables(made)
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(
        data=tmp_path, public_url="https://leads.acme.example",
        mail=MailSettings(inboxes=(("bills@acme.example", "bills"),)),
    )  # fmt: skip
    make_secret_key(made.secret_key_path)
    return made


def mail(*files: tuple[str, bytes], sender: str = "ann@b.example", **headers: str) -> EmailMessage:
    made = EmailMessage()
    given = {"From": sender, "To": "bills@acme.example", "Subject": "Bill", **headers}
    for name, value in given.items():
        made[name.replace("_", "-")] = value
    made.set_content("See below.")
    for name, content in files:
        made.add_attachment(content, "application", "octet-stream", filename=name)
    return made


def kept(*files: tuple[str, bytes], most: int = MIB) -> list[tuple[str, str]]:
    found = attachments_in(mail(*files).as_bytes(), most)
    return [(one.name, one.type) for one in found.kept]


def test_content_says_what_it_is_and_names_are_made_harmless() -> None:
    root = b"root:x:0:0\n"
    assert kept(("bill.pdf.exe", PDF), ("../../etc/passwd", root), ("a.csv", b"a,b")) == [
        ("bill.pdf.exe.pdf", "application/pdf"), ("etc-passwd.txt", "text/plain"),
        ("a.csv", "text/plain"),
    ]  # fmt: skip
    assert kept(("x", b"\x89PNG\r\n\x1a\n123"), ("\u202efdp.x", b"\xff\xd8\xff12")) == [
        ("x.png", "image/png"), ("fdp.x.jpg", "image/jpeg"),
    ]  # fmt: skip
    for program in (b"MZ\x00\x01", b"PK\x03\x04\x00\x00", b"\xd0\xcf\x11\xe0\x00"):
        found = attachments_in(mail(("bill.pdf", program)).as_bytes(), MIB)
        assert (found.kept, found.left_out) == ((), ("bill.pdf",))


def test_sizes_and_numbers_have_an_end() -> None:
    assert kept(("a.pdf", PDF), most=len(PDF)) == [("a.pdf", "application/pdf")]
    assert kept(("a.pdf", PDF), most=len(PDF) - 1) == []
    assert kept(("a.pdf", PDF), most=0) == []
    many = [(f"{n}.txt", b"%d" % n) for n in range(MOST_KEPT + 3)]
    found = attachments_in(mail(*many).as_bytes(), MIB)
    assert (len(found.kept), len(found.left_out)) == (MOST_KEPT, 3)
    assert kept(("a.txt", b"same"), ("b.txt", b"same")) == [("a.txt", "text/plain")]
    assert attachments_in(b"x" * MOST_MAIL_BYTES, MIB).kept == ()  # it may have been cut off


def test_a_logo_in_the_text_is_no_attachment() -> None:
    made = mail()
    made.add_alternative("<img src='cid:logo'>", subtype="html")
    html = made.get_payload()[1]
    html.add_related(b"\x89PNG\r\n\x1a\n1", "image", "png", cid="<logo>")
    assert attachments_in(made.as_bytes(), MIB).kept == ()


@given(
    raw=st.binary(max_size=300), head=st.sampled_from([b"", b"Content-Type: multipart/mixed; b"])
)
def test_no_mail_breaks_it(raw: bytes, head: bytes) -> None:
    assert isinstance(attachments_in(head + raw, MIB).kept, tuple)


def _take(store: Store, settings: Settings, made: EmailMessage) -> Any:
    intake_of(store, settings, lambda: NOW_US).take(made.as_bytes())
    with store.read() as connection:
        rows = connection.execute(select(event.c.id, event.c.doc).order_by(event.c.id)).all()
    return rows[-1] if rows else None


def test_a_message_names_its_files_and_they_lie_under_their_hashes(
    store: Store, settings: Settings
) -> None:
    for _ in range(2):
        row = _take(store, settings, mail(("a.pdf", PDF), ("b.txt", b"two"), ("c.exe", b"MZ\x00")))
    said = values_of(row.doc)
    one = Attachment("a.pdf", "application/pdf", PDF)
    assert (said["file"], said["ref"]) == ("a.pdf", f"mail:{one.digest}/a.pdf")
    assert (said["file_2"], said["attachments"], said["not_kept"]) == ("b.txt", 2, "c.exe")
    folder = settings.data / FOLDER
    names = sorted(path.name for path in folder.glob("??/*"))
    assert len(names) == 2
    assert one.digest in names
    mode = (folder / one.digest[:2] / one.digest).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(mail_attachment)) == 2


def test_programs_and_strangers_to_the_inbox_leave_no_files(
    store: Store, settings: Settings
) -> None:
    _take(store, settings, mail(("a.pdf", PDF), Auto_Submitted="auto-replied"))
    elsewhere = mail(("a.pdf", PDF))
    elsewhere.replace_header("To", "else@acme.example")
    _take(store, settings, elsewhere)
    assert not list((settings.data / FOLDER).glob("??/*"))


def _here(settings: Settings, message: Any, template: str = "{{ message.ref }}") -> Here:
    step = Step("read", "extract", {"text": template}, 1)
    run = Run(1, playbook(), None, 0, 0, NOW_US, {"message": message, "step": {}})
    return Here(run, step, "run-1-0", NOW_US, lambda _: str(message["ref"]), settings)


def test_a_run_reads_the_files_of_its_own_mail_and_no_other(
    store: Store, settings: Settings
) -> None:
    row = _take(store, settings, mail(("a.pdf", PDF)))
    house = House(store, settings, lambda _: None, lambda: NOW_US, {})
    own = {**values_of(row.doc), "id": row.id}
    found = file_of(house, _here(settings, own))
    assert found is not None
    assert (found.name, found.content) == ("a.pdf", PDF)
    assert file_of(house, _here(settings, own, "{{ message.text }}")) is None  # nobody asked for it
    # An event that says the same of itself, from outside.
    forged = Message(
        "track", "bills", "forged", "message_received", NOW_US, NOW_US, anonymous_id="x",
        document=canonical({"ref": own["ref"]}),
    )  # fmt: skip
    store.write(lambda c: record(c, Received((forged,)), GateRules(), NOW_US))
    with store.read() as connection:
        other = connection.execute(select(event.c.id).order_by(event.c.id.desc())).scalar()
    assert file_of(house, _here(settings, {**own, "id": other})) is None
    store.write(lambda c: forget_attachments(c, NOW_US, 10))  # not yet: it came at that instant
    assert file_of(house, _here(settings, own)) is not None
    (settings.data / FOLDER / str(own["ref"])[5:7] / str(own["ref"])[5:69]).unlink()
    with pytest.raises(UserError, match=r"The attachment a\.pdf is not kept any more"):
        file_of(house, _here(settings, own))


def test_files_go_with_the_person_and_with_time(store: Store, settings: Settings) -> None:
    lead_id = store.write(lambda c: add_lead(c, "ann@b.example"))
    _take(store, settings, mail(("a.pdf", PDF), ("own.txt", b"Ann's alone")))
    _take(store, settings, mail(("same.pdf", PDF), sender="bob@b.example"))
    folder = settings.data / FOLDER
    document = store.write(lambda c: export_person(c, lead_id, NOW_US, "me"))
    assert [one["name"] for one in document["attachments"]] == ["a.pdf", "own.txt"]
    assert len(list(folder.glob("??/*"))) == 2
    store.write(lambda c: erase_person(c, lead_id, NOW_US, "me"))
    assert sweep(store, folder) == 0  # they are of this minute: a mail may be on its way
    assert sweep(store, folder, -1) == 1
    (left,) = folder.glob("??/*")
    assert left.read_bytes() == PDF  # Bob sent it, too
    assert store.write(lambda c: forget_attachments(c, NOW_US + 1, 10)) == 1
    assert sweep(store, folder, -1) == 1


def test_a_file_that_comes_again_is_not_swept_before_its_row_is_seen(
    store: Store, tmp_path: Path
) -> None:
    one = Attachment("a.txt", "text/plain", b"a")
    keep_file(tmp_path, one)
    (path,) = tmp_path.glob("??/*")
    os.utime(path, (1, 1))
    keep_file(tmp_path, one)
    assert path.stat().st_mtime > time.time() - 60
    assert sweep(store, tmp_path) == 0
    os.utime(path, (1, 1))
    row = {"source": "s", "message_id": "m", "sender": "x", "name": "a.txt", "type": "text/plain",
           "bytes": 1, "digest": one.digest, "at_us": 1}  # fmt: skip
    store.write(lambda c: c.execute(insert(mail_attachment).values(row)))
    assert sweep(store, tmp_path) == 0
    assert read_file(tmp_path, one.digest, "a.txt") == b"a"
    with pytest.raises(ValueError, match="no digest"):
        read_file(tmp_path, "../../etc/passwd", "x")
