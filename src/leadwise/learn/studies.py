"""Studies of the record: one function a kind, each gives a document of plain JSON.

backtest    {"backtest": Backtest, "against": [{"version_id", "name"}, ...], "capacity": what other
             numbers of calls a day would have found, "leads_a_day"}
calibrate   {"calibration": Calibration.document(), "error_later", "thresholds": [Threshold],
             "reliability": [Reliability], "scores": [[whole points, rows, won]], "leads_a_day"}
learn       {"learned": the learned card's text, points and figures, "diff": [...],
             "later": Backtest}; the job adds "draft_id"
refine      {"criteria": [Worth], "proposals": [Proposal], "rows", "won"}
drift       {"drift": Drift, "before": [first_us, last_us], "after": [first_us, last_us]}
model       {"name", "kind", "sha256", "candidates", "against", "better", "verdict"}; the store
             keeps the model and adds "model_id" and "in_use"
gate        {"gate": Gate, "champion_id", "challenger_id", "since_us"}

and each has "version_id", "goal", "horizon_us", "first_us" and "last_us" (of the rows) and
"notes", what a reader must know of them. The same record and the same `Study` give the same
document: chance is drawn from fixed seeds, the clock is `Study.now_us`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from leadwise.errors import UserError
from leadwise.learn.asked import plain
from leadwise.learn.backtest.capacity import capacity, leads_a_day, outcomes_by_score
from leadwise.learn.backtest.run import HAND, backtest
from leadwise.learn.backtest.run import Options as Held
from leadwise.learn.backtest.splits import last_part
from leadwise.learn.calibration.fit import calibrate
from leadwise.learn.calibration.model import Calibration
from leadwise.learn.calibration.thresholds import Threshold, from_capacity, from_value
from leadwise.learn.judge.probability import calibration_error, reliability
from leadwise.learn.moments import Built
from leadwise.learn.past import Document, Study, about, rows_of
from leadwise.learn.proposing import learn_study, model_study, refine_study
from leadwise.learn.record import LATE_COUNTS, record_scores
from leadwise.learn.refinement.gate import gate
from leadwise.learn.rows import Rows, by_hand
from leadwise.learn.watching import drift_study
from leadwise.store.cards import CardVersion, list_versions, live_version
from leadwise.store.studies import Kind

LATEST = 0.2
"""Of the rows, held back to see whether probabilities come true."""


def answer(kind: Kind, study: Study) -> Document:
    """The document of a study. Raises UserError where the record cannot answer."""
    found: Document = plain(_STUDIES[kind](study))
    return found


def backtest_study(study: Study) -> Document:
    """The card against what came after, and beside the card before it."""
    built = rows_of(study)
    before = version_before(study)
    others = {}
    if before is not None:
        scores = record_scores(
            study.store, study.folder, before.card, built.rows, study.progress,
            late_counts=_late(built), memory_limit=study.memory_limit,
        )  # fmt: skip
        others[_called(before)] = scores / 100.0
    study.progress(0, 1, "drawing again and again to see what is chance")
    found = backtest(
        built.rows, (), Held(study.asked.watch.horizon_us, study.calls), others, built.notes
    )
    against = [] if before is None else [{"version_id": before.id, "name": _called(before)}]
    return {
        **about(study, built), "backtest": asdict(found), "against": against,
        "capacity": capacity(built.rows, {HAND: by_hand(built.rows), **others}, study.calls),
        "leads_a_day": leads_a_day(built.rows),
    }  # fmt: skip


def calibrate_study(study: Study) -> Document:
    """The probability that each score means, whether that came true later, and thresholds."""
    built = rows_of(study)
    rows = built.rows
    study.progress(0, 1, "fitting probabilities")
    found = calibrate(by_hand(rows), rows.won, rows.lead, horizon_us=study.asked.watch.horizon_us)
    error, groups = _held_back(rows, study.asked.watch.horizon_us)
    return {
        **about(study, built),
        "calibration": found.document(),
        "error_later": error,
        "reliability": groups,
        "thresholds": [asdict(one) for one in _thresholds(study, rows, found)],
        "scores": outcomes_by_score(rows),
        "leads_a_day": leads_a_day(rows),
    }


def gate_study(study: Study) -> Document:
    """A challenger (the study's version) against the live card, on moments after both were made."""
    with study.store.read() as connection:
        live = live_version(connection)
    if live is None or live.id == study.version.id:
        raise UserError(
            "gate-champion",
            "There is no other live card to hold this one against.",
            hint="The gate compares a challenger with the live card.",
        )
    since = max(live.created_us, study.version.created_us)
    watch = replace(study.asked.watch, from_us=since)
    built = rows_of(replace(study, version=live), watch=watch)
    scores = record_scores(
        study.store, study.folder, study.card, built.rows, study.progress,
        late_counts=_late(built), memory_limit=study.memory_limit,
    )  # fmt: skip
    rows = built.rows
    found = gate(by_hand(rows), scores / 100.0, rows.won, rows.lead)
    return {
        **about(study, built), "gate": asdict(found), "champion_id": live.id,
        "challenger_id": study.version.id, "since_us": since,
    }  # fmt: skip


def version_before(study: Study) -> CardVersion | None:
    """What the card is to be better than: of the live one, the one that was live before it; of any
    other, the live one."""
    with study.store.read() as connection:
        live = live_version(connection)
        if live is not None and live.id != study.version.id:
            return live
        found = list_versions(connection, "lead")
    former = [row for row in found if row.status == "retired" and row.published_us is not None]
    return max(former, key=lambda row: row.published_us or 0, default=None)


def _late(built: Built) -> bool:
    """Whether rows counted late events as of when they happened: then others must too."""
    return LATE_COUNTS in built.notes


def _called(version: CardVersion) -> str:
    return f"{version.name}, version {version.number} ({version.status})"


def _held_back(rows: Rows, horizon_us: int) -> tuple[float | None, list[dict[str, Any]]]:
    """How far probabilities of the first four fifths were off on the last one."""
    split = last_part(rows, LATEST, horizon_us)
    known, ahead = rows.take(split.known), rows.take(split.ahead)
    try:
        earlier = calibrate(by_hand(known), known.won, known.lead)
    except UserError:  # too few to hold any back
        return None, []
    if not len(ahead):
        return None, []
    said = earlier.probability(by_hand(ahead))
    groups = [asdict(group) for group in reliability(said, ahead.won)]
    return calibration_error(said, ahead.won), groups


def _thresholds(study: Study, rows: Rows, found: Calibration) -> list[Threshold]:
    score, proposed = by_hand(rows), []
    arriving = leads_a_day(rows)
    if study.calls and arriving:
        proposed.append(from_capacity(score, rows.won, arriving, study.calls))
    value, cost = study.asked.value, study.asked.cost
    if value is not None and cost is not None:
        pays = from_value(found, score, rows.won, value, cost)
        proposed += [] if pays is None else [pays]
    return proposed


_STUDIES: dict[Kind, Callable[[Study], Document]] = {
    "backtest": backtest_study, "calibrate": calibrate_study, "learn": learn_study,
    "refine": refine_study, "drift": drift_study, "gate": gate_study,
    "model": model_study,
}  # fmt: skip
