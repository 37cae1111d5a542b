"""What a mail is, and the bytes of it: MIME by the letter (RFC 5322, 2045 to 2047, 2183, 2231).

The same letter is always the same bytes, so that what is sent again is the same mail. All is ASCII,
no line is longer than 998 bytes, none of text longer than 76.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from leadwise.connect.mail.addresses import (
    Address,
    address_header,
    one_line,
    text_header,
    token_header,
)
from leadwise.errors import UserError

LONGEST_SUBJECT = 500
LONGEST_FILE_NAME = 400
"""In a header, where a sign that is not ASCII takes up to twelve."""
MOST_REFERENCES = 20
MOST_TEXT_BYTES = 2 * 1024 * 1024
EOL = "\r\n"
_PLAIN = frozenset(range(32, 127)) - {ord("=")} | {9}
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_VALUE = re.compile(r"[\x20-\x7e]{0,900}")
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,80}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content: bytes
    type: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is to be sent. `message_id` is without angle brackets, as are `answers` (the one
    that it answers) and `before` (the conversation so far). `unsubscribe` are addresses for
    List-Unsubscribe, the first of them `https:` and one that takes a POST (RFC 8058)."""

    message_id: str
    date_us: int
    sender: Address
    to: Address
    subject: str
    text: str
    html: str = ""
    reply_to: Address | None = None
    answers: str = ""
    before: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    feedback_id: str = ""
    automatic: bool = False
    """Whether no person should answer it by a program (Auto-Submitted, RFC 3834)."""
    attachments: tuple[Attachment, ...] = ()
    language: str = ""


def written(letter: Letter) -> bytes:
    """The mail as SMTP takes it, lines ended by CR LF, dots not doubled. UserError (`mail-size`)
    where a text of it is too long."""
    boundary = hashlib.sha256(letter.message_id.encode()).hexdigest()[:24]
    lines = [*_headers(letter), "MIME-Version: 1.0"]
    body = _texts(letter, f"=_a{boundary}")
    if letter.attachments:
        mixed = f"=_m{boundary}"
        parts = [body, *(_file(one) for one in letter.attachments)]
        body = _multipart("mixed", mixed, parts)
    return (EOL.join([*lines, *body[0], "", body[1]])).encode("ascii")


def as_document(letter: Letter) -> dict[str, Any]:
    """The letter as JSON."""
    return {
        "date_us": letter.date_us,
        "sender": [letter.sender.address, letter.sender.name],
        "to": [letter.to.address, letter.to.name],
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "reply_to": letter.reply_to and [letter.reply_to.address, letter.reply_to.name],
        "answers": letter.answers,
        "before": list(letter.before),
        "unsubscribe": list(letter.unsubscribe),
        "feedback_id": letter.feedback_id,
        "automatic": letter.automatic,
        "language": letter.language,
        "attachments": [
            [one.name, one.type, base64.b64encode(one.content).decode("ascii")]
            for one in letter.attachments
        ],
    }


def from_document(message_id: str, document: dict[str, Any]) -> Letter:
    """The letter that was kept."""
    given = dict(document)
    reply_to = given.pop("reply_to")
    return Letter(
        message_id=message_id,
        sender=Address(*given.pop("sender")),
        to=Address(*given.pop("to")),
        reply_to=Address(*reply_to) if reply_to else None,
        before=tuple(given.pop("before")),
        unsubscribe=tuple(given.pop("unsubscribe")),
        attachments=tuple(
            Attachment(name, base64.b64decode(content), type_)
            for name, type_, content in given.pop("attachments")
        ),
        **given,
    )


