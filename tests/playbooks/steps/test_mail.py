"""The step `mail`, from a template in the store to a real SMTP server."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.connect.mail.relay import relay_of
from leadwise.errors import UserError
from leadwise.playbooks.steps.mail import act
from leadwise.settings import Settings
from leadwise.settings.mail import MailSettings
from leadwise.store import mails
from leadwise.store.opening import Store
from leadwise.store.suppression import suppress
from leadwise.store.templates import get_template, keep_template
from tests.connect.mail.server import Post, serving
from tests.connect.mail.strict import parsed
from tests.databases import make_tables
from tests.playbooks.steps.house import Around

OFFER = """---
subject: For {{ lead.first_name | default("you") }} at {{ at | default("noon") }}
---
Hello {{ lead.first_name | default("there") }}. Leave: {{ unsubscribe_url }}
"""


@pytest.fixture
def post() -> Iterator[Post]:
    with serving() as found:
        yield found


@pytest.fixture
def around(tmp_path: Path, post: Post) -> Iterator[Around]:
    (tmp_path / "secret.key").write_text("ab" * 32)
    settings = Settings(
        data=tmp_path, public_url="https://leads.acme.example",
        mail=MailSettings(
            host="127.0.0.1", port=post.port, security="none", per_minute=100_000,
            sender="Ann at Acme <ann@acme.example>", timeout_seconds=2,
        ),
    )  # fmt: skip
    with Store(str(tmp_path / "record.db")) as store:
        make_tables(store)
        made = Around(store, settings=settings)
        template(made, "offer", OFFER)
        yield made
        relay_of(settings.mail).close()


def template(around: Around, name: str, text: str) -> None:
    around.store.write(lambda c: keep_template(c, name, text, by="test", now_us=1))


def last(post: Post) -> str:
    mail = parsed(post.messages()[-1])
    return str(mail.get_body(("plain",)).get_content())


def test_it_sends_once_and_says_what(around: Around, post: Post) -> None:
    around.lead("ana@lead.example", first_name="Ana")
    around.doc["step"]["book"] = {"at": "nine"}
    given = {"template": "offer", "with": {"at": "{{ step.book.at }}"}}
    for _ in range(3):
        came = around.ask(act, "mail", **given)
        assert (came.state, came.result["state"]) == ("done", "sent")
    (raw,) = post.messages()
    mail = parsed(raw)
    assert mail["subject"] == "For Ana at nine"
    assert mail["message-id"] == f"<{came.result['message_id']}>"
    text = last(post)
    assert text.startswith("Hello Ana. Leave: https://leads.acme.example/m/u/")
    assert text.count("/m/u/") == 1  # the template's own way out is enough
    with around.store.read() as connection:
        (row,) = mails.mails_of_lead(connection, around.lead_id or 0)
        kept = get_template(connection, row.template_id or 0)
    assert (row.run_id, row.number) == (1, 1)
    assert kept is not None
    assert (kept.name, kept.version) == ("offer", 1)


def test_each_step_is_a_mail_of_its_own_and_answers_the_one_before(
    around: Around, post: Post
) -> None:
    around.lead("ana@lead.example")
    template(around, "again", OFFER.replace("subject: ", "reply: yes\nsubject: "))
    around.ask(act, "mail", template="offer")
    around.ask(act, "mail", number=2, template="again")
    around.ask(act, "mail", number=3, template="again")
    one, two, three = (parsed(raw) for raw in post.messages())
    assert two["subject"] == three["subject"] == "Re: For you at noon"
    assert two["in-reply-to"] == one["message-id"]
    assert three["references"].split() == [one["message-id"], two["message-id"]]


def test_what_is_sent_again_is_what_was_to_be_sent(around: Around, post: Post) -> None:
    around.lead("ana@lead.example", first_name="Ana")
    post.rcpt = ["451 later"]
    came = around.ask(act, "mail", template="offer")
    assert came.state == "waits"
    template(around, "offer", OFFER.replace("Hello", "Changed"))
    around.now_us = came.until_us or 0
    assert around.ask(act, "mail", template="offer").state == "done"
    assert last(post).startswith("Hello Ana")


def test_it_is_held_where_nobody_knows_and_a_person_decides(around: Around, post: Post) -> None:
    around.lead("ana@lead.example")
    post.text = ["break and keep"]
    came = around.ask(act, "mail", template="offer")
    assert came.state == "held"
    assert str(came.result["message_id"]) in came.why
    assert around.ask(act, "mail", template="offer").state == "held"
    around.doc["engine"] = {"resumed": "again"}
    assert around.ask(act, "mail", template="offer").state == "done"
    assert len(post.got) == 2


def test_unsure_may_be_sent_again_without_asking(around: Around, post: Post) -> None:
    around.lead("ana@lead.example")
    post.text = ["break and keep"]
    came = around.ask(act, "mail", template="offer", unsure="send again")
    assert came.state == "done"
    assert len({parsed(raw)["message-id"] for raw in post.messages()}) == 1


def test_a_refusal_fails_the_step_and_can_be_tried_again(around: Around, post: Post) -> None:
    around.lead("ana@lead.example")
    post.text = ["554 5.7.1 spam"]
    with pytest.raises(UserError) as error:
        around.ask(act, "mail", template="offer")
    assert error.value.code == "mail-refused"
    assert "spam" in error.value.message
    with pytest.raises(UserError):
        around.ask(act, "mail", template="offer")
    around.doc["engine"] = {"resumed": "again"}
    assert around.ask(act, "mail", template="offer").state == "done"


def test_who_wants_none_gets_none_and_the_run_goes_on(around: Around, post: Post) -> None:
    around.lead("ana@lead.example")
    around.store.write(
        lambda c: suppress(c, "ana@lead.example", "unsubscribed", by="lead", now_us=1)
    )
    came = around.ask(act, "mail", template="offer")
    assert (came.state, came.result["state"]) == ("done", "suppressed")
    assert not post.got
    template(around, "answer", OFFER.replace("subject: ", "kind: transactional\nsubject: "))
    came = around.ask(act, "mail", number=2, template="answer")
    assert came.result["state"] == "sent"


def test_files_of_earlier_steps_go_along(around: Around, post: Post) -> None:
    around.lead("ana@lead.example")
    content = base64.b64encode(b"%PDF-1.4").decode()
    around.doc["step"]["file-1"] = {"name": "offer.pdf", "content": content}
    around.doc["step"]["text"] = {"name": "notes.txt", "text": "Notes"}
    around.ask(act, "mail", template="offer", attach=("file-1", "text"))
    found = [
        (part.get_filename(), part.get_content_type())
        for part in parsed(post.messages()[0]).iter_attachments()
    ]
    assert found == [("offer.pdf", "application/pdf"), ("notes.txt", "text/plain")]
    with pytest.raises(UserError) as error:
        around.ask(act, "mail", number=2, template="offer", attach=("missing",))
    assert error.value.code == "mail-attachment"


def test_a_message_that_is_no_leads_is_answered(around: Around, post: Post) -> None:
    around.doc["message"] = {"from": "Bo <bo@other.example>", "message_id": "<q@other.example>"}
    template(around, "ack", "---\nsubject: We got it\nreply: yes\n---\nThank you.\n")
    came = around.ask(act, "mail", template="ack")
    assert came.state == "done"
    mail = parsed(post.messages()[0])
    assert str(mail["to"]) == "Bo <bo@other.example>"
    assert mail["in-reply-to"] == "<q@other.example>"
    assert mail["list-unsubscribe"] is None
    assert "/m/" not in str(mail)


def test_without_an_address_or_a_template_it_fails(around: Around, post: Post) -> None:
    with pytest.raises(UserError) as error:
        around.ask(act, "mail", template="offer")
    assert error.value.code == "no-address"
    around.lead("ana@lead.example")
    with pytest.raises(UserError) as error:
        around.ask(act, "mail", template="ofer")
    assert error.value.code == "no-such-template"
    assert not post.got
