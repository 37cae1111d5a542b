"""Where a lead's clock is: from what is known of it, else the team's own.

A trait that names a zone says it; else the telephone number or the country does, where all zones
that it may be in show the same time at that instant. Of countries with islands far off or a strip
of another clock, the zone is the one that CLDR calls the country's primary zone (supplemental data
`primaryZones`): it is where nearly everybody is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from phonenumbers import NumberParseException
from phonenumbers import parse as parse_number
from phonenumbers.timezone import time_zones_for_number

from leadwise.settings.playbooks import PlaybookSettings

MOST_SIGNS = 80
PRIMARY = {
    "CL": "America/Santiago", "CN": "Asia/Shanghai", "DE": "Europe/Berlin",
    "EC": "America/Guayaquil", "ES": "Europe/Madrid", "MH": "Pacific/Majuro",
    "MY": "Asia/Kuala_Lumpur", "NZ": "Pacific/Auckland", "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv", "UZ": "Asia/Tashkent",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ZoneRules:
    """Which traits tell the zone, and the zone where none does."""

    team: str = "UTC"
    zone_field: str = "timezone"
    country_field: str = "country"
    phone_field: str = "phone"

    @property
    def zone(self) -> ZoneInfo:
        """The team's own clock."""
        return _zone(self.team) or ZoneInfo("UTC")


def zone_rules(settings: PlaybookSettings) -> ZoneRules:
    """The rules that the settings state."""
    return ZoneRules(
        settings.zone, settings.zone_field, settings.country_field, settings.phone_field
    )


def zone_of(facts: Mapping[str, object], rules: ZoneRules, at_us: int) -> ZoneInfo:
    """The zone of a lead with these facts (its document), as of an instant."""
    said = _named(_text(facts.get(rules.zone_field)))
    if said is not None:
        return said
    phone = _text(facts.get(rules.phone_field))
    country = _country(_text(facts.get(rules.country_field)))
    for zones in (_of_number(phone, country), _of_country(country)):
        found = _same(zones, at_us)
        if found is not None:
            return found
    return rules.zone


def zones_of(facts: Mapping[str, object], rules: ZoneRules, at_us: int) -> tuple[ZoneInfo, ...]:
    """All zones that a lead may be in, one of those that show the same time: the zone of
    `zone_of`, but where only a country or a number of several zones is known all of them."""
    if _named(_text(facts.get(rules.zone_field))) is None:
        phone = _text(facts.get(rules.phone_field))
        country = _country(_text(facts.get(rules.country_field)))
        sets = [
            found for zones in (_of_number(phone, country), _of_country(country))
            if (found := _unlike(zones, at_us))
        ]  # fmt: skip
        if sets:
            return min(sets, key=len)
    return (zone_of(facts, rules, at_us),)


def _text(value: object) -> str:
    return value.strip()[:MOST_SIGNS] if isinstance(value, str) else ""


def _named(name: str) -> ZoneInfo | None:
    # A bare abbreviation (EST, CET) is a zone of the database too, but says no place.
    return _zone(name) if "/" in name or name.upper() == "UTC" else None


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


@lru_cache(maxsize=4096)
def _of_number(phone: str, country: str) -> tuple[str, ...]:
    if not any(sign.isdigit() for sign in phone):
        return ()
    try:
        number = parse_number(phone, country or None)
    except NumberParseException:
        return ()
    found = tuple(zone for zone in time_zones_for_number(number) if "/" in zone)
    primary = {zone for zone in PRIMARY.values() if zone in found}
    return tuple(primary) if len(primary) == 1 else found


def _of_country(country: str) -> tuple[str, ...]:
    if country in PRIMARY:
        return (PRIMARY[country],)
    return tuple(get_global("territory_zones").get(country, ()))


def _country(said: str) -> str:
    """A country's code of two letters, from that, its code of three letters or its name."""
    if len(said) == 2:
        return said.upper()
    if len(said) == 3 and said.isascii():
        aliases = get_global("territory_aliases").get(said.upper(), ())
        if len(aliases) == 1:
            return str(aliases[0])
    return _countries().get(said.casefold(), "")


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Codes by the country's name in English and in its own main languages."""
    found: dict[str, str] = {}
    zones = get_global("territory_zones")
    languages = ("es", "pt", "fr", "de", "it", "nl", "pl", "fi", "sv", "da", "en")
    for language in languages:
        for code, name in Locale.parse(language).territories.items():
            if code in zones:
                found[str(name).casefold()] = str(code)
    return found


def _same(zones: Iterable[str], at_us: int) -> ZoneInfo | None:
    """One of the zones, where all of them show the same time now."""
    found = [zone for zone in map(_zone, zones) if zone is not None]
    at = datetime.fromtimestamp(at_us / 1_000_000, UTC)
    return found[0] if len({at.astimezone(zone).utcoffset() for zone in found}) == 1 else None


def _unlike(zones: Iterable[str], at_us: int) -> tuple[ZoneInfo, ...]:
    """One zone for each time that they show now, from west to east."""
    at = datetime.fromtimestamp(at_us / 1_000_000, UTC)
    by_offset = {
        at.astimezone(zone).utcoffset() or timedelta(): zone
        for zone in map(_zone, zones)
        if zone is not None
    }
    return tuple(by_offset[offset] for offset in sorted(by_offset))
