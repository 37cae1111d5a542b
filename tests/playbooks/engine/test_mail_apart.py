"""Mails are paced, and keep no other step waiting."""

from __future__ import annotations

import threading
from pathlib import Path

from leadwise.jobs import JSON, Context, Jobs, Pace
from leadwise.playbooks.runs.jobs import handlers_of, put_in
from leadwise.playbooks.runs.running import StepJob
from leadwise.web.follow_up import STEPS_AT_ONCE
from tests.playbooks.engine.world import World

MAILS = 200


def test_many_mails_do_not_keep_a_step_of_another_playbook_waiting(tmp_path: Path) -> None:
    called, sent, go_on = threading.Event(), [0], threading.Event()

    def handler(_: Context, arguments: dict[str, JSON]) -> JSON:
        if arguments["run"] == MAILS:
            called.set()
        else:
            sent[0] += 1
            go_on.wait(20)  # a server that is not to be asked more often
        return None

    pace = Pace(poll_s=0.05, limits=STEPS_AT_ONCE)
    with Jobs(tmp_path, handlers_of(handler), worker="one", version="1", pace=pace) as jobs:
        jobs.start()
        put_in(jobs, [StepJob(number, 0, 1, "mail") for number in range(MAILS)])
        put_in(jobs, [StepJob(MAILS, 0, 1, "webhook")])
        try:
            assert called.wait(10)
            assert sent[0] < MAILS
        finally:
            for job in jobs.list(limit=MAILS + 1):
                jobs.cancel(job.id)
            go_on.set()


def test_a_run_says_of_which_kind_the_job_of_its_step_is(either: World) -> None:
    kinds: list[str] = []
    put = either.work.enqueue_all

    def enqueue_all(kind: str, entries: object) -> int:
        kinds.append(kind)
        return put(kind, entries)

    either.work.enqueue_all = enqueue_all
    either.start(
        either.publish("  - mail: offer\n    failed: go on\n  - webhook: http://h.example\n")
    )
    either.move()
    assert kinds == ["mail_step", "step"]
