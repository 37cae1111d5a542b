"""Languages: a catalogue is a file, `locale/<language>.po`; English is in the code itself.

Texts are marked as gettext has them: `_("Sign in")`, `ngettext("%(num)s lead", "%(num)s leads",
n)`.
Numbers, dates and durations are written by Babel as the language has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from gettext import NullTranslations, c2py
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from leadwise.card.values import SECOND

LANGUAGES = {"en": "English", "es": "Español", "fi": "Suomi"}
"""Each language under its own name."""
DEFAULT = "en"


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

    def number(self, value: float, digits: int | None = None) -> str:
        """A number, with at most two digits after the point or just so many."""
        pattern = "#,##0.##" if digits is None else "#,##0." + "0" * digits if digits else "#,##0"
        return format_decimal(value, format=pattern, locale=self.language)

    def points(self, hundredths: int, *, signed: bool = False) -> str:
        """Points from hundredths; `signed` writes the plus."""
        said = self.number(abs(hundredths) / 100)
        sign = "−" if hundredths < 0 else "+" if signed and hundredths > 0 else ""
        return f"{sign}{said}"

    def percent(self, share: float, digits: int = 0) -> str:
        """A share of 1 as percent."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
        return format_percent(share, format=pattern, locale=self.language)

    def date(self, at_us: int, zone: ZoneInfo) -> str:
        """The day of an instant."""
        return format_date(_at(at_us, zone), format="medium", locale=self.language)

    def time(self, at_us: int, zone: ZoneInfo) -> str:
        """The time of day of an instant, to the minute."""
        return format_time(_at(at_us, zone), format="short", tzinfo=zone, locale=self.language)

    def moment(self, at_us: int, zone: ZoneInfo) -> str:
        """Day and time of an instant."""
        return format_datetime(_at(at_us, zone), "d MMM y, HH:mm", tzinfo=zone,
                               locale=self.language)  # fmt: skip

    def weekday(self, at_us: int, zone: ZoneInfo) -> str:
        """The day of the week of an instant."""
        return format_date(_at(at_us, zone), format="EEEE", locale=self.language)

    def duration(self, us: int) -> str:
        """A length of time in its largest unit."""
        return format_timedelta(timedelta(microseconds=us), threshold=1.2, locale=self.language)

    def ago(self, at_us: int, now_us: int) -> str:
        """How long ago, or in how long."""
        return format_timedelta(
            timedelta(microseconds=at_us - now_us), add_direction=True, threshold=1.2,
            granularity="second" if abs(at_us - now_us) < 60 * SECOND else "minute",
            locale=self.language,
        )  # fmt: skip


@cache
def texts(language: str) -> Texts:
    """A language's texts, read once."""
    return Texts(language, _Catalogue(language))


def negotiated(accepted: str) -> str:
    """The language of ours that an `Accept-Language` header likes best."""
    ranked: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((-float(quality or 1), tag.split("-")[0].strip().lower()))
        except ValueError:
            continue
    wanted: Iterable[str] = (tag for quality, tag in sorted(ranked, key=lambda r: r[0]) if quality)
    return next((tag for tag in wanted if tag in LANGUAGES), DEFAULT)


@cache
def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; UTC where there is none."""
    return ZoneInfo(name if name in _zones() else "UTC")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _at(at_us: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at_us / SECOND, UTC).astimezone(zone)
