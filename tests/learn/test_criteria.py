"""What criteria are worth where it is known: one helps, one harms, a copy, a dead one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from leadwise.card.model import (
    Card,
    Dimension,
    Event,
    Limit,
    OccurrenceCriterion,
    Occurrences,
)
from leadwise.learn.refinement.criteria import amounts, worths
from leadwise.learn.rows import Piece, Rows
from tests.learn.made import rows_of

POINTS = {"good": 20, "bad": 15, "copy": 5, "dead": 10, "idle": 3, "everybody": 1}


def card() -> Card:
    criteria = tuple(
        OccurrenceCriterion(name, Occurrences(("visit",)), points * 100,
                            limit=Limit(points=2000) if name == "good" else None)
        for name, points in POINTS.items()
    )  # fmt: skip
    return Card("c", 1, (Dimension("engagement", criteria),), events=(Event("visit"),))


def made(n: int = 4000) -> Rows:
    lot = np.random.default_rng(1)
    good = lot.integers(0, 3, n).astype(float)
    bad = (lot.random(n) < 0.5).astype(float)
    copy = good + 0.0
    idle = (lot.random(n) < 0.2).astype(float)
    won = lot.random(n) < 1 / (1 + np.exp(2 - 1.2 * (good > 0) + 0.8 * bad))
    pieces = np.column_stack([good, bad, copy, np.zeros(n), idle, np.ones(n)])
    names = tuple(Piece(name, "occurrence", 0, points * 100) for name, points in POINTS.items())
    rows = rows_of(np.zeros(n), won, card=card())
    rows = replace(rows, pieces=pieces, piece_names=names)
    score = sum(amounts(rows).values())
    return replace(rows, score=np.round(np.asarray(score) * 100).astype(np.int64))


def test_points_are_those_of_the_card_limits_and_all() -> None:
    found = amounts(made())
    assert sorted(set(found["good"])) == [0, 20]
    assert sorted(set(found["copy"])) == [0, 5, 10]


def test_each_criterion_is_called_what_it_is() -> None:
    found = {one.criterion: one for one in worths(made())}
    assert {name: one.verdict for name, one in found.items()} == {
        "good": "helps", "bad": "harms", "copy": found["copy"].verdict, "dead": "never fires",
        "idle": "makes no difference", "everybody": "always fires",
    }  # fmt: skip
    assert found["good"].overlaps == ("copy",)
    assert found["good"].won_with.low > found["good"].won_without.high
    assert found["bad"].gain.high < 0
    assert found["good"].alone > 0.6
    assert found["dead"].alone == pytest.approx(0.5)
    assert "is its event or field still filled" in found["dead"].text


def test_no_rows_are_no_error() -> None:
    rows = made().take(np.zeros(0, np.int64))
    assert {one.verdict for one in worths(rows)} == {"never fires"}
