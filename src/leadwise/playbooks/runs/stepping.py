"""What came of a step, written down: where the run stands next, and the row of the step.

Every function here is called with the run held by the caller's transaction. `engine` in a run's
`doc` is the runner's own: `asked` (how often the step that it stands at was put into a job),
`failures` in a row and `since` when, `from` (when the step before began: an event that is waited
for counts from then on), `resumed` (what a person decided, until the run moves on).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from leadwise.plan.relations import FOREVER
from leadwise.playbooks.model import Playbook, Step
from leadwise.playbooks.runs.acting import Came, Document
from leadwise.playbooks.runs.ways import Patience
from leadwise.store.runs import RunRow, change_run, end_run, put_step
from leadwise.store.tasks import HELD, open_task

log = logging.getLogger("leadwise.playbooks")
LONGEST_WHY = 1_000


@dataclass(frozen=True, slots=True)
class Broke:
    """Why a step came to nothing. `passing`: it is asked again, no sooner than `after_s`."""

    why: str
    passing: bool = False
    after_s: float | None = None


def settle(
    connection: Connection, playbook: Playbook, run: RunRow, step: Step, came: Came, began_us: int,
    now_us: int,
) -> RunRow | None:  # fmt: skip
    """Move the run on by what came of its step; the run where it goes on at once, else None."""
    if came.state == "waits":
        _wait(connection, run, step, came, began_us, now_us)
        return None
    if came.state == "held":
        hold(connection, run, step, came.why, began_us, now_us, dict(came.result))
        return None
    _row(connection, run, step, "done", came.why, began_us, now_us, came.result)
    if came.state == "ends":
        why = came.why or "The playbook ends here."
        end_run(connection, run, "done", why, now_us, doc=_told(run, step, came.result))
        return None
    place = step.settings.get(came.branch) if came.branch is not None else None
    at = place if isinstance(place, int) else step.next
    return _move(connection, playbook, run, step, at, came.result, began_us, now_us)


def skip(
    connection: Connection, playbook: Playbook, run: RunRow, step: Step, why: str, now_us: int,
    more: Document | None = None,
) -> RunRow | None:  # fmt: skip
    """Go on past a step that was not done; the run where it goes on, else None."""
    had = run.doc["step"].get(step.id)
    result: Document = {**(had if isinstance(had, dict) else {}), **(more or {})}
    _row(connection, run, step, "skipped", why, now_us, now_us, result)
    return _move(connection, playbook, run, step, step.next, result, now_us, now_us)


def fail(
    connection: Connection, playbook: Playbook, run: RunRow, step: Step, failure: Broke,
    patience: Patience, began_us: int, now_us: int,
) -> RunRow | None:  # fmt: skip
    """The step failed: ask it again later, or do what it says for good failures."""
    if failure.passing:
        later = _later(run, failure, patience, now_us)
        if later is not None:
            due_us, engine = later
            why = f"To be tried again: {failure.why}"
            _row(connection, run, step, "working", why, began_us, None, {})
            change_run(
                connection, run.id, state="waiting", due_us=due_us, awaits=None,
                why=why[:LONGEST_WHY], doc={**run.doc, "engine": engine},
            )  # fmt: skip
            return None
    log.warning("run %d, step %s: %s", run.id, step.id, failure.why)
    if step.failed == "go on":
        why = failure.why[:LONGEST_WHY]
        return skip(connection, playbook, run, step, why, now_us, {"failed": why})
    if step.failed == "ask":
        hold(connection, run, step, failure.why, began_us, now_us, {})
        return None
    why = f"Step {step.id} failed: {failure.why}"[:LONGEST_WHY]
    _row(connection, run, step, "failed", failure.why, began_us, now_us, {})
    end_run(connection, run, "failed", why, now_us)
    return None


def hold(
    connection: Connection, run: RunRow, step: Step, why: str, began_us: int, now_us: int,
    result: Document,
) -> None:  # fmt: skip
    """Stop the clock until a person says how the run goes on: its task asks for that."""
    why = (why or "A person has to look at this.")[:LONGEST_WHY]
    _row(connection, run, step, "held", why, began_us, None, result)
    doc = _told(run, step, result) if result else dict(run.doc)
    doc["engine"] = _without(doc, "resumed", "failures", "since")
    change_run(
        connection, run.id, state="held", due_us=FOREVER, awaits=None, why=why, doc=doc
    )  # fmt: skip
    open_task(
        connection, kind="review", title=f"{run.playbook}: {step.label or step.id} needs you",
        about=why, lead_id=run.lead_id, now_us=now_us, run_id=run.id, number=run.number,
        doc={HELD: True, "step": step.id},
    )  # fmt: skip


def put_off(
    connection: Connection, run: RunRow, step: Step, until_us: int, why: str, now_us: int
) -> None:
    """Nothing is done before `until_us`; then the step is asked again."""
    _row(connection, run, step, "working", why, now_us, None, {})
    change_run(connection, run.id, state="waiting", due_us=until_us, awaits=None, why=why)


def finish(connection: Connection, run: RunRow, now_us: int) -> None:
    """All steps are done."""
    end_run(connection, run, "done", "All steps are done.", now_us, doc=run.doc)


def engine_of(run: RunRow) -> dict[str, Any]:
    """The runner's own part of a run's document."""
    return dict(run.doc.get("engine", {}))


def _move(
    connection: Connection, playbook: Playbook, run: RunRow, step: Step, at: int,
    result: Document, began_us: int, now_us: int,
) -> RunRow | None:  # fmt: skip
    doc = _told(run, step, result)
    doc["engine"] = {"from": began_us}
    moved = replace(
        run, at=at, number=run.number + 1, state="waiting", due_us=now_us, awaits=None, why=None,
        doc=doc,
    )  # fmt: skip
    if at >= len(playbook.steps):
        change_run(connection, run.id, at=at, number=moved.number)
        finish(connection, moved, now_us)
        return None
    change_run(
        connection, run.id, at=at, number=moved.number, state="waiting", due_us=now_us,
        awaits=None, why=None, doc=doc,
    )  # fmt: skip
    return moved


def _wait(
    connection: Connection, run: RunRow, step: Step, came: Came, began_us: int, now_us: int
) -> None:
    doc = _told(run, step, came.result)
    doc["engine"] = _without(doc, "resumed", "failures", "since")
    _row(connection, run, step, "waited", came.why, began_us, None, came.result)
    until_us = FOREVER if came.until_us is None else max(came.until_us, now_us)
    change_run(
        connection, run.id, state="waiting", due_us=until_us, awaits=came.awaits,
        why=came.why or None, doc=doc,
    )  # fmt: skip


def _later(
    run: RunRow, failure: Broke, patience: Patience, now_us: int
) -> tuple[int, dict[str, Any]] | None:
    """When it is asked again, and what is remembered of it; None where patience has run out."""
    engine = engine_of(run)
    failures, since = int(engine.get("failures", 0)) + 1, int(engine.get("since", now_us))
    wait_us = min(patience.longest_us, patience.first_us * 2 ** min(failures - 1, 30))
    wait_us = max(wait_us, int((failure.after_s or 0.0) * 1_000_000))
    if now_us + wait_us - since > patience.whole_us:
        return None
    return now_us + wait_us, {**engine, "failures": failures, "since": since}


def _told(run: RunRow, step: Step, result: Document) -> dict[str, Any]:
    return {**run.doc, "step": {**run.doc.get("step", {}), step.id: dict(result)}}


def _without(doc: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in doc.get("engine", {}).items() if name not in names}


def _row(
    connection: Connection, run: RunRow, step: Step, state: str, why: str, began_us: int,
    ended_us: int | None, result: Document,
) -> None:  # fmt: skip
    put_step(connection, {
        "run_id": run.id, "number": run.number, "step": step.id, "kind": step.kind,
        "began_us": began_us, "ended_us": ended_us, "state": state,
        "why": why[:LONGEST_WHY] or None, "doc": dict(result),
    })  # fmt: skip
