"""`book`: a meeting in a calendar, at the time that was asked for or the first that suits both.

The time is chosen and held in the record first (`store.held_slots`), then the meeting is booked by
the step's key: asked again after a crash, the same meeting is found or moved, never doubled. Where
somebody else takes the time in between, the next one is chosen; a time that was asked for and is
taken fails the step, for a person or another branch to see to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from leadwise.asking.instants import DAY_US, written
from leadwise.connect.local_times import instant_said
from leadwise.connect.model import Calendar, Meeting
from leadwise.connect.slots import MINUTE_US, Hours, Span, first_free, is_free, joined, wall_us
from leadwise.connect.slots import zone_of as zone_named
from leadwise.errors import UserError
from leadwise.playbooks.conditions.lead_zone import zone_of, zone_rules
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.playbooks.steps.instants import instant_of
from leadwise.playbooks.steps.reaching import names, opened, own_lead
from leadwise.store.connections import get_connection
from leadwise.store.held_slots import HOLDS_US, Slot, choose_slot, held_slot
from leadwise.store.leads import facts_at
from leadwise.store.members import get_member
from leadwise.store.owners import owner_of

NOTICE_US = 2 * 3_600_000_000
"""A time that nobody asked for is no sooner than this."""
AHEAD_US = 14 * DAY_US
"""And no later."""
MOST_MINUTES = 8 * 60
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@runtime_checkable
class Working(Protocol):
    """A calendar that knows between which hours meetings are booked in it."""

    def hours(self) -> Hours:
        """The hours. UserError (`bad-working-hours`)."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Who meets: addresses to ask, those of them whose calendars may be looked into, and when each
    side works; the lead's side is first."""

    people: tuple[str, ...]
    ours: tuple[str, ...]
    hours: tuple[Hours, ...]

    @property
    def zone(self) -> str:
        """Where the lead is."""
        return self.hours[0].zone


def act(house: House, here: Here) -> Came:
    """Book it; `at`, `until`, `link` and the meeting's `id` in the calendar."""
    calendar = opened(house, here, "in", Calendar, "book meetings")
    minutes = _minutes(here)
    sides = _sides(house, here, calendar)
    now_us = house.clock_us()
    with house.store.read() as database:
        connection_id = get_connection(database, here.words("in")).id
        held = held_slot(database, connection_id, here.key)
    if held is None or not _stands(calendar, held, minutes, now_us):
        held = _chosen(house, here, calendar, sides, minutes, connection_id, held)
    meeting = Meeting(
        here.words("title"), held.from_us, held.until_us, sides.people, here.words("about"),
        here.words("place"), sides.zone,
    )  # fmt: skip
    booked = calendar.book(meeting, here.key)
    result = {
        "id": booked.id, "at": written(held.from_us), "until": written(held.until_us),
        "link": booked.link, "zone": sides.zone,
    }  # fmt: skip
    return Came("done", dict(result))


def _stands(calendar: Calendar, held: Slot, minutes: int, now_us: int) -> bool:
    """Whether a time that was chosen before a crash is to be booked as it is.

    Who was asked to a meeting is not asked to another time without need: only what has begun, has
    another length, or was partly taken long after it was chosen is chosen anew. What is taken
    wholly is taken by the meeting itself, whose answer was lost.
    """
    if held.from_us <= now_us or _length(held) != minutes:
        return False
    if held.at_us > now_us - HOLDS_US:
        return True
    taken = [
        (max(start, held.from_us), min(end, held.until_us))
        for start, end in calendar.busy(held.from_us, held.until_us)
    ]
    taken = joined(one for one in taken if one[0] < one[1])
    return taken in ([], [(held.from_us, held.until_us)])


