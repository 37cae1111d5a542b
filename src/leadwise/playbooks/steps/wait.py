"""`wait`: for a time, until an instant where the lead is, or until an event with a deadline.

The deadline is fixed when the wait begins and kept in the run: a process that was down for a week
finds it where it was. An event counts from the beginning of the step before on, so what a lead does
while a mail is still on its way is not missed; and it is looked for in the record when the deadline
comes, so it counts however late this hears of it.
"""

from __future__ import annotations

from sqlalchemy import Connection

from leadwise.asking.instants import written
from leadwise.connect.model import JSON
from leadwise.playbooks.model import EventTrigger
from leadwise.playbooks.runs.acting import Came, Document, Here
from leadwise.playbooks.steps.asking import first_event, own_result, since_of, zone_of_lead
from leadwise.playbooks.steps.instants import instant_of


def act(connection: Connection, here: Here) -> Came:
    """Go on, or say until when it waits and for what."""
    settings, now_us = here.step.settings, here.now_us
    event = settings.get("event")
    had = own_result(here)
    if had is None:
        until_us = _until(connection, here)
        since_us = since_of(connection, here.run) if event else now_us
    else:
        until_us, since_us = _whole(had.get("until_us")), _whole(had.get("since_us")) or now_us
    if isinstance(event, EventTrigger):
        last_us = now_us if until_us is None else min(now_us, until_us)
        found = first_event(connection, here.run.lead_id, event, since_us, last_us)
        if found is not None:
            said: JSON = {"id": found.event_id, "name": event.event, "at": written(found.at_us)}
            return Came("done", {"event": said, "late": False})
    if until_us is not None and now_us >= until_us:
        late = event is not None
        return Came("done", {"event": None, "late": late}, branch="late" if late else None)
    kept: Document = {"until_us": until_us, "since_us": since_us}
    awaits = event.event if isinstance(event, EventTrigger) else None
    return Came("waits", kept, until_us=until_us, awaits=awaits, why=_why(until_us, awaits))


def _until(connection: Connection, here: Here) -> int | None:
    settings = here.step.settings
    length = settings.get("for") or settings.get("at_most")
    if settings.get("until"):
        return instant_of(here.words("until"), zone_of_lead(connection, here), here.now_us)
    return here.now_us + length if isinstance(length, int) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _why(until_us: int | None, awaits: str | None) -> str:
    until = "" if until_us is None else f" until {written(until_us)}"
    return f"Waits for {awaits}{until}." if awaits else f"Waits{until}."
