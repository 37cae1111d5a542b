"""The job of an outer step, which carries ids only: `run`, `number`, `asked`.

Mails are jobs of a kind of their own: they go no faster than the mail server is to be asked, and
10,000 of them must not keep the webhook of another playbook waiting.

It looks whether its run still stands where it did when the job was put in, acts, and moves the run
on in one transaction that looks again. A process that is killed in between does the step once more,
with the same key; a job that comes too late, or twice at once, changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from leadwise.errors import RemoteError, UserError
from leadwise.jobs import JSON, Context, Entry, Handler, Job, Jobs
from leadwise.playbooks.model import Playbook
from leadwise.playbooks.runs.acting import Came, House
from leadwise.playbooks.runs.running import (
    ALIVE,
    LOST,
    Moved,
    StepJob,
    here_of,
    job_of,
    move_due,
    run_of,
    told,
)
from leadwise.playbooks.runs.stepping import Broke, engine_of, fail, settle
from leadwise.playbooks.runs.ways import Ways
from leadwise.store.opening import Store
from leadwise.store.playbooks import get_playbook
from leadwise.store.runs import RunRow, get_run, hold_run, look_later, working_for_long

log = logging.getLogger("leadwise.playbooks")
KIND, MAILS = "step", "mail_step"
"""Kinds of jobs: outer steps, and those of them that send mail."""
UNAUTHORIZED = 401
PASSING = ("storage", "remote")
"""Codes of failed jobs after which the same may be asked again."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A run whose step is to be done now."""

    run: RunRow
    playbook: Playbook


def step_handler(
    house: House, ways: Ways, moved_on: Callable[[], None] = lambda: None
) -> Handler:  # fmt: skip
    """The handler of jobs of the kind `step`. `moved_on` is called when a run can go on."""

    def handler(_: Context, arguments: dict[str, JSON]) -> JSON:
        job = StepJob(
            _whole(arguments, "run"), _whole(arguments, "number"), _whole(arguments, "asked")
        )
        begun = _begun(house, ways, job)
        if begun is None:
            return {"state": "over"}
        began_us = house.clock_us()
        came = _acted(house, ways, begun, began_us)
        house.store.write(
            lambda connection: _moved_on(connection, ways, job, came, began_us, house.clock_us()),
            alone=True,
        )
        moved_on()
        return {"state": came.state if isinstance(came, Came) else "failed"}

    return handler


def handlers_of(handler: Handler) -> dict[str, Handler]:
    """The handler of `step_handler` for the kinds of jobs that outer steps are."""
    return {KIND: handler, MAILS: handler}


def put_in(jobs: Jobs, steps: list[StepJob]) -> None:
    """Put the jobs of these steps in, each once."""
    for kind in (KIND, MAILS):
        entries = [
            Entry(step.id, {"run": step.run_id, "number": step.number, "asked": step.asked})
            for step in steps
            if (MAILS if step.kind == "mail" else KIND) == kind
        ]
        if entries:
            jobs.enqueue_all(kind, entries)


def move_runs_on(store: Store, jobs: Jobs, ways: Ways, clock_us: Callable[[], int]) -> Moved:
    """One transaction over the runs that are due, and the jobs that they came to put in."""
    with store.read() as connection:
        late = {job_of(run).id: run.id for run in working_for_long(connection, clock_us())}
    there = {job.id: job for job in jobs.get_all(list(late))}
    became = {job_id: _became(there.get(job_id)) for job_id in late}
    alive = [late[job_id] for job_id, what in became.items() if what == ALIVE]

    def work(connection: Connection) -> Moved:
        now_us = clock_us()
        if alive:
            look_later(connection, alive, now_us, now_us + ways.patience.found_us)
        return move_due(connection, ways, now_us, became)

    moved = store.write(work, "playbooks", alone=True)
    put_in(jobs, moved.jobs)
    return moved


def _became(job: Job | None) -> str:
    """What became of a job: `alive`, `lost`, or why it failed for good."""
    if job is not None and job.state in ("waiting", "running"):
        return ALIVE
    failed = job is not None and job.state == "failed"
    if job is not None and failed and job.error is not None and job.error.code not in PASSING:
        return job.error.message
    return LOST


def _begun(house: House, ways: Ways, job: StepJob) -> Begun | None:
    with house.store.read() as connection:
        try:
            run = get_run(connection, job.run_id)
        except UserError:
            return None  # the person was erased
        if not _stands(run, job):
            return None
        return Begun(run, ways.read(get_playbook(connection, run.version_id).text))


def _acted(house: House, ways: Ways, begun: Begun, now_us: int) -> Came | Broke:
    run, playbook = begun.run, begun.playbook
    step = playbook.steps[run.at]
    act = ways.outer(step.kind)
    if act is None:
        return Broke(f"Nothing knows how to do a step of the kind {step.kind}.")
    standing = run_of(run, playbook)

    def text(template: str) -> str:
        if "{" not in template:
            return template
        with house.store.read() as connection:
            return ways.text(connection, standing, now_us)(template)

    try:
        return act(house, here_of(standing, step, now_us, ways, text))
    except UserError as error:
        return Broke(told(error))
    except RemoteError as error:
        # A token that ran out is renewed by somebody: all runs would have failed until then.
        passing = not error.permanent or error.status == UNAUTHORIZED
        return Broke(str(error), passing, error.after_s)
    except Exception as error:
        log.exception("run %d, step %s failed", run.id, step.id)
        return Broke(f"A defect of Leadwise: {type(error).__name__}: {error}")


def _moved_on(
    connection: Connection, ways: Ways, job: StepJob, came: Came | Broke, began_us: int,
    now_us: int,
) -> None:  # fmt: skip
    """Where the run stands after the step. What follows is the loop's: a defect in the next step
    must not take back that this one was done."""
    run = hold_run(connection, job.run_id)
    if run is None or not _stands(run, job):
        return  # it was stopped meanwhile, or another process was quicker
    playbook = ways.read(get_playbook(connection, run.version_id).text)
    step = playbook.steps[run.at]
    if isinstance(came, Came):
        settle(connection, playbook, run, step, came, began_us, now_us)
    else:
        fail(connection, playbook, run, step, came, ways.patience, began_us, now_us)


def _stands(run: RunRow, job: StepJob) -> bool:
    return (
        run.state == "working"
        and run.number == job.number
        and int(engine_of(run).get("asked", 1)) == job.asked
    )


def _whole(arguments: dict[str, JSON], name: str) -> int:
    found = arguments[name]
    assert isinstance(found, int)
    return found
