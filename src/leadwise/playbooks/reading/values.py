"""Values of a kind in a line of text: money, dates, numbers, e-mail addresses, references.

Each with where it stands, so that what stands beside it can say what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal, TypeAlias

from babel.dates import get_month_names

from leadwise.connect.model import JSON
from leadwise.qualify.embedded.money.amounts import amounts
from leadwise.qualify.embedded.numbers.numerals import numerals
from leadwise.qualify.embedded.time.dates import mentions

FieldKind: TypeAlias = Literal["text", "number", "money", "date", "email", "phone", "reference"]
LANGUAGES = ("en", "es", "de", "fr", "fi")
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_REFERENCE = re.compile(
    r"(?<![\w/-])(?=[\w./-]*\d)[A-Za-z0-9][A-Za-z0-9./-]{2,30}[A-Za-z0-9](?![\w-])"
)
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_WRITTEN = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.|º)?\s+(?:de\s+|of\s+)?([^\W\d_]{3,12})\.?,?\s+(?:de\s+)?(\d{4})"
)
_AMERICAN = re.compile(r"(?<!\w)([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_SUM = re.compile(
    r"(?P<before>[€$£¥]|\b[A-Z]{3}\b)?\s?(?P<minus>-)?"
    r"(?P<number>\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)"
    r"(?![\d%])\s?(?P<after>[€$£¥]|\b[A-Z]{3}\b)?"
)
_CODES = frozenset(
    "EUR USD GBP CHF SEK NOK DKK PLN CZK HUF RON TRY MXN COP ARS CLP BRL CAD AUD NZD INR JPY CNY "
    "HKD SGD ZAR AED SAR ILS".split()
)


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it stands in its line. Money is `1250.00 EUR`, a date ISO 8601."""

    start: int
    end: int
    value: JSON
    weight: float = 0.0
    """What tells for it besides what stands beside it: a currency, a year."""


def values(kind: FieldKind, line: str, language: str, day: date) -> list[Found]:
    """The values of a kind in a line, in order; of texts none."""
    match kind:
        case "money":
            return list(_money(line, language))
        case "date":
            return list(_dates(line, language, day))
        case "number":
            return [
                Found(one.start, one.end, int(one.value) if one.value == int(one.value)
                      else one.value) for one in numerals(line, language)
            ]  # fmt: skip
        case "email":
            return [Found(m.start(), m.end(), m[0].rstrip(".").lower())
                    for m in _EMAIL.finditer(line)]  # fmt: skip
        case "phone":
            return list(_phones(line))
        case "reference":
            dated = [(m.start(), m.end()) for m in (*_ISO.finditer(line), *_NUMERIC.finditer(line))]
            return [
                Found(m.start(), m.end(), m[0]) for m in _REFERENCE.finditer(line)
                if not any(start <= m.start() < end for start, end in dated)
            ]  # fmt: skip
        case "text":
            return []


def _money(line: str, language: str) -> Iterator[Found]:
    dated = [(m.start(), m.end()) for m in (*_ISO.finditer(line), *_NUMERIC.finditer(line))]
    found = False
    for match in _SUM.finditer(line):
        if any(start < match.end() and match.start() < end for start, end in dated):
            continue
        signs = [sign for sign in (match["before"], match["after"]) if sign]
        code = next((_SYMBOLS.get(s) or (s if s in _CODES else None) for s in signs), None)
        number = _number(match["number"])
        if number is None:
            continue
        exact = bool(re.search(r"[.,]\d{2}$", match["number"]))
        if code is None and not exact:
            continue
        sign = "-" if match["minus"] else ""
        value = f"{sign}{number:.2f} {code}" if code else f"{sign}{number:.2f}"
        found = True
        yield Found(match.start("number"), match.end("number"), value, 0.15 if code else 0.05)
    if found:
        return
    for one in amounts(line, language):
        if one.sure != "bare":
            whole = (
                f"{one.value:.2f} {one.currency.upper()}" if one.currency else f"{one.value:.2f}"
            )
            yield Found(one.start, one.end, whole, 0.1)


def _number(text: str) -> float | None:
    """A number as documents write it: the last sign before one or two digits is the decimal one."""
    plain = re.sub(r"[ '\u00a0\u202f]", "", text)
    match = re.fullmatch(r"([\d.,]*?)(?:[.,](\d{1,2}))?", plain)
    if match is None:
        return None
    whole = re.sub(r"[.,]", "", match[1])
    return float(f"{whole or 0}.{match[2] or 0}") if whole or match[2] else None


def _dates(line: str, language: str, day: date) -> Iterator[Found]:
    taken: list[tuple[int, int]] = []
    for match, parts in _written_dates(line):
        try:
            found = date(*parts)
        except ValueError:
            continue
        if not any(start < match.end() and match.start() < end for start, end in taken):
            taken.append((match.start(), match.end()))
            yield Found(match.start(), match.end(), found.isoformat(), 0.1)
    if taken:
        return
    for one in mentions(line, language, day):
        if one.kind in ("until", "within") and one.last is not None:
            yield Found(one.start, one.end, one.last.isoformat())


def _written_dates(line: str) -> Iterator[tuple[re.Match[str], tuple[int, int, int]]]:
    for match in _ISO.finditer(line):
        yield match, (int(match[1]), int(match[2]), int(match[3]))
    for match in _NUMERIC.finditer(line):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        year += 2000 if year < 100 else 0
        # The day first, as most of the world writes it, but where the second is no month.
        if second > 12:
            first, second = second, first
        yield match, (year, second, first)
    for match in _WRITTEN.finditer(line):
        month = months().get(match[2].casefold())
        if month:
            yield match, (int(match[3]), month, int(match[1]))
    for match in _AMERICAN.finditer(line):
        month = months().get(match[1].casefold())
        if month:
            yield match, (int(match[3]), month, int(match[2]))


def _phones(line: str) -> Iterator[Found]:
    from phonenumbers import PhoneNumberFormat, PhoneNumberMatcher, format_number

    for match in PhoneNumberMatcher(line, None):
        number = format_number(match.number, PhoneNumberFormat.E164)
        yield Found(match.start, match.end, number)


@cache
def months() -> dict[str, int]:
    """The months by their names, long and short, in the languages that are read."""
    found: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for form in ("format", "stand-alone"):
                names = get_month_names(width, form, language)
                found |= {name.casefold().rstrip("."): number for number, name in names.items()}
    return {name: number for name, number in found.items() if len(name) > 2}
