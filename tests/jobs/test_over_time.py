"""Versions that follow one another, and jobs that are forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from leadwise.errors import UserError
from leadwise.jobs import JSON, Context, Jobs
from tests.jobs.working import PACE, handlers

Until = Callable[[Callable[[], object]], None]


def test_a_version_that_takes_other_steps_goes_on_where_they_differ(tmp_path: Path) -> None:
    taken: list[str] = []

    def taking(*names: str) -> Callable[[Context, dict[str, JSON]], JSON]:
        def handler(context: Context, arguments: dict[str, JSON]) -> JSON:
            for name in names:
                context.step(name, lambda name=name: taken.append(name))
            if names[-1] == "fail":
                raise UserError("no", "no")
            return list(names)

        return handler

    for version, names in {"1": ("a", "b", "fail"), "2": ("a", "c", "d")}.items():
        with Jobs(tmp_path, {"k": taking(*names)}, worker="w", version=version) as jobs:
            jobs.start()
            jobs.enqueue("k", id="x") if version == "1" else jobs.retry("x")
            job = jobs.wait("x", 10)
    assert (job.state, job.result) == ("done", ["a", "c", "d"])
    assert taken == ["a", "b", "fail", "c", "d"]


def test_finished_jobs_are_forgotten(tmp_path: Path, until: Until) -> None:
    before = threading.active_count()  # other tests of this process leave some
    with Jobs(
        tmp_path, handlers(tmp_path / "n"), worker="w", version="1",
        pace=replace(PACE, keep_days=1e-6),
    ) as own:  # fmt: skip
        own.start()
        job_id = own.enqueue("quick")
        waiting = own.enqueue("quick", due_us=own.now_us() + 60_000_000)
        until(lambda: [job.id for job in own.list()] == [waiting])
        with pytest.raises(UserError, match="there is no job"):
            own.get(job_id)
        own.stop()
        assert threading.active_count() < before + 5


def test_what_is_due_does_not_wait_for_a_clock_that_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    go_on, back_us, real = threading.Event(), [0], Jobs.now_us
    monkeypatch.setattr(Jobs, "now_us", staticmethod(lambda: real() - back_us[0]))
    hour_us = 3_600_000_000

    def handler(_: Context, arguments: dict[str, JSON]) -> JSON:
        return go_on.wait(10)

    pace = replace(PACE, slots=1)
    with Jobs(tmp_path, {"k": handler}, worker="w", version="1", pace=pace) as jobs:
        jobs.start()
        jobs.enqueue("k", id="first")
        until(lambda: jobs.get("first").state == "running")
        jobs.enqueue("k", id="second")
        jobs.enqueue("k", id="later", due_us=jobs.now_us() + 60_000_000)
        back_us[0] = hour_us
        go_on.set()
        assert jobs.wait("second", 5).state == "done"
        assert jobs.get("later").state == "waiting"
