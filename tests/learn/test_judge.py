"""Figures of an order: by hand, by scikit-learn, by counting."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from leadwise.learn.judge.interval import intervals, paired
from leadwise.learn.judge.probability import brier, calibration_error, log_loss, reliability
from leadwise.learn.judge.ranking import auc, average_precision, calls, captured, ranked, within


def test_an_order_is_judged_as_scikit_learn_judges_it() -> None:
    lot = np.random.default_rng(1)
    score = np.round(lot.normal(size=3000), 1)
    won = lot.random(3000) < 1 / (1 + np.exp(2 - score))
    order, even = ranked(score, won), np.ones(3000)
    assert auc(order, even) == pytest.approx(roc_auc_score(won, score))
    assert average_precision(order, even) == pytest.approx(average_precision_score(won, score))
    twice = lot.integers(0, 3, 3000).astype(float)
    assert auc(order, twice) == pytest.approx(roc_auc_score(won, score, sample_weight=twice))


def test_ties_are_shared_out() -> None:
    order = ranked(np.array([3.0, 1, 1, 1, 1]), np.array([True, True, False, False, False]))
    assert auc(order, np.ones(5)) == pytest.approx((3 + 1.5) / 6)
    assert captured(order, np.ones(5), 0.2) == pytest.approx(0.5)
    assert captured(order, np.ones(5), 0.4) == pytest.approx(0.5 + 0.5 / 4)


def test_nothing_is_said_of_one_class() -> None:
    order = ranked(np.arange(4.0), np.ones(4, bool))
    assert np.isnan(auc(order, np.ones(4)))
    assert np.isnan(intervals([lambda w: auc(order, w)], np.arange(4))[0].low)


def test_nobody_is_called_twice_and_the_best_of_a_day_first() -> None:
    #            day 0: leads 0 1 2        day 1: leads 0 2 3
    score = np.array([9.0, 8, 7, 9, 8, 1])
    day = np.array([0, 0, 0, 1, 1, 1])
    lead = np.array([0, 1, 2, 0, 2, 3])
    won = np.array([True, False, True, True, True, True])
    found = calls(score, day, lead, won, per_day=1)
    assert (found.found, found.buyers, found.called, found.days) == (2, 3, 2, 2)
    assert calls(score, day, lead, won, per_day=5).found == 3


def test_within_months_an_order_of_months_is_worth_nothing() -> None:
    lot = np.random.default_rng(2)
    month = np.repeat([0, 1], 2000)
    won = lot.random(4000) < np.where(month == 1, 0.5, 0.05)
    score = month + 0.0
    assert auc(ranked(score, won), np.ones(4000)) > 0.7
    assert within(score, won, month) == pytest.approx(0.5)


def test_leads_are_drawn_whole() -> None:
    """Rows repeated tell nothing new: the interval is that of the leads."""
    lot = np.random.default_rng(3)
    score = lot.normal(size=300)
    won = lot.random(300) < 1 / (1 + np.exp(-score))
    lead = np.arange(300)
    once = ranked(score, won)
    many = ranked(np.tile(score, 5), np.tile(won, 5))
    single = intervals([lambda w: auc(once, w)], lead)[0]
    repeated = intervals([lambda w: auc(many, w)], np.tile(lead, 5))[0]
    assert repeated.low == pytest.approx(single.low, abs=0.01)
    assert single.low < single.value < single.high


def test_a_paired_difference_is_narrower_than_its_parts() -> None:
    lot = np.random.default_rng(4)
    true = lot.normal(size=2000)
    won = lot.random(2000) < 1 / (1 + np.exp(-true))
    one, other = ranked(true, won), ranked(true + lot.normal(size=2000) * 0.1, won)
    gap = paired([lambda w: auc(one, w)], [lambda w: auc(other, w)], np.arange(2000))[0]
    alone = intervals([lambda w: auc(one, w)], np.arange(2000))[0]
    assert gap.high - gap.low < (alone.high - alone.low) / 2


def test_probabilities_are_held_against_what_came() -> None:
    lot = np.random.default_rng(5)
    said = lot.random(20_000)
    won = lot.random(20_000) < said
    assert calibration_error(said, won) < 0.015
    assert calibration_error(said / 2, won) == pytest.approx(0.25, abs=0.02)
    assert brier(np.array([0.0, 1.0]), np.array([False, True])) == 0
    assert log_loss(np.full(2, 0.5), np.array([False, True])) == pytest.approx(np.log(2))
    groups = reliability(np.array([0.1] * 5 + [0.9] * 5), np.array([False] * 5 + [True] * 5))
    assert [(round(g.said, 9), g.came, g.rows) for g in groups] == [(0.1, 0, 5), (0.9, 1, 5)]
