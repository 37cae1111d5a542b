"""Runs: the list of a playbook's, and one, step by step, with why it stands or ended as it did."""

from __future__ import annotations

import json
from typing import Any, get_args

from starlette.responses import Response

from leadwise.playbooks import versions
from leadwise.playbooks.words.describe import labels_of
from leadwise.playbooks.words.steps import step_words
from leadwise.store.cards import live_version
from leadwise.store.playbooks import get_playbook
from leadwise.store.runs import ACTIVE, RunRow, RunState, get_run, list_runs, steps_of
from leadwise.store.tasks import Task, list_tasks
from leadwise.web.pages.playbooks.parts import branch_words, is_dated, playbook_in, state_words
from leadwise.web.pages.visit import MOST, Visit

AT_ONCE = 50
LONGEST_DETAIL = 600


def runs_page(visit: Visit) -> Response:
    """Of a playbook, of a lead, at a step of a version, or all; in one state or in any."""
    playbook = visit.query.get("playbook") or None
    lead, before = _number(visit, "lead"), _number(visit, "before")
    version, at = _number(visit, "version"), _number(visit, "at")
    standing = (version, at) if version is not None and at is not None else None
    wanted = visit.query.get("state", "")
    state: RunState | None = wanted if wanted in get_args(RunState) else None  # type: ignore[assignment] # one of them
    rows = visit.read(
        lambda c: list_runs(
            c,
            playbook=playbook,
            lead_id=lead,
            state=state,
            before_id=before,
            limit=AT_ONCE + 1,
            standing=standing,
        )
    )
    asked = {"playbook": playbook, "lead": lead, "version": standing and version,
             "at": standing and at}  # fmt: skip
    return visit.page(
        "playbooks/runs.html", rows=rows[:AT_ONCE], more=len(rows) > AT_ONCE, playbook=playbook,
        asked={name: value for name, value in asked.items() if value is not None},
        step=standing and _step_at(visit, *standing), lead=lead, state=state or "",
        states=state_words(visit), choices=list(get_args(RunState)), before=before,
        is_dated=is_dated,
    )  # fmt: skip


def _step_at(visit: Visit, version: int, at: int) -> str:
    """What is done at a place, in words."""
    found = visit.read(lambda c: get_playbook(c, version))
    steps = playbook_in(visit, found).steps
    if at >= len(steps):
        return ""
    live = visit.read(live_version)
    return steps[at].label or step_words(steps[at], labels_of(live.card if live else None))


def _number(visit: Visit, name: str) -> int | None:
    said = visit.query.get(name, "")
    return min(int(said), MOST) if said.isdecimal() and len(said) < 20 else None


def run_page(visit: Visit) -> Response:
    """One run."""
    number = visit.number("run_id")
    run = visit.read(lambda c: get_run(c, number))
    version = visit.read(lambda c: get_playbook(c, run.version_id))
    steps = visit.read(lambda c: steps_of(c, number))
    playbook = playbook_in(visit, version)
    live = visit.read(live_version)
    labels = labels_of(live.card if live else None)
    words = {step.id: step.label or step_words(step, labels) for step in playbook.steps}
    next_ = playbook.steps[run.at].id if run.at < len(playbook.steps) else None
    return visit.page(
        "playbooks/run.html", run=run, version=version, playbook=playbook, words=words,
        steps=[(step, _detail(step.doc)) for step in steps], states=state_words(visit),
        begun=_detail(run.doc.get("event")), active=run.state in ACTIVE, next=next_,
        is_dated=is_dated, branches=branch_words(visit), task=_task_of(visit, run),
    )  # fmt: skip


def _task_of(visit: Visit, run: RunRow) -> Task | None:
    """The open task that the run waits for or that is to say how it goes on."""
    if run.lead_id is None or run.state not in ACTIVE:
        return None
    tasks = visit.read(lambda c: list_tasks(c, lead_id=run.lead_id, state="open", limit=AT_ONCE))
    return next((one for one in tasks if one.run_id == run.id), None)


def _detail(doc: Any) -> list[tuple[str, str]]:
    """What came of a step, as names and texts."""
    if not isinstance(doc, dict):
        return []
    made = []
    for name, value in doc.items():
        if value is None:
            continue  # not yet known
        said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        cut = said if len(said) <= LONGEST_DETAIL else said[:LONGEST_DETAIL] + "…"
        made.append((str(name), cut))
    return made


def stop(visit: Visit) -> Response:
    """Stop a run."""
    number, _ = visit.number("run_id"), visit.texts.say
    visit.read(lambda c: get_run(c, number))
    stopped = visit.write(
        lambda c: versions.stop_by_hand(
            c, actor=visit.who.actor, now_us=visit.now_us, run_id=number
        )
    )
    said = _("The run was stopped.") if stopped else _("The run was over already.")
    return visit.go(f"/playbooks/runs/{number}", said)
