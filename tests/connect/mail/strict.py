"""A strict reading of mails: what the standards ask for and libraries forgive."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage

_NAME = re.compile(rb"[!-9;-~]+")
ONCE = ("date", "from", "to", "subject", "message-id", "mime-version", "content-type", "reply-to",
        "in-reply-to", "references", "list-unsubscribe", "list-unsubscribe-post")  # fmt: skip
KNOWN = frozenset((*ONCE, "feedback-id", "auto-submitted", "content-language",
                   "content-transfer-encoding"))  # fmt: skip


def parsed(raw: bytes) -> EmailMessage:
    """The mail, which has to be right to the letter (RFC 5322, 2045 to 2047)."""
    assert raw.isascii()
    assert b"\x00" not in raw
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", raw), "a bare CR or LF"
    lines = raw.split(b"\r\n")
    assert all(len(line) <= 998 for line in lines)
    end = lines.index(b"")
    names: list[str] = []
    for line in lines[:end]:
        if line[:1] in b" \t":
            assert line.strip(), "a folded line of nothing but white space"
            assert names, "the head begins with a folded line"
            continue
        name, colon, _ = line.partition(b":")
        assert colon, line
        assert _NAME.fullmatch(name), line
        names.append(name.decode().lower())
    assert set(names) <= KNOWN, names
    for name in ONCE[:7]:
        assert names.count(name) == 1, name
    for name in ONCE:
        assert names.count(name) <= 1, name
    for word in re.findall(rb"=\?[^?]+\?[bqBQ]\?[^?]*\?=", b"\r\n".join(lines[:end])):
        assert len(word) <= 75, word
    mail = email.message_from_bytes(raw, policy=email.policy.SMTP)
    _whole(mail)
    return mail


def _whole(mail: EmailMessage | email.message.Message) -> None:
    assert not mail.defects, mail.defects
    for name, value in mail.items():
        assert not getattr(value, "defects", ()), (name, value.defects)
    if mail.is_multipart():
        boundary = mail.get_boundary() or ""
        assert 1 <= len(boundary) <= 70
        for part in mail.get_payload():
            _whole(part)
        return
    encoding = str(mail["content-transfer-encoding"])
    assert encoding in ("quoted-printable", "base64")
    payload = str(mail.get_payload())
    assert all(len(line) <= 76 for line in payload.splitlines())
    assert all(not line.endswith((" ", "\t")) for line in payload.splitlines())
    mail.get_payload(decode=True)
