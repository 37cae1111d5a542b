"""Runs that are due, moved on: each as far as it goes without waiting for anything.

Inner steps act in the very transaction in which their run moves on. Before an outer step the run is
marked `working`, with an instant at which somebody looks whether its job was lost; the job is put
in after that is committed, so a process that is killed in between delays it and nothing more.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from leadwise.errors import CardError, UserError
from leadwise.playbooks.model import Playbook, Step
from leadwise.playbooks.runs.acting import Go, Here, Run, Wait
from leadwise.playbooks.runs.stepping import (
    Broke,
    engine_of,
    fail,
    finish,
    put_off,
    settle,
    skip,
)
from leadwise.playbooks.runs.ways import Text, Ways
from leadwise.store.bulk import as_list, listed_whole
from leadwise.store.driver import ask
from leadwise.store.playbooks import get_playbook, paused_playbooks
from leadwise.store.runs import (
    PAUSED,
    RunRow,
    change_run,
    due_runs,
    end_run,
    has_active,
    put_step,
)
from leadwise.store.schema import lead

log = logging.getLogger("leadwise.playbooks")

AT_ONCE = 64
"""Runs of one transaction: others wait for its locks."""
MOST_STEPS = 100
"""Inner steps that a run takes in one transaction; then others have their turn."""
DEFECT_WAIT_US = 60_000_000
UNREADABLE_WAIT_US = 15 * 60_000_000
"""When a run is looked at again whose playbook cannot be read."""
ALIVE, LOST = "alive", "lost"
"""What became of a job that waits, or is worked on; of one that is not in the book of jobs."""


@dataclass(frozen=True, slots=True)
class StepJob:
    """The job of an outer step: of which run, at which step, asked how often. `id` differs each
    time, for a job runs once; the key that the other side is given does not. `kind` is the step's,
    where it is known."""

    run_id: int
    number: int
    asked: int
    kind: str = ""

    @property
    def id(self) -> str:
        """`run-12-3`, and `run-12-3.2` where it is asked a second time."""
        again = "" if self.asked == 1 else f".{self.asked}"
        return f"{key_of(self.run_id, self.number)}{again}"


@dataclass(slots=True)
class Moved:
    """What a transaction did: how many runs it looked at, which jobs are to be put in, and by how
    much the run longest due was late."""

    runs: int = 0
    jobs: list[StepJob] = field(default_factory=list)
    lag_us: int = 0


def key_of(run_id: int, number: int) -> str:
    """What all that a step does outside is told apart by."""
    return f"run-{run_id}-{number}"


def job_of(run: RunRow) -> StepJob:
    """The job of the step that a run is `working` at."""
    return StepJob(run.id, run.number, int(engine_of(run).get("asked", 1)))


def move_due(
    connection: Connection, ways: Ways, now_us: int, jobs: Mapping[str, str] | None = None,
    limit: int = AT_ONCE,
) -> Moved:  # fmt: skip
    """Move the runs that are due on.

    `jobs` says of jobs that runs have been waiting for too long, by their ids, what became of them:
    ALIVE, LOST, or else why they failed for good. Runs at work that it does not name are left.
    """
    moved, found = Moved(), due_runs(connection, now_us, limit)
    if not found:
        return moved
    paused, leads = paused_playbooks(connection), _leads(connection, found)
    texts: dict[int, str] = {}
    for run in found:
        moved.runs += 1
        if run.state == "waiting":
            moved.lag_us = max(moved.lag_us, now_us - run.due_us)
        if run.state == "waiting" and run.playbook in paused:
            change_run(connection, run.id, state="held", why=PAUSED)
            continue
        try:
            with connection.begin_nested():
                if run.version_id not in texts:
                    texts[run.version_id] = get_playbook(connection, run.version_id).text
                playbook = ways.read(texts[run.version_id])
                job = _move_one(connection, ways, playbook, run, leads, now_us, jobs or {})
        except DBAPIError:
            raise
        except Exception as error:
            # A defect, or a text that cannot be read: the other runs go on.
            log.exception("run %d could not be moved on", run.id)
            _troubled(connection, run, error, now_us)
            continue
        if job is not None:
            moved.jobs.append(job)
    return moved


def here_of(run: Run, step: Step, now_us: int, ways: Ways, text: Text) -> Here:
    """Where a run stands, as its step is told."""
    return Here(run, step, key_of(run.id, run.number), now_us, text, ways.settings)


def run_of(row: RunRow, playbook: Playbook) -> Run:
    """A row with its playbook."""
    return Run(row.id, playbook, row.lead_id, row.at, row.number, row.began_us, row.doc)


def _move_one(
    connection: Connection, ways: Ways, playbook: Playbook, run: RunRow,
    leads: Mapping[int, _Lead], now_us: int, jobs: Mapping[str, str],
) -> StepJob | None:  # fmt: skip
    found = _follow(connection, run, leads, now_us)
    if found is None:
        return None
    run = found
    if run.at >= len(playbook.steps):
        finish(connection, run, now_us)
        return None
    if run.state == "working":
        return _look_after(connection, ways, playbook, run, now_us, jobs)
    return advance(connection, ways, playbook, run, now_us)


def advance(
    connection: Connection, ways: Ways, playbook: Playbook, run: RunRow, now_us: int
) -> StepJob | None:
    """Take the steps of a run that is held by the transaction until it has to wait; the job of the
    outer step that it came to, if it did."""
    going: RunRow | None = run
    for _ in range(MOST_STEPS):
        if going is None:
            return None
        run, step = going, playbook.steps[going.at]
        resumed = engine_of(run).get("resumed")
        if resumed == "stop":
            by = engine_of(run).get("by")
            end_run(connection, run, "stopped", f"{by} stopped it at step {step.id}.", now_us)
            return None
        if resumed == "go on":
            going = skip(connection, playbook, run, step, "A person said to go on.", now_us)
            continue
        standing = run_of(run, playbook)
        goal = ways.reached(connection, standing, now_us)
        if goal is not None:
            end_run(connection, run, "done", f"Goal: {goal}", now_us, drop=True)
            return None
        verdict = ways.may_go(connection, standing, step, now_us)
        if isinstance(verdict, Wait):
            put_off(connection, run, step, verdict.until_us, verdict.why, now_us)
            return None
        if not isinstance(verdict, Go):
            end_run(connection, run, "stopped", verdict.why, now_us)
            return None
        act = ways.inner(step.kind)
        if act is None:
            return _begin(connection, run, step, ways, now_us)
        try:
            with connection.begin_nested():
                text = ways.text(connection, standing, now_us)
                came = act(connection, here_of(standing, step, now_us, ways, text))
        except UserError as error:
            failure = Broke(told(error))
            going = fail(
                connection, playbook, run, step, failure, ways.patience, now_us, now_us
            )  # fmt: skip
            continue
        going = settle(connection, playbook, run, step, came, now_us, now_us)
    return None


def told(error: Exception) -> str:
    """What an error says to the people who look at the run."""
    if isinstance(error, UserError):
        return f"{error.message} {error.hint}".strip()
    return str(error)


def _begin(connection: Connection, run: RunRow, step: Step, ways: Ways, now_us: int) -> StepJob:
    engine = engine_of(run)
    job = StepJob(run.id, run.number, int(engine.get("asked", 0)) + 1, step.kind)
    change_run(
        connection, run.id, state="working", due_us=now_us + ways.patience.lost_us, awaits=None,
        why=None, doc={**run.doc, "engine": {**engine, "asked": job.asked}},
    )  # fmt: skip
    put_step(connection, {
        "run_id": run.id, "number": run.number, "step": step.id, "kind": step.kind,
        "began_us": now_us, "ended_us": None, "state": "working", "why": None, "doc": {},
    })  # fmt: skip
    return job


def _look_after(
    connection: Connection, ways: Ways, playbook: Playbook, run: RunRow, now_us: int,
    jobs: Mapping[str, str],
) -> StepJob | None:  # fmt: skip
    """Nothing was heard of the run's job for long."""
    step, became = playbook.steps[run.at], jobs.get(job_of(run).id)
    if became is None or became == ALIVE:
        return None
    if became == LOST:
        return _begin(connection, run, step, ways, now_us)
    failure = Broke(became)
    going = fail(connection, playbook, run, step, failure, ways.patience, now_us, now_us)
    return None if going is None else advance(connection, ways, playbook, going, now_us)


