"""A card held against what came after: what is said, and when nothing can be."""

from __future__ import annotations

import numpy as np
import pytest

from leadwise.learn.backtest.run import Options, backtest
from leadwise.learn.backtest.splits import forward, last_part
from leadwise.learn.rows import Floats, Rows, Scorer, by_hand
from tests.learn.made import DAY_US, rows_of


def signal(n: int, strength: float, seed: int = 0) -> Rows:
    lot = np.random.default_rng(seed)
    score = lot.normal(50, 20, n).clip(0, 100)
    chance = 1 / (1 + np.exp(2 - strength * (score - 50) / 20))
    return rows_of(score, lot.random(n) < chance)


def test_an_order_that_works_is_said_to() -> None:
    found = backtest(signal(3000, 1.2), options=Options(per_day=5))
    assert found.verdict[0].startswith("The card's order predicts: AUC 0.7")
    assert "Your team calls 5 a day" in found.verdict[1]
    assert not found.warnings
    assert [part.name for part in found.bands] == ["cold", "warm", "hot"]
    assert [part.name for part in found.months] == ["2026-01", "2026-02", "2026-03", "2026-04"]
    rates = [part.rate.value for part in found.bands]
    assert rates == sorted(rates)


def test_no_signal_is_said_of_chance() -> None:
    """A 95 percent interval may be wrong one time in twenty: of thirty, four is already rare."""
    said = [backtest(signal(400, 0.0, seed)).verdict[0] for seed in range(30)]
    assert sum(each.startswith("No signal") for each in said) >= 26


def test_upside_down_is_said() -> None:
    assert "upside down" in backtest(signal(3000, -1.2)).verdict[0]


def test_few_outcomes_are_warned_of() -> None:
    found = backtest(signal(120, 1.0))
    assert "intervals are wide" in found.warnings[0]
    none = backtest(rows_of(np.arange(50.0), np.zeros(50, bool)))
    assert none.verdict[0].startswith("Nothing can be said")
    empty = backtest(rows_of(np.zeros(0), np.zeros(0, bool)))
    assert "no row" in empty.warnings[0]


def test_what_is_learned_from_was_over_before() -> None:
    rows = signal(1200, 1.0)
    split = last_part(rows, 0.2, horizon_us=30 * DAY_US)
    start = rows.when_us[split.ahead].min()
    assert (rows.when_us[split.known] + 30 * DAY_US <= start).all()
    assert len(split.ahead) == pytest.approx(240, abs=10)
    folds = list(forward(rows, 0.5, 4, horizon_us=10 * DAY_US))
    places = np.concatenate([fold.ahead for fold in folds])
    assert (np.diff(places) == 1).all()
    assert all(rows.when_us[f.known].max() + 10 * DAY_US <= rows.when_us[f.ahead].min()
               for f in folds)  # fmt: skip


class Oracle:
    """Learns nothing and sees only what it is given."""

    name = "oracle"

    def __init__(self) -> None:
        self.seen: list[Rows] = []

    def learn(self, rows: Rows) -> Scorer:
        self.seen.append(rows)
        return lambda ahead: by_hand(ahead) + ahead.won * 100


def test_a_learner_never_sees_what_it_is_held_against() -> None:
    oracle = Oracle()
    rows = signal(1000, 1.0)
    found = backtest(rows, [oracle], Options(horizon_us=DAY_US))
    assert found.orders[1].auc.value == 1
    assert "oracle orders better than the card" in found.verdict[-1]
    assert found.rows < len(rows)
    assert all(len(seen) < len(rows) for seen in oracle.seen)
    assert found.learned_from == len(oracle.seen[-1])


def test_leads_of_one_order_differ_from_themselves_by_nothing() -> None:
    rows = signal(800, 1.0)
    same: Floats = by_hand(rows)
    found = backtest(rows, others={"old list": same})
    assert found.differences[0].auc.value == 0
    assert "cannot be told from the card" in found.verdict[-1]
