"""Out of the queue for a while, and from one member to another."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.card.values import SECOND
from leadwise.errors import UserError
from leadwise.store.audit import audit
from leadwise.store.leads import get_head
from leadwise.store.members import Member, get_member, list_members
from leadwise.store.owners import give_lead
from leadwise.store.snoozes import list_snoozed, snooze_lead, wake_lead
from leadwise.store.timeline import NOBODY
from leadwise.web.pages.lead.asked import local_us, typed, whole_of
from leadwise.web.pages.queue.answers import DONE, name_of, panel, row_answer
from leadwise.web.pages.queue.asked import back_of
from leadwise.web.pages.visit import Visit

MORNING = 8
"""The hour at which leads come back on a later day."""
FARTHEST_US = 366 * 86_400 * SECOND
WORKERS = ("administrator", "marketing", "representative")


def snooze(visit: Visit) -> Response:
    """`until`: hour, tomorrow, week or date (then `date` is the day)."""
    lead_id, _ = visit.number("lead_id"), visit.texts.say
    until_us = _until_us(visit)
    if until_us is None or not visit.now_us < until_us <= visit.now_us + FARTHEST_US:
        faults = {"date": _("Choose a day from tomorrow on, within a year.")}
        return panel(visit, lead_id, "snooze", faults=faults, members=[])

    def work(connection: Connection) -> str:
        get_head(connection, lead_id)
        snooze_lead(connection, lead_id, visit.who.id, until_us, visit.now_us)
        audit(connection, visit.who.actor, "snooze", "lead", lead_id, None, visit.now_us)
        return name_of(connection, visit, lead_id)

    name = visit.write(work)
    said = _("%(name)s comes back: %(moment)s.", name=name,
             moment=visit.texts.moment(until_us, visit.zone))  # fmt: skip
    if not visit.partial:
        return visit.go(back_of(visit), said)
    found = visit.page("queue/snoozed_part.html", lead_id=lead_id, name=name, until_us=until_us,
                       said=said, back=back_of(visit))  # fmt: skip
    found.headers.update(DONE)
    return found


def wake(visit: Visit) -> Response:
    """Have a lead back at once."""
    lead_id, _ = visit.number("lead_id"), visit.texts.say

    def work(connection: Connection) -> None:
        if wake_lead(connection, lead_id, visit.who.id):
            audit(connection, visit.who.actor, "wake", "lead", lead_id, None, visit.now_us)

    visit.write(work)
    return row_answer(visit, lead_id, _("It is in your queue again."))


def show_snoozed(visit: Visit) -> Response:
    """What the member does not want to see now, the next to come back first."""

    def reading(connection: Connection) -> list[tuple[int, str, int]]:
        return [
            (one.lead_id, name_of(connection, visit, one.lead_id), one.until_us)
            for one in list_snoozed(connection, visit.who.id, visit.now_us)
        ]

    return visit.page("queue/snoozed.html", snoozed=visit.read(reading))


def give(visit: Visit) -> Response:
    """`member`: whose lead it is from now on, empty for nobody's; `was`: whose it was shown as."""
    lead_id, _ = visit.number("lead_id"), visit.texts.say
    chosen, was = _member_id(visit, "member"), _member_id(visit, "was")

    def work(connection: Connection) -> str:
        get_head(connection, lead_id)
        member = get_member(connection, chosen) if chosen is not None else None
        if member is not None and member.role not in WORKERS:
            raise UserError("not-allowed", _("%(name)s may only read.", name=member.name))
        now_us, actor = visit.now_us, visit.who.actor
        if give_lead(connection, lead_id, chosen, was=was, actor=actor, now_us=now_us):
            said = NOBODY if chosen is None else f"member:{chosen}"
            audit(connection, actor, "owner", "lead", lead_id, said, now_us)
        return member.name if member else ""

    name = visit.write(work)
    if not name:
        return row_answer(visit, lead_id, _("It is nobody's lead now."))
    return row_answer(visit, lead_id, _("It is %(name)s's lead now.", name=name))


def members_to_give(connection: Connection) -> list[Member]:
    """Who can have a lead."""
    members = list_members(connection)
    return [one for one in members if one.disabled_us is None and one.role in WORKERS]


def _until_us(visit: Visit) -> int | None:
    until = typed(visit, "until")
    if until == "hour":
        return visit.now_us + 3600 * SECOND
    today = datetime.fromtimestamp(visit.now_us / SECOND, UTC).astimezone(visit.zone).date()
    days = {"tomorrow": 1, "week": 7 - today.weekday()}.get(until)
    if days is not None:
        morning = datetime.combine(today + timedelta(days=days), time(MORNING), visit.zone)
        return int(morning.timestamp()) * SECOND
    day = typed(visit, "date")
    return local_us(f"{day}T{MORNING:02}:00", visit.zone) if len(day) == 10 else None


def _member_id(visit: Visit, name: str) -> int | None:
    """None for nobody. UserError (`bad-request`) for what names no member."""
    given = typed(visit, name)
    found = whole_of(given)
    if given and found is None:
        raise UserError("bad-request", visit.texts.say("This is no member of the team."))
    return found
