"""A whole service: something happens, a run begins, its job is done, the run ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.playbooks.versions import add, publish
from leadwise.settings import Settings
from leadwise.settings.model import LogSettings
from leadwise.store.documents import canonical
from leadwise.store.runs import RunRow, list_runs, steps_of
from leadwise.store.tasks import end_task, list_tasks
from leadwise.web.wiring import build

PLAYBOOK = """
playbook: calls
version: 1
starts: {event: demo_requested}
steps:
  - convert: {to: mql, reason: 'asked as {{ lead.id }}'}
  - classify: {text: 'please call me about the price', into: {price: the price, bug: it broke}}
    failed: go on
  - task: {title: 'Call {{ lead.id }}', to: team, wait: true}
"""


def test_what_happens_starts_a_run_that_goes_through_a_job_and_a_task(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, log=LogSettings(level="error"))
    (tmp_path / "mirror").mkdir()
    service = build(settings).service
    store = service.store
    with service.running():
        now_us = service.clock()

        def live(connection: Any) -> None:
            made = add(connection, PLAYBOOK, actor="test", now_us=now_us).version
            publish(connection, made.id, actor="test", now_us=now_us)

        store.write(live)
        message = Message(
            "track", "test", "1", "demo_requested", now_us + 1, now_us + 1, user_id="ann",
            email="ann@acme.example", document=canonical({}),
        )  # fmt: skip
        time.sleep(0.01)
        received = Received((message,))
        store.write(lambda c: record(c, received, GateRules(), service.clock()))

        def runs(state: Any = None) -> list[RunRow]:
            with store.read() as connection:
                return list_runs(connection, state=state)

        def waits() -> bool:
            return any(one.awaits == "task" for one in runs())

        until(waits, runs)
        with store.read() as connection:
            (task,) = list_tasks(connection)
            (run,) = list_runs(connection)
            steps = [(one.kind, one.state) for one in steps_of(connection, run.id)]
        assert task.title == f"Call {run.lead_id}"
        assert steps[0] == ("convert", "done")
        assert steps[1][0] == "classify"
        assert steps[2] == ("task", "waited")
        store.write(lambda c: end_task(c, task.id, "done", by="member:1", now_us=service.clock()))
        until(lambda: bool(runs("done")), runs)
        assert "leadwise_playbook_moved" in service.metrics.text().decode()


def until(true: Callable[[], bool], told: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait for it."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, told()
        time.sleep(0.05)
