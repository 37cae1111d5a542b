"""The jobs that learn from the record, as handlers: plain results, progress, cancelling.

study        study (its id)      -> {"study", "problem"}: the answer is kept with the study
recalibrate                      -> the same for a calibration and a look at drift of the live card
relearn                          -> the same for a learned card, a draft that nobody has seen yet
model                            -> {field: facts told}: models in use, asked about every lead
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from leadwise.errors import UserError
from leadwise.jobs import JSON, Context, Handler, Jobs
from leadwise.jobs.failures import failure_of
from leadwise.jobs.model import FINISHED
from leadwise.learn import studies
from leadwise.learn.asked import Asked, from_document
from leadwise.learn.past import Study
from leadwise.learn.saying import tell_everybody
from leadwise.live.accounts import AccountRules
from leadwise.live.card_jobs import Cancelled, progress_of
from leadwise.live.publish import publish
from leadwise.live.scoring import Pace
from leadwise.live.shadow import switch_shadow
from leadwise.store import studies as kept
from leadwise.store.cards import CardVersion, add_version, get_version, live_version, with_status
from leadwise.store.opening import Store

BY_ITSELF = "schedule"
"""Who asks for what is done by itself."""
CANCELLED = "It was cancelled."
DEFECT = "A defect of Leadwise ended it: the log has the details, please report it."
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
    asked: Asked = field(default_factory=Asked)
    publish_when_better: bool = False
    pace: Pace | None = None
    account_rules: AccountRules | None = None


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

    def recalibrating(context: Context, _: dict[str, JSON]) -> JSON:
        done = [
            context.step(kind, partial(_live, of, context, kind)) for kind in ("calibrate", "drift")
        ]
        if of.publish_when_better:
            done.append(context.step("publish", lambda: publish_better(of, context)))
        return done

    def relearning(context: Context, _: dict[str, JSON]) -> JSON:
        done = context.step("learn", lambda: _live(of, context, "learn"))
        if of.publish_when_better and isinstance(done, dict):
            context.step("shadow", lambda: _shadow(of, context, done))
        return done

    def saying(context: Context, _: dict[str, JSON]) -> JSON:
        def work() -> JSON:
            now_us, told = context.now_us(), progress_of(context)
            try:
                return dict(
                    tell_everybody(of.store, of.folder, now_us, told, memory_limit=of.memory_limit)
                )
            except Cancelled:
                return None

        return context.step("all", work)

    return {
        "study": asking, "recalibrate": recalibrating, "relearn": relearning, "model": saying,
    }  # fmt: skip


def answer(of: Learning, context: Context, study_id: int) -> dict[str, JSON]:
    """Answer a study that was asked; what it cannot answer is its problem, not the job's."""
    with of.store.read() as connection:
        asked = kept.find_study(connection, study_id)
        version = get_version(connection, asked.version_id)
    if asked.done_us is not None:
        return {"study": study_id, "problem": asked.problem}
    options = from_document(asked.options)
    study = Study(
        of.store, of.folder, version, asked.goal, options, asked.asked_us, progress_of(context),
        of.calls_a_day, of.memory_limit,
    )  # fmt: skip
    try:
        document = studies.answer(asked.kind, study)
    except Cancelled:
        return _ended(of, context, study_id, CANCELLED)
    except UserError as error:
        problem = " ".join((error.message, error.hint)).strip()
        return _ended(of, context, study_id, problem)
    except Exception as error:
        # Else it would seem to be worked on for ever; the job fails as it would have.
        if failure_of(error).kind != "passing":
            _ended(of, context, study_id, DEFECT)
        raise
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
    return _ask(of, context, kind, live.id)


def _ask(of: Learning, context: Context, kind: kept.Kind, version_id: int) -> JSON:
    job_id = f"{context.job_id}:{kind}"
    with of.store.read() as connection:
        before = kept.study_of_job(connection, job_id)
    if before is None:
        now_us = context.now_us()
        before = of.store.write(
            lambda c: kept.ask_study(
                c, kind, version_id, of.goal, of.asked.document(), by=BY_ITSELF, now_us=now_us,
                job_id=job_id,
            )
        )  # fmt: skip
    return answer(of, context, before.id)


def _shadow(of: Learning, context: Context, done: dict[str, JSON]) -> JSON:
    """The learned card as a shadow card: what the gate holds against the live one."""
    with of.store.read() as connection:
        study_id = done["study"]
        assert isinstance(study_id, int)
        document = kept.find_study(connection, study_id).document
    if document is None or not document["diff"]:
        return None
    text, now_us = str(document["learned"]["text"]), context.now_us()
    version = of.store.write(
        lambda c: add_version(c, text, subject="lead", by=BY_ITSELF, now_us=now_us, why="learned")
    )
    if version.status == "draft":
        of.store.write(lambda c: switch_shadow(c, version.id, on=True, by=BY_ITSELF, now_us=now_us))
    return version.id


def publish_better(of: Learning, context: Context) -> JSON:
    """Publish the newest shadow card that was learned by itself, if the gate is open for it."""
    with of.store.read() as connection:
        shadows = with_status(connection, "lead", "shadow")
        live = live_version(connection)
    waiting = [version for version in shadows if version.created_by == BY_ITSELF]
    if not waiting or live is None:
        return None
    version = waiting[-1]
    done = _ask(of, context, "gate", version.id)
    with of.store.read() as connection:
        if not kept.gate_is_open(connection, version.id, live.id):
            return done
    publish(
        of.store, of.folder, version.id, BY_ITSELF, "the gate is open", context.now_us,
        progress_of(context), pace=of.pace, memory_limit=of.memory_limit,
        account_rules=of.account_rules, instead_of=live.id,
    )  # fmt: skip
    return done


def _tell(kind: kept.Kind, version: CardVersion, document: dict[str, Any]) -> None:
    for alert in document.get("drift", {}).get("alerts", []):
        _LOG.warning("drift of card %s: %s %s", version.name, alert["text"], alert["remedy"])
    _LOG.info("%s of card %s is answered", kind, version.name)


def _is_over(jobs: Jobs, asked: kept.Study, now_us: int) -> bool:
    """Whether its job is, or was never put in (which happens right after it was asked)."""
    try:
        return jobs.get(asked.job_id).state in FINISHED
    except UserError:
        return now_us - asked.asked_us > PUT_IN_US
