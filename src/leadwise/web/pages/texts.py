"""Languages: a catalogue is a file, `locale/<language>.po`; English is in the code itself.

Texts are marked as gettext has them: `_("Sign in")`, `ngettext("%(num)s lead", "%(num)s leads",
n)`.
Numbers, dates and durations are written by Babel as the language has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from gettext import NullTranslations, c2py
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.messages.pofile import read_po
from babel.numbers import NumberFormatError, format_decimal, format_percent, parse_decimal

from leadwise.card.values import SECOND

LANGUAGES = {"en": "English", "es": "Español", "fi": "Suomi"}
"""Each language under its own name."""
DEFAULT = "en"
LOCALES = {"en": "en_GB"}
"""Whose way of writing numbers and dates is taken, where a language has several: the day before the
month, and 24 hours."""
RANKED = re.compile(
    r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([0-9]?(?:\.[0-9]{0,3})?)\s*)?"
)
"""A part of Accept-Language: a language, perhaps a region, perhaps how much it is liked."""


class _Catalogue(NullTranslations):
    """A .po file as it is read: nothing is compiled, nothing can be out of date."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._found: dict[str, str | tuple[str, ...]] = {}
        self._plural: Callable[[int], int] = lambda n: int(n != 1)
        if language == DEFAULT:
            return
        with (files("leadwise.web.pages") / "locale" / f"{language}.po").open("rb") as file:
            catalogue = read_po(file, locale=language)
        self._plural = c2py(catalogue.plural_expr)
        for message in catalogue:
            one = message.id[0] if isinstance(message.id, tuple | list) else message.id
            said = message.string
            if isinstance(said, list | tuple):
                said = tuple(said)
            if one and said and all(said) and not message.fuzzy:
                self._found[one] = said

    def gettext(self, message: str) -> str:
        """The text in this language, else as it is."""
        found = self._found.get(message, message)
        return found if isinstance(found, str) else found[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The form for a number."""
        found = self._found.get(msgid1)
        if not isinstance(found, tuple):
            return msgid1 if n == 1 else msgid2
        return found[min(self._plural(n), len(found) - 1)]


@dataclass(frozen=True, slots=True)
class Texts:
    """A language. Instants are microseconds since 1970 UTC, points whole hundredths."""

    language: str
    catalogue: NullTranslations

    def say(self, text: str, **values: object) -> str:
        """A text, with its `%(name)s` filled in."""
        found = self.catalogue.gettext(text)
        return found % values if values else found

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """A text that depends on a number, which it may name as `%(num)s`."""
        found = self.catalogue.ngettext(one, many, number)
        return found % {"num": self.number(number), **values}

    @property
    def locale(self) -> Locale:
        """How numbers and dates are written."""
        return _locale(self.language)

    @property
    def decimal(self) -> str:
        """The sign that stands before decimals."""
        return str(self.locale.number_symbols["latn"]["decimal"])

    def number(self, value: float, digits: int | None = None) -> str:
        """A number, with at most two digits after the point or just so many."""
        after = ".##" if digits is None else "." + "0" * digits if digits else ""
        return _minus(format_decimal(value, format=f"#,##0{after}", locale=self.locale))

    def read_number(self, typed: str) -> float:
        """A number as the language writes it, or as programs do where that says nothing else.
        ValueError where it is none."""
        between = str(self.locale.number_symbols["latn"]["group"])
        spaced = typed.replace(" ", between) if between.isspace() else typed
        try:
            return float(parse_decimal(spaced, locale=self.locale, strict=True))
        except NumberFormatError:
            return float(typed)

    def points(self, hundredths: int, *, signed: bool = False) -> str:
        """Points from hundredths; `signed` writes the plus."""
        said = self.number(abs(hundredths) / 100)
        sign = "−" if hundredths < 0 else "+" if signed and hundredths > 0 else ""
        return f"{sign}{said}"

    def percent(self, share: float, digits: int = 0) -> str:
        """A share of 1 as percent, so many digits after the point."""
        pattern = self.locale.percent_formats[None].pattern
        if digits:
            pattern = pattern.replace("##0", "##0." + "0" * digits)
        return _minus(format_percent(share, format=pattern, locale=self.locale))

    def date(self, at_us: int, zone: ZoneInfo) -> str:
        """The day of an instant."""
        return format_date(_at(at_us, zone), format="medium", locale=self.locale)

    def time(self, at_us: int, zone: ZoneInfo) -> str:
        """The time of day of an instant, to the minute."""
        return format_time(_at(at_us, zone), format="short", tzinfo=zone, locale=self.locale)

    def moment(self, at_us: int, zone: ZoneInfo) -> str:
        """Day and time of an instant."""
        both = str(get_datetime_format("medium", locale=self.locale)).replace("'", "")
        return both.replace("{0}", self.time(at_us, zone)).replace("{1}", self.date(at_us, zone))

    def weekday(self, at_us: int, zone: ZoneInfo) -> str:
        """The day of the week of an instant."""
        return format_date(_at(at_us, zone), format="EEEE", locale=self.locale)

    def duration(self, us: int) -> str:
        """A length of time in the largest unit of which there are two: 90 minutes, 47 hours."""
        return format_timedelta(timedelta(microseconds=us), threshold=2, locale=self.locale)

    def ago(self, at_us: int, now_us: int) -> str:
        """How long ago, or in how long."""
        if 0 <= now_us - at_us < 60 * SECOND:
            return self.say("just now")
        apart = timedelta(microseconds=at_us - now_us)
        return format_timedelta(apart, add_direction=True, threshold=2, locale=self.locale)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES.get(language, language))


@cache
def texts(language: str) -> Texts:
    """A language's texts, read once."""
    return Texts(language, _Catalogue(language))


def negotiated(accepted: str) -> str:
    """The language of ours that an `Accept-Language` header likes best."""
    liked: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        found = RANKED.fullmatch(part)
        if found is not None and (language := found[1].lower()) in LANGUAGES:
            liked.append((_quality(found[2]), language))
    best = max(liked, key=lambda each: each[0], default=(0.0, DEFAULT))  # of equals, the first
    return best[1] if best[0] > 0 else DEFAULT


def _quality(said: str | None) -> float:
    if said is None:
        return 1.0
    return float(said) if said not in ("", ".") else 0.0


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; UTC where there is none. Names are a stranger's: none is kept."""
    return ZoneInfo(name if name in zones() else "UTC")


@cache
def zones() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(available_timezones())


def _minus(said: str) -> str:
    return said.replace("-", "−")  # the sign, as points have it, not the hyphen


def _at(at_us: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at_us / SECOND, UTC).astimezone(zone)
