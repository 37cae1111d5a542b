"""What a worker does to rows of jobs: take due ones, begin, tell progress, end, hand back, forget.

Plain functions over a connection to the tables (`tables.own`), each one transaction of the caller.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from leadwise.jobs.failures import written
from leadwise.jobs.model import FINISHED, JSON, JobError, State
from leadwise.jobs.tables import JOB, OVER

_WAITING = sa.text("state = 'waiting'")
_RUNNING = sa.text("state = 'running'")


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this worker is to work on, and the number of its run, without which no write."""

    id: str
    kind: str
    arguments: dict[str, JSON]
    run: int
    attempt: int
    recovered: int
    again_from: int


_CLAIM = (
    JOB.c.id, JOB.c.kind, JOB.c.arguments, JOB.c.run, JOB.c.attempt, JOB.c.recovered,
    JOB.c.again_from,
)  # fmt: skip


def due_again(connection: sa.Connection, now_us: int, until_us: int) -> int:
    """Waiting jobs that are due after now and up to then are due now. How many."""
    late = sa.and_(_WAITING, JOB.c.due_us > now_us, JOB.c.due_us <= until_us)
    return connection.execute(sa.update(JOB).where(late).values(due_us=now_us)).rowcount


def running(connection: sa.Connection, worker: str) -> dict[str, int]:
    """How many jobs of each kind are the worker's."""
    query = sa.select(JOB.c.kind, sa.func.count()).where(_RUNNING, JOB.c.worker == worker)
    return {row[0]: row[1] for row in connection.execute(query.group_by(JOB.c.kind))}


def due(
    connection: sa.Connection, kinds: Collection[str], now_us: int, most: int
) -> dict[str, int]:
    """How many jobs of each kind are due; more than `most` are not counted."""
    if not kinds:
        return {}
    queries = []
    for number, kind in enumerate(sorted(kinds)):
        one = sa.select(sa.literal(1)).where(
            _WAITING,
            JOB.c.kind == sa.bindparam(f"kind_{number}", kind),
            JOB.c.due_us <= sa.bindparam("now_us", now_us),
        )
        counted = one.limit(most).subquery()
        queries.append(
            sa.select(
                sa.bindparam(f"kind_{number}", kind, sa.Text).label("kind"),
                sa.select(sa.func.count()).select_from(counted).scalar_subquery(),
            )
        )
    return {kind: count for kind, count in connection.execute(sa.union_all(*queries)) if count}


def shares(due: Mapping[str, int], room: Mapping[str, int], free: int) -> dict[str, int]:
    """How many of each kind to take of those due: in turn, so that a million of one kind do not
    keep another from its first."""
    taken = dict.fromkeys(sorted(due), 0)
    while free > 0:
        open_kinds = [kind for kind in taken if taken[kind] < min(due[kind], room[kind])]
        if not open_kinds:
            break
        for kind in open_kinds[:free]:
            taken[kind] += 1
        free -= min(free, len(open_kinds))
    return {kind: count for kind, count in taken.items() if count}


