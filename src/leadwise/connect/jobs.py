"""The jobs `pull` and `push`: what is done for connections at their times, or when it is asked for.

A job without a connection goes through all of them: one that fails is told with it, and holds up
no other. That of a pull goes on where it was after a kill: its cursor stands in the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from leadwise.connect.model import Source, Target
from leadwise.connect.opening import missing_variables, require_running, talking, wanted_by_card
from leadwise.connect.pulling import Pulling
from leadwise.connect.pushing import Pushing
from leadwise.errors import RemoteError, UserError
from leadwise.ingest.gate.rules import GateRules
from leadwise.jobs import JSON, Context, Handler
from leadwise.store.connections import (
    ConnectionRow,
    get_connection,
    list_connections,
    note_exchange,
    set_trouble,
)
from leadwise.store.opening import Store


@dataclass(frozen=True, slots=True)
class Connecting:
    """What the jobs work with. `read` and `recorded` are those of `Pulling`."""

    store: Store
    rules: GateRules
    environment: Mapping[str, str]
    recorded: Callable[[], None] = lambda: None
    read: Callable[[int, str, str], None] | None = None


def connect_handlers(of: Connecting) -> dict[str, Handler]:
    """The handlers of `pull` and `push`. Arguments of both: `connection` (its name; none: all that
    pull, or push). Of `pull` also `from_the_start`, of `push` `again` (what was told before, too).

    The results say by connection what became of it.
    """

    def pull(context: Context, arguments: dict[str, JSON]) -> JSON:
        start = bool(arguments.get("from_the_start"))
        return _each(of, context, arguments, "pulls", lambda row: _pull(of, context, row, start))

    def push(context: Context, arguments: dict[str, JSON]) -> JSON:
        again = bool(arguments.get("again"))
        return _each(of, context, arguments, "pushes", lambda row: _push(of, context, row, again))

    return {"pull": pull, "push": push}


def _each(
    of: Connecting, context: Context, arguments: dict[str, JSON], does: str,
    work: Callable[[ConnectionRow], JSON],
) -> JSON:  # fmt: skip
    name = arguments.get("connection")
    if name is not None:
        with of.store.read() as database:
            row = get_connection(database, str(name))
        require_running(row)
        return {row.name: context.step(f"{does} {row.name}", lambda: work(row))}
    with of.store.read() as database:
        rows = [row for row in list_connections(database)
                if getattr(row, does) and row.paused_us is None]  # fmt: skip
    names = context.step("connections", lambda: [row.name for row in rows])
    by_name = {row.name: row for row in rows}
    found: dict[str, JSON] = {}
    for each in names:
        one = partial(_told, work, by_name.get(each))
        found[each] = context.step(f"{does} {each}", one)
    return found


def _told(work: Callable[[ConnectionRow], JSON], row: ConnectionRow | None) -> JSON:
    if row is None:
        return "It was removed, or is paused."
    try:
        return work(row)
    except (RemoteError, UserError) as error:
        return f"It failed: {error}"


def _pull(of: Connecting, context: Context, row: ConnectionRow, start: bool) -> JSON:
    with of.store.read() as database:
        wanted = wanted_by_card(database)
    with _opened(of, context, row, "pull", wanted) as line:
        if not isinstance(line.to, Source):
            return "There is nothing to pull from it."
        pulling = Pulling(of.store, of.rules, context.now_us, of.recorded, of.read)
        done = pulling.pull(
            row, line.to, from_the_start=start, stopped=context.cancelled,
            progress=lambda done, total: context.progress(done, total, row.name),
        )  # fmt: skip
    return asdict(done)


def _push(of: Connecting, context: Context, row: ConnectionRow, again: bool) -> JSON:
    with _opened(of, context, row, "push", ()) as line:
        if not isinstance(line.to, Target):
            return "Nothing can be pushed to it."
        line.to.prepare()
        done = Pushing(of.store, context.now_us).push_everybody(
            row, line.to, again=again, stopped=context.cancelled,
            progress=lambda done, total: context.progress(done, total, row.name),
        )  # fmt: skip
    if done is None:
        return "Another process is pushing to it."
    return {"skipped": done.skipped, **done.states}


def _opened(
    of: Connecting, context: Context, row: ConnectionRow, what: str, wanted: tuple[str, ...]
) -> Any:
    """The connection; that a secret is missing is told with it."""
    missing = missing_variables(row, of.environment)
    if missing:
        why, now_us = f"{', '.join(missing)} is not set.", context.now_us()

        def note(database: Any) -> None:
            set_trouble(database, row.id, why, now_us)
            note_exchange(database, row.id, "out", what, "failed", 0, now_us, why)

        of.store.write(note)
    return talking(row, of.environment, wanted=wanted)
