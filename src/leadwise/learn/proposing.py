"""Studies that propose other points: a learned card, and single lines of the card as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from leadwise.card import diff
from leadwise.errors import UserError
from leadwise.learn.backtest.run import Options as Held
from leadwise.learn.backtest.run import backtest
from leadwise.learn.judge.interval import Interval, paired
from leadwise.learn.judge.ranking import Weighed, auc, ranked
from leadwise.learn.models import Options as ModelOptions
from leadwise.learn.models import choose_model
from leadwise.learn.models.learn import WAYS
from leadwise.learn.moments import widened
from leadwise.learn.past import Document, Study, about, rows_of, without_unwanted
from leadwise.learn.record import recent_rows
from leadwise.learn.refinement.criteria import worths
from leadwise.learn.rows import Piece, Rows, Wholes
from leadwise.learn.scorecard.learn import CardLearner, learn_card
from leadwise.learn.scorecard.model import Learned, LearnedCard, Options

DAY_US = 86_400_000_000
LATELY_US = 28 * DAY_US
LINES = 40
"""Of more proposals only so many, those with the largest changes, are held against chance."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Other points for one line of the card: a tier (its number from 1), `otherwise`, `unknown` or
    `each` occurrence. `low` to `high` is the interval of what the past suggests (None: it says
    nothing of it); `rows` met it. `gain` is the card's AUC with this change alone less its AUC now.
    Of `leads` of the last four weeks, `changed` get another score by it, `moved` another band."""

    criterion: str
    tier: str
    now: float
    proposed: float
    low: float | None
    high: float | None
    rows: int
    gain: Interval
    leads: int
    changed: int
    moved: int


def learn_study(study: Study) -> Document:
    """A card whose points the past suggests, what changes, and what later leads say of it."""
    built = rows_of(study, widened(study.card), everything=True)
    rows = without_unwanted(built.rows, study.asked)
    study.progress(0, 3, "learning")
    found = learn_card(rows)
    study.progress(1, 3, "learning again from earlier leads, to see what later ones say")
    held = Held(study.asked.watch.horizon_us, study.calls, folds=2)
    later = backtest(rows, [CardLearner()], held, notes=built.notes)
    study.progress(3, 3, "learned")
    return {
        **about(study, built),
        "learned": learned_document(found),
        "diff": list(diff(study.card, found.card)),
        "later": asdict(later),
    }


def learned_document(found: LearnedCard) -> Document:
    """A learned card as plain data, with all its figures (`auc_by_hand` and the like)."""
    figures = {
        one.name: getattr(found, one.name)
        for one in fields(found)
        if isinstance(getattr(found, one.name), int | float)
    }
    return {
        "text": found.text,
        "points": [asdict(line) for line in found.points],
        "strength": asdict(found.strength),
        "notes": list(found.notes),
        **figures,
    }


def model_study(study: Study) -> Document:
    """The model that orders later rows best, as text, and what may be said of it."""
    built = rows_of(study, widened(study.card), everything=True)
    rows = without_unwanted(built.rows, study.asked)
    study.progress(0, 1, "trying models on later leads")
    options = ModelOptions(horizon_us=study.asked.watch.horizon_us)
    kinds: Any = study.asked.kinds or tuple(WAYS)
    found = choose_model(rows, options, name=study.asked.name, kinds=kinds, others=[CardLearner()])
    return {
        **about(study, built),
        "name": found.model.name,
        "kind": found.model.kind,
        "text": found.model.as_text(),
        "sha256": found.model.sha256,
        "candidates": [asdict(one) for one in found.candidates],
        "against": [{**asdict(one), "better": one.better} for one in found.against],
        "better": found.better,
        "in_time": found.in_time,
        "rows": found.rows,
        "verdict": list(found.verdict),
    }


def refine_study(study: Study) -> Document:
    """What each criterion is worth, and other points for lines of which the past says enough."""
    built = rows_of(study)
    rows = built.rows
    study.progress(0, 2, "leaving out each criterion in turn")
    found = worths(rows)
    study.progress(1, 2, "proposing points")
    proposed = proposals(rows, _lately(study) or rows)
    return {
        **about(study, built), "rows": len(rows), "won": int(rows.won.sum()),
        "criteria": [asdict(one) for one in found],
        "proposals": [asdict(one) for one in proposed],
    }  # fmt: skip


def proposals(rows: Rows, lately: Rows, *, seed: int = 0) -> tuple[Proposal, ...]:
    """Each line whose points the rows would have otherwise, by a scorecard of the card's own
    criteria alone; `lately` are rows of the population as it is."""
    names = frozenset(rows.values.column_names)
    learned = learn_card(rows, Options(without=names))
    lines = [
        (place, piece, line)
        for place, piece, line in _matched(rows.piece_names, learned.points)
        if piece.points is not None and round(line.points * 100) != piece.points
    ]
    lines.sort(key=lambda one: -abs(one[2].points * 100 - (one[1].points or 0)))
    lines = lines[:LINES]
    last = lately.take(_last_of_leads(lately))
    score = rows.score / 100.0
    order = ranked(score, rows.won)
    changes = [_change(line, piece) for _, piece, line in lines]
    other: list[Weighed] = [
        partial(auc, ranked(score + rows.pieces[:, place] * change, rows.won))
        for (place, _, _), change in zip(lines, changes, strict=True)
    ]
    now: list[Weighed] = [partial(auc, order)] * len(other)
    gains = paired(other, now, rows.lead, seed) if other else []
    return tuple(
        _proposal(piece, line, gain, last, place, change)
        for (place, piece, line), gain, change in zip(lines, gains, changes, strict=True)
    )


def _proposal(
    piece: Piece, line: Learned, gain: Interval, last: Rows, place: int, change: float
) -> Proposal:
    then = last.score + np.rint(last.pieces[:, place] * change * 100).astype(np.int64)
    return Proposal(
        line.criterion, line.tier, (piece.points or 0) / 100, line.points, line.low, line.high,
        line.rows, gain, len(last), int((then != last.score).sum()),
        int((_band(last, then) != _band(last, last.score)).sum()),
    )  # fmt: skip


def _change(line: Learned, piece: Piece) -> float:
    return line.points - (piece.points or 0) / 100


def _matched(
    pieces: Sequence[Piece], lines: Sequence[Learned]
) -> Iterator[tuple[int, Piece, Learned]]:
    """Each line with the piece of the card that it is."""
    by_name = {}
    for place, piece in enumerate(pieces):
        tier = {"tier": str(piece.place + 1), "occurrence": "each"}.get(piece.kind, piece.kind)
        by_name[piece.criterion, tier] = place
    for line in lines:
        at = by_name.get((line.criterion, line.tier))
        if at is not None:
            yield at, pieces[at], line


def _band(rows: Rows, score: Wholes) -> Wholes:
    """The place of each score's band."""
    found = np.zeros(len(score), np.int64)
    for band in rows.card.bands:
        if band.threshold is not None:
            found += score > band.threshold if band.above else score >= band.threshold
    return found


def _last_of_leads(rows: Rows) -> Wholes:
    _, first = np.unique(rows.lead[::-1], return_index=True)
    places: Wholes = np.sort(len(rows) - 1 - first)
    return places


def _lately(study: Study) -> Rows | None:
    try:
        built = recent_rows(
            study.store, study.folder, study.card, study.asked.watch, study.now_us, study.progress,
            since_us=study.now_us - LATELY_US, memory_limit=study.memory_limit,
        )  # fmt: skip
    except UserError:  # nobody came, nobody is open
        return None
    return built.rows
