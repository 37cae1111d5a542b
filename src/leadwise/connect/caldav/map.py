"""iCalendar (RFC 5545) to our words and back: no network, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from leadwise.asking.instants import moment_of
from leadwise.card.values import FIRST_US, LAST_US
from leadwise.connect.meeting_times import Guest, Held, guests_of, is_link
from leadwise.connect.model import Meeting
from leadwise.connect.slots import Span, joined

PRODUCT = "-//Leadwise//Leadwise//EN"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined"}


def event_text(
    meeting: Meeting, uid: str, organizer: str, remind: Sequence[int] | None, now_us: int
) -> str:
    """A new event. UserError (`bad-address`)."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    event = Event()
    event.add("uid", uid)
    event.add("created", moment_of(now_us))
    event.add("sequence", 0)
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    if organizer:
        event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    for address in guests_of(meeting.people):
        event.add("attendee", _asked(address), encode=False)
    _fill(event, meeting, now_us)
    for minutes in remind or ():
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", meeting.title)
        alarm.add("trigger", timedelta(minutes=-minutes))
        event.add_component(alarm)
    calendar.add_component(event)
    return _written(calendar)


def changed_text(text: str, meeting: Meeting, now_us: int) -> str | None:
    """The event as it is there, with the meeting's time and words; None where it has them. What
    people answered, and whoever was asked by hand, stays."""
    calendar: Any = Calendar.from_ical(text)
    events: list[Any] = calendar.walk("VEVENT")
    event = next((one for one in events if one.get("recurrence-id") is None), None)
    if event is None:
        return None
    known = {one.address.lower() for one in _guests(event)}
    missing = [one for one in guests_of(meeting.people) if one not in known]
    same = (
        _us(event.get("dtstart"), UTC) == meeting.from_us
        and _end_us(event, UTC) == meeting.until_us
        and str(event.get("summary") or "") == meeting.title
        and str(event.get("description") or "") == meeting.about
        and str(event.get("location") or "") == meeting.place
        and str(event.get("status") or "").upper() != "CANCELLED"
    )
    if same and not missing:
        return None
    sequence = int(event.get("sequence") or 0) + 1
    for name in ("dtend", "duration", "sequence", "status", "rrule"):
        event.pop(name, None)
    event.add("sequence", sequence)
    event.add("status", "CONFIRMED")
    for address in missing:
        event.add("attendee", _asked(address), encode=False)
    _fill(event, meeting, now_us)
    return _written(calendar)


def busy_in(text: str) -> list[Span]:
    """When a VFREEBUSY says that a calendar is taken; where it is perhaps, it is."""
    periods: list[Any] = []
    for one in _components(text, "VFREEBUSY"):
        periods += _every(one.get("freebusy"))
    return joined(
        (_instant(one.start, UTC), _instant(one.end, UTC))
        for one in periods
        if str(one.params.get("FBTYPE", "BUSY")).upper() != "FREE"
    )


def busy_events(
    texts: Iterable[str], zone: ZoneInfo, *, without: AbstractSet[str] = frozenset(),
    only: AbstractSet[str] | None = None,
) -> list[Span]:  # fmt: skip
    """When events take a calendar up; `without` and `only` are their UIDs. Days and times without
    a zone are meant in `zone`."""
    found: list[Span] = []
    for text in texts:
        for event in _components(text, "VEVENT"):
            uid = str(event.get("uid") or "")
            if uid in without or (only is not None and uid not in only):
                continue
            if str(event.get("transp") or "").upper() == "TRANSPARENT":
                continue
            if str(event.get("status") or "").upper() == "CANCELLED":
                continue
            start, end = _us(event.get("dtstart"), zone), _end_us(event, zone)
            if start is not None and end is not None:
                found.append((start, end))
    return joined(found)


def recurring(texts: Iterable[str]) -> frozenset[str]:
    """The UIDs of events that recur by a rule or by dates."""
    return frozenset(
        str(event.get("uid") or "")
        for text in texts for event in _components(text, "VEVENT")
        if event.get("rrule") or event.get("rdate")
    )  # fmt: skip


