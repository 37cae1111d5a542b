"""Instants, numbers and money in words, as they are written where a lead is.

The data on languages are those of the Unicode CLDR, by Babel.
"""

from __future__ import annotations

import datetime as dt
import re
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers

from leadwise.connect.mail.addresses import one_line

Length: TypeAlias = Literal["short", "medium", "long", "full"]
LENGTHS = ("short", "medium", "long", "full")
_HONORIFICS = frozenset(
    "mr mrs ms miss mx dr prof sir herr frau hr fr sr sra srta m mme mlle ing mag dipl".split()
)


LONGEST_NAME = 100
_ADDRESS = re.compile(r"://|\bwww\.|\b[\w-]+\.[a-z]{2,}/|\S@\S", re.I)
_DOMAIN = re.compile(
    r"[\w-]{2,}\.(com|net|org|info|biz|io|co|me|ly|gl|gd|to|cc|tv|ws|pw|tk|ml|ga|cf|gq|ru|su|cn|in|"
    r"br|us|uk|eu|de|fr|es|it|nl|pl|fi|se|app|dev|xyz|top|site|online|shop|store|club|link|live|"
    r"pro|space|website|click|vip|win|bid|loan|work|page|blog|art|cloud|digital|life|world)\b", re.I
)  # fmt: skip


def name_of(said: object, *, company: bool = False) -> str:
    """A name on one line, empty where it is none but an advertisement: one with an address of the
    web, or longer than names are. Whoever fills in a form with somebody else's e-mail address would
    else have us send it to them. Companies may be called as their domain is."""
    text = one_line(str(said or ""))
    is_none = len(text) > LONGEST_NAME or _ADDRESS.search(text)
    return "" if is_none or (not company and _DOMAIN.search(text)) else text


def date(value: object, length: Length = "long", *, zone: str = "UTC", language: str = "en") -> str:
    """`3 March 2026`. `value` is an instant (ISO 8601, or microseconds since 1970 UTC) or a day."""
    moment = instant(value, zone)
    return dates.format_date(moment, _length(length), locale=_locale(language))


def time(
    value: object, length: Length = "short", *, zone: str = "UTC", language: str = "en"
) -> str:
    """`14:30`, in that zone."""
    moment = instant(value, zone)
    if not isinstance(moment, datetime):
        raise TypeError(f"{value} is a day, without a time")
    return _plain(
        dates.format_time(moment, _length(length), tzinfo=zone_of(zone), locale=_locale(language))
    )


def datetime_(
    value: object, length: Length = "long", *, zone: str = "UTC", language: str = "en"
) -> str:
    """`Tuesday 3 March 2026, 14:30`: the day as `date`, the time without seconds."""
    moment = instant(value, zone)
    day = dates.format_date(moment, _length(length), locale=_locale(language))
    if not isinstance(moment, datetime):
        return day
    return f"{day}, {time(value, zone=zone, language=language)}"


def money(value: object, currency: str = "EUR", *, language: str = "en") -> str:
    """`€1,200.00`: of a number of whole units; without cents where there are none."""
    amount, locale = _number(value), _locale(language)
    if float(amount).is_integer():
        # A pattern without decimals, which `currency_digits` would bring back.
        written = numbers.format_currency(
            amount, currency.upper(), _whole(locale), locale=locale, currency_digits=False
        )
    else:
        written = numbers.format_currency(amount, currency.upper(), locale=locale)
    return _plain(written)


def number(value: object, places: int | None = None, *, language: str = "en") -> str:
    """`1,234.5`; with `places` rounded to so many decimals."""
    amount = _number(value)
    if places is not None:
        amount = round(amount, max(0, min(int(places), 9)))
    return _plain(
        numbers.format_decimal(amount, locale=_locale(language), decimal_quantization=False)
    )


def percent(value: object, *, language: str = "en") -> str:
    """`12 %` of 0.12, as that language writes it."""
    return _plain(numbers.format_percent(_number(value), locale=_locale(language)))


def first_name(value: str) -> str:
    """The name that somebody is called by, of a whole name: `Dr. Ann Example`, `Example, Ann`."""
    if "," in value:
        value = value.partition(",")[2]
    words = [word for word in value.split() if word.rstrip(".").lower() not in _HONORIFICS]
    return words[0] if words else value.strip()


def instant(value: object, zone: str = "UTC") -> datetime | dt.date:
    """An instant in that zone, or a day. A time without offset is UTC. ValueError for others."""
    where = zone_of(zone)
    if isinstance(value, bool):
        raise TypeError(f"{value} is no time")
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1_000_000, UTC).astimezone(where)
    text = str(value).strip()
    if len(text) == 10:
        return dt.date.fromisoformat(text)
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(where)


@lru_cache(maxsize=600)
def zone_of(name: str) -> tzinfo:
    """The zone of that IANA name; UTC for what is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


@lru_cache(maxsize=600)
def _locale(language: str) -> Locale:
    for name in (language, language.replace("_", "-").partition("-")[0]):
        try:
            return Locale.parse(name.replace("-", "_"))
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    # Days before months, as all but one country of that language have it.
    return Locale("en", "GB") if language == "" else Locale("en")


def language_of(said: object) -> str:
    """The language in which a locale is written: `es` of `es-MX`, `es_ES.UTF-8`; empty: none."""
    text = str(said or "").replace("_", "-").partition(".")[0].strip().lower()
    head = text.partition("-")[0]
    return head if head.isascii() and head.isalpha() and 2 <= len(head) <= 3 else ""


def _whole(locale: Locale) -> str:
    pattern: str = locale.currency_formats["standard"].pattern
    return pattern.replace("0.00", "0")


def _number(value: object) -> int | float:
    if isinstance(value, bool):
        raise TypeError(f"{value} is no number")
    return value if isinstance(value, int | float) else float(str(value))


def _length(length: str) -> Length:
    for each in LENGTHS:
        if each == length:
            return each  # type: ignore[return-value] # one of them
    raise ValueError(f"{length} is none of {', '.join(LENGTHS)}")


def _plain(text: str) -> str:
    # Mail programs and subjects show these narrow spaces as boxes.
    return text.replace("\u202f", " ").replace("\u2009", " ")
