"""What an incoming mail says of one that was sent: it bounced, somebody called it spam, a reply.

Delivery reports are RFC 3464 (in a multipart/report, RFC 6522), complaints RFC 5965, automatic
answers RFC 3834. Which mail is meant is known by its Message-ID or by the sign in the bounce
address: nobody outside has either, so that a forged report can do nothing. Never fails: what cannot
be read is `other`.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import getaddresses
from typing import Any, Literal, TypeAlias, cast

from leadwise.connect.mail.links import Links
from leadwise.connect.mail.markup import to_text
from leadwise.connect.mail.quoting import LONGEST_TEXT, is_away, own_words
from leadwise.connect.mail.relay import is_hard

Said: TypeAlias = Literal[
    "bounced", "delayed", "delivered", "complained", "replied", "auto_replied", "unsubscribe",
    "other",
]  # fmt: skip
MOST_BYTES = 5 * 1024 * 1024
LONGEST_HEADER = 4_000
MOST_HEADERS = 3
"""Of one name."""
MOST_LINES = 2_000
"""Of the head."""
MOST_PARTS = 200
MOST_BOUNCE = 64 * 1024
"""Of a bounce in words, in which the mail below is looked for."""
_TOKEN = re.compile(r"\b([0-9a-f]{32})\b")
_ID = re.compile(r"<([^<>\s]+)>")
_LEAVE = re.compile(r"/m/u/([0-9a-f]{32})\.([A-Za-z0-9_-]{20,24})")
_STATUS = re.compile(r"(?<![\d.])([45]\.[0-7]\.\d{1,3})(?!\.?\d)")
"""An enhanced code, and no address (5.10.20.30) or version (Exim 4.94.2): RFC 3463 has eight
subjects."""
_CODE = re.compile(r"(?:^|[\s:>])([45]\d\d)[ -](?=\S)")
_FULL = re.compile(r"full\b|quota|voll\b|llen[ao]|plein|piena|täynnä|storage", re.I)
_STILL = re.compile(r"delay|warning|verzögert|retras|retard|ritard|viivästy|still being", re.I)
_KEPT_ID = re.compile(r"(?mi)^[>\s]*message-id:\s*<([0-9a-f]{32})@[^<>\s]+>")
"""Of the mail that a bounce in words alone has below it."""
_DAEMON = re.compile(r"^(mailer-daemon|postmaster|mail-daemon)@", re.I)


@dataclass(frozen=True, slots=True)
class Report:
    """`tokens` are the mails that may be meant, the likeliest first. `id` is the incoming mail's
    own Message-ID. `hard`: the address is nobody's. `text` is what a reply says itself, or all
    of what answers no mail. `automatic`: a program sent it."""

    said: Said
    tokens: tuple[str, ...] = ()
    id: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    hard: bool = False
    why: str = ""
    text: str = ""
    automatic: bool = False


def read_report(raw: bytes, links: Links | None = None) -> Report:
    """What an incoming mail says. With `links` the signed unsubscribe link of a mail that a
    complaint brings back says which mail it was."""
    try:
        return _read(tamed(raw[:MOST_BYTES]), links)
    except Exception:  # noqa: BLE001 - whoever writes mails by hand finds new ways to break parsers
        return Report("other")


def tamed(raw: bytes) -> bytes:
    """The mail without headers and parts that nobody writes: the library's parser takes time with
    the square of a header's length, and long for each part. Lines of a text are no longer than a
    header either."""
    kept, length, parts, in_head = list[bytes](), 0, 0, True
    for number, line in enumerate(raw.split(b"\n")):
        in_head = in_head and bool(line.strip())
        parts += line.startswith(b"--")
        if parts > MOST_PARTS:
            break
        length = length + len(line) if line[:1] in (b" ", b"\t") else len(line)
        if in_head and number > MOST_LINES:
            continue
        if length <= LONGEST_HEADER:
            kept.append(line)
        elif length == len(line):
            kept.append(line[:LONGEST_HEADER])
    return b"\n".join(kept)


def _read(raw: bytes, links: Links | None) -> Report:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    addresses = [_header(mail, name) for name in ("To", "Cc", "Delivered-To", "X-Original-To")]
    to = tuple(one.lower() for _, one in getaddresses(addresses) if one)
    senders = [one.lower() for _, one in getaddresses([_header(mail, "From")]) if one]
    base = Report(
        "other", id=_header(mail, "Message-ID").strip("<> "), to=to,
        sender=senders[0] if senders else "", subject=_words(_header(mail, "Subject"))[:300],
    )  # fmt: skip
    signs = [sign for one in to for sign in _TOKEN.findall(one)]
    report_type = str(mail.get_param("report-type") or "").lower()
    if mail.get_content_type() == "multipart/report" or report_type:
        found = _of_report(mail, report_type, base, signs, links)
        if found is not None:
            return found
    if _DAEMON.match(base.sender):
        below = _unique([*signs, *_KEPT_ID.findall(_whole_text(mail))])
        if below:
            return _of_daemon(mail, base, below)
    answered = [*_ids(_header(mail, "In-Reply-To")), *reversed(_ids(_header(mail, "References")))]
    tokens = _unique([*(one.partition("@")[0] for one in answered), *signs])
    if base.subject.strip().lower() == "unsubscribe" and signs:
        return replace(base, said="unsubscribe", tokens=tuple(signs))
    automatic = (
        _header(mail, "Auto-Submitted").strip().lower() not in ("", "no")
        or any(_header(mail, name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponse"))
        or _header(mail, "Precedence").strip().lower() in ("auto_reply", "bulk", "junk")
        or is_away(base.subject)
        or _header(mail, "Return-Path").strip() == "<>"  # what must not be answered
        or bool(_DAEMON.match(base.sender))
    )
    base = replace(base, automatic=automatic)
    if not tokens:
        return replace(base, text=_text(mail))
    said: Said = "auto_replied" if automatic else "replied"
    return replace(base, said=said, tokens=tokens, text=own_words(_text(mail)))


def _of_report(
    mail: EmailMessage, kind: str, base: Report, signs: list[str], links: Links | None
) -> Report | None:
    original = _original(mail)
    tokens = _unique([*_tokens_of(original, links), *signs])
    for part in mail.walk():
        if part.get_content_type() == "message/feedback-report":
            fields = _fields(part)
            feedback = fields.get("feedback-type", "abuse").lower()
            said: Said = "unsubscribe" if feedback.startswith("opt-out") else "complained"
            if feedback == "not-spam":
                said = "other"
            return replace(base, said=said, tokens=tokens, why=feedback)
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            return _of_status(part, base, tokens)
    return None if kind not in ("delivery-status", "feedback-report") else base


def _of_status(part: Message, base: Report, tokens: tuple[str, ...]) -> Report:
    """The gravest of what is said of each recipient."""
    said, why, hard = "other", "", False
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, Message) or block.get("Action") is None:
            continue
        action = str(block["Action"]).strip().lower()
        status = str(block.get("Status") or "").split("(")[0].strip()
        words = " ".join(str(block.get("Diagnostic-Code") or "").partition(";")[2].split())
        code = int(words[:3]) if re.match(r"[45]\d\d\b", words) else 550
        if action == "failed":
            said, why = "bounced", f"{status} {words}".strip()
            wrong = (
                is_hard(550, status) if status not in ("", "5.0.0") else is_hard(code, words[4:])
            )
            hard = hard or wrong
        elif action == "delayed" and said != "bounced":
            said, why = "delayed", f"{status} {words}".strip()
        elif action in ("delivered", "relayed", "expanded") and said == "other":
            said = "delivered"
    return replace(base, said=cast(Said, said), tokens=tokens, hard=hard, why=why[:500])


def _of_daemon(mail: EmailMessage, base: Report, tokens: tuple[str, ...]) -> Report:
    """A bounce in words alone, as some servers still send them."""
    text = _text(mail)
    why = " ".join(text.split())[:300]
    found, code = _STATUS.search(text), _CODE.search(text)
    status = found[1] if found else ""
    passing = status.startswith("4") or (not status and code and code[1].startswith("4"))
    if passing or (not status and not code and _STILL.search(base.subject)):
        return replace(base, said="delayed", tokens=tokens, why=status or why)
    # Words alone say that it bounced, not that the address is nobody's.
    number = int(code[1]) if code else 550
    hard = bool(status or code) and is_hard(number, status) and not _FULL.search(text)
    return replace(base, said="bounced", tokens=tokens, hard=hard, why=why)


def _original(mail: EmailMessage) -> Iterator[Message]:
    for part in mail.walk():
        kind = part.get_content_type()
        if kind in ("message/rfc822", "message/global"):
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                yield inner[0]
        elif kind in ("text/rfc822-headers", "message/rfc822-headers"):
            text = part.get_payload(decode=True)
            if isinstance(text, bytes):
                yield email.message_from_bytes(text.lstrip(), policy=email.policy.default)


def _tokens_of(originals: Iterable[Message], links: Links | None) -> Iterator[str]:
    for one in originals:
        for found in _ids(_header(one, "Message-ID")):
            yield found.partition("@")[0]
        left = _LEAVE.search(_header(one, "List-Unsubscribe"))
        if left and links is not None and links.is_signed("u", left[1], left[2]):
            yield left[1]


def _whole_text(mail: EmailMessage) -> str:
    """What a mail of one part says, the mail below it included."""
    payload = None if mail.is_multipart() else mail.get_payload(decode=True)
    return payload[:MOST_BOUNCE].decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _fields(part: Message) -> dict[str, str]:
    payload = part.get_payload()
    inner: Any = payload[0] if isinstance(payload, list) and payload else None
    if isinstance(inner, Message):
        items = inner.items()
        if not items and isinstance(inner.get_payload(), str):
            items = email.message_from_string(str(inner.get_payload())).items()
        return {name.lower(): str(value).strip() for name, value in items}
    return {}


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except (LookupError, ValueError):  # a character set that nobody knows
        payload = part.get_payload(decode=True)
        text = payload.decode("latin-1") if isinstance(payload, bytes) else ""
    if part.get_content_type() == "text/html":
        text = to_text(text[: 50 * LONGEST_TEXT])
    return text.replace("\r\n", "\n")[: 4 * LONGEST_TEXT]


def _ids(header: str) -> list[str]:
    return _ID.findall(header)


def _header(mail: Message, name: str) -> str:
    """A header's text, the first few of several. As it stands: parsing it is left to who knows
    what it is."""
    found = [str(value) for key, value in mail.raw_items() if key.lower() == name.lower()]
    whole = ", ".join(re.sub(r"\r?\n", "", one) for one in found[:MOST_HEADERS])
    # Headers that are UTF-8 as they stand (RFC 6532) come out of the parser as lone bytes.
    return whole.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _words(header: str) -> str:
    """The text of a header with encoded words."""
    try:
        return str(make_header(decode_header(header)))
    except (HeaderParseError, LookupError, UnicodeError):
        return header


def _unique(tokens: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in tokens if _TOKEN.fullmatch(one)))
