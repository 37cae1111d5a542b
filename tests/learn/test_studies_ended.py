"""Studies whose work ends otherwise: the process is killed, or there is a defect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.jobs import Jobs, run_here
from leadwise.learn import studies
from leadwise.learn.asked import Asked
from leadwise.learn.jobs import DEFECT, Learning, learn_handlers, start_study
from leadwise.store.drafts import list_drafts
from leadwise.store.opening import Store
from leadwise.store.studies import ask_study, find_study
from tests.databases import make_tables
from tests.learn.test_studies import ASKED, fill
from tests.records import NOW_US

KILLED = """
import os, signal, sys
from pathlib import Path
from leadwise.jobs import Jobs
from leadwise.learn import studies
from leadwise.learn.jobs import Learning, learn_handlers
from leadwise.store.opening import Store

place = Path(sys.argv[1])
answer = studies.answer

def last_words(kind, study):
    found = answer(kind, study)
    os.kill(os.getpid(), signal.SIGKILL)
    return found

studies.answer = last_words
store = Store(str(place / "leadwise.db"))
jobs = Jobs(place, learn_handlers(Learning(store, place / "mirror")), worker="one", version="1")
jobs.start()
jobs.wait(sys.argv[2], 120)
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "leadwise.db")) as opened:
        make_tables(opened)
        yield opened


def test_a_worker_killed_in_the_middle_is_followed_by_one_answer(
    store: Store, tmp_path: Path
) -> None:
    """The learned card lies in one draft, though it was worked out twice."""
    version_id = store.write(fill)
    jobs = Jobs(tmp_path, worker="asks", version="1")
    asked = start_study(
        store, jobs, "learn", version_id, "won", ASKED, by="member:7", now_us=NOW_US
    )
    jobs.close()
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), asked.job_id], timeout=180, check=False,
        env=dict(os.environ), capture_output=True,
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    with store.read() as connection:
        assert find_study(connection, asked.id).done_us is None
        assert not list_drafts(connection)
    handlers = learn_handlers(Learning(store, tmp_path / "mirror"))
    again = Jobs(tmp_path, handlers, worker="one", version="1")
    again.start()
    try:
        done = again.wait(asked.job_id, 120)
    finally:
        again.stop(10)
    assert (done.state, done.result) == ("done", {"study": asked.id, "problem": None})
    with store.read() as connection:
        found = find_study(connection, asked.id)
        (draft,) = list_drafts(connection)
    assert found.document is not None
    assert found.document["draft_id"] == draft.id


def test_a_defect_ends_the_study_and_fails_the_job(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_id = store.write(fill)
    asked = store.write(
        lambda c: ask_study(
            c, "backtest", version_id, "won", Asked().document(), by="x", now_us=NOW_US, job_id="j"
        )
    )

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(studies, "answer", broken)
    with pytest.raises(ZeroDivisionError):
        run_here(learn_handlers(Learning(store, tmp_path))["study"], {"study": asked.id})
    with store.read() as connection:
        assert find_study(connection, asked.id).problem == DEFECT