def held_in(text: str, zone: ZoneInfo) -> tuple[Held, str] | None:
    """A meeting as it is pulled, and the address of who called it; of one that recurs the first.
    None for what is no event, or one of whole days."""
    events = list(_components(text, "VEVENT"))
    # Where single times of a recurring event were changed, it may stand after these.
    event = next((one for one in events if one.get("recurrence-id") is None), None)
    event = event if event is not None else next(iter(events), None)
    if event is None or not isinstance(_plain(event.get("dtstart")), datetime):
        return None
    link = str(event.get("url") or event.get("location") or "")
    organizer = str(event.get("organizer") or "")
    held = Held(
        str(event.get("uid") or ""), str(event.get("summary") or ""),
        _us(event.get("dtstart"), zone), _end_us(event, zone), tuple(_guests(event)),
        _us(event.get("created") or event.get("dtstamp"), UTC),
        _us(event.get("last-modified") or event.get("dtstamp"), UTC),
        str(event.get("status") or "").upper() == "CANCELLED", link if is_link(link) else "",
    )  # fmt: skip
    return held, _address(organizer)


def _fill(event: Any, meeting: Meeting, now_us: int) -> None:
    for name in ("dtstamp", "last-modified", "dtstart", "dtend", "summary", "description",
                 "location", "url"):  # fmt: skip
        event.pop(name, None)
    event.add("dtstamp", moment_of(now_us))
    event.add("last-modified", moment_of(now_us))
    # In UTC: one instant whatever zones a reader knows.
    event.add("dtstart", moment_of(meeting.from_us))
    event.add("dtend", moment_of(meeting.until_us))
    event.add("summary", meeting.title)
    if meeting.about:
        event.add("description", meeting.about)
    if meeting.place:
        event.add("location", meeting.place)
        if is_link(meeting.place):
            event.add("url", meeting.place)


def _asked(address: str) -> vCalAddress:
    one = vCalAddress(f"mailto:{address}")
    one.params["PARTSTAT"] = vText("NEEDS-ACTION")
    one.params["ROLE"] = vText("REQ-PARTICIPANT")
    one.params["RSVP"] = vText("TRUE")
    return one


def _guests(event: Any) -> Iterator[Guest]:
    for one in _every(event.get("attendee")):
        if str(one.params.get("CUTYPE", "")).upper() in ("ROOM", "RESOURCE"):
            continue
        answer = _ANSWERS.get(str(one.params.get("PARTSTAT", "")).upper(), "")
        yield Guest(_address(str(one)), str(one.params.get("CN", "")), answer)


def _every(given: Any) -> list[Any]:
    """A property that may be there once, several times or not at all."""
    if given is None:
        return []
    return given if isinstance(given, list) else [given]


def _address(said: str) -> str:
    return said[7:] if said.lower().startswith("mailto:") else said


def _components(text: str, name: str) -> Iterator[Any]:
    try:
        calendar = Calendar.from_ical(text) if text.strip() else None
    except (ValueError, IndexError, KeyError):
        return  # what a server keeps that is no calendar takes up no time
    if calendar is not None:
        yield from calendar.walk(name)


def _plain(given: Any) -> Any:
    """The date, datetime or timedelta of a property, None where there is none."""
    return getattr(given, "dt", None)


def _us(given: Any, zone: Any) -> int | None:
    moment = _plain(given)
    return None if moment is None else _instant(moment, zone)


def _end_us(event: Any, zone: Any) -> int | None:
    start = _plain(event.get("dtstart"))
    end = _plain(event.get("dtend"))
    if start is None:
        return None
    if end is not None:
        return _instant(end, zone)
    length = _plain(event.get("duration"))
    if isinstance(length, timedelta):
        return _instant(start, zone) + length // timedelta(microseconds=1)
    # RFC 5545, 3.6.1: a day without an end is that day, an instant takes no time.
    whole = not isinstance(start, datetime)
    return _instant(start + timedelta(days=1) if whole else start, zone)


def _instant(moment: date | datetime, zone: Any) -> int:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=zone)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
    except OverflowError:  # the first or last day that can be written, elsewhere
        return FIRST_US if moment < _EPOCH else LAST_US


def _written(calendar: Any) -> str:
    text: str = calendar.to_ical().decode()
    return text
