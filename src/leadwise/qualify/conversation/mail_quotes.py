"""A mail's words apart: what its sender wrote, what it quotes of earlier mails, the signature.

Quotes and signatures are found by mail-parser-reply; here the heads of quotes are put into the form
that it knows (in five languages), and who wrote what is told: answers below quoted questions are
the sender's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from babel import Locale
from mailparser_reply.parser import (  # type: ignore[import-untyped]  # ships no types
    EmailMessage as Replies,
)

from leadwise.qualify.conversation.lines import unwrapped

_LANGUAGES = ("en", "de", "es", "fr")
"""Those of ours that the library knows."""
_OPENS = (
    r"(?:On|Am|El|Le|Em|\d|ma|ti|ke|to|pe|la|su|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|maanantai|tiistai|"
    r"keskiviikko|torstai|perjantai|lauantai|sunnuntai)\w*)\b"
)
_WROTE = re.compile(
    rf"^(?P<quote>(?:> ?)*)(?P<head>{_OPENS}[^\n]{{5,300}}"
    r"(?:\n(?:> ?)*[^\n>][^\n]{0,200}){0,2}?|"
    r"[^\n>][^\n]{5,200}?)"
    r"\b(?:wrote|schrieb|escribió|a écrit|kirjoitti)\b"
    r"(?P<who>[^\n:]{0,200}(?:<[^\n>]*>)?)\s?:[ \t]*$",
    re.MULTILINE,
)
_CLOSING = re.compile(
    r"^(?:> ?)*(?:(?:ystävällisin |parhain |t\. )?terveisin|terv\.?|sincerely|cheers|br|regards|"
    r"kind regards|best|thanks|mfg|vg|lg|(?:mit )?(?:freundlichen|besten|herzlichen) grüßen|"
    r"(?:un (?:cordial )?)?saludos?(?: cordial(?:es)?)?|atentamente|(?:bien )?cordialement|"
    r"bien à vous)[ ,.!]*$",
    re.MULTILINE | re.IGNORECASE,
)
_HEADS = (("Lähettäjä", "From"), ("Lähetetty", "Sent"), ("Päivämäärä", "Date"),
          ("Vastaanottaja", "To"), ("Kopio", "Cc"), ("Aihe", "Subject"), ("Envoyé", "Sent"),
          ("Enviado el", "Sent"), ("Enviado", "Sent"), ("Objet", "Subject"), ("Asunto", "Subject"),
          ("De", "From"), ("Para", "To"), ("À", "To"), ("Von", "From"), ("Gesendet", "Sent"),
          ("An", "To"), ("Betreff", "Subject"))  # fmt: skip
_HEAD_LINE = re.compile(
    rf"^((?:> ?)*[*]?)({'|'.join(name for name, _ in _HEADS)})([*]? ?:)", re.MULTILINE
)
_FORWARD = re.compile(
    r"^(?:> ?)*-{2,} ?(?:Forwarded message|Original Message|Weitergeleitete Nachricht|"
    r"Ursprüngliche Nachricht|Mensaje (?:reenviado|original)|Message (?:transféré|d'origine)|"
    r"Välitetty viesti|Alkuperäinen viesti) ?-{2,}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_FROM = re.compile(r"^[>* ]*From[* ]*:[* ]*(?P<who>[^\n]+)$", re.MULTILINE)
_SENT = re.compile(r"^[>* ]*(?:Sent|Date)[* ]*:[* ]*(?P<when>[^\n]+)$", re.MULTILINE)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_QUOTED = re.compile(r"^(?:> ?)+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a mail in a row. `quoted` where somebody else wrote them: then `name`, `address`
    and `day` are what the head of the quote tells."""

    text: str
    quoted: bool = False
    name: str = ""
    address: str | None = None
    day: date | None = None
    signature: str = ""


