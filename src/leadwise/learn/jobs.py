"""The jobs that learn from the record, as handlers: plain results, progress, cancelling.

study        study (its id)      -> {"study", "problem"}: the answer is kept with the study
recalibrate                      -> the same for a calibration and a look at drift of the live card
relearn                          -> the same for a learned card, a draft that nobody has seen yet
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadwise.errors import UserError
from leadwise.jobs import JSON, Context, Handler, Jobs
from leadwise.jobs.model import FINISHED
from leadwise.learn import studies
from leadwise.learn.asked import Asked, from_document
from leadwise.learn.past import Study
from leadwise.live.card_jobs import Cancelled
from leadwise.live.everybody import Progress
from leadwise.store import studies as kept
from leadwise.store.cards import CardVersion, get_version, live_version
from leadwise.store.opening import Store

BY_ITSELF = "schedule"
"""Who asks for what is done by itself."""
CANCELLED = "It was cancelled."
PUT_IN_US = 60_000_000
_LOG = logging.getLogger("leadwise.learn")


@dataclass(frozen=True, slots=True)
class Learning:
    """What studies need of a service; `goal` is that of the studies asked for by themselves."""

    store: Store
    folder: Path
    calls_a_day: int | None = None
    memory_limit: str | None = None
    goal: kept.Goal = "won"
    asked: Asked = Asked()  # noqa: RUF009 - frozen


def start_study(
    store: Store, jobs: Jobs, kind: kept.Kind, version_id: int, goal: kept.Goal, asked: Asked,
    *, by: str, now_us: int,
) -> kept.Study:  # fmt: skip
    """Ask: remembered, written to the trail, and put in as a job.

    The study that is being answered already, where the same was asked of it. Raises UserError for a
    version that is not there.
    """
    job_id = f"study:{kind}:{version_id}:{uuid.uuid4().hex}"

    found = store.write(
        lambda c: kept.ask_once(
            c, kind, version_id, goal, asked.document(), by=by, now_us=now_us, job_id=job_id
        )
    )
    fresh = found.job_id == job_id
    if not fresh and _is_over(jobs, found, now_us):
        # Its job was cancelled before it began, or its worker is gone for good.
        store.write(lambda c: kept.end_study(c, found.id, now_us, problem=CANCELLED))
        return start_study(store, jobs, kind, version_id, goal, asked, by=by, now_us=now_us)
    if fresh:
        jobs.enqueue("study", {"study": found.id}, id=found.job_id)
    return found


def learn_handlers(of: Learning) -> dict[str, Handler]:
    """The handlers by the kinds of their jobs."""

    def asking(context: Context, given: dict[str, JSON]) -> JSON:
        study_id = given.get("study")
        assert isinstance(study_id, int)
        return context.step("all", lambda: answer(of, context, study_id))

    def by_itself(*kinds: kept.Kind) -> Handler:
        def handler(context: Context, _: dict[str, JSON]) -> JSON:
            return [context.step(kind, lambda kind=kind: _live(of, context, kind))  # type: ignore[misc]
                    for kind in kinds]  # fmt: skip

        return handler

    return {
        "study": asking,
        "recalibrate": by_itself("calibrate", "drift"),
        "relearn": by_itself("learn"),
    }


def answer(of: Learning, context: Context, study_id: int) -> dict[str, JSON]:
    """Answer a study that was asked; what it cannot answer is its problem, not the job's."""
    with of.store.read() as connection:
        asked = kept.find_study(connection, study_id)
        version = get_version(connection, asked.version_id)
    if asked.done_us is not None:
        return {"study": study_id, "problem": asked.problem}
    options = from_document(asked.options)
    study = Study(
        of.store, of.folder, version, asked.goal, options, asked.asked_us, _progress(context),
        of.calls_a_day, of.memory_limit,
    )  # fmt: skip
    try:
        document = studies.answer(asked.kind, study)
    except Cancelled:
        return _ended(of, context, study_id, CANCELLED)
    except UserError as error:
        problem = " ".join((error.message, error.hint)).strip()
        return _ended(of, context, study_id, problem)
    _tell(asked.kind, version, document)
    of.store.write(lambda c: kept.keep_answer(c, asked, document, context.now_us()))
    return {"study": study_id, "problem": None}


def _ended(of: Learning, context: Context, study_id: int, problem: str) -> dict[str, JSON]:
    of.store.write(lambda c: kept.end_study(c, study_id, context.now_us(), problem=problem))
    return {"study": study_id, "problem": problem}


def _live(of: Learning, context: Context, kind: kept.Kind) -> JSON:
    """A study of the live card that nobody asked for by hand."""
    with of.store.read() as connection:
        live = live_version(connection)
    if live is None:
        return None
    job_id = f"{context.job_id}:{kind}"
    with of.store.read() as connection:
        before = kept.study_of_job(connection, job_id)
    if before is None:
        now_us = context.now_us()
        before = of.store.write(
            lambda c: kept.ask_study(
                c, kind, live.id, of.goal, of.asked.document(), by=BY_ITSELF, now_us=now_us,
                job_id=job_id,
            )
        )  # fmt: skip
    return answer(of, context, before.id)


def _tell(kind: kept.Kind, version: CardVersion, document: dict[str, Any]) -> None:
    for alert in document.get("drift", {}).get("alerts", []):
        _LOG.warning("drift of card %s: %s %s", version.name, alert["text"], alert["remedy"])
    _LOG.info("%s of card %s is answered", kind, version.name)


def _progress(context: Context) -> Progress:
    def told(done: int, total: int, message: str) -> None:
        context.progress(done, total, message)
        if context.cancelled():
            raise Cancelled

    return told


def _is_over(jobs: Jobs, asked: kept.Study, now_us: int) -> bool:
    """Whether its job is, or was never put in (which happens right after it was asked)."""
    try:
        return jobs.get(asked.job_id).state in FINISHED
    except UserError:
        return now_us - asked.asked_us > PUT_IN_US
