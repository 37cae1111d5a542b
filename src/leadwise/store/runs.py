"""Runs of playbooks: rows that wait for their time, and what each of their steps came to.

A run is in one of these states; only the first two are ever looked at by the clock.

    waiting  due at `due_us`, or before it when the event `awaits` happens
    working  a job does the step; `due_us` is when somebody looks whether that job was lost
    held     a person has to look, or the playbook is paused (`why` says which)
    done, stopped, failed  over

Whoever changes a run holds its row (`due_runs`, `hold_run`), or says at which `number` it was seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Row, Select, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.errors import UserError
from leadwise.store.driver import ask
from leadwise.store.failed_runs import note_failed
from leadwise.store.playbooks import PlaybookVersion
from leadwise.store.schema import playbook_lead, playbook_run, playbook_step, task

RunState: TypeAlias = Literal["waiting", "working", "held", "done", "stopped", "failed"]
ACTIVE: tuple[RunState, ...] = ("waiting", "working", "held")
OVER: tuple[RunState, ...] = ("done", "stopped", "failed")
PAUSED = "The playbook is paused."
"""Why a run is held whose playbook is paused; it goes on by itself when that ends."""
TASK = "task"
"""What a run awaits that waits for its task to be ended."""
MOST_COUNTED = 100_000
RUN = "run"
"""What a run awaits that waits for a run it started to end."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A row of `playbook_run`."""

    id: int
    playbook: str
    version_id: int
    lead_id: int | None
    trigger: str
    state: RunState
    at: int
    number: int
    due_us: int
    awaits: str | None
    began_us: int
    ended_us: int | None
    why: str | None
    doc: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepRow:
    """A row of `playbook_step`: what a run did at one place."""

    run_id: int
    number: int
    step: str
    kind: str
    began_us: int
    ended_us: int | None
    state: str
    why: str | None
    doc: dict[str, Any]


def start_run(
    connection: Connection, version: PlaybookVersion, lead_id: int | None, trigger: str,
    doc: Mapping[str, Any], now_us: int, due_us: int | None = None,
) -> int | None:  # fmt: skip
    """Start a run at the version's first step; its id, None where this trigger started one already.

    `trigger` says what started it (`event:4711`, `hand:member:3:...`), `doc` holds `event` or
    `message` as templates see it. `due_us` is when it begins, now if not given.
    """
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = into(playbook_run).values(
        playbook=version.playbook, version_id=version.id, lead_id=lead_id, trigger=trigger,
        state="waiting", at=0, number=0, due_us=now_us if due_us is None else due_us,
        began_us=now_us, doc={"step": {}, **doc},
    )  # fmt: skip
    made: int | None = connection.execute(
        new.on_conflict_do_nothing().returning(playbook_run.c.id)
    ).scalar()
    if made is not None and lead_id is not None:
        lead = into(playbook_lead).values(
            playbook=version.playbook, lead_id=lead_id, started_us=now_us, starts=1
        )
        again = {"started_us": now_us, "starts": playbook_lead.c.starts + 1}
        key = [playbook_lead.c.playbook, playbook_lead.c.lead_id]
        connection.execute(lead.on_conflict_do_update(index_elements=key, set_=again))
    return made


def wake(connection: Connection, lead_id: int, event: str, event_id: int, at_us: int) -> int:  # noqa: ARG001 - the caller's words
    """An event of a lead happened: those of its runs that await it are due now. How many.

    The steps themselves look whether the event is the one that they wait for (its properties, its
    instant), so to wake too often, or twice, does nothing.
    """
    table = playbook_run
    own = and_(table.c.lead_id == lead_id, table.c.state == "waiting", table.c.awaits == event)
    return connection.execute(
        update(table).where(own, table.c.due_us > at_us).values(due_us=at_us)
    ).rowcount


def due_again(connection: Connection, now_us: int, until_us: int) -> int:
    """Runs that are due after now and up to then are due now: steps look by themselves whether
    their time has come. How many."""
    table = playbook_run
    own = and_(table.c.state.in_(("waiting", "working")), table.c.due_us > now_us)
    return connection.execute(
        update(table).where(own, table.c.due_us <= until_us).values(due_us=now_us)
    ).rowcount


def is_run_due(connection: Connection, now_us: int) -> bool:
    """Whether any run is due: cheap, and no lock is taken."""
    table = playbook_run
    for state in ("waiting", "working"):
        due = select(table.c.id).where(table.c.state == state, table.c.due_us <= now_us).limit(1)
        if connection.execute(due).scalar() is not None:
            return True
    return False


