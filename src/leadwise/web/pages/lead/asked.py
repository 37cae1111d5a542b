"""What a request about a lead says: which lead, which instant, which reason, how many points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias
from zoneinfo import ZoneInfo

from leadwise.card.values import FIRST_US, SECOND
from leadwise.store.leads import lead_unknown
from leadwise.web.pages.visit import Visit

LARGEST = 2**63 - 1
MOST_POINTS = 1_000_000
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


def hundredths_of(text: str) -> int | None:
    """Points as typed (`12.5`, `-3`, `+4`), in hundredths; None for what is none."""
    try:
        found = Decimal(text.strip().replace(",", ".").replace("−", "-")) * 100
    except InvalidOperation:
        return None
    if not found.is_finite() or abs(found) > MOST_POINTS * 100:
        return None
    return int(found) if found == found.to_integral_value() else None


def typed(visit: Visit, name: str) -> str:
    """A field of the form as text, without white space at its ends."""
    found = visit.form.get(name)
    return found.strip() if isinstance(found, str) else ""


def _whole(visit: Visit, name: str) -> int:
    found = visit.number(name)
    if not 0 < found <= LARGEST:
        raise lead_unknown(found)
    return found
