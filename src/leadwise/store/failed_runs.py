"""Runs that failed are told to somebody: one open task for each playbook and step, however many.

A connection whose key has run out fails ten thousand runs in an hour; that is one thing to do, not
ten thousand. The task is of whoever published the version, or of nobody; once it is ended, the next
failure opens another.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.store.schema import (
    member,
    playbook_cursor,
    playbook_run,
    playbook_step,
    playbook_version,
    task,
)

FAILED = "failed"
"""In `doc` of such a task: `{"playbook", "step", "runs", "run"}`, the last being the latest."""
MOST_COUNTED = 100_000


def note_failed(
    connection: Connection, playbook: str, version_id: int, run_id: int, number: int, why: str,
    now_us: int,
) -> None:  # fmt: skip
    """A run failed, at the step that has this number in it."""
    at = (playbook_step.c.run_id == run_id) & (playbook_step.c.number == number)
    step = connection.execute(select(playbook_step.c.step).where(at)).scalar() or ""
    source = f"{FAILED}:{playbook}:{step}"
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = into(playbook_cursor).values(source=source, after_id=0)
    # Two processes whose runs fail at once wait for each other here.
    same = {"after_id": playbook_cursor.c.after_id}
    task_id: int = connection.execute(
        row.on_conflict_do_update(index_elements=[playbook_cursor.c.source], set_=same).returning(
            playbook_cursor.c.after_id
        )
    ).scalar_one()
    own = (task.c.id == task_id) & (task.c.state == "open")
    had = connection.execute(select(task.c.doc).where(own)).scalar()
    said = had.get(FAILED, {}) if isinstance(had, dict) else {}
    runs = int(said.get("runs", 0)) + 1
    values = {
        "title": _title(playbook, step, runs), "about": why,
        "doc": {FAILED: {"playbook": playbook, "step": step, "runs": runs, "run": run_id}},
    }  # fmt: skip
    if had is not None:
        connection.execute(update(task).where(task.c.id == task_id).values(values))
        return
    made = insert(task).values(
        **values, lead_id=None, kind="review", member_id=_publisher(connection, version_id),
        state="open", created_us=now_us,
    )  # fmt: skip
    new_id = connection.execute(made.returning(task.c.id)).scalar_one()
    moved = update(playbook_cursor).where(playbook_cursor.c.source == source)
    connection.execute(moved.values(after_id=new_id))


def failure_tasks(connection: Connection, playbook: str) -> list[int]:
    """The ids of the tasks that tell of failed runs of a playbook, ended ones among them."""
    begins = f"{FAILED}:{playbook}:"
    alike = func.substr(playbook_cursor.c.source, 1, len(begins)) == begins
    rows = select(playbook_cursor.c.after_id).where(alike).order_by(playbook_cursor.c.after_id)
    return list(connection.scalars(rows))


def failed_since(connection: Connection, since_us: int) -> Mapping[str, int]:
    """How many runs of each playbook failed since, counted up to MOST_COUNTED in all."""
    table = playbook_run
    # What is over was due last when it ended: so the index of what is due finds it.
    some = select(table.c.playbook).where(table.c.state == "failed", table.c.due_us >= since_us)
    few = some.limit(MOST_COUNTED).subquery()
    rows = connection.execute(select(few.c.playbook, func.count()).group_by(few.c.playbook))
    return {row[0]: row[1] for row in rows}


def _title(playbook: str, step: str, runs: int) -> str:
    many = "a run failed" if runs == 1 else f"{runs:,} runs failed"
    return f"{playbook}: {many}" + (f" at the step {step}" if step else "")


def _publisher(connection: Connection, version_id: int) -> int | None:
    by = connection.execute(
        select(playbook_version.c.published_by).where(playbook_version.c.id == version_id)
    ).scalar()
    kind, _, number = (by or "").partition(":")
    if kind != "member" or not number.isdecimal():
        return None
    there = (member.c.id == int(number)) & member.c.disabled_us.is_(None)
    found: int | None = connection.execute(select(member.c.id).where(there)).scalar()
    return found
