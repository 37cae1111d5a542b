"""What a request about a lead says: which lead, which instant, which reason, how many points."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from babel.numbers import get_group_symbol

from leadwise.card.values import FIRST_US, SECOND
from leadwise.store.leads import lead_unknown
from leadwise.web.pages.texts import Texts
from leadwise.web.pages.visit import Visit

LARGEST = 2**63 - 1
MOST_POINTS = 1_000_000
LONGEST_NUMBER = 30
Faults: TypeAlias = dict[str, str]
"""What is wrong with a form, by field."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The instant that a page is about. `hindsight`: with all that is known by now.

    `chosen` is False for the present.
    """

    at_us: int
    known_by_us: int
    chosen: bool = False
    hindsight: bool = False


def lead_id_of(visit: Visit) -> int:
    """The number in the path. UserError (`lead-unknown`) for one that no lead can have."""
    return _whole(visit, "lead_id")


def part_id_of(visit: Visit, name: str) -> int:
    """Another number in the path: of an event, an override, a merge."""
    return _whole(visit, name)


def instant_asked(visit: Visit) -> tuple[Asked, Faults]:
    """`at` (local time) and `hindsight` of the address; the present where `at` is none."""
    given = visit.query.get("at", "").strip()
    now = Asked(visit.now_us, visit.now_us)
    if not given:
        return now, {}
    _ = visit.texts.say
    at_us = local_us(given, visit.zone)
    if at_us is None:
        return now, {"at": _("This is no day and time: write it as 2026-06-30T14:00.")}
    if at_us > visit.now_us:
        return now, {"at": _("This lies ahead: choose a time in the past.")}
    hindsight = visit.query.get("hindsight") == "1"
    return Asked(at_us, visit.now_us if hindsight else at_us, chosen=True, hindsight=hindsight), {}


def local_us(text: str, zone: ZoneInfo) -> int | None:
    """The instant of a local day and time (`2026-06-30T14:00`); None for what is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        us = int(aware.astimezone(UTC).timestamp() * SECOND)
    except (OverflowError, ValueError):
        return None
    return us if us >= FIRST_US else None


def local_text(us: int, zone: ZoneInfo) -> str:
    """The same as a field of a form shows it."""
    return datetime.fromtimestamp(us // SECOND, UTC).astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def wall_ms(us: int, zone: ZoneInfo) -> int:
    """What the clock on the wall shows then, as a chart counts: milliseconds as if it were UTC."""
    moment = datetime.fromtimestamp(us / SECOND, UTC).astimezone(zone).replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def hundredths_of(text: str, texts: Texts | None = None) -> int | None:
    """Points as typed (`12.5`, `-3`, `+4`), in hundredths; None for what is none."""
    found = number_of(text, texts)
    if found is None or abs(found) > MOST_POINTS:
        return None
    found *= 100
    return int(found) if found == found.to_integral_value() else None


def number_of(text: str, texts: Texts | None = None) -> Decimal | None:
    """A number as typed, with a point or a comma; None for what is none.

    With `texts` thousands may be apart as the language has them: 1,200 is 1200 in English, and
    1.200 in Spanish.
    """
    plain = re.sub(r"[\s\u2019']", "", text).replace("−", "-")
    if texts is not None:
        apart = get_group_symbol(texts.locale)
        if re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(apart)}\d{{3}})+([.,]\d+)?", plain):
            plain = plain.replace(apart, "")
    plain = plain.replace(",", ".")
    if len(plain) > LONGEST_NUMBER or not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", plain):
        return None
    return Decimal(plain)


def whole_of(text: str) -> int | None:
    """A number of the record as typed or as an address has it; None for what is none."""
    known = text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER
    return int(text) if known and int(text) <= LARGEST else None


def typed(visit: Visit, name: str) -> str:
    """A field of the form as text, without white space at its ends."""
    found = visit.form.get(name)
    return found.strip() if isinstance(found, str) else ""


def _whole(visit: Visit, name: str) -> int:
    found = visit.number(name)
    if not 0 < found <= LARGEST:
        raise lead_unknown(found)
    return found