def pieces_of(body: str) -> tuple[Piece, ...]:
    """A mail's pieces in the order in which they stand: its sender's words first, then quotes from
    the latest to the earliest; questions quoted with answers below them one after the other."""
    found: list[Piece] = []
    body, long = _shielded(body)
    text = _FORWARD.sub("", _headed(body))
    replies = Replies(text=text, languages=list(_LANGUAGES), keep_hyphen_lists=True).read().replies
    for number, reply in enumerate(replies):
        head = reply.headers or ""
        words = (reply.content or "").removeprefix(head).strip("\n")
        if not number or not head:
            found += _mixed(words, reply.signatures or "", None)
            continue
        who = _head(head)
        is_wrote = head.rstrip().endswith("wrote:")
        if is_wrote and number == 1 and re.search(r"^>", words, re.MULTILINE):
            found += _mixed(words, reply.signatures or "", who)
        else:
            clean, signature = _signed(_unquoted(words), _unquoted(reply.signatures or ""))
            if clean:
                found.append(Piece(clean, True, who.name, who.address, who.day, signature))
    return tuple(
        replace(one, text=_LONG.sub(lambda m: long[int(m[1])], one.text))
        for one in found
        if one.text.strip()
    )


def _shielded(body: str) -> tuple[str, list[str]]:
    """Long lines put aside: they are neither heads nor signatures, and looking for those in them
    takes time that grows with the cube of their length."""
    long: list[str] = []
    lines = _LONG.sub("", body).split("\n")
    for number, line in enumerate(lines):
        if len(line) > _LINE_MOST:
            lines[number] = f"\x02{len(long)}\x03"
            long.append(line)
    return "\n".join(lines), long


_LONG = re.compile("\x02(\\d+)\x03")
_LINE_MOST = 400


def _headed(body: str) -> str:
    """The heads of quotes as "On ... wrote:" and "From:", whatever their language."""
    text = _WROTE.sub(_as_on, body)
    english = dict(_HEADS)
    lines = text.split("\n")
    plain = [
        _HEAD_LINE.sub(lambda m: m[1] + english[m[2]] + m[3].replace(" ", ""), one) for one in lines
    ]
    changed = [old != new for old, new in zip(lines, plain, strict=True)]
    return "\n".join(
        new if changed[n] and any(changed[max(0, n - 1) : n] + changed[n + 1 : n + 2]) else old
        for n, (old, new) in enumerate(zip(lines, plain, strict=True))
    )


def _as_on(match: re.Match[str]) -> str:
    head = " ".join(re.sub(r"\n(?:> ?)*", " ", match["head"]).split())
    if not (
        re.search(r"\d", head) and (_ADDRESS.search(match[0]) or re.search(r"\d{4}|\d:\d", head))
    ):
        return match[0]
    said = re.sub(r"^(?:On|Am|El|Le)\s+", "", head)
    return f"{match['quote']}On {said} {match['who'].strip()} wrote:".replace("  ", " ")


def _head(head: str) -> Piece:
    """Who wrote a quote, and when, by its head."""
    plain = _QUOTED.sub("", head.replace("\n>", "\n"))
    match, sent = _FROM.search(plain), _SENT.search(plain)
    if match:
        who, when = match["who"], sent["when"] if sent else ""
    else:
        who = when = re.sub(r"^\s*On\s+|\s*wrote:\s*$", "", plain)
    address = _ADDRESS.search(who)
    name = who[: address.start()] if address else who
    name = re.split(r"<|\(|\[", name)[0]
    if not match:
        name = re.split(r"\d[\d:.]*\s*(?:Uhr|[AaPp]\.?\s?[Mm]\.?)?[,]?\s+", name)[-1]
    name = re.sub(r"^(?:at|um|klo|à|a las)\s+", "", name.strip(" ,;:<*\"'")).strip(" ,\"'")
    return Piece(
        "", True, name if len(name) < _NAME_MOST else "", address and address[0], day_in(when)
    )


_NAME_MOST = 80


