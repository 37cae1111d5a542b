"""What handlers and those who put jobs in can rely on, with a worker in this process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from leadwise.errors import InternalError, UserError
from leadwise.jobs import JSON, Context, Entry, Jobs, Schedule, run_here
from tests.jobs.working import PACE, handlers

Until = Callable[[Callable[[], object]], None]


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jobs") / "notes"


@pytest.fixture(scope="module")
def jobs(notes: Path) -> Iterator[Jobs]:
    schedules = [Schedule("tick", "*/1 * * * * *", "quick", {"by": "schedule"})]
    known = handlers(notes)
    with Jobs(
        notes.parent / "data", known, worker="w1", version="1", schedules=schedules, pace=PACE
    ) as jobs:
        jobs.start()
        yield jobs


@pytest.fixture
def elsewhere(jobs: Jobs) -> Iterator[Jobs]:
    """The same jobs as a process without a worker sees them."""
    with Jobs(jobs.place) as other:
        yield other


def count(notes: Path, start: str) -> int:
    said = notes.read_text() if notes.exists() else ""
    return sum(line.startswith(start) for line in said.splitlines())


def test_one_id_runs_once(jobs: Jobs, elsewhere: Jobs, notes: Path) -> None:
    for where in (jobs, elsewhere, jobs, elsewhere):
        assert where.enqueue("quick", {"n": 1}, id="only") == "only"
    assert jobs.wait("only", 5).state == "done"
    assert elsewhere.enqueue("quick", {"n": 2}, id="only") == "only"
    assert elsewhere.enqueue_all("quick", [Entry("only"), Entry("new"), Entry("new")]) == 1
    jobs.wait("new", 5)
    assert elsewhere.get("only").result == {"n": 1}
    assert count(notes, "quick only") == 1
    assert count(notes, "quick new") == 1


def test_a_job_waits_until_it_is_due(jobs: Jobs, elsewhere: Jobs, notes: Path) -> None:
    due_us = jobs.now_us() + 700_000
    elsewhere.enqueue("quick", id="later", due_us=due_us)
    assert jobs.wait("later", 0.5).state == "waiting"
    assert jobs.wait("later", 5).state == "done"
    ran_us = int(next(x for x in notes.read_text().splitlines() if "later" in x).split()[2])
    assert due_us <= ran_us < due_us + 1_000_000


def test_progress_is_seen_from_elsewhere_and_a_running_job_can_be_cancelled(
    jobs: Jobs, elsewhere: Jobs, until: Until
) -> None:
    job_id = jobs.enqueue("slow")
    until(lambda: (elsewhere.get(job_id).done or 0) > 10)
    job = elsewhere.get(job_id)
    assert (job.state, job.total, job.message, job.worker) == ("running", 2000, "slow", "w1")
    assert elsewhere.cancel(job_id)
    # A handler that looks may end in its own way; its result is kept.
    job = jobs.wait(job_id, 5)
    assert (job.state, job.result) == ("done", "saw it")
    assert not elsewhere.cancel(job_id)


def test_a_cancelled_job_ends_at_its_next_step(
    jobs: Jobs, elsewhere: Jobs, notes: Path, until: Until
) -> None:
    (notes.parent / "go").unlink(missing_ok=True)
    job_id = jobs.enqueue("chain", {"steps": 3, "hold": 1}, id="held")
    until(lambda: count(notes, "begun held 1"))
    assert elsewhere.cancel(job_id)
    time.sleep(0.5)
    (notes.parent / "go").touch()
    job = jobs.wait(job_id, 5)
    assert (job.state, job.done) == ("cancelled", 2)
    assert jobs.retry(job_id)
    assert jobs.wait(job_id, 5).state == "done"
    assert [count(notes, f"begun held {n}") for n in range(3)] == [1, 1, 1]


def test_a_waiting_job_is_cancelled_at_once(jobs: Jobs, elsewhere: Jobs) -> None:
    job_id = elsewhere.enqueue("quick", due_us=jobs.now_us() + 300_000)
    assert elsewhere.cancel(job_id)
    assert not elsewhere.cancel(job_id)
    time.sleep(0.6)
    assert jobs.get(job_id).state == "cancelled"


def test_a_passing_failure_is_tried_again_from_its_step(
    jobs: Jobs, notes: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = jobs.wait(jobs.enqueue("flaky", {"times": 2}, id="twice"), 10)
    assert (job.state, job.result, job.attempt, job.error) == ("done", 3, 2, None)
    assert count(notes, "sure twice") == 1
    assert not any(record.exc_info for record in caplog.records)


def test_and_only_so_often(jobs: Jobs, notes: Path) -> None:
    notes.write_text("")
    job = jobs.wait(jobs.enqueue("flaky", {"times": 4}, id="often"), 10)
    assert job.state == "failed"
    assert job.error is not None
    assert (job.error.code, job.error.message) == ("remote", "the other end is down (3)")
    # By hand it is as new, but for the steps that are done.
    assert jobs.retry("often")
    assert jobs.wait("often", 10).state == "done"
    assert count(notes, "sure often") == 1
    assert count(notes, "unsure often") == 5
    assert not jobs.retry("often")


@pytest.mark.parametrize(
    ("how", "code", "message"),
    [
        ("user", "no-such-file", "there is no upload u1"),
        ("permanent", "remote", "the other end refuses"),
        ("defect", "internal", "a defect of Leadwise ended the job (ZeroDivisionError: oh)"),
        ("result", "internal", "a defect of Leadwise ended the job (InternalError: the result "),
    ],
)
def test_a_failure_says_what_is_wrong(
    jobs: Jobs, notes: Path, how: str, code: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    (notes.parent / "mended").unlink(missing_ok=True)
    job = jobs.wait(jobs.enqueue("wrong", {"how": how}, id=f"wrong {how}"), 5)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.code == code
    assert job.error.message.startswith(message)
    # The trace is for the log, and only where the program is at fault.
    assert "Traceback" not in job.error.message
    assert ("ZeroDivisionError" in caplog.text) == (how == "defect")
    (notes.parent / "mended").touch()
    assert jobs.retry(job.id)
    assert jobs.wait(job.id, 5).result == "well"
    assert count(notes, f"before wrong {how}") == 1


def test_a_schedule_fires_once_each_time(jobs: Jobs, notes: Path, until: Until) -> None:
    until(lambda: count(notes, "quick tick@") >= 2)
    ran = [line.split()[1] for line in notes.read_text().splitlines() if "tick@" in line]
    assert len(ran) == len(set(ran))
    assert jobs.get(ran[0]).result == {"by": "schedule"}
    until(lambda: len(jobs.list("quick", "waiting")) == 1)


def test_limits_leave_room_for_other_kinds(jobs: Jobs, until: Until) -> None:
    slow = [jobs.enqueue("slow") for _ in range(10)]
    until(lambda: jobs.list("slow", "running"))
    assert jobs.wait(jobs.enqueue("quick"), 5).state == "done"
    assert len(jobs.list("slow", "running")) <= PACE.limits["slow"]
    assert len(jobs.list("slow", "waiting")) >= 8
    for job_id in slow:
        jobs.cancel(job_id)
    until(lambda: not jobs.list("slow", "running"))


def test_a_step_that_outlasts_the_stop_harms_nothing(jobs: Jobs, notes: Path, until: Until) -> None:
    (notes.parent / "go").unlink(missing_ok=True)
    job_id = jobs.enqueue("chain", {"steps": 2, "hold": 0}, id="long")
    until(lambda: count(notes, "begun long 0"))
    assert not jobs.stop(0.1)
    (notes.parent / "go").touch()
    until(lambda: count(notes, "ended long 0"))
    time.sleep(0.1)
    assert jobs.get(job_id).state == "running"
    jobs.start()
    assert jobs.wait(job_id, 10).state == "done"
    assert count(notes, "ended long 1") == 1


def test_a_process_has_one_worker(tmp_path: Path, jobs: Jobs) -> None:
    with (
        Jobs(tmp_path, {}, worker="w", version="1") as second,
        pytest.raises(InternalError, match="one worker"),
    ):
        second.start()
    assert jobs.wait(jobs.enqueue("quick"), 5).state == "done"


def test_what_cannot_be_put_in(jobs: Jobs) -> None:
    for code, call in {
        "job-kind": lambda: jobs.enqueue("unheard-of"),
        "job-id": lambda: jobs.enqueue("quick", id="x" * 401),
        "unknown-job": lambda: jobs.cancel("nobody"),
        "job-state": lambda: jobs.list(state="lost"),
        "bad-cursor": lambda: jobs.list(after="x"),
        "jobs-place": lambda: Jobs("mysql://x/y"),
    }.items():
        with pytest.raises(UserError) as caught:
            call()
        assert caught.value.code == code
    with pytest.raises(InternalError, match="cannot be written as JSON"):
        jobs.enqueue("quick", {"n": float("nan")})


def test_a_handler_can_be_called_here() -> None:
    told = []

    def handler(context: Context, arguments: dict[str, JSON]) -> JSON:
        pair = context.step("pair", lambda: (1, "\ud800"))
        context.progress(1, 2, "half")
        return [pair, arguments["x"], context.cancelled(), context.job_id]

    result = run_here(handler, {"x": 3}, tell=lambda *progress: told.append(progress))
    assert result == [[1, "?"], 3, False, "here"]
    assert told == [(1, 2, "half")]


def test_dbos_logs_through_the_standard_logging(jobs: Jobs) -> None:
    dbos = logging.getLogger("dbos")
    assert dbos.propagate
    assert [type(handler) for handler in dbos.handlers] == [logging.NullHandler]
    assert dbos.getEffectiveLevel() == logging.WARNING
