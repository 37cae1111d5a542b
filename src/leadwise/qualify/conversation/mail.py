"""Mails: one .eml with the thread it quotes, an mbox, or several mails, in order of their dates.

A turn is a mail's own words; earlier mails that stand only in a quote are turns of their own. The
title in a signature goes into the speaker's label, for only there may it stand at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime

from leadwise.qualify.conversation.draft import Draft, Said, unreadable
from leadwise.qualify.conversation.mail_body import attached_mails, body_of
from leadwise.qualify.conversation.mail_quotes import Piece, pieces_of

_HEADER = re.compile(rb"[!-9;-~]{1,60}:[ \t]?")
_KNOWN = frozenset(
    b"from to date subject message-id mime-version received return-path content-type "
    b"delivered-to in-reply-to references cc reply-to dkim-signature".split()
)
_ENVELOPE = re.compile(rb"^From \S+.*\d{4}\s*$", re.MULTILINE)
_REPLY = re.compile(r"^(?:(?:re|aw|wg|fwd?|rv|tr|vs|vl|sv)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_MOST = 300
"""Mails of one thread."""


def is_mail(data: bytes) -> bool:
    """Whether bytes begin with the headers of a mail, or as an mbox does."""
    start = data[:20_000].lstrip(b"\xef\xbb\xbf \r\n")
    if start.startswith(b"From ") and _ENVELOPE.match(start):
        return True
    names: set[bytes] = set()
    for line in start.splitlines():
        if line[:1] in (b" ", b"\t") and names:
            continue
        match = _HEADER.match(line)
        if not match:
            break
        names.add(line.partition(b":")[0].lower())
    return len(names & _KNOWN) >= 2 and bool(names & {b"from", b"date", b"message-id"})


def read_mails(files: Iterable[bytes], name: str) -> Draft:
    """The conversation of a thread's mails. UserError (`not-a-conversation`) for too many."""
    mails = [mail for data in files for mail in _split(data)]
    if len(mails) > _MOST:
        raise unreadable(name, f"holds {len(mails)} mails", "give one thread a file")
    letters = sorted(_letters(mails), key=lambda one: (one.at is None, one.at or _NEVER))
    said = _labelled(list(_turns(letters)))
    days = [one.said_on for one in said if one.said_on]
    titles = [_REPLY.sub("", one.subject).strip() for one in letters if one.subject]
    return Draft(said, "email_thread", max(days) if days else None, titles[0] if titles else None)


_NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail with what its headers tell."""

    name: str
    address: str | None
    at: datetime | None
    day: date | None
    subject: str
    to: tuple[str, str | None]
    pieces: tuple[Piece, ...]


def _split(data: bytes) -> Iterator[EmailMessage]:
    """The mails of a file, with those that are attached to them."""
    start = data.lstrip(b"\xef\xbb\xbf \r\n")
    marks = [one.start() for one in _ENVELOPE.finditer(start)] if start[:5] == b"From " else []
    places = [at for at in marks if at == 0 or start[at - 2 : at] in (b"\n\n", b"\r\n")]
    places = places or [0]
    parts = [start[a:b] for a, b in zip(places, [*places[1:], len(start)], strict=True)]
    for part in parts:
        mail = message_from_bytes(part, policy=default)
        if isinstance(mail, EmailMessage):
            yield mail
            yield from attached_mails(mail)


def _letters(mails: Sequence[EmailMessage]) -> Iterator[_Letter]:
    seen: set[str] = set()
    for mail in mails:
        key = _header(mail, "Message-ID")
        if key and key in seen:
            continue
        seen.add(key)
        name, address = _person(mail, "From")
        at = _instant(_header(mail, "Date"))
        to = _person(mail, "To")
        yield _Letter(
            name,
            address,
            at and at.astimezone(UTC),
            at and at.date(),
            _header(mail, "Subject"),
            to,
            pieces_of(body_of(mail)),
        )


def _turns(letters: Sequence[_Letter]) -> Iterator[Said]:
    """Every mail's words by date; quotes of mails that are there themselves are left out, others
    come before the mail that quotes them, the earliest first."""
    own = [_squeezed(piece.text) for one in letters for piece in one.pieces if not piece.quoted]
    known = list(own)
    for letter in letters:
        first = next((n for n, one in enumerate(letter.pieces) if not one.quoted), 0)
        last = max((n for n, one in enumerate(letter.pieces) if not one.quoted), default=-1)
        for piece in reversed(letter.pieces[last + 1 :]):
            words = _squeezed(piece.text)
            if not any(words in one for one in known):
                known.append(words)
                yield _quoted(piece, letter)
        for piece in letter.pieces[first : last + 1]:
            yield _quoted(piece, letter) if piece.quoted else _own(piece, letter)


def _own(piece: Piece, letter: _Letter) -> Said:
    label = _titled(letter.name, piece.signature)
    return Said(label, piece.text, None, letter.day, None, letter.address)


def _quoted(piece: Piece, letter: _Letter) -> Said:
    """Words of an earlier mail. Without a head they are those of whom the mail answers."""
    name, address = piece.name, piece.address
    if not name and not address:
        name, address = letter.to
    return Said(_titled(name or address or "", piece.signature), piece.text, None, piece.day, None,
                address)  # fmt: skip


def _titled(name: str, signature: str) -> str:
    """A name with the title and company that the signature below it tells."""
    if not name or "(" in name:
        return name
    lines = [one.strip(" *_|>\t-") for one in signature.split("\n")]
    words = {one.casefold() for one in re.findall(r"[^\W\d_]{2,}", name)}
    for number, line in enumerate(lines):
        here = {one.casefold() for one in re.findall(r"[^\W\d_]{2,}", line)}
        if here and here & words and len(here) <= _NAME_WORDS:
            rest = re.split(r"\s*[|,·•–—]\s*|\s-\s", line, maxsplit=1)[1:]
            found = [*rest, *lines[number + 1 : number + 3]]
            told = [one for one in found if _is_title(one)]
            return f"{name} ({', '.join(told)})" if told else name
    return name


_NAME_WORDS = 8


def _is_title(line: str) -> bool:
    """Whether a line of a signature may be a title or a company: no number, address or greeting."""
    if not line or len(line) > 60 or re.search(r"\d|@|www\.|https?:|[?!:]", line):
        return False
    return len(line.split()) <= _NAME_WORDS and not line.endswith(".,")


def _labelled(said: list[Said]) -> tuple[Said, ...]:
    """Everybody under one label: the longest that any of their mails gave."""
    best: dict[str, str] = {}
    by_name: dict[str, str] = {}
    for one in said:
        bare = re.split(r"\s*\(", one.speaker)[0].casefold()
        if one.address and bare:
            by_name.setdefault(bare, one.address.casefold())
    keys = [
        (one.address or "").casefold()
        or by_name.get(re.split(r"\s*\(", one.speaker)[0].casefold(), one.speaker.casefold())
        for one in said
    ]
    addresses: dict[str, str | None] = {}
    for key, one in zip(keys, said, strict=True):
        if len(one.speaker) > len(best.get(key, "")):
            best[key] = one.speaker
        addresses[key] = addresses.get(key) or one.address
    return tuple(
        replace(one, speaker=best.get(key, one.speaker), address=addresses[key])
        for key, one in zip(keys, said, strict=True)
    )


def _person(mail: EmailMessage, header: str) -> tuple[str, str | None]:
    """Name and address of the first of a header; the address's first part where it has no name."""
    found = getaddresses([_header(mail, header)])
    name, address = found[0] if found else ("", "")
    known = address if "@" in address else None
    return (name.strip() or address.partition("@")[0]), known


def _header(mail: EmailMessage, name: str) -> str:
    """A header's text; one that breaks the rules is as good as none."""
    try:
        return " ".join(str(mail.get(name) or "").split())
    except (ValueError, IndexError, AttributeError, KeyError, TypeError, LookupError):
        return ""


def _instant(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _squeezed(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())
