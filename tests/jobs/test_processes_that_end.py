"""Workers that are killed, stopped or replaced in the middle of a job: done steps are not done
again, and the rest is."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from leadwise.errors import UserError
from leadwise.jobs import Entry, Jobs
from leadwise.jobs import place as place_module
from tests.jobs.conftest import Crew

Until = Callable[[Callable[[], object]], None]


def hold_in_the_middle(jobs: Jobs, crew: Crew, until: Until) -> str:
    """A job of four parts that stands in part 2."""
    job_id = jobs.enqueue("chain", {"steps": 4, "hold": 2}, id="c")
    until(lambda: crew.lines("begun c 2"))
    return job_id


def refusal(place: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Why a worker called w1 may not work there."""
    monkeypatch.setattr(place_module, "PATIENCE_S", 0.1)
    with Jobs(place, {}, worker="w1", version="1") as jobs, pytest.raises(UserError) as caught:
        jobs.start()
    return caught.value.code


def test_a_killed_worker_goes_on_where_it_was(place: str, crew: Crew, until: Until) -> None:
    with Jobs(place) as jobs:
        first = crew.start(place)
        job_id = hold_in_the_middle(jobs, crew, until)
        first.kill()
        first.wait()
        assert jobs.get(job_id).state == "running"
        crew.go()
        crew.start(place)
        job = jobs.wait(job_id, 10)
    assert job.state == "done"
    assert job.result == [[0, "1"], [1, "1"], [2, "1"], [3, "1"]]
    assert crew.lines("ended") == [f"ended c {number} 1" for number in range(4)]
    # The part that was interrupted was begun once more.
    assert crew.lines("begun") == [f"begun c {number} 1" for number in (0, 1, 2, 2, 3)]


def test_another_worker_of_another_version_takes_over(
    database: str, crew: Crew, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Jobs(database) as jobs:
        first = crew.start(database)
        job_id = hold_in_the_middle(jobs, crew, until)
        second = crew.start(database, "w2", "2")
        assert refusal(database, monkeypatch) == "worker-name-in-use"
        assert jobs.get(job_id).worker == "w1"
        first.kill()
        crew.go()
        job = jobs.wait(job_id, 10)
    assert (job.state, job.worker) == ("done", "w2")
    assert job.result == [[0, "1"], [1, "1"], [2, "2"], [3, "2"]]
    assert Counter(line.split()[2] for line in crew.lines("ended")) == dict.fromkeys("0123", 1)
    second.kill()
    assert second.communicate()[1].count("taking over job c of w1") == 1


def test_a_worker_that_only_slept_does_not_write_any_more(
    database: str, crew: Crew, until: Until
) -> None:
    with Jobs(database) as jobs:
        first = crew.start(database)
        job_id = hold_in_the_middle(jobs, crew, until)
        first.send_signal(signal.SIGSTOP)
        crew.start(database, "w2")
        until(lambda: jobs.get(job_id).worker == "w2")
        crew.go()
        job = jobs.wait(job_id, 10)
        first.send_signal(signal.SIGCONT)
        # Awake again it works on, on other jobs; this one stays as the other left it.
        jobs.enqueue_all("quick", [Entry(f"q{n}") for n in range(200)])
        until(lambda: "w1" in {job.worker for job in jobs.list("quick", "done")})
        assert jobs.get(job_id) == job
        assert len(crew.lines("ended c 2")) == 2
        assert len(crew.lines("begun c 3")) == 1


def test_sigterm_lets_the_step_end_and_leaves_the_rest(
    tmp_path: Path, crew: Crew, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(tmp_path / "data")
    with Jobs(folder) as jobs:
        first = crew.start(folder)
        job_id = hold_in_the_middle(jobs, crew, until)
        assert not [c for c in psutil.Process(first.pid).net_connections() if c.family != 1]
        assert refusal(folder, monkeypatch) == "jobs-folder-in-use"
        first.terminate()
        time.sleep(0.1)
        crew.go()
        out, err = first.communicate(timeout=5)
        assert (first.returncode, out) == (0, "")
        # Nothing is said at INFO in a life without incidents, by DBOS least of all.
        assert err == ""
        assert crew.lines("ended")[-1] == "ended c 2 1"
        assert jobs.get(job_id).state == "running"
        crew.start(folder)
        assert jobs.wait(job_id, 10).state == "done"
    assert crew.lines("begun") == [f"begun c {number} 1" for number in range(4)]


def test_killed_again_and_again(tmp_path: Path, crew: Crew, until: Until) -> None:
    folder, count = str(tmp_path / "data"), 40
    chance = random.Random(7)
    crew.go()
    with Jobs(folder) as jobs:
        jobs.enqueue_all("chain", [Entry(f"j{n}", {"steps": 3}) for n in range(count)])
        for _ in range(2):
            worker = crew.start(folder)
            time.sleep(chance.uniform(0.05, 0.4))
            worker.kill()
            worker.wait()
        crew.start(folder)
        until(lambda: not jobs.list(state="waiting", limit=1))
        ended = [jobs.wait(f"j{n}", 10) for n in range(count)]
    assert {job.state for job in ended} == {"done"}
    assert all(job.result == [[0, "1"], [1, "1"], [2, "1"]] for job in ended)
    # A step is done again only where its end was noted and the kill came before its record: at
    # most one for each of the eight threads and each of the two kills, and in truth hardly any.
    again = sum(n - 1 for n in Counter(crew.lines("ended")).values())
    assert again <= 2 * 8
    assert len(set(crew.lines("ended"))) == 3 * count


def test_putting_in_needs_no_workflow_engine(tmp_path: Path) -> None:
    code = (
        "import sys; from leadwise.jobs import Jobs; "
        f"Jobs({str(tmp_path)!r}).enqueue('quick', id='a'); "
        "print('dbos' in sys.modules, 'croniter' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "False False\n"
    with Jobs(tmp_path) as jobs:
        assert jobs.get("a").state == "waiting"
