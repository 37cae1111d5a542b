"""Events of Google Calendar to our words and back: no network, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadwise.asking.instants import written
from leadwise.card.values import parse_time
from leadwise.connect.meeting_times import Guest, Held, guests_of, is_link, plain
from leadwise.connect.model import Meeting

KEY = "leadwise_key"
"""The private property that says for which step an event was made."""
ANSWERS = ("accepted", "declined")


def event_of(
    meeting: Meeting, event_id: str, key: str, *, meet: bool, remind: Sequence[int] | None
) -> dict[str, Any]:
    """An event as Google takes it. UserError (`bad-address`)."""
    event = plain(
        {
            "summary": meeting.title, "description": meeting.about, "location": meeting.place,
            "attendees": [{"email": one} for one in guests_of(meeting.people)],
        }
    )  # fmt: skip
    event |= {
        "id": event_id, "status": "confirmed",
        "start": {"dateTime": written(meeting.from_us), "timeZone": meeting.zone},
        "end": {"dateTime": written(meeting.until_us), "timeZone": meeting.zone},
        "extendedProperties": {"private": {KEY: key}},
        "reminders": {"useDefault": True} if remind is None else {
            "useDefault": False,
            "overrides": [{"method": "email", "minutes": one} for one in remind[:5]],
        },
    }  # fmt: skip
    if meet and not is_link(meeting.place):
        event["conferenceData"] = {
            "createRequest": {
                "requestId": event_id, "conferenceSolutionKey": {"type": "hangoutsMeet"},
            }
        }  # fmt: skip
    return event


def changes_of(event: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """What of `event` is not so in the event that is there; nobody is told twice of the same."""
    changed: dict[str, Any] = {}
    for name in ("summary", "description", "location"):
        if event.get(name, "") != there.get(name, ""):
            changed[name] = event.get(name, "")
    for name in ("start", "end"):
        if _instant(event[name]) != _instant(there.get(name)):
            changed[name] = event[name]
    asked = {one["email"] for one in event.get("attendees") or ()}
    known = {str(one.get("email")).lower(): one for one in there.get("attendees") or ()}
    if asked - known.keys():
        # Whoever was added by hand, and what people answered, stays.
        more = [one for one in event.get("attendees") or () if one["email"] not in known]
        changed["attendees"] = [*known.values(), *more]
    if there.get("status") == "cancelled":
        changed["status"] = "confirmed"
    if "conferenceData" in event and not link_of(there) and not is_pending(there):
        changed["conferenceData"] = event["conferenceData"]
    return changed


def link_of(event: Mapping[str, Any]) -> str:
    """Where it is held: its video call, else a place that is an address."""
    points = (event.get("conferenceData") or {}).get("entryPoints") or ()
    found = [str(one.get("uri") or "") for one in points if one.get("entryPointType") == "video"]
    found.append(str(event.get("hangoutLink") or ""))
    place = str(event.get("location") or "")
    return next(filter(None, found), place if is_link(place) else "")


def is_pending(event: Mapping[str, Any]) -> bool:
    """Whether Google is still making the address of the video call."""
    asked = (event.get("conferenceData") or {}).get("createRequest") or {}
    return (asked.get("status") or {}).get("statusCode") == "pending"


def held_of(event: Mapping[str, Any]) -> Held:
    """A meeting as it is pulled. An event of whole days has no instants."""
    asked = list(event.get("attendees") or ())
    caller = event.get("organizer") or {}
    if caller.get("email") not in [one.get("email") for one in asked]:
        asked.append(caller)
    guests = [
        Guest(
            str(one.get("email") or ""), str(one.get("displayName") or ""),
            str(one.get("responseStatus")) if one.get("responseStatus") in ANSWERS else "",
        )
        for one in asked
        if not (one.get("resource") or one.get("self"))
    ]  # fmt: skip
    return Held(
        str(event["id"]), str(event.get("summary") or ""), _instant(event.get("start")),
        _instant(event.get("end")), tuple(guests), _time(event.get("created")),
        _time(event.get("updated")), event.get("status") == "cancelled", link_of(event),
    )  # fmt: skip


def mine_of(event: Mapping[str, Any]) -> str:
    """The address of the calendar in which it stands, where the event tells it."""
    people = [event.get("organizer") or {}, event.get("creator") or {},
              *(event.get("attendees") or ())]  # fmt: skip
    return next((str(one.get("email")) for one in people if one.get("self")), "")


def _instant(place: Any) -> int | None:
    return _time(place.get("dateTime")) if isinstance(place, Mapping) else None


def _time(text: Any) -> int | None:
    try:
        return parse_time(text) if isinstance(text, str) else None
    except ValueError:
        return None
