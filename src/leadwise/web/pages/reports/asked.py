"""What a report is asked for by its address: period, goal, card, which leads; and what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from leadwise.card.values import SECOND
from leadwise.store.cards import CardVersion, list_versions
from leadwise.store.members import Member, list_members
from leadwise.store.report_scope import GOALS, Goal, Scope, sources
from leadwise.web.pages.visit import Visit

DAY_US = 86_400 * SECOND
PERIODS = (30, 90, 365)
HORIZONS = (7, 14, 30, 60, 90, 180)
USUAL_PERIOD, USUAL_HORIZON = 90, 30
LONGEST_DAYS = 3_660


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from. `versions` are cards of leads that were live once."""

    versions: tuple[CardVersion, ...]
    members: tuple[Member, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """`given` is what the address says, as it was typed; `faults` are by field."""

    given: Mapping[str, str]
    scope: Scope
    choices: Choices
    card: CardVersion | None
    first_day: date
    last_day: date
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def own_days(self) -> bool:
        """Whether the period's days are said one by one. Who has typed a day means it."""
        return self.given["period"] == "custom" or bool(self.given["from"] or self.given["to"])

    @cached_property
    def bands(self) -> tuple[str, ...]:
        """The card's bands, highest first."""
        return tuple(band.id for band in reversed(self.card.card.bands)) if self.card else ()

    def label(self, band: str) -> str:
        """A band as its card has it; one of another card by its id."""
        known = self.card.card.bands if self.card else ()
        return next((each.label or each.id for each in known if each.id == band), band)

    def owner(self, member_id: int) -> str | None:
        """The name of a member."""
        return next((who.name for who in self.choices.members if who.id == member_id), None)

    def address(self, path: str, **more: str) -> str:
        """`path` with what this was asked with."""
        kept = {name: value for name, value in {**self.given, **more}.items() if value}
        return f"{path}?{urlencode(kept)}" if kept else path


FIELDS = ("period", "from", "to", "goal", "horizon", "card", "band", "owner", "source", "start")


OF_SOME = frozenset({"goal", "horizon", "card", "start"})
"""What not every report can be asked for."""


def asked_of(visit: Visit, choices: Collection[str]) -> Asked:
    """What the address of a visit asks of a report with these choices. Faults are said, the usual
    is taken in their place. What other reports were asked is kept in `given`, and is for them only.
    """
    typed = {name: visit.query.get(name, "").replace("\0", "").strip() for name in FIELDS}
    given = {name: "" if name in OF_SOME - set(choices) else text for name, text in typed.items()}
    there = visit.read(_choices)
    _ = visit.texts.say
    faults: dict[str, str] = {}
    live = next((one for one in there.versions if one.status == "live"), None)
    wanted = {str(version.id): version for version in there.versions}.get(given["card"])
    card = wanted or live or (there.versions[0] if there.versions else None)
    first, last = _days(visit, given, faults)
    bands = [band.id for band in card.card.bands] if card else []
    owners = {str(who.id): who.id for who in there.members} | {"0": 0}
    goal: Goal = next((one for one in GOALS if one == given["goal"]), "won")
    horizon = int(given["horizon"]) if given["horizon"] in map(str, HORIZONS) else USUAL_HORIZON
    if given["card"] and wanted is None:
        faults["card"] = _("There is no such version of a card.")
    if given["band"] and given["band"] not in bands:
        faults["band"] = _("The card has no such band.")
    if given["owner"] and given["owner"] not in owners:
        faults["owner"] = _("There is no such member.")
    scope = Scope(
        start_us=_midnight_us(first, visit.zone),
        end_us=min(_midnight_us(last + timedelta(days=1), visit.zone), visit.now_us + 1),
        now_us=visit.now_us, horizon_us=horizon * DAY_US, goal=goal,
        live_id=live.id if live else 0, version_id=wanted.id if wanted else None,
        band=given["band"] if given["band"] in bands else None,
        owner_id=owners.get(given["owner"]), source=given["source"] or None,
    )  # fmt: skip
    return Asked(typed, scope, there, card, first, last, faults)


def _choices(connection: Connection) -> Choices:
    versions = list_versions(connection, "lead")
    return Choices(
        tuple(one for one in versions if one.published_us is not None),
        tuple(list_members(connection)),
        tuple(sources(connection)),
    )


def _days(visit: Visit, given: Mapping[str, str], faults: dict[str, str]) -> tuple[date, date]:
    """The first and the last day of the period, as the visit's zone has them."""
    _ = visit.texts.say
    today = datetime.fromtimestamp(visit.now_us / SECOND, visit.zone).date()
    days = int(given["period"]) if given["period"] in map(str, PERIODS) else USUAL_PERIOD
    usual = today - timedelta(days=days), today
    if given["period"] != "custom" and not (given["from"] or given["to"]):
        return usual
    found: dict[str, date] = {}
    for name in ("from", "to"):
        try:
            found[name] = date.fromisoformat(given[name]) if given[name] else usual[name == "to"]
        except ValueError:
            faults[name] = _("Give a day as year-month-day, such as 2026-03-31.")
    if faults:
        return usual
    first, last = found["from"], found["to"]
    if first > last:
        faults["from"] = _("The first day is after the last one.")
    elif first > today:
        faults["from"] = _("This day is not there yet.")
    elif (last - first).days > LONGEST_DAYS or first.year < 1980 or last.year > 2200:
        faults["from"] = _("A report covers ten years at most.")
    return usual if faults else (first, last)


def _midnight_us(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * SECOND


def month_edges(first: date, last: date, zone: ZoneInfo) -> list[int]:
    """The first instants of the months from that of `first` to that after `last`."""
    edges, year, month = [], first.year, first.month
    while (year, month) <= (last.year, last.month):
        edges.append(_midnight_us(date(year, month, 1), zone))
        year, month = year + month // 12, month % 12 + 1
    return [*edges, _midnight_us(date(year, month, 1), zone)]
