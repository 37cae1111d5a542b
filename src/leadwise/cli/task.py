"""`leadwise task`: what people are to do, approvals among it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import grid, print_json, show
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    actor,
    now_us,
    opened_store,
    settings_of,
    tell,
)
from leadwise.cli.whose import MOST_ID, Lead, addresses, lead_id, member_id, one_of
from leadwise.cli.words import second, time
from leadwise.errors import UserError

if TYPE_CHECKING:
    from leadwise.store.tasks import Task, TaskState

ACTIONS = ("list", "done", "refuse", "give")
STATES = ("open", "done", "refused", "dropped")


def task(
    action: Annotated[
        str, typer.Argument(metavar="[ACTION]", help="list, done, refuse or give.")
    ] = "list",
    number: Annotated[
        int | None,
        typer.Argument(metavar="[TASK]", max=MOST_ID, help="The task's number, but for list."),
    ] = None,
    said: Annotated[
        str | None, typer.Option("--said", metavar="TEXT", help="What is to be kept with it.")
    ] = None,
    member: Annotated[
        str | None,
        typer.Option("--member", metavar="ADDRESS", help="Whose; with give, whose from now on."),
    ] = None,
    lead: Lead = None,
    state: Annotated[
        str, typer.Option("--state", metavar="STATE", help=f"Only those: {', '.join(STATES)}.")
    ] = "open",
    top: Annotated[int, typer.Option("--top", min=1, metavar="N", help="The first N.")] = 50,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """List tasks and approvals, those due first; end one, or give it to somebody. A run that waits
    for a task goes on when it is ended; for an approval, done is a yes.

    \b
    leadwise task
    leadwise task done 7 --said "reached her"
    leadwise task refuse 8 --said "too dear"
    leadwise task give 9 --member ann@example.com
    """
    one_of(action, ACTIONS, "task")
    if state not in STATES:
        raise UserError("usage", f"No task is {state}.", hint=", ".join(STATES))
    from leadwise.store import tasks

    with opened_store(settings_of(data, database, config)) as store:
        with store.read() as connection:
            whose, of = member_id(connection, member), lead_id(connection, lead)
            known = addresses(connection)
        if action == "list":
            with store.read() as connection:
                found = tasks.list_tasks(
                    connection, member_id=whose, lead_id=of,
                    state=cast("TaskState", state), limit=top,
                )  # fmt: skip
            _show(found, known, json=json)
            return
        if number is None:
            raise UserError("usage", f"Which task to {action}?", hint="leadwise task lists them.")
        one = store.write(lambda c: _change(c, action, number, whose, said), alone=True)
    if json:
        print_json(_document(one, known))
    else:
        now = _whose(one, known) if action == "give" else one.state
        tell(f"Task {one.id} is {now}: {one.title}")


def _change(connection: Any, action: str, number: int, whose: int | None, said: str | None) -> Task:
    from leadwise.store.audit import audit
    from leadwise.store.tasks import end_task, give_task

    at_us = now_us()
    if action == "give":
        found = give_task(connection, number, whose)
        detail = "nobody" if whose is None else f"member:{whose}"
    else:
        ended: Literal["done", "refused"] = "done" if action == "done" else "refused"
        found = end_task(connection, number, ended, by=actor(), now_us=at_us, said=said)
        detail = ended
    audit(connection, actor(), action, "task", number, detail, at_us)
    return found


def _whose(one: Task, known: Mapping[int, str]) -> str:
    owner = known.get(one.member_id or 0)
    return f"with {owner} now" if owner else "nobody's now"


def _show(found: list[Task], known: Mapping[int, str], *, json: bool) -> None:
    if json:
        print_json({"tasks": [_document(one, known) for one in found]})
        return
    if not found:
        tell("There are no such tasks.")
        return
    table = grid()
    for column in ("task", "kind", "what", "lead", "member", "due", "state", ""):
        table.add_column(column, no_wrap=column == "due", overflow="fold")
    for one in found:
        table.add_row(
            str(one.id), one.kind, one.title, str(one.lead_id or ""),
            known.get(one.member_id or 0, ""),
            second(one.due_us), one.state, one.said or "",
        )  # fmt: skip
    show(table)


def _document(one: Task, known: Mapping[int, str]) -> dict[str, Any]:
    return {
        "task": one.id, "kind": one.kind, "title": one.title, "about": one.about,
        "lead": one.lead_id, "member": one.member_id,
        "address": known.get(one.member_id or 0), "state": one.state,
        "created": time(one.created_us), "due": time(one.due_us), "ended": time(one.ended_us),
        "ended_by": one.ended_by, "said": one.said, "run": one.run_id,
    }  # fmt: skip