def _mixed(words: str, signature: str, who: Piece | None) -> Iterator[Piece]:
    """Quoted lines and the sender's own, in turn. Where a quote ends the mail, nothing below it
    answers it."""
    clean, signed = _signed(words, signature)
    runs: list[tuple[bool, list[str]]] = []
    for line in clean.split("\n"):
        quoted = line.startswith(">")
        if runs and (runs[-1][0] == quoted or not line.strip()):
            runs[-1][1].append(line)
        else:
            runs.append((quoted, [line]))
    for quoted, lines in runs:
        text = unwrapped(_unquoted("\n".join(lines)).strip())
        if quoted and text:
            who = who or Piece("", True)
            yield Piece(text, True, who.name, who.address, who.day)
        elif text:
            yield Piece(text, signature=signed)


def _unquoted(text: str) -> str:
    return "\n".join(_QUOTED.sub("", line) for line in text.split("\n"))


def _signed(words: str, signature: str) -> tuple[str, str]:
    """Words without the signature, and the signature. One with sentences in it is none: better a
    greeting too many than words lost."""
    if not signature.strip():
        ends = list(_CLOSING.finditer(words))
        signature = words[ends[-1].start() :] if ends else ""
    place = words.rfind(signature) if signature.strip() else -1
    if place < 0:
        return words, ""
    lines = [one for one in signature.strip().split("\n") if one.strip()]
    kept = [one for one in lines if _is_said(one)]
    rest = words[place + len(signature) :]
    if len(lines) > _LINES_MOST or rest.strip():
        return words, ""
    said = "\n".join(kept)
    return f"{words[:place].rstrip()}\n{said}".strip("\n"), signature.strip()


_LINES_MOST = 14
_LEGAL = re.compile(
    r"confidential|privileged|disclaimer|unsubscribe|vertraulich|confidencial|confidentiel|"
    r"luottamuksellinen|intended (?:only )?for|registergericht|handelsregister",
    re.IGNORECASE,
)


def _is_said(line: str) -> bool:
    """Whether a line below the greeting says something: a postscript, a question, a sentence."""
    words = _QUOTED.sub("", line).strip()
    if _LEGAL.search(words):
        return False
    if re.match(r"P\.?\s?S\b|NB\b", words):
        return True
    return len(words.split()) >= _SENTENCE and words.endswith((".", "?", "!"))


_SENTENCE = 5


@cache
def _months() -> dict[str, int]:
    found: dict[str, int] = {}
    for code in ("fi", "fr", "de", "es", "en"):
        for context in ("format", "stand-alone"):
            for width in ("abbreviated", "wide"):
                for number, name in Locale(code).months[context][width].items():
                    found[name.casefold().strip(".")] = number
                    found[f"{name.casefold().strip('.')}ta"] = number
    return found


def day_in(text: str) -> date | None:
    """The day that the head of a quote names; None where it is not plain (03/04/2026 is not)."""
    try:
        if match := re.search(r"(\d{4})-(\d\d)-(\d\d)", text):
            return date(*map(int, match.groups()))
        if match := re.search(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d\d)\b", text):
            day, month, year = map(int, match.groups())
            return date(year + (2000 if year < _CENTURY else 0), month, day)
        if match := re.search(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b", text):
            first, second, year = map(int, match.groups())
            if first > _MONTHS or first == second:
                return date(year, second, first)
            return date(year, first, second) if second > _MONTHS else None
        if match := _DAY_FIRST.search(text):
            day_, name, year_ = match.groups()
        elif match := _MONTH_FIRST.search(text):
            name, day_, year_ = match.groups()
        else:
            return None
        month = _month(name.casefold())
        return date(int(year_), month, int(day_)) if month else None
    except ValueError:
        return None


_DAY_FIRST = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|\.|er)?\s+(?:de\s+|of\s+)?([^\W\d_]{3,})\.?,?\s+(?:de\s+)?(\d{4})\b"
)
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")


def _month(name: str) -> int:
    """The number of a month by its name, or by how that begins; 0 for no month."""
    if name in _months():
        return _months()[name]
    return next((number for full, number in _months().items() if full.startswith(name)), 0)


_MONTHS = 12
_CENTURY = 100