def _headers(letter: Letter) -> list[str]:
    moment = datetime.fromtimestamp(letter.date_us // 1_000_000, UTC)
    lines = [
        f"Date: {format_datetime(moment)}",
        address_header("From", letter.sender),
        address_header("To", letter.to),
        text_header("Subject", one_line(letter.subject)[:LONGEST_SUBJECT]),
        token_header("Message-ID", [f"<{letter.message_id}>"]),
    ]
    if letter.reply_to is not None:
        lines.insert(3, address_header("Reply-To", letter.reply_to))
    if letter.answers:
        chain = [*letter.before[-MOST_REFERENCES:]]
        if letter.answers not in chain:
            chain.append(letter.answers)
        lines.append(token_header("In-Reply-To", [f"<{letter.answers}>"]))
        lines.append(token_header("References", [f"<{one}>" for one in chain]))
    if letter.unsubscribe:
        listed = [f"<{one}>" for one in letter.unsubscribe]
        commas = [f"{one}," for one in listed[:-1]] + listed[-1:]
        lines.append(token_header("List-Unsubscribe", commas))
        if letter.unsubscribe[0].startswith("https:"):
            lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    if letter.feedback_id:
        lines.append(_plain_header("Feedback-ID", letter.feedback_id))
    if letter.automatic:
        lines.append("Auto-Submitted: auto-generated")
    if letter.language:
        lines.append(_plain_header("Content-Language", letter.language))
    for line in lines:
        _checked(line)
    return lines


_Part = tuple[list[str], str]


def _texts(letter: Letter, boundary: str) -> _Part:
    plain = _text(letter.text, "plain")
    if not letter.html:
        return plain
    return _multipart("alternative", boundary, [plain, _text(letter.html, "html")])


def _text(text: str, kind: str) -> _Part:
    # What cannot be text is nobody's: a NUL, half of a surrogate pair.
    clean = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    lines = clean.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    content = lines.encode("utf-8")
    if len(content) > MOST_TEXT_BYTES:
        raise UserError("mail-size", f"The mail's text is longer than {MOST_TEXT_BYTES:,} bytes.")
    return [
        f"Content-Type: text/{kind}; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
    ], EOL.join(_quoted(line) for line in content.removesuffix(b"\n").split(b"\n"))


def _quoted(line: bytes) -> str:
    """A line in quoted-printable. (That of the standard library makes lines of 77 signs.)"""
    signs = [chr(byte) if byte in _PLAIN else f"={byte:02X}" for byte in line]
    if line[-1:] in (b" ", b"\t"):
        signs[-1] = f"={line[-1]:02X}"
    # What SMTP doubles and what files of mails put a > before is not as it was to whoever signs.
    if line[:1] == b"." or line[:5] == b"From ":
        signs[0] = f"={line[0]:02X}"
    lines, length = [""], 0
    for place, sign in enumerate(signs):
        room = 76 if place == len(signs) - 1 else 75
        if length + len(sign) > room:
            lines[-1] += "="
            lines.append("")
            length = 0
        lines[-1] += sign
        length += len(sign)
    return EOL.join(lines)


def _file(attachment: Attachment) -> _Part:
    name = file_name(attachment.name)
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = attachment.type.lower() if _TYPE.fullmatch(attachment.type.lower()) else guessed
    if kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"  # those must not be in base64
    encoded = base64.b64encode(attachment.content).decode("ascii")
    lines = [encoded[start : start + 76] for start in range(0, len(encoded), 76)]
    if name.isascii() and not set(name) & set('"\\%?'):
        said = f'filename="{name}"'
    else:
        said = f"filename*=UTF-8''{quote(name, safe='')}"
    disposition = f"Content-Disposition: attachment;{EOL} {said}"
    headers = [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", disposition]
    return headers, EOL.join(lines)


def file_name(name: str) -> str:
    """A name that is no path and no trick: one line, without slashes, of a length that is taken."""
    plain = one_line(re.split(r"[/\\]", name)[-1]).strip(". ")
    stem, dot, end = plain.rpartition(".")
    if not dot or len(end) > 10:
        stem, end = plain, ""
    while len(quote(plain)) > LONGEST_FILE_NAME:
        stem = stem[: len(stem) * 3 // 4]
        plain = f"{stem}.{end}" if end else stem
    return plain or "file"


def _multipart(kind: str, boundary: str, parts: Sequence[_Part]) -> _Part:
    lines: list[str] = []
    for headers, body in parts:
        lines += [f"--{boundary}", *headers, "", body]
    lines += [f"--{boundary}--", ""]
    return [f'Content-Type: multipart/{kind}; boundary="{boundary}"'], EOL.join(lines)


def _plain_header(name: str, value: str) -> str:
    kept = "".join(sign for sign in value if " " <= sign <= "~")
    return f"{name}: {kept[:200]}"


def _checked(header: str) -> None:
    """The last door: whatever made it, a header is one header, in ASCII, of lines that fit."""
    first, *more = header.split(EOL)
    name, colon, value = first.partition(":")
    lines = [value, *more]
    good = (
        colon
        and _HEADER.fullmatch(name)
        and all(_VALUE.fullmatch(line) for line in lines)
        and all(line.startswith(" ") and line.strip() for line in more)
    )
    if not good:
        raise UserError("mail-header", f"The header {name[:60]!r} of a mail cannot be written.")
