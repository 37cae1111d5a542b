"""What is to be done: one's own tasks first, each with what ends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.store.audit import audit
from leadwise.store.members import get_member, list_members
from leadwise.store.owners import owner_of
from leadwise.store.tasks import (
    HELD,
    Ending,
    Task,
    count_own,
    end_task,
    get_task,
    give_task,
    list_tasks,
)
from leadwise.web.pages.visit import MOST, Visit

AT_ONCE = 50
LONGEST = 1_000
How = Literal["go on", "again", "stop"]


@dataclass(frozen=True, slots=True)
class Row:
    """A task with whose it is, and whether it is late; of a run that is held, `held`."""

    task: Task
    who: str
    late: bool
    held: bool


def tasks_page(visit: Visit) -> Response:
    """Open tasks, those due first: one's own (the default), everybody's (`of=all`), a lead's."""
    lead = _lead(visit.query.get("lead"))
    of = "lead" if lead else "all" if visit.query.get("of") == "all" else "own"
    after = _after(visit)
    member = visit.who.id if of == "own" else None
    found = visit.read(
        lambda c: list_tasks(
            c, member_id=member, lead_id=lead, state="open", after=after, limit=AT_ONCE + 1
        )
    )
    members = {one.id: one for one in visit.read(list_members)}
    names = {id_: one.name for id_, one in members.items()}
    rows = [
        Row(one, names.get(one.member_id or 0, ""), bool(one.due_us and one.due_us < visit.now_us),
            bool(one.doc.get(HELD)))
        for one in found[:AT_ONCE]
    ]  # fmt: skip
    return visit.page(
        "tasks/tasks.html", rows=rows, more=len(found) > AT_ONCE, of=of, kinds=_kinds(visit),
        members=[one for one in members.values() if one.disabled_us is None],
        own=visit.read(lambda c: count_own(c, visit.who.id, visit.now_us))[0], lead=lead,
        query={"own": "", "all": "of=all", "lead": f"lead={lead}"}[of],
    )  # fmt: skip


def _lead(said: object) -> int | None:
    """The number of a lead, where it is one."""
    good = isinstance(said, str) and said.isdecimal() and len(said) < 20
    return min(int(str(said)), MOST) or None if good else None


def _after(visit: Visit) -> tuple[int, int] | None:
    due, _, id_ = visit.query.get("after", "").partition("-")
    good = due.isdecimal() and id_.isdecimal() and len(due) < 20 and len(id_) < 19
    return (min(int(due), MOST), int(id_)) if good else None


def _kinds(visit: Visit) -> dict[str, str]:
    _ = visit.texts.say
    return {
        "call": _("call"), "to-do": _("to do"), "review": _("review"),
        "hand-over": _("hand-over"), "approval": _("approval"),
    }  # fmt: skip


def end(visit: Visit) -> Response:
    """Done, or refused; the run that waits for it goes on."""
    _ = visit.texts.say
    number, form = visit.number("task_id"), visit.form
    said = str(form.get("said", "")).strip()[:LONGEST] or None

    def work(connection: Connection) -> None:
        held = bool(get_task(connection, number).doc.get(HELD))
        state, how = _ending(visit, held)
        end_task(
            connection, number, state, by=visit.who.actor, now_us=visit.now_us, said=said, how=how
        )
        audit(connection, visit.who.actor, state, "task", number, said, visit.now_us)

    visit.write(work)
    return visit.go(_back(visit), _("It is said, and what waited for it goes on."))


def _ending(visit: Visit, held: bool) -> tuple[Ending, How | None]:
    """Which button was pressed. UserError (`usage`) where it was none: no yes is ever guessed."""
    state, how = visit.form.get("state"), visit.form.get("how")
    if held and how in ("go on", "again", "stop"):
        return ("refused" if how == "stop" else "done"), how  # type: ignore[return-value] # one of them
    if state in ("done", "refused"):
        return state, None  # type: ignore[return-value] # one of them
    _ = visit.texts.say
    raise UserError("usage", _("Nothing says how the task ends."),
                    hint=_("Open the page and use its buttons."))  # fmt: skip


def give(visit: Visit) -> Response:
    """Make it somebody else's, or the lead's owner's."""
    number, wanted = visit.number("task_id"), str(visit.form.get("member", ""))
    member = min(int(wanted), MOST) if wanted.isdecimal() and len(wanted) < 20 else None
    if wanted and member is None:
        raise UserError("member-unknown", "There is no such member.",
                        hint="The list of members has all of them.")  # fmt: skip

    def work(connection: Connection) -> str:
        found = get_task(connection, number)
        to = member if member is not None else owner_of(connection, found.lead_id or 0)
        give_task(connection, number, to)
        audit(connection, visit.who.actor, "give", "task", number, str(to), visit.now_us)
        return "" if to is None else get_member(connection, to).name

    name, _ = visit.write(work), visit.texts.say
    said = _("It is %(name)s's task now.", name=name) if name else _("It is nobody's task now.")
    return visit.go(_back(visit), said)


def _back(visit: Visit) -> str:
    lead = _lead(visit.form.get("lead"))
    if lead:
        return f"/tasks?lead={lead}"
    return "/tasks?of=all" if visit.form.get("of") == "all" else "/tasks"
