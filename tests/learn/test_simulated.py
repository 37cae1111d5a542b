"""What `make bench-learn` shows at length, in short: the truth is known, and found."""

from __future__ import annotations

import numpy as np
import pytest

from bench.learn.bars import NAIVE
from bench.learn.funnels import coverage
from bench.learn.naive import ADDED, NaiveBayes
from bench.learn.peers import CARD, LEARNED, Calibrated
from bench.learn.simulated import NO_SIGNAL, correlated, null
from leadwise.learn.rows import Rows
from tests.learn.made import rows_of

pytest.importorskip("scipy", reason="learning is an extra")


def test_fields_that_repeat_each_other_do_not_make_a_learned_card_too_sure() -> None:
    found = correlated([Calibrated(), NaiveBayes()], leads=6_000)
    mine, naive, hand = (found.side(name) for name in (LEARNED, NAIVE, CARD))
    assert mine.ece < 0.05
    assert naive.ece > 2 * mine.ece
    assert naive.less is not None
    assert hand.less is not None
    assert naive.less.high >= 0
    assert hand.less.low > 0


def test_where_there_is_no_signal_the_report_says_so() -> None:
    found = null(1_000, 2)
    assert found.by_hand + found.learned <= 1
    assert found.verdict[0].startswith(NO_SIGNAL)


def test_intervals_hold_planted_points() -> None:
    found = coverage(8, 400)
    assert sum(line.told for line in found.lines) > 50
    assert 0.87 <= found.share < 1.0


def test_naive_bayes_is_the_published_product() -> None:
    won = np.array([1, 1, 1, 0, 0, 0, 0, 0], bool)
    place = ["north", "north", "south", "north", "south", "south", "south", None]
    rows = _said(won, place)
    found = NaiveBayes().learn(rows)(rows)
    up, down = 3 / 8 * (2 + ADDED) / (3 + 2 * ADDED), 5 / 8 * (1 + ADDED) / (4 + 2 * ADDED)
    assert found[0] == pytest.approx(up / (up + down))
    assert found[7] == pytest.approx(3 / 8), "an unknown value has no part in it"


def _said(won: np.ndarray, place: list[str | None]) -> Rows:
    import pyarrow as pa

    from leadwise.card.model import Card, Variable

    card = Card(id="made", version=1, dimensions=(), fields=(Variable("place", "text", "place"),))
    return rows_of(np.zeros(len(won)), won, card=card, values={"place": pa.array(place)})
