"""Mails to the letter of the standards, whoever is called what."""

from __future__ import annotations

import pytest

from leadwise.connect.mail.addresses import mailbox, mailbox_of, one_line
from leadwise.connect.mail.letter import (
    Attachment,
    Letter,
    as_document,
    file_name,
    from_document,
    written,
)
from leadwise.errors import UserError
from tests.connect.mail.strict import parsed

HOSTILE = [
    'Ann "the boss" O\\Neil',
    "Evil\r\nBcc: victim@acme.example",
    "Evil\nBcc: victim@acme.example\n\n<h1>body</h1>",
    "Evil\rBcc: victim@acme.example",
    "Evil\u2028Bcc: victim@acme.example\u0085X: y",
    "Zoë Ünïcode 🎉🎉🎉 Ω",
    "=?utf-8?q?Bcc:_victim?=",
    "مرحبا \u202egnp.exe\u2066 evil",
    "a" * 3000,
    "é" * 3000,
    "word " * 600,
    "Ann, Example <victim@acme.example>",
    "Ann (a comment",
    '"; DROP TABLE mail; --',
    "@:;<>[]\\,.",
    "",
    "   ",
    "\x00\x01\x1b[31mred",
    "half \ud83d a pair",
    "-- \r\n.\r\n",
    "👩‍👩‍👧‍👦 family",
    "ﷺ" * 200,
]


def letter(name: str = "Ann", **more: object) -> Letter:
    values: dict[str, object] = {
        "message_id": "00112233445566778899aabbccddeeff@acme.example",
        "date_us": 1_772_548_200_000_000,
        "sender": mailbox("sales@acme.example", name),
        "to": mailbox("ann@lead.example", name),
        "subject": f"For {name}",
        "text": f"Hello {name},\n\n.\n..two dots\nFrom here on   \n" + "long " * 300,
        "html": f"<p>Hello {name}</p>",
        "unsubscribe": ("https://leads.acme.example/m/u/" + "x" * 300, "mailto:b@acme.example"),
        "feedback_id": f"offer:{name}:marketing:leadwise",
        "answers": "before@acme.example",
        "before": tuple(f"{'b' * 60}{place}@acme.example" for place in range(40)),
        "attachments": (Attachment(f"{name}.pdf", b"%PDF-1.4 \x00\xff" * 300),),
        "language": "es",
    }
    return Letter(**(values | more))


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_in_a_name_is_more_than_a_name(name: str) -> None:
    raw = written(letter(name))
    mail = parsed(raw)
    assert mail["bcc"] is None
    assert [one.addr_spec for one in mail["from"].addresses] == ["sales@acme.example"]
    assert [one.addr_spec for one in mail["to"].addresses] == ["ann@lead.example"]
    shown = one_line(name)
    assert mail["subject"].split() == one_line(f"For {shown}")[:500].split()
    said = mail["from"].addresses[0].display_name
    assert "".join(said.split()) == "".join(shown[:100].split())
    body = mail.get_body(("plain",))
    assert body is not None
    assert "..two dots\n" in body.get_content().replace("\r\n", "\n")
    (attached,) = list(mail.iter_attachments())
    assert attached.get_content() == b"%PDF-1.4 \x00\xff" * 300
    assert attached.get_filename() == file_name(f"{name}.pdf")


def test_a_letter_is_always_the_same_bytes_and_survives_being_kept() -> None:
    one = letter("Zoë \r\n🎉")
    assert written(one) == written(one)
    assert written(from_document(one.message_id, as_document(one))) == written(one)


def test_what_is_in_the_head() -> None:
    mail = parsed(written(letter(attachments=(), automatic=True)))
    assert mail["message-id"] == "<00112233445566778899aabbccddeeff@acme.example>"
    assert mail["date"].datetime.isoformat() == "2026-03-03T14:30:00+00:00"
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert mail["list-unsubscribe"].split()[0] == (f"<https://leads.acme.example/m/u/{'x' * 300}>,")
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["in-reply-to"] == "<before@acme.example>"
    references = mail["references"].split()
    assert references[-1] == "<before@acme.example>"
    assert len(references) == 21
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_a_letter_of_text_alone_is_one_part() -> None:
    mail = parsed(written(letter(html="", attachments=(), unsubscribe=("mailto:x@acme.example",))))
    assert mail.get_content_type() == "text/plain"
    assert mail["list-unsubscribe-post"] is None  # RFC 8058 is of https


@pytest.mark.parametrize("text", ["\r\n.\r\n", "\rx\r\ny\nz", "\x00", "\ud800", "é" * 5000, ""])
def test_any_text_can_be_sent(text: str) -> None:
    parsed(written(letter(text=text, html=text)))


@pytest.mark.parametrize(
    "address",
    ["", "ann", "ann@", "@acme.example", "ann@acme.example\r\nBcc: x@y.example", "a b@acme.example",
     "ann@acme..example", "änn@acme.example", "<ann@acme.example", '"a b"@acme.example',
     "ann@acme.example, bob@acme.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UserError) as error:
        mailbox(address)
    assert error.value.code == "mail-address"


def test_domains_are_written_as_the_dns_has_them() -> None:
    assert mailbox("ann@münchen.example").address == "ann@xn--mnchen-3ya.example"
    assert mailbox_of("Ann at Ä <ann@acme.example>").name == "Ann at Ä"
    with pytest.raises(UserError):
        mailbox_of("Ann <ann@acme.example>, Bob <bob@acme.example>")


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\x\\y.pdf", "y.pdf"), ("", "file"), ("..", "file"),
     ('a"b.pdf', 'a"b.pdf'), ("x\r\ny.pdf", "x y.pdf")],
)  # fmt: skip
def test_names_of_files_are_names(name: str, kept: str) -> None:
    assert file_name(name) == kept


def test_a_type_cannot_break_the_part() -> None:
    evil = Attachment("a.pdf", b"x", 'text/html; charset="x"\r\nX-Evil: y')
    mail = parsed(written(letter(attachments=(evil, Attachment("m.eml", b"y", "message/rfc822")))))
    assert [part.get_content_type() for part in mail.iter_attachments()] == [
        "application/pdf", "application/octet-stream",
    ]  # fmt: skip