def take(connection: sa.Connection, kind: str, most: int, worker: str, now_us: int) -> list[Claim]:
    """Claim up to so many due jobs of a kind, those longest due first; no two workers get one."""
    # A common table: PostgreSQL may work a plain subquery out more than once, with other rows.
    chosen = (
        sa.select(JOB.c.id)
        .where(_WAITING, JOB.c.kind == kind, JOB.c.due_us <= now_us)
        .order_by(JOB.c.due_us)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    statement = (
        sa.update(JOB)
        .where(JOB.c.id.in_(sa.select(chosen.c.id)), _WAITING)
        .values(state="running", worker=worker, run=JOB.c.run + 1, recovered=0, updated_us=now_us)
        .returning(*_CLAIM)
    )
    return [_claim(row) for row in connection.execute(statement)]


def begin_again(connection: sa.Connection, job_id: str, worker: str, now_us: int) -> Claim | None:
    """Take on a job whose work goes on here; None where it is over or was put back."""
    statement = (
        sa.update(JOB)
        .where(JOB.c.id == job_id, JOB.c.state == "running")
        .values(worker=worker, run=JOB.c.run + 1, recovered=JOB.c.recovered + 1, updated_us=now_us)
        .returning(*_CLAIM)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else _claim(row)


def tell(
    connection: sa.Connection, claim: Claim, progress: Mapping[str, object], now_us: int
) -> bool | None:
    """Write progress (nothing, where it is empty). Whether somebody cancelled the job; None where
    it is no longer ours."""
    if progress:
        statement = _ours(claim).values(**progress, updated_us=now_us).returning(JOB.c.cancel_us)
        row = connection.execute(statement).one_or_none()
    else:
        query = sa.select(JOB.c.cancel_us).where(*_is_ours(claim))
        row = connection.execute(query).one_or_none()
    return None if row is None else row.cancel_us is not None


def end(
    connection: sa.Connection,
    claim: Claim,
    state: State,
    now_us: int,
    *,
    result: str | None = None,
    error: JobError | None = None,
    again_from: int = 1,
) -> bool:
    """Write how it ended; False where it is no longer ours."""
    statement = _ours(claim).values(
        state=state, result=result, error=None if error is None else written(error),
        again_from=again_from, updated_us=now_us,
    )  # fmt: skip
    return connection.execute(statement).rowcount > 0


def put_off(
    connection: sa.Connection,
    claim: Claim,
    due_us: int,
    now_us: int,
    *,
    error: JobError | None = None,
    again_from: int | None = None,
) -> bool:
    """Let it wait until `due_us`: with an error, which counts as an attempt, or as it was."""
    values: dict[str, object] = {"state": "waiting", "due_us": due_us, "updated_us": now_us}
    if error is not None:
        values |= {"error": written(error), "attempt": claim.attempt + 1}
    if again_from is not None:
        values["again_from"] = again_from
    return connection.execute(_ours(claim).values(**values)).rowcount > 0


def of_others(
    connection: sa.Connection, but: Collection[str], kinds: Collection[str], most: int
) -> list[tuple[str, str | None]]:
    """Running jobs (id, worker) of workers other than those."""
    query = sa.select(JOB.c.id, JOB.c.worker).where(
        _RUNNING, JOB.c.worker.not_in(but), JOB.c.kind.in_(kinds)
    )
    return [(row.id, row.worker) for row in connection.execute(query.limit(most))]


def of_worker(connection: sa.Connection, worker: str) -> list[str]:
    """Ids of the running jobs of a worker."""
    query = sa.select(JOB.c.id).where(_RUNNING, JOB.c.worker == worker)
    return list(connection.execute(query).scalars())


def take_over(connection: sa.Connection, job_id: str, dead: str | None, worker: str) -> bool:
    """Make a dead worker's job ours; False where another was faster."""
    statement = sa.update(JOB).where(JOB.c.id == job_id, _RUNNING, JOB.c.worker == dead)
    return connection.execute(statement.values(worker=worker)).rowcount > 0


def keep_steps(connection: sa.Connection, job_id: str, again_from: int) -> None:
    """Note from which step to go on, should its workflow be found ended."""
    statement = sa.update(JOB).where(JOB.c.id == job_id, _RUNNING)
    connection.execute(statement.values(again_from=again_from))


def wait_again(connection: sa.Connection, job_id: str, worker: str, now_us: int) -> None:
    """Let a job of ours that nobody works on be claimed afresh."""
    statement = sa.update(JOB).where(JOB.c.id == job_id, _RUNNING, JOB.c.worker == worker)
    connection.execute(statement.values(state="waiting", due_us=now_us, updated_us=now_us))


def give_up(
    connection: sa.Connection, job_id: str, worker: str, error: JobError, now_us: int
) -> None:
    """A job of ours that cannot be worked on failed."""
    statement = sa.update(JOB).where(JOB.c.id == job_id, _RUNNING, JOB.c.worker == worker)
    connection.execute(statement.values(state="failed", error=written(error), updated_us=now_us))


def finished_before(connection: sa.Connection, before_us: int, most: int) -> list[str]:
    """Ids of jobs that ended before that."""
    query = sa.select(JOB.c.id).where(OVER, JOB.c.updated_us < before_us)
    return list(connection.execute(query.order_by(JOB.c.updated_us).limit(most)).scalars())


def forget(connection: sa.Connection, ids: Sequence[str]) -> None:
    """Delete finished jobs."""
    connection.execute(sa.delete(JOB).where(JOB.c.id.in_(ids), JOB.c.state.in_(FINISHED)))


def _is_ours(claim: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return (JOB.c.id == claim.id, JOB.c.run == claim.run, JOB.c.state == "running")


def _ours(claim: Claim) -> sa.Update:
    return sa.update(JOB).where(*_is_ours(claim))


def _claim(row: sa.Row[Any]) -> Claim:
    values = dict(row._mapping)
    return Claim(**(values | {"arguments": json.loads(values["arguments"])}))
