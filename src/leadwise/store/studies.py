"""Studies of the past: what was asked of it, and what came of that.

A study's document is plain JSON (`asdict` of the records of `leadwise.learn`, what cannot be said
null). It tells of leads in numbers only, so erasing a person leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from leadwise.errors import UserError
from leadwise.store.audit import audit
from leadwise.store.cards import CardVersion, get_version, live_version
from leadwise.store.drafts import begin_draft
from leadwise.store.models import add_model
from leadwise.store.schema import study

Kind: TypeAlias = Literal["backtest", "learn", "calibrate", "refine", "drift", "gate", "model"]
Goal: TypeAlias = Literal["won", "sales_qualified"]
KINDS: tuple[Kind, ...] = (
    "backtest", "learn", "calibrate", "refine", "drift", "gate", "model",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Study:
    """A row of `study`. It is over where `done_us` is set: then it has a document, or a problem
    (why there is none, and what to do, in words)."""

    id: int
    kind: Kind
    version_id: int
    goal: Goal
    options: Mapping[str, Any]
    asked_us: int
    asked_by: str
    job_id: str
    done_us: int | None
    document: Mapping[str, Any] | None
    problem: str | None


def ask_study(
    connection: Connection, kind: Kind, version_id: int, goal: Goal, options: Mapping[str, Any],
    *, by: str, now_us: int, job_id: str,
) -> Study:  # fmt: skip
    """Remember that somebody asked; the job `job_id` (of the kind `study`) answers."""
    values = {
        "kind": kind, "version_id": version_id, "goal": goal, "options": dict(options),
        "asked_us": now_us, "asked_by": by, "job_id": job_id,
    }  # fmt: skip
    made = connection.execute(insert(study).values(values).returning(study))
    return _study(made.one())


def ask_once(
    connection: Connection, kind: Kind, version_id: int, goal: Goal, options: Mapping[str, Any],
    *, by: str, now_us: int, job_id: str,
) -> Study:  # fmt: skip
    """The same, written to the trail; or the study that is open already and asks the same."""
    get_version(connection, version_id)
    before = open_study(connection, kind, version_id, goal)
    if before is not None and dict(before.options) == dict(options):
        return before
    made = ask_study(
        connection, kind, version_id, goal, options, by=by, now_us=now_us, job_id=job_id
    )
    audit(connection, by, kind, "study", made.id, f"card version {version_id}", now_us)
    return made


def keep_answer(
    connection: Connection, asked: Study, document: Mapping[str, Any], now_us: int
) -> None:
    """Its document. A learned card becomes a draft of the studio, of the member who asked
    (`draft_id`), a model is kept (`model_id`; `in_use` where it is the first of its name); alerts
    of drift are written to the trail."""
    if asked.kind == "learn":
        version = get_version(connection, asked.version_id)
        who = asked.asked_by.removeprefix("member:")
        draft_id = begin_draft(
            connection, version.subject, f"{version.name}, learned", document["learned"]["text"],
            member_id=int(who) if who.isdigit() else 0, now_us=now_us, based_on=version.id,
        )  # fmt: skip
        document = {**document, "draft_id": draft_id}
    if asked.kind == "model":
        document = dict(document)
        made = add_model(
            connection, str(asked.options["name"]), asked.version_id, document["kind"],
            document.pop("text"), document, by=asked.asked_by, now_us=now_us,
        )  # fmt: skip
        document = {**document, "model_id": made.id, "in_use": made.in_use}
    if asked.kind == "drift":
        for alert in document["drift"]["alerts"]:
            audit(connection, asked.asked_by, "drift", "card", asked.version_id, alert["text"],
                  now_us)  # fmt: skip
    end_study(connection, asked.id, now_us, document)


def end_study(
    connection: Connection, study_id: int, now_us: int,
    document: Mapping[str, Any] | None = None, problem: str | None = None,
) -> None:  # fmt: skip
    """What came of it; either is given. Nothing for a study that is no longer there."""
    connection.execute(
        update(study)
        .where(study.c.id == study_id)
        .values(
            done_us=now_us,
            document=None if document is None else dict(document),
            problem=problem,
        )
    )


def forget_studies(connection: Connection, before_us: int, limit: int) -> int:
    """Delete old ones that are over, up to so many. The latest answer to each question stays: pages
    and probabilities are made of it."""
    latest = (
        select(func.max(study.c.id))
        .where(study.c.done_us.is_not(None), study.c.problem.is_(None))
        .group_by(study.c.kind, study.c.version_id, study.c.goal)
    )
    old = (
        select(study.c.id)
        .where(study.c.done_us < before_us, study.c.id.not_in(latest))
        .order_by(study.c.id)
        .limit(limit)
    )
    return connection.execute(delete(study).where(study.c.id.in_(old))).rowcount


def find_study(connection: Connection, study_id: int) -> Study:
    """The study. UserError (`no-such-study`) where there is none."""
    row = connection.execute(select(study).where(study.c.id == study_id)).one_or_none()
    if row is None:
        raise UserError(
            "no-such-study",
            f"There is no study {study_id}.",
            hint="The list of studies has their ids.",
        )
    return _study(row)


def study_of_job(connection: Connection, job_id: str) -> Study | None:
    """The study that a job answers."""
    row = connection.execute(select(study).where(study.c.job_id == job_id)).first()
    return None if row is None else _study(row)


def list_studies(
    connection: Connection, kind: Kind | None = None, version_id: int | None = None,
    *, before: int | None = None, limit: int = 50,
) -> tuple[Study, ...]:  # fmt: skip
    """The newest first; `before` is the id of the last one seen."""
    rows = select(study).order_by(study.c.id.desc()).limit(limit)
    if kind is not None:
        rows = rows.where(study.c.kind == kind)
    if version_id is not None:
        rows = rows.where(study.c.version_id == version_id)
    if before is not None:
        rows = rows.where(study.c.id < before)
    return tuple(_study(row) for row in connection.execute(rows))


def latest_study(
    connection: Connection, kind: Kind, version_id: int, goal: Goal | None = None
) -> Study | None:
    """The newest one with an answer."""
    row = connection.execute(_answered(kind, version_id, goal)).first()
    return None if row is None else _study(row)


def open_study(
    connection: Connection, kind: Kind, version_id: int, goal: Goal | None = None
) -> Study | None:
    """The newest one, where it is not over yet."""
    rows = select(study).where(study.c.kind == kind, study.c.version_id == version_id)
    if goal is not None:
        rows = rows.where(study.c.goal == goal)
    row = connection.execute(rows.order_by(study.c.id.desc()).limit(1)).first()
    return None if row is None or row.done_us is not None else _study(row)


def calibration_of(
    connection: Connection, version_id: int, goal: Goal = "won"
) -> Mapping[str, Any] | None:
    """The calibration that pages and API read for a version: what `leadwise.learn` wrote under
    `calibration` (see `Calibration.document`), of its latest `calibrate`. None: there is none."""
    found = latest_study(connection, "calibrate", version_id, goal)
    if found is None or found.document is None:
        return None
    calibration: Mapping[str, Any] | None = found.document.get("calibration")
    return calibration


def gate_is_open(connection: Connection, version_id: int, live_id: int) -> bool:
    """Whether the latest gate study of a version found it better than that live card."""
    found = latest_study(connection, "gate", version_id)
    document = {} if found is None or found.document is None else found.document
    return document.get("champion_id") == live_id and bool(document.get("gate", {}).get("open"))


def require_gate(connection: Connection, version: CardVersion) -> None:
    """UserError (`gate-shut`) unless the version is better than the live card it would replace.

    Cards for accounts have no gate, and the first card needs none."""
    live = live_version(connection, version.subject)
    if version.subject != "lead" or live is None or gate_is_open(connection, version.id, live.id):
        return
    raise UserError(
        "gate-shut",
        f"Nothing shows yet that version {version.id} orders leads better than the live card.",
        hint="Ask a study of the kind gate, once outcomes came in after both cards were made; or "
        "publish it despite the gate, with your reason.",
    )


def _answered(kind: Kind, version_id: int, goal: Goal | None) -> Select[Any]:
    rows = select(study).where(
        study.c.kind == kind, study.c.version_id == version_id, study.c.done_us.is_not(None),
        study.c.problem.is_(None),
    )  # fmt: skip
    if goal is not None:
        rows = rows.where(study.c.goal == goal)
    return rows.order_by(study.c.id.desc()).limit(1)


def _study(row: Row[Any]) -> Study:
    return Study(
        row.id, row.kind, row.version_id, row.goal, row.options, row.asked_us, row.asked_by,
        row.job_id, row.done_us, row.document, row.problem,
    )  # fmt: skip
