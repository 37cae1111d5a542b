"""The book of jobs, for any process: put in, look up, list, cancel, try again.

Plain functions over a connection to the tables (`tables.own`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.errors import InternalError, UserError
from leadwise.jobs.model import FINISHED, Entry, Job, JobError, State
from leadwise.jobs.tables import JOB, OVER

AT_ONCE = 5_000
"""Rows of one statement when many are put in."""
MOST_LISTED = 1_000
# Made once: the function json.dumps makes one each time, a third of the cost of a row.
_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))
LONGEST_ID = 400


def put(
    connection: sa.Connection,
    kind: str,
    entries: Iterable[Entry],
    now_us: int,
    schedule: str | None = None,
) -> int:
    """Put jobs in; one whose id is known already is left as it is. How many were new."""
    alike: dict[str, object] = {
        "kind": kind, "state": "waiting", "schedule": schedule, "created_us": now_us,
        "updated_us": now_us,
    }  # fmt: skip
    write = _write_sqlite if connection.dialect.name == "sqlite" else _write_postgres
    rows, new = (_row(entry, now_us) for entry in entries), 0
    while part := list(islice(rows, AT_ONCE)):
        new += write(connection, part, alike)
    return new


def find(connection: sa.Connection, job_id: str) -> Job | None:
    """The job of that id."""
    row = connection.execute(sa.select(JOB).where(JOB.c.id == job_id)).one_or_none()
    return None if row is None else _job(row)


def found(connection: sa.Connection, job_ids: Sequence[str]) -> list[Job]:
    """Those of the jobs of these ids that there are."""
    return [_job(row) for row in connection.execute(sa.select(JOB).where(JOB.c.id.in_(job_ids)))]


def listed(
    connection: sa.Connection, kind: str | None, state: State | None, after: str | None, limit: int
) -> list[Job]:
    """Jobs, the newest first; `after` is the cursor of the last one seen."""
    query = sa.select(JOB).order_by(JOB.c.created_us.desc(), JOB.c.id.desc())
    if kind is not None:
        query = query.where(JOB.c.kind == kind)
    if state is not None:
        # Written out, not bound: so the database sees that a partial index will do.
        query = query.where(sa.text(f"state = '{_known(state)}'"))
        if state in FINISHED:
            query = query.where(OVER)
    if after is not None:
        created_us, job_id = _split(after)
        earlier = sa.and_(JOB.c.created_us == created_us, JOB.c.id < job_id)
        query = query.where(sa.or_(JOB.c.created_us < created_us, earlier)).where(
            JOB.c.created_us <= created_us
        )
    return [_job(row) for row in connection.execute(query.limit(min(limit, MOST_LISTED)))]


def cancel(connection: sa.Connection, job_id: str, now_us: int) -> bool:
    """Cancel it: at once where it waits, at its next step where it runs. False where it is over."""
    here = JOB.c.id == job_id
    waiting = sa.update(JOB).where(here, JOB.c.state == "waiting")
    running = sa.update(JOB).where(here, JOB.c.state == "running")
    if connection.execute(waiting.values(state="cancelled", updated_us=now_us)).rowcount:
        return True
    return connection.execute(running.values(cancel_us=now_us)).rowcount > 0


def retry(connection: sa.Connection, job_id: str, now_us: int) -> bool:
    """Try a failed or cancelled job again from the step where it ended. False where it is neither
    (or is waiting to be tried again anyway: then that happens now)."""
    here = JOB.c.id == job_id
    over = sa.update(JOB).where(here, JOB.c.state.in_(("failed", "cancelled")))
    later = sa.update(JOB).where(here, JOB.c.state == "waiting", JOB.c.attempt > 0)
    again = {"state": "waiting", "due_us": now_us, "attempt": 0, "recovered": 0, "cancel_us": None}
    for statement in (over, later):
        if connection.execute(statement.values(**again, updated_us=now_us)).rowcount:
            return True
    return False


def text_of(value: object, what: str) -> str:
    """`value` as JSON text that every database takes; InternalError where it is not JSON."""
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError) as error:
        raise InternalError(f"{what} cannot be written as JSON: {error}") from error


def _write_sqlite(connection: sa.Connection, rows: list[_Row], alike: Mapping[str, object]) -> int:
    statement = sqlite.insert(JOB).on_conflict_do_nothing().returning(JOB.c.id)
    values = [{**dict(zip(_DIFFERENT, row, strict=True)), **alike} for row in rows]
    return len(connection.execute(statement, values).all())


def _write_postgres(
    connection: sa.Connection, rows: list[_Row], alike: Mapping[str, object]
) -> int:
    # A column a parameter: with a value a parameter a million jobs take a minute, so seconds.
    types = (sa.Text, sa.Text, sa.BigInteger)
    columns: list[sa.BindParameter[Any]] = [
        sa.bindparam(None, list(column), postgresql.ARRAY(kind))
        for column, kind in zip(zip(*rows, strict=True), types, strict=True)
    ]
    source = sa.func.unnest(*columns).table_valued(*_DIFFERENT).render_derived()
    chosen = sa.select(
        *(source.c[name] for name in _DIFFERENT),
        *(sa.bindparam(None, value, JOB.c[name].type) for name, value in alike.items()),
    )
    statement = postgresql.insert(JOB).from_select([*_DIFFERENT, *alike], chosen)
    statement = statement.on_conflict_do_nothing()
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


_Row: TypeAlias = tuple[str, str, int]
_DIFFERENT = ("id", "arguments", "due_us")


def _row(entry: Entry, now_us: int) -> _Row:
    if not entry.id or len(entry.id) > LONGEST_ID:
        raise UserError("job-id", f"the id of a job has 1 to {LONGEST_ID} characters")
    due_us = now_us if entry.due_us is None else entry.due_us
    return (entry.id, text_of(dict(entry.arguments), "an argument"), due_us)


def _job(row: sa.Row[Any]) -> Job:
    values = dict(row._mapping)
    error = values["error"]
    return Job(
        **{name: values[name] for name in _PLAIN},
        state=cast(State, values["state"]),
        arguments=json.loads(values["arguments"]),
        result=None if values["result"] is None else json.loads(values["result"]),
        error=None if error is None else JobError(**json.loads(error)),
    )


_PLAIN = (
    "id", "kind", "due_us", "done", "total", "message", "attempt", "worker", "created_us",
    "updated_us",
)  # fmt: skip


def _known(state: str) -> str:
    if state not in ("waiting", "running", *FINISHED):
        raise UserError("job-state", f"there is no state {state!r} of a job")
    return state


def _split(cursor: str) -> tuple[int, str]:
    created_us, mark, job_id = cursor.partition(":")
    if not mark or not created_us.isdecimal():
        raise UserError("bad-cursor", f"{cursor!r} is not where a listing of jobs left off")
    return int(created_us), job_id


def parts(entries: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    """`entries` in lists of at most `size`, so that a million is not one transaction."""
    rest = iter(entries)
    while part := list(islice(rest, size)):
        yield part