def due_runs(connection: Connection, now_us: int, limit: int) -> list[RunRow]:
    """The runs that are due, the longest due first, held until the end of the transaction; on
    PostgreSQL those that another process holds are left to it."""
    found: list[RunRow] = []
    table = playbook_run
    for state in ("waiting", "working"):
        rows = (
            select(table)
            .where(table.c.state == state, table.c.due_us <= now_us)
            .order_by(table.c.due_us)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found += [_run(row) for row in connection.execute(rows)]
    return found


def working_for_long(connection: Connection, now_us: int, limit: int = 500) -> list[RunRow]:
    """Runs at work of whose job nothing was heard until it was due."""
    table = playbook_run
    own = and_(table.c.state == "working", table.c.due_us <= now_us)
    rows = select(table).where(own).order_by(table.c.due_us).limit(limit)
    return [_run(row) for row in connection.execute(rows)]


def look_later(
    connection: Connection, run_ids: Sequence[int], now_us: int, due_us: int
) -> None:  # fmt: skip
    """The jobs of these runs were found: they are looked for again at `due_us`. Runs that somebody
    holds, or that have moved on, are left as they are."""
    table = playbook_run
    own = and_(
        table.c.id.in_(list(run_ids)), table.c.state == "working", table.c.due_us <= now_us
    )  # fmt: skip
    free = select(table.c.id).where(own).with_for_update(skip_locked=True)
    connection.execute(update(table).where(table.c.id.in_(free)).values(due_us=due_us))


def hold_run(connection: Connection, run_id: int) -> RunRow | None:
    """The run, held until the end of the transaction; None where there is none."""
    rows = select(playbook_run).where(playbook_run.c.id == run_id).with_for_update()
    found = connection.execute(rows).one_or_none()
    return None if found is None else _run(found)


def get_run(connection: Connection, run_id: int) -> RunRow:
    """The run. UserError (`run-unknown`) where there is none."""
    found = connection.execute(select(playbook_run).where(playbook_run.c.id == run_id)).first()
    if found is None:
        raise no_run(run_id)
    return _run(found)


def no_run(run_id: int) -> UserError:
    """What is said of a run that there is not."""
    return UserError(
        "run-unknown", f"There is no run {run_id}.",
        hint="Runs that are long over are forgotten, and those of people who were erased.",
    )  # fmt: skip


def change_run(connection: Connection, run_id: int, **values: Any) -> None:
    """Set columns of a run that is held."""
    names = sorted(values)
    said = ", ".join(f'"{name}" = {_place(connection, name)}' for name in names)
    given = {name: _written(name, values[name]) for name in names}
    sql = f"UPDATE playbook_run SET {said} WHERE id = :run"  # noqa: S608 - names of columns
    ask(connection, sql, run=run_id, **given)


def end_run(
    connection: Connection, run: RunRow, state: Literal["done", "stopped", "failed"], why: str,
    now_us: int, *, drop: bool | None = None, **more: Any,
) -> None:  # fmt: skip
    """End a run that is held, and wake who waits for it; that it failed is told to somebody.

    `drop`: whether its open tasks are dropped; if not given, those of a run that is stopped are.
    What a run that went its way has given to people stays theirs.
    """
    values = {"state": state, "why": why, "ended_us": now_us, "awaits": None, "due_us": now_us}
    change_run(connection, run.id, **values, **more)
    step = "failed" if state == "failed" else "skipped"
    ask(connection, _END_STEPS, run=run.id, now=now_us, state=step, why=why)
    if state == "failed":
        note_failed(
            connection, run.playbook, run.version_id, run.id, more.get("number", run.number), why,
            now_us,
        )  # fmt: skip
    if drop or (drop is None and state == "stopped"):
        ask(connection, _DROP_TASKS, run=run.id, now=now_us)
    if run.lead_id is not None:
        ask(connection, _REMEMBER_END, playbook=run.playbook, lead=run.lead_id, now=now_us)
        ask(connection, _WAKE_WAITING, lead=run.lead_id, awaits=RUN, now=now_us)


def stop_runs(
    connection: Connection, why: str, now_us: int, *, playbook: str | None = None,
    lead_ids: Iterable[int] | None = None, run_id: int | None = None, but: int | None = None,
) -> list[int]:  # fmt: skip
    """Stop the active runs that all the given conditions name; their ids."""
    table = playbook_run
    rows = select(table).where(table.c.state.in_(ACTIVE)).order_by(table.c.id)
    if playbook is not None:
        rows = rows.where(table.c.playbook == playbook)
    if lead_ids is not None:
        rows = rows.where(table.c.lead_id.in_(list(lead_ids)))
    if run_id is not None:
        rows = rows.where(table.c.id == run_id)
    if but is not None:
        rows = rows.where(table.c.id != but)
    found = [_run(row) for row in connection.execute(rows.with_for_update())]
    for run in found:
        end_run(connection, run, "stopped", why, now_us)
    return [run.id for run in found]


def put_step(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write what a step came to; the row of a step that waited is written over, but for when it
    began."""
    places = ", ".join(_place(connection, name) for name in _STEP)
    changes = ", ".join(f"{name} = excluded.{name}" for name in ("ended_us", "state", "why", "doc"))
    sql = (
        f"INSERT INTO playbook_step ({', '.join(_STEP)}) VALUES ({places}) "  # noqa: S608 - names of columns
        f"ON CONFLICT (run_id, number) DO UPDATE SET {changes}"
    )
    ask(connection, sql, **{name: _written(name, values[name]) for name in _STEP})


def steps_of(connection: Connection, run_id: int) -> list[StepRow]:
    """What a run did, in order."""
    table = playbook_step
    rows = select(table).where(table.c.run_id == run_id).order_by(table.c.number)
    return [StepRow(**row._mapping) for row in connection.execute(rows)]


def list_runs(
    connection: Connection, *, playbook: str | None = None, lead_id: int | None = None,
    state: RunState | None = None, before_id: int | None = None, limit: int = 50,
    standing: tuple[int, int] | None = None,
) -> list[RunRow]:  # fmt: skip
    """Runs, the newest first, from before the id `before_id` on; `standing`: those on their way
    that stand at a version's place."""
    table = playbook_run
    rows = select(table).order_by(table.c.id.desc()).limit(limit)
    if standing is not None:
        at = and_(table.c.version_id == standing[0], table.c.at == standing[1])
        rows = rows.where(at, table.c.state.in_(ACTIVE))
    for column, value in ((table.c.playbook, playbook), (table.c.lead_id, lead_id),
                          (table.c.state, state)):  # fmt: skip
        if value is not None:
            rows = rows.where(column == value)
    if before_id is not None:
        rows = rows.where(table.c.id < before_id)
    return [_run(row) for row in connection.execute(rows)]


def count_runs(
    connection: Connection, version_ids: Sequence[int]
) -> dict[tuple[int, str, int], int]:
    """How many runs of these versions there are, by version, state and place."""
    table = playbook_run
    by = (table.c.version_id, table.c.state, table.c.at)
    rows: Select[Any] = select(*by, func.count()).where(table.c.version_id.in_(list(version_ids)))
    return {(row[0], row[1], row[2]): row[3] for row in connection.execute(rows.group_by(*by))}


def count_active(connection: Connection) -> dict[str, int]:
    """How many runs are in each state that is not over, counted up to MOST_COUNTED."""
    table, found = playbook_run, {}
    for state in ACTIVE:
        some = select(table.c.id).where(table.c.state == state).limit(MOST_COUNTED).subquery()
        found[str(state)] = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return found


def go_on_after_pause(connection: Connection, playbook: str) -> int:
    """The runs of a playbook that is paused no more wait for their time again; how many."""
    table = playbook_run
    own = and_(table.c.playbook == playbook, table.c.state == "held", table.c.why == PAUSED)
    return connection.execute(update(table).where(own).values(state="waiting", why=None)).rowcount


def forget_runs(connection: Connection, before_us: int, limit: int) -> int:
    """Forget runs that ended before, with their steps and tasks; at most so many. How many."""
    table, ids = playbook_run, list[int]()
    for state in OVER:
        # What is over was due last when it ended: so the index of what is due finds it.
        old = select(table.c.id).where(table.c.state == state, table.c.due_us < before_us)
        ids += connection.scalars(old.order_by(table.c.due_us).limit(limit - len(ids)))
    delete_runs(connection, ids)
    return len(ids)


def delete_runs(connection: Connection, ids: Sequence[int]) -> None:
    """Delete runs with their steps and tasks."""
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        connection.execute(delete(playbook_step).where(playbook_step.c.run_id.in_(part)))
        connection.execute(delete(task).where(task.c.run_id.in_(part)))
        connection.execute(delete(playbook_run).where(playbook_run.c.id.in_(part)))


def has_active(connection: Connection, playbook: str, lead_id: int) -> bool:
    """Whether the lead is in a run of the playbook."""
    table = playbook_run
    own = and_(table.c.lead_id == lead_id, table.c.playbook == playbook, or_(
        *(table.c.state == state for state in ACTIVE)))  # fmt: skip
    return connection.execute(select(table.c.id).where(own).limit(1)).scalar() is not None


def _place(connection: Connection, name: str) -> str:
    """The parameter of a column."""
    is_jsonb = name == "doc" and connection.dialect.name == "postgresql"
    return "CAST(:doc AS jsonb)" if is_jsonb else f":{name}"


def _written(name: str, value: Any) -> Any:
    if name != "doc":
        return value
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in text:
        # What other systems answer may hold it, and no database keeps it.
        text = json.dumps(_without_nul(value), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, Mapping):
        return {_without_nul(name): _without_nul(one) for name, one in value.items()}
    return [_without_nul(one) for one in value] if isinstance(value, list | tuple) else value


_STEP = ("run_id", "number", "step", "kind", "began_us", "ended_us", "state", "why", "doc")
# Straight to the driver: every step of every run goes through these.
_END_STEPS = (
    "UPDATE playbook_step SET ended_us = :now, state = :state, why = :why "
    "WHERE run_id = :run AND ended_us IS NULL"
)
_DROP_TASKS = (
    "UPDATE task SET state = 'dropped', ended_us = :now WHERE run_id = :run AND state = 'open'"
)
_REMEMBER_END = (
    "UPDATE playbook_lead SET ended_us = :now WHERE playbook = :playbook AND lead_id = :lead"
)
_WAKE_WAITING = (
    "UPDATE playbook_run SET due_us = :now "
    "WHERE lead_id = :lead AND state = 'waiting' AND awaits = :awaits"
)


def _run(row: Row[Any]) -> RunRow:
    return RunRow(**row._mapping)