@dataclass(frozen=True, slots=True)
class _Lead:
    merged_into: int | None
    objected: bool
    erased: bool


def _leads(connection: Connection, runs: list[RunRow]) -> dict[int, _Lead]:
    ids = {run.lead_id for run in runs if run.lead_id is not None}
    sql = (
        "SELECT id, merged_into, objected_us, erased_us FROM lead "  # noqa: S608 - our own SQL
        f"WHERE id IN {listed_whole(connection)}"
    )
    rows = ask(connection, sql, list=as_list(ids))
    return {row[0]: _Lead(row[1], row[2] is not None, row[3] is not None) for row in rows}


def _follow(
    connection: Connection, run: RunRow, leads: Mapping[int, _Lead], now_us: int
) -> RunRow | None:
    """The run, of the lead that its lead is part of by now; None where it ends for that."""
    if run.lead_id is None:
        return run
    found, lead_id = leads.get(run.lead_id), run.lead_id
    while found is not None and found.merged_into is not None:
        lead_id = found.merged_into
        found = leads.get(lead_id) or _one(connection, lead_id)
    if found is None or found.erased:
        end_run(connection, run, "stopped", "The lead is there no more.", now_us)
        return None
    if found.objected:
        end_run(connection, run, "stopped", "The lead objected to being scored.", now_us)
        return None
    if lead_id == run.lead_id:
        return run
    if has_active(connection, run.playbook, lead_id):
        why = f"The lead is part of lead {lead_id} by now, which is in this playbook already."
        end_run(connection, run, "stopped", why, now_us)
        return None
    change_run(connection, run.id, lead_id=lead_id)
    return replace(run, lead_id=lead_id)


def _one(connection: Connection, lead_id: int) -> _Lead | None:
    columns = (lead.c.merged_into, lead.c.objected_us, lead.c.erased_us)
    row = connection.execute(select(*columns).where(lead.c.id == lead_id)).one_or_none()
    return None if row is None else _Lead(row[0], row[1] is not None, row[2] is not None)


def _troubled(connection: Connection, run: RunRow, error: Exception, now_us: int) -> None:
    if isinstance(error, CardError):
        # An upgrade, or going back from one, must not end all runs of a version: people move them.
        why = f"This Leadwise cannot read the version of its playbook: {told(error)}"[:1_000]
        change_run(connection, run.id, due_us=now_us + UNREADABLE_WAIT_US, why=why)
        return
    if isinstance(error, UserError):
        end_run(connection, run, "failed", told(error), now_us)
        return
    engine = engine_of(run)
    failures = int(engine.get("defects", 0)) + 1
    why = f"A defect of Leadwise: {type(error).__name__}: {error}"[:1_000]
    if failures > 5:
        end_run(connection, run, "failed", why, now_us)
        return
    change_run(
        connection, run.id, due_us=now_us + DEFECT_WAIT_US * 4**failures, why=why,
        doc={**run.doc, "engine": {**engine, "defects": failures}},
    )  # fmt: skip
