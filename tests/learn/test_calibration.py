"""Probabilities that scores mean: right on average, never certain, refused without both classes."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from leadwise.errors import UserError
from leadwise.learn.calibration.base_rate import for_base_rate, likely_base_rate
from leadwise.learn.calibration.fit import calibrate
from leadwise.learn.calibration.model import from_document
from leadwise.learn.calibration.thresholds import from_capacity, from_value
from leadwise.learn.judge.probability import calibration_error
from leadwise.learn.rows import Floats, Truths


def made(n: int, seed: int, base: float = -2.0) -> tuple[Floats, Truths, Floats]:
    lot = np.random.default_rng(seed)
    score = np.round(lot.normal(50, 20, n).clip(0, 100))
    chance = 1 / (1 + np.exp(-(base + (score - 50) / 15)))
    return score, lot.random(n) < chance, chance


@pytest.mark.parametrize(("n", "method"), [(1500, "beta"), (20_000, "isotonic")])
def test_what_is_said_comes(n: int, method: str) -> None:
    score, won, _ = made(n, 1)
    found = calibrate(score, won, np.arange(n))
    assert found.method == method
    later, came, true = made(20_000, 2)
    said = found.probability(later)
    assert calibration_error(said, came) < 0.03
    low, high = found.interval(later)
    assert ((low <= true) & (true <= high)).mean() > 0.8
    assert (low <= said).all()
    assert (said <= high).all()


def test_it_rises_with_the_score_and_is_never_certain() -> None:
    score = np.concatenate([np.arange(50.0), np.arange(50.0, 100)])
    found = calibrate(score, score >= 50, np.arange(100))
    said = found.probability(np.linspace(-50, 150, 300))
    assert (np.diff(said) >= 0).all()
    assert said.min() >= 1 / 102
    assert said.max() <= 1 - 1 / 102


def test_a_score_that_says_nothing_means_the_base_rate() -> None:
    lot = np.random.default_rng(3)
    found = calibrate(lot.normal(size=4000), lot.random(4000) < 0.2, np.arange(4000))
    assert np.ptp(found.probability(np.linspace(-2, 2, 50))) < 0.06


@pytest.mark.parametrize("won", [0, 4, 96, 100])
def test_both_classes_are_needed(won: int) -> None:
    with pytest.raises(UserError) as caught:
        calibrate(np.arange(100.0), np.arange(100) < won, np.arange(100))
    assert caught.value.code == "calibration-classes"


def test_a_changed_base_rate_is_followed() -> None:
    score, won, _ = made(20_000, 4)
    found = calibrate(score, won, np.arange(20_000))
    later, came, _ = made(20_000, 5, base=-0.5)
    assert calibration_error(found.probability(later), came) > 0.1
    known = for_base_rate(found, float(came.mean()))
    before = calibration_error(found.probability(later), came)
    assert calibration_error(known.probability(later), came) < before / 2
    guessed = likely_base_rate(found, score[won.argsort()[4000:]])
    assert guessed == pytest.approx(won[won.argsort()[4000:]].mean(), abs=0.03)
    with pytest.raises(UserError):
        for_base_rate(found, 1.0)


def test_it_can_be_stored_as_text() -> None:
    score, won, _ = made(500, 6)
    found = calibrate(score, won, np.arange(500), horizon_us=1)
    assert from_document(json.loads(json.dumps(found.document()))) == found


def test_thresholds_follow_from_capacity() -> None:
    score = np.repeat(np.arange(100.0), 10)
    won = score > 90
    found = from_capacity(score, won, leads_a_day=100, calls_a_day=10)
    assert (found.points, found.share) == (90, pytest.approx(0.1))
    assert found.captured == 1
    assert from_capacity(score, won, 100, 200).points == 0
    # Where many stand at one score, none of them is called rather than too many.
    tied = np.array([10.0] * 50 + [50.0] * 50)
    assert from_capacity(tied, tied > 20, 100, 20).share == 0
    with pytest.raises(UserError):
        from_capacity(score, won, 0, 1)


def test_thresholds_follow_from_value_and_cost() -> None:
    score, won, _ = made(20_000, 7)
    found = calibrate(score, won, np.arange(20_000))
    place = from_value(found, score, won, value=1000, cost=300)
    assert place is not None
    assert found.probability(np.array([place.points - 1.0]))[0] <= 0.3
    assert found.probability(np.array([float(place.points)]))[0] > 0.3
    assert from_value(found, score, won, value=10, cost=10) is None
    certain = from_value(replace(found), score, won, value=1e9, cost=1)
    assert certain is not None
    assert certain.share == 1