def _chosen(
    house: House, here: Here, calendar: Calendar, sides: Sides, minutes: int, connection_id: int,
    before: Slot | None,
) -> Slot:  # fmt: skip
    """A time that is free, held for this step. UserError (`time-taken`, `no-free-time`,
    `time-passed`)."""
    now_us = house.clock_us()
    at_us, day = _asked(here, sides.zone, now_us)
    if before is not None and at_us == before.from_us and _length(before) == minutes:
        return before  # booked long ago, and its answer lost: booking it again tells what it is
    if at_us is not None and at_us <= now_us:
        raise UserError(
            "time-passed", f"The meeting was to be at {written(at_us)}, which is over.",
            hint="Ask for another time.",
        )  # fmt: skip
    zone = zone_named(sides.zone)
    from_us, until_us = now_us + NOTICE_US, now_us + AHEAD_US
    if day is not None:
        from_us, until_us = max(wall_us(day, 0, zone), from_us), wall_us(day, 24 * 60, zone)
    if at_us is not None:
        from_us, until_us = at_us, at_us + minutes * MINUTE_US
    found = calendar.busy(from_us, until_us, sides.ours) if from_us < until_us else []
    # What is taken by this very meeting, booked before a crash long ago, is free for it.
    own = (before.from_us, before.until_us) if before is not None else None
    busy: list[Span] = [one for one in found if one != own]

    def choose(others: list[Span]) -> Span | None:
        taken = joined([*busy, *others])
        if at_us is not None:
            chosen = at_us if is_free(taken, at_us, minutes) else None
        else:
            chosen = first_free(taken, sides.hours, minutes, from_us, until_us)
        return None if chosen is None else (chosen, chosen + minutes * MINUTE_US)

    slot = house.store.write(
        lambda database: choose_slot(database, connection_id, here.key, choose, now_us)
    )
    if slot is None:
        raise _none_free(at_us, day)
    return slot


def _length(slot: Slot) -> int:
    return (slot.until_us - slot.from_us) // MINUTE_US


def _asked(here: Here, zone: str, now_us: int) -> tuple[int | None, date | None]:
    """The instant that was asked for, or the day, as somebody where the lead is means it; neither
    where nothing was said that can be read."""
    said = here.words("at").strip()
    if not said:
        return None, None
    if _DAY.fullmatch(said):
        try:
            return None, date.fromisoformat(said)
        except ValueError:
            return None, None
    found = instant_said(said, zone)
    if found is None:
        try:
            found = instant_of(said, zone_named(zone), now_us)
        except UserError:
            return None, None
    return found, None


def _sides(house: House, here: Here, calendar: Calendar) -> Sides:
    rules = zone_rules(house.settings.playbooks)
    with house.store.read() as database:
        lead_id = here.run.lead_id
        addresses: list[str] = []
        owner, facts = None, {}
        if lead_id is not None:
            lead_id = own_lead(database, lead_id)
            facts = facts_at(database, lead_id, here.now_us)
            addresses = [value for kind, value in names(database, lead_id) if kind == "email"][:1]
            owner_id = owner_of(database, lead_id)
            owner = None if owner_id is None else get_member(database, owner_id)
    if owner is not None and owner.disabled_us is not None:
        owner = None
    more = [here.text(str(one)).strip() for one in _listed(here.step.settings.get("people"))]
    ours = ((owner.email,) if owner is not None else ()) + tuple(filter(None, more))
    people = tuple(dict.fromkeys((*addresses, *ours)))
    if not people:
        raise UserError(
            "nobody-to-meet", "There is nobody to ask to the meeting.",
            hint="The lead has no e-mail address; name people in the step.",
        )  # fmt: skip
    own = calendar.hours() if isinstance(calendar, Working) else Hours(rules.team)
    lead_zone = str(zone_of(facts, rules, here.now_us).key)
    hours = [Hours(lead_zone, own.days), own]
    if owner is not None and owner.zone:
        hours.append(Hours(owner.zone, own.days, own.from_minute, own.until_minute))
    return Sides(people, ours, tuple(hours))


def _minutes(here: Here) -> int:
    given = here.step.settings.get("minutes")
    minutes = given if isinstance(given, int) else 30
    if not 5 <= minutes <= MOST_MINUTES:
        raise UserError(
            "bad-minutes", f"A meeting cannot take {minutes} minutes.",
            hint=f"Write 5 to {MOST_MINUTES}.",
        )  # fmt: skip
    return minutes


def _listed(given: object) -> Sequence[object]:
    if isinstance(given, str):
        return (given,)
    return given if isinstance(given, Sequence) else ()


def _none_free(at_us: int | None, day: date | None) -> UserError:
    if at_us is not None:
        return UserError(
            "time-taken", f"The calendar is taken at {written(at_us)}.",
            hint="Ask for another time, or leave `at` out: then it is the first that is free.",
        )  # fmt: skip
    when = f"on {day}" if day is not None else f"within {AHEAD_US // DAY_US} days"
    return UserError(
        "no-free-time", f"There is no time {when} that is free in the working hours of all.",
        hint="Widen the working hours of the calendar's connection, or give a time.",
    )  # fmt: skip
