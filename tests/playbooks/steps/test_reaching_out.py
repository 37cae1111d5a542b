"""Steps that tell others: notify, webhook, file."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from leadwise.errors import RemoteError, UserError
from leadwise.settings import Settings
from leadwise.store.members import add_member
from leadwise.testing.serving import Answer, Fake, Query, served
from leadwise.testing.slack import FakeSlack
from tests.playbooks.steps.standing import Standing
from tests.records import NOW_US

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Hooked(Fake):
    """Takes webhooks, and answers what it is told."""

    answer_with: Any = None

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        return 200, {}, self.answer_with if self.answer_with is not None else {"ok": 1}


@pytest.fixture
def hook() -> Iterator[tuple[Hooked, str]]:
    fake = Hooked()
    with served(fake) as url:
        yield fake, url


def test_a_channel_is_told_once(standing: Standing) -> None:
    fake = FakeSlack()
    with served(fake) as url:
        standing.connect("chat", "slack", {"token": "env:SLACK"}, api=url + "/api/")
        standing.environment["SLACK"] = fake.token
        step = "- notify: '{{ lead.email }} is hot'\n  by: chat\n  channel: '#sales'"
        lead = standing.lead()
        came = standing.act(step, lead)
        assert standing.act(step, lead) == came
        assert [m["text"] for m in fake.messages["C0000SALES"]] == ["ann@acme.example is hot"]
        assert came.result == {"id": fake.messages["C0000SALES"][0]["ts"]}


def test_what_cannot_be_told(standing: Standing, tmp_path: Path) -> None:
    standing.connect("drop", "files", folder=str(tmp_path))
    for step, code in (
        ("- notify: hello\n  by: drop", "cannot-do"),
        ("- notify: hello\n  by: nowhere", "no-such-connection"),
        ("- notify: hello\n  to: nobody@us.example", "member-unknown"),
        ("- notify: hello\n  to: role:representative", "notify-nobody"),
    ):
        with pytest.raises(UserError) as raised:
            standing.act(step)
        assert raised.value.code == code, step


def test_members_are_told_by_mail_once(standing: Standing, tmp_path: Path) -> None:
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Message

    class Kept(Message):
        def handle_message(self, message: Any) -> None:
            mails.append((message["X-RcptTo"], message["Subject"], message["Message-ID"]))

    mails: list[tuple[str, str, str]] = []
    for name, role in (("ben", "representative"), ("cora", "representative"), ("dan", "viewer")):
        standing.store.write(
            lambda c, name=name, role=role: add_member(
                c, name, f"{name}@us.example", role, now_us=NOW_US, by="test"
            )
        )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(Kept(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        (tmp_path / "secret.key").write_text("5a" * 32)
        standing.settings = Settings.model_validate({
            "data": tmp_path, "mail": {"host": "127.0.0.1", "port": port, "security": "none",
                                       "sender": "Leadwise <us@us.example>"},
        })  # fmt: skip
        step = "- notify: |\n    Call {{ lead.email }}\n    now\n  to: role:representative"
        lead = standing.lead()
        came = standing.act(step, lead)
        assert came.state == "done"
        again = standing.act(step, lead)
        assert again.state == "done"
    finally:
        server.stop()
    assert sorted(mail[:2] for mail in mails) == [
        ("ben@us.example", "Call ann@acme.example"), ("cora@us.example", "Call ann@acme.example"),
    ]  # fmt: skip
    assert len({mail[2] for mail in mails}) == 2


def test_a_webhook_is_signed_and_keeps_its_id(standing: Standing, hook: tuple[Hooked, str]) -> None:
    fake, url = hook
    standing.environment |= {"URL": url + "/in", "KEY": SECRET}
    step = "- webhook: env:URL\n  secret: env:KEY\n  body: {who: '{{ lead.email }}'}"
    lead = standing.lead("ann+<b>@acme.example")
    # The signature's time is the real one's: that is what receivers hold it to.
    standing.now_us = time.time_ns() // 1000
    came = standing.act(step, lead)
    standing.act(step, lead)
    first, second = fake.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "run-7-1"
    said = Webhook(SECRET).verify(first.body, dict(first.headers))
    assert said["data"] == {
        "who": "ann+<b>@acme.example", "run": 7, "playbook": "made", "step": "webhook",
    }  # fmt: skip
    assert came.result == {"status": 200, "answer": {"ok": 1}}


def test_without_a_body_it_says_who(standing: Standing, hook: tuple[Hooked, str]) -> None:
    fake, url = hook
    lead = standing.lead()
    standing.act(f"- webhook: {url}/in", lead)
    assert fake.calls[0].json["data"]["lead_id"] == lead
    assert "webhook-signature" not in fake.calls[0].headers


def test_answers_are_bounded_and_errors_tell_no_address(
    standing: Standing, hook: tuple[Hooked, str]
) -> None:
    fake, url = hook
    fake.answer_with = "x" * 5_000_000
    came = standing.act(f"- webhook: {url}/in")
    assert len(str(came.result["answer"])) == 16_384
    for status, permanent in ((410, True), (302, True), (500, False), (429, False), (0, False)):
        fake.fail(status, headers={"Retry-After": "9", "Location": "http://127.0.0.1:9/"})
        with pytest.raises(RemoteError) as raised:
            standing.act(f"- webhook: {url}/in?token=hidden")
        assert raised.value.permanent is permanent, status
        assert "hidden" not in str(raised.value)
        assert raised.value.after_s == (9.0 if status else None)


def test_only_addresses_of_the_web_are_called(standing: Standing) -> None:
    for url in ("file:///etc/passwd", "ftp://a.example/x", "env:NOT_SET", "gopher://x"):
        with pytest.raises(UserError):
            standing.act(f"- webhook: {url}")


def test_a_text_is_filed(standing: Standing, tmp_path: Path) -> None:
    standing.connect("archive", "files", folder=str(tmp_path / "a"))
    lead = standing.lead(name="../../Evil: <co>")
    step = "- file: archive\n  name: '{{ lead.name }}/note.txt'\n  text: 'Héllo {{ lead.email }}'"
    came = standing.act(step, lead)
    standing.act(step, lead)
    files = [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()]
    assert [one for one in files if "record" not in one] == ["a/Evil- -co/note.txt"]
    assert came.result["ref"] == "file:archive/Evil- -co/note.txt"
    assert (tmp_path / "a" / "Evil- -co" / "note.txt").read_text() == "Héllo ann@acme.example"


def test_files_are_handed_on_by_references_that_the_run_was_given(
    standing: Standing, tmp_path: Path
) -> None:
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
        standing.connect(name, "files", folder=str(tmp_path / name))
    (tmp_path / "in" / "a.pdf").write_bytes(b"%PDF-1.4 \x00\xff")
    (tmp_path / "in" / "secret.txt").write_text("secret")
    step = "- file: out\n  name: kept.pdf\n  text: '{{ message.ref | default(message.text) }}'"

    def kept(doc: Mapping[str, Any]) -> bytes:
        standing.act(step, None, {"message": doc})
        return (tmp_path / "out" / "kept.pdf").read_bytes()

    assert kept({"ref": "file:in/a.pdf", "source": "in"}) == b"%PDF-1.4 \x00\xff"
    # Neither a text that looks like one, nor one of somebody else's event.
    assert kept({"text": "file:in/secret.txt", "source": "web"}) == b"file:in/secret.txt"
    said = {"ref": "file:in/secret.txt", "source": "web"}
    assert kept(said) == b"file:in/secret.txt"
    assert json.dumps(said)
