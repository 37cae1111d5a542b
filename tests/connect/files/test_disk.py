"""A folder on disk: followed, written to, never left."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leadwise.connect.files import KIND
from leadwise.connect.http import Http
from leadwise.connect.model import Connection, Folder, Library, Page, Source
from leadwise.errors import UserError

DAY_US = 86_400_000_000


def opened(folder: Path, holds: str = "", *, dry: bool = False, **more: Any) -> Any:
    mapping = more.pop("mapping", {})
    options = {"folder": str(folder), "holds": holds, **more}
    return KIND.open(Connection(1, "drop", "files", options, {}, mapping), Http("files", dry=dry))


def later() -> int:
    import time

    return time.time_ns() // 1000 + 10_000_000


def pages(files: Any, cursor: str | None = None) -> list[Page]:
    return list(files.pull(cursor, later()))


def test_it_does_what_is_asked_of_connections(tmp_path: Path) -> None:
    files = opened(tmp_path)
    assert isinstance(files, Source)
    assert isinstance(files, Folder)
    assert isinstance(files, Library)
    assert files.test() == f"0 files in {tmp_path}"
    assert pages(files) == []
    with pytest.raises(UserError, match="no such folder"):
        opened(tmp_path / "nowhere").test()
    with pytest.raises(UserError, match="holds no 'ducks'"):
        opened(tmp_path, "ducks")


def test_leads_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("mail,title,notes\nAnna@Acme.example,CFO,x\nnobody,CEO,y\n")
    files = opened(tmp_path, "leads", mapping={"mail": "lead_id", "notes": ""})
    (page,) = pages(files)
    (one,) = page.messages
    assert (one.type, one.email, one.document, one.source) == (
        "identify", "anna@acme.example", {"title": "CFO"}, "drop",
    )  # fmt: skip
    assert [(r.code, r.index) for r in page.refusals] == [("no-identity", 1)]
    assert pages(files, page.cursor) == []
    again = pages(files)[0].messages[0]
    assert again.message_id == one.message_id
    (tmp_path / "a.csv").write_text("mail,title\nAnna@Acme.example,CEO\n")
    (page,) = pages(files, page.cursor)
    assert page.messages[0].document == {"title": "CEO"}
    assert page.messages[0].message_id != one.message_id


def test_events_of_jsonl_and_parquet(tmp_path: Path) -> None:
    line = '{"lead_id": "a@b.example", "event": "Demo Asked", "timestamp": "2026-01-02", "a": 1}'
    (tmp_path / "a.jsonl").write_text(line + "\n")
    table = pa.table({"lead_id": ["c@d.example"], "event": ["demo_asked"],
                      "timestamp": ["2026-01-03T10:00:00Z"]})  # fmt: skip
    pq.write_table(table, tmp_path / "b.parquet")
    found = [one for page in pages(opened(tmp_path, "events")) for one in page.messages]
    assert [(one.email, one.event) for one in found] == [
        ("a@b.example", "demo_asked"), ("c@d.example", "demo_asked"),
    ]  # fmt: skip
    assert found[0].document == {"a": 1}


def test_a_large_file_comes_in_parts_with_the_cursor_of_before(tmp_path: Path) -> None:
    lines = "".join(f"u{n}@acme.example\n" for n in range(2500))
    (tmp_path / "a.csv").write_text("lead_id\n" + lines)
    files = opened(tmp_path, "leads")
    found = pages(files)
    assert [len(page.messages) for page in found] == [1000, 1000, 500]
    assert found[0].cursor == found[1].cursor != found[2].cursor
    assert pages(files, found[2].cursor) == []
    ids = [one.message_id for page in found for one in page.messages]
    retold = [one.message_id for page in pages(files, found[0].cursor) for one in page.messages]
    assert retold == ids
    assert len(set(ids)) == 2500


def test_a_bad_file_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"lead_id\n\xff\xfe\n")
    (tmp_path / "b.csv").write_text("name\nx\n")
    (tmp_path / "c.csv").write_text("lead_id\na@b.example\n")
    for number, name in enumerate("abc"):
        os.utime(tmp_path / f"{name}.csv", (10**9 + number, 10**9 + number))
    found = pages(opened(tmp_path, "leads"))
    codes = sorted(r.code for page in found for r in page.refusals)
    assert codes == ["input-encoding", "input-missing-column"]
    assert sum(len(page.messages) for page in found) == 1


def test_unfinished_and_hidden_files_wait(tmp_path: Path) -> None:
    import time

    (tmp_path / "a.csv").write_text("lead_id\na@b.example\n")
    (tmp_path / ".b.csv").write_text("lead_id\na@b.example\n")
    (tmp_path / "c.csv.part").write_text("lead_id\na@b.example\n")
    files = opened(tmp_path, "leads")
    assert list(files.pull(None, time.time_ns() // 1000)) == []  # written this instant
    assert len(pages(files)) == 1


def test_an_old_file_that_is_moved_in_is_new(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("lead_id\na@b.example\n")
    files = opened(tmp_path, "leads")
    (page,) = pages(files)
    (tmp_path / "old.csv").write_text("lead_id\nc@d.example\n")
    os.utime(tmp_path / "old.csv", (10**9, 10**9))
    (page,) = pages(files, page.cursor)
    assert page.messages[0].email == "c@d.example"


def test_the_cursor_stays_small(tmp_path: Path) -> None:
    from leadwise.connect.files.client import Stored
    from leadwise.connect.files.sync import OVERLAP_US, _after

    known: Any = {"at": 0, "marks": {}}
    for number in range(50):
        known = _after(known, Stored(f"{number}.csv", 1, "e", number * OVERLAP_US // 2), later())
    assert len(known["marks"]) == 3


def test_transcripts_and_whose_they_are(tmp_path: Path) -> None:
    text = "Ben (seller): What budget do you have?\nAnna: We have 80,000 euros.\n"
    (tmp_path / "anna@acme.example 2026-03-05.txt").write_text(text)
    (tmp_path / "nobody.txt").write_text(text)
    found = pages(opened(tmp_path, "transcripts"))
    (talk,) = [talk for page in found for talk in page.talks]
    assert talk.names == (("email", "anna@acme.example"),)
    assert str(talk.sent.held_on) == "2026-03-05"
    assert talk.sent.files[0][0] == text.encode()
    assert [r.code for page in found for r in page.refusals] == ["no-identity"]


def test_of_a_mail_the_other_side_is_the_lead(tmp_path: Path) -> None:
    mail = (
        "From: Anna <anna@acme.example>\nTo: sales@us.example\n"
        "Date: Tue, 03 Mar 2026 10:00:00 +0000"
        "\nSubject: Hi\n\nWe have 80,000 euros.\n"
    )
    (tmp_path / "a.eml").write_text(mail)
    (page,) = pages(opened(tmp_path, "transcripts", seller="us.example"))
    assert page.talks[0].names == (("email", "anna@acme.example"),)
    assert page.talks[0].sent.held_on is None  # the mail says it


def test_documents_are_messages(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "note.html").write_text("<p>Please <b>call</b></p><script>bad()</script>")
    (tmp_path / "x.bin").write_bytes(b"\x00\x01")
    found = pages(opened(tmp_path, "messages"))
    (one,) = [one for page in found for one in page.messages]
    assert (one.event, one.document["text"], one.document["ref"]) == (
        "file_received", "Please call", "file:drop/in/note.html",
    )  # fmt: skip
    assert [r.code for page in found for r in page.refusals] == ["not-text"]


def test_writing_is_whole_and_in_place(tmp_path: Path) -> None:
    files = opened(tmp_path)
    where = files.write("lists/2026/hot.csv", b"a")
    assert where == str(tmp_path / "lists" / "2026" / "hot.csv")
    files.write("lists/2026/hot.csv", b"bb")
    assert files.read("lists/2026/hot.csv") == b"bb"
    assert [path.name for path in (tmp_path / "lists" / "2026").iterdir()] == ["hot.csv"]
    assert opened(tmp_path, dry=True).write("no.csv", b"x") == "no.csv"
    assert not (tmp_path / "no.csv").exists()
    with pytest.raises(UserError, match="no file 'gone'"):
        files.read("gone")


@pytest.mark.parametrize(
    "name",
    ["../out", "a/../../out", "/etc/passwd", "a\\..\\b", "C:/x", "", ".", "a//b", "a/./b", ".ssh/x",
     "a\x00b", "a\nb", " a", "a ", "x" * 600, "é" * 150],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    files = opened(folder)
    for act in (lambda: files.read(name), lambda: files.write(name, b"x")):
        with pytest.raises(UserError) as raised:
            act()
        assert raised.value.code == "bad-file-name"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["in"]


def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (folder / "link").symlink_to(outside)
    (folder / "file.txt").symlink_to(outside / "secret.txt")
    files = opened(folder, "messages")
    for name in ("link/secret.txt", "file.txt"):
        with pytest.raises(UserError, match="leads out of the folder"):
            files.read(name)
    with pytest.raises(UserError, match="leads out of the folder"):
        files.write("link/new.txt", b"x")
    assert pages(files) == []
    assert list(files.papers("secret", 10)) == []


def test_papers_are_the_newest_texts(tmp_path: Path) -> None:
    for number, name in enumerate(("old.md", "new.txt", "broken.pdf")):
        (tmp_path / name).write_text(f"text of {name}")
        os.utime(tmp_path / name, (10**9 + number, 10**9 + number))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    found = list(opened(tmp_path).papers("anything", 5))
    assert sorted(one.title for one in found) == ["new.txt", "old.md"]
    assert len(list(opened(tmp_path).papers("anything", 1))) == 1


def test_rows_of_a_table_are_papers_of_their_own_where_they_share_a_word(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(
        '\ufefforder;supplier;amount\nPO-7;Café Oslo;12,00 EUR\nPO-8;"Chairs; Inc"\n;;\n'.encode()
    )
    papers = opened(tmp_path).papers
    (found,) = papers("order PO-7 of the CAFÉ", 9)
    assert (found.id, found.title) == ("orders.csv:2", "orders.csv, row 2")
    assert found.text == "order: PO-7; supplier: Café Oslo; amount: 12,00 EUR"
    assert [one.text for one in papers("", 9)][1:] == ["order: PO-8; supplier: Chairs; Inc"]
    assert len(list(papers("", 1))) == 1
    assert list(papers("nothing of this", 9)) == []


def test_a_file_that_is_dated_ahead_is_read_once_and_hides_nothing(tmp_path: Path) -> None:
    files = opened(tmp_path, "events")
    head = "lead_id,event,timestamp\n"
    (tmp_path / "far.csv").write_text(f"{head}far@acme.example,a,2026-01-01\n")
    os.utime(tmp_path / "far.csv", (32_500_000_000, 32_500_000_000))
    (page,) = pages(files)
    assert [one.email for one in page.messages] == ["far@acme.example"]
    (tmp_path / "new.csv").write_text(f"{head}new@acme.example,a,2026-01-01\n")
    (page,) = pages(files, page.cursor)
    assert [one.email for one in page.messages] == ["new@acme.example"]
    for _ in range(3):
        assert list(files.pull(page.cursor, later() + 30 * DAY_US)) == []


@pytest.mark.parametrize("kind", ["bom", "utf-16", "cp1252", "gz", "gz and bom", "crlf", "mac"])
def test_tables_in_any_encoding_and_packing(tmp_path: Path, kind: str) -> None:
    text = "lead_id,event,timestamp,note\nann@acme.example,a,2026-01-01,Müller\n"
    encoded = {
        "bom": text.encode("utf-8-sig"), "utf-16": text.encode("utf-16"),
        "cp1252": text.encode("cp1252"), "gz": gzip.compress(text.encode()),
        "gz and bom": gzip.compress(text.encode("utf-8-sig")),
        "crlf": text.replace("\n", "\r\n").encode(), "mac": text.replace("\n", "\r").encode(),
    }[kind]  # fmt: skip
    (tmp_path / ("a.csv.gz" if "gz" in kind else "a.csv")).write_bytes(encoded)
    (page,) = pages(opened(tmp_path, "events"))
    if page.refusals:
        assert kind in ("utf-16", "cp1252"), page.refusals
        assert [one.code for one in page.refusals] == ["input-encoding"]
        assert ".." not in page.refusals[0].reason
        return
    (one,) = page.messages
    assert (one.email, one.document["note"]) == ("ann@acme.example", "Müller")


@pytest.mark.parametrize("cut", [b"", b"\x1f\x8b", b"\x1f\x8b\x08", 40, 70])
def test_half_a_packed_file_is_told_and_read_when_it_is_whole(
    tmp_path: Path, cut: bytes | int
) -> None:
    rows = "".join(f"a{n}@acme.example,a,2026-01-01\n" for n in range(200))
    whole = gzip.compress(f"lead_id,event,timestamp\n{rows}".encode())
    (tmp_path / "a.csv.gz").write_bytes(cut if isinstance(cut, bytes) else whole[:cut])
    files = opened(tmp_path, "events")
    first = pages(files)
    assert first[-1].refusals
    (tmp_path / "a.csv.gz").write_bytes(whole)
    again = pages(files, first[-1].cursor)
    assert sum(len(page.messages) for page in again) == 200


def test_the_same_rows_under_another_name_are_the_same_events(tmp_path: Path) -> None:
    text = "lead_id,event,timestamp\nann@acme.example,a,2026-01-01\n"
    (tmp_path / "a.csv").write_text(text)
    files = opened(tmp_path, "events")
    (first,) = pages(files)
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    (second,) = pages(files, first.cursor)
    assert [one.message_id for one in first.messages] == [one.message_id for one in second.messages]
