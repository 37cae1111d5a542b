"""Choosing a model: better only where later leads say so, in every part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from leadwise.errors import UserError
from leadwise.learn.judge.interval import Interval
from leadwise.learn.models import Against, ModelLearner, choose_model, load
from leadwise.learn.models.tried import later_loss, plain_auc
from leadwise.learn.rows import by_hand
from tests.learn.made import rows_of
from tests.learn.test_models import leads


def test_signal_is_found_and_compared() -> None:
    rows = leads(1200)
    found = choose_model(rows, kinds=("logistic", "lightgbm"), name="propensity")
    assert [one.name for one in found.candidates] == ["card", "logistic", "LightGBM"]
    card = next(one for one in found.against if one.name == "card")
    assert card.better
    assert card.auc.low > 0
    assert found.in_time
    assert found.model.calibration is not None
    later = leads(2000, seed=9)
    model = load(found.model)
    raw = model(later)
    assert plain_auc(raw, later.won) > plain_auc(by_hand(later), later.won) + 0.05
    assert model.probability(raw).mean() == pytest.approx(later.won.mean(), abs=0.05)
    assert any(
        text.startswith("It orders later leads better than the hand") for text in found.verdict
    )


def test_where_there_is_no_signal_it_says_so() -> None:
    rows = leads(700, signal=False)
    found = choose_model(rows, kinds=("logistic",))
    assert not found.better
    assert found.verdict[0].startswith("No signal")


def test_what_wins_before_and_loses_later_is_not_called_better() -> None:
    """Size helps in the first half and harms afterwards; the card knew nothing."""
    rows = leads(1500)
    draw = np.random.default_rng(5)
    size = draw.normal(size=1500)
    turn = np.where(np.arange(1500) < 900, 1.5, -1.5)
    won = draw.random(1500) < 1 / (1 + np.exp(1 - turn * size))
    names = ("created_at", "industry", "opted_in", "title", "model_old")
    values = {"employees": size, **{name: rows.values[name] for name in names}}
    rows = rows_of(np.zeros(1500), won, card=rows.card, values=values)
    found = choose_model(rows, kinds=("logistic",))
    assert not found.better
    model = next(one for one in found.candidates if one.name == "logistic")
    assert not model.steady
    assert any("worse" in text for text in found.verdict)


def test_rows_without_order_are_tried_by_lot_and_it_says_so() -> None:
    rows = leads(500)
    rows = replace(rows, when_us=np.zeros(500, np.int64), dated=False, has_history=False)
    found = choose_model(rows, kinds=("logistic",))
    assert not found.in_time
    assert "no order in time" in found.verdict[-1]


def test_too_few_to_try_later_is_refused() -> None:
    with pytest.raises(UserError) as error:
        choose_model(leads(120), kinds=("logistic",))
    assert error.value.code == "learn-few"


def test_better_needs_the_interval_and_every_part() -> None:
    gap = Interval(0.03, 0.01, 0.05)
    assert Against("card", gap, (0.02, 0.04)).better
    assert not Against("card", gap, (-0.01, 0.07)).better
    assert not Against("card", Interval(0.03, -0.01, 0.07), (0.02, 0.04)).better


def test_a_learner_serves_a_backtest() -> None:
    learner = ModelLearner("lightgbm")
    rows = leads(600)
    assert learner.name == "LightGBM"
    assert learner.learn(rows)(rows).shape == (600,)


def test_a_later_loss_is_of_the_order_alone() -> None:
    draw = np.random.default_rng(1)
    raw = draw.normal(size=4000)
    won = draw.random(4000) < 1 / (1 + np.exp(2 - raw))
    chance = 1 / (1 + np.exp(2 - raw))
    true = -np.mean(np.where(won, np.log(chance), np.log(1 - chance)))
    assert later_loss(5 + 3 * raw, won) == pytest.approx(true, abs=0.002)
    share = won.mean()
    even = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert later_loss(-raw, won) == pytest.approx(even)
