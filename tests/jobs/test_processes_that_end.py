"""Workers that are killed, stopped or replaced in the middle of a job: done steps are not done
again, and the rest is."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from leadwise.errors import UserError
from leadwise.jobs import Entry, Jobs, place as place_module
from tests.jobs.conftest import Crew

Until = Callable[[Callable[[], object]], None]


def hold_in_the_middle(jobs: Jobs, crew: Crew, until: Until) -> str:
    """A job of four parts that stands in part 2."""
    job_id = jobs.enqueue("chain", {"steps": 4, "hold": 2}, id="c")
    until(lambda: crew.lines("begun c 2"))
    return job_id


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


@pytest.mark.parametrize("version", ["1", "2"])
def test_another_worker_takes_over(
    database: str, crew: Crew, until: Until, version: str
) -> None:
    with Jobs(database) as jobs:
        first = crew.start(database)
        job_id = hold_in_the_middle(jobs, crew, until)
        second = crew.start(database, "w2", version)
        time.sleep(0.5)
        assert jobs.get(job_id).worker == "w1"
        first.kill()
        crew.go()
        job = jobs.wait(job_id, 10)
    assert (job.state, job.worker) == ("done", "w2")
    assert job.result == [[0, "1"], [1, "1"], [2, version], [3, version]]
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
        crew.start(database, "w2", "2")
        until(lambda: jobs.get(job_id).worker == "w2")
        crew.go()
        job = jobs.wait(job_id, 10)
        first.send_signal(signal.SIGCONT)
        until(lambda: crew.lines("ended c 2 1"))
        # Awake again it works on, on other jobs; this one stays as the other left it.
        until(lambda: any(jobs.get(jobs.enqueue("quick")).worker == "w1" for _ in range(9)))
        assert jobs.get(job_id) == job
    assert job.result == [[0, "1"], [1, "1"], [2, "2"], [3, "2"]]
    assert not crew.lines("begun c 3 1")


def test_sigterm_lets_the_step_end_and_leaves_the_rest(
    tmp_path: Path, crew: Crew, until: Until
) -> None:
    folder = str(tmp_path / "data")
    with Jobs(folder) as jobs:
        first = crew.start(folder)
        job_id = hold_in_the_middle(jobs, crew, until)
        assert not [c for c in psutil.Process(first.pid).net_connections() if c.family != 1]
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
    folder, count = str(tmp_path / "data"), 60
    chance = random.Random(7)
    crew.go()
    with Jobs(folder) as jobs:
        jobs.enqueue_all("chain", [Entry(f"j{n}", {"steps": 3}) for n in range(count)])
        for _ in range(4):
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
    # most one for each of the eight threads and each of the four kills, and in truth hardly any.
    again = sum(n - 1 for n in Counter(crew.lines("ended")).values())
    assert again <= 4 * 8
    assert len(set(crew.lines("ended"))) == 3 * count


def test_one_process_works_in_a_folder(
    tmp_path: Path, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(tmp_path / "data")
    crew.start(folder)
    monkeypatch.setattr(place_module, "PATIENCE_S", 0.1)
    with Jobs(folder, {}, worker="w2", version="1") as jobs, pytest.raises(UserError) as caught:
        jobs.start()
    assert caught.value.code == "jobs-folder-in-use"


def test_one_process_has_a_name(
    database: str, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew.start(database)
    monkeypatch.setattr(place_module, "PATIENCE_S", 0.1)
    with Jobs(database, {}, worker="w1", version="1") as jobs, pytest.raises(UserError) as caught:
        jobs.start()
    assert caught.value.code == "worker-name-in-use"


def test_putting_in_needs_no_workflow_engine(tmp_path: Path) -> None:
    code = (
        "import sys; from leadwise.jobs import Jobs; "
        f"Jobs({str(tmp_path)!r}).enqueue('quick', id='a'); "
        "print('dbos' in sys.modules, 'croniter' in sys.modules)"
    )
    import sys

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "False False\n"
    with Jobs(tmp_path) as jobs:
        assert jobs.get("a").state == "waiting"
