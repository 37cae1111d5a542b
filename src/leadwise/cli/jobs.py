"""`leadwise jobs`: what the service has to do, does and did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import grid, print_json, show
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    jobs_place,
    opened_store,
    settings_of,
    tell,
)
from leadwise.cli.words import time
from leadwise.errors import UserError

if TYPE_CHECKING:
    from leadwise.jobs import Job, Jobs

ACTIONS = ("list", "show", "cancel", "retry")


def jobs(
    action: Annotated[
        str, typer.Argument(metavar="[ACTION]", help="list, show, cancel or retry.")
    ] = "list",
    job: Annotated[
        str | None, typer.Argument(metavar="[JOB]", help="The id, but for list.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Only jobs of this kind.")
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(
            "--state",
            metavar="STATE",
            help="Only waiting, running, done, failed or cancelled ones.",
        ),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, metavar="N", help="The newest N.")] = 20,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """List jobs (imports, publishing, the mirror ...), look at one, cancel it, try it again.

    \b
    leadwise jobs
    leadwise jobs list --state failed
    leadwise jobs retry import:0f3a
    """
    if action not in ACTIONS:
        raise UserError("usage", f"jobs cannot {action}.", hint=", ".join(ACTIONS))
    if action != "list" and job is None:
        raise UserError("usage", f"Which job to {action}?", hint="leadwise jobs lists them.")
    from leadwise.jobs import Jobs

    settings = settings_of(data, database, config)
    with opened_store(settings), Jobs(jobs_place(settings)) as book:
        if action == "list":
            _list(book, kind, state, top, json=json)
        elif action == "show":
            _show(book.get(job or ""), json=json)
        else:
            done = book.cancel(job or "") if action == "cancel" else book.retry(job or "")
            word = "cancelled" if action == "cancel" else "tried again"
            tell(f"Job {job} is {word}." if done else f"Job {job} cannot be {word} now.")


def _list(book: Jobs, kind: str | None, state: Any, top: int, *, json: bool) -> None:
    found = book.list(kind, state, limit=top)
    if json:
        print_json({"jobs": [_document(one) for one in found]})
        return
    if not found:
        tell("There are no such jobs.")
        return
    table = grid()
    for column in ("id", "kind", "state", "done", "since", ""):
        table.add_column(column)
    for one in found:
        said = one.error.message if one.error else one.message
        table.add_row(one.id, one.kind, one.state, _done(one), time(one.created_us) or "", said)
    show(table)


def _show(one: Job, *, json: bool) -> None:
    if json:
        print_json(_document(one))
        return
    tell(f"{one.id}: {one.kind}, {one.state}")
    lines = {
        "put in": time(one.created_us), "last changed": time(one.updated_us),
        "due": time(one.due_us) if one.state == "waiting" else None,
        "done": _done(one) or None, "told": one.message or None, "worker": one.worker,
        "arguments": ", ".join(f"{name}: {value}" for name, value in one.arguments.items()) or None,
        "result": None if one.result is None else str(one.result),
        "error": one.error and f"{one.error.message} ({one.error.code})",
        "what to do": one.error and one.error.hint,
    }  # fmt: skip
    for name, said in lines.items():
        if said:
            tell(f"  {name:<13} {said}")


def _done(one: Job) -> str:
    if one.done is None:
        return ""
    return f"{one.done:,}" if one.total is None else f"{one.done:,} of {one.total:,}"


def _document(one: Job) -> dict[str, Any]:
    error = one.error
    return {
        "id": one.id, "kind": one.kind, "state": one.state, "arguments": one.arguments,
        "done": one.done, "total": one.total, "message": one.message, "result": one.result,
        "error": error and {"code": error.code, "message": error.message, "hint": error.hint},
        "worker": one.worker, "created": time(one.created_us), "updated": time(one.updated_us),
    }  # fmt: skip
