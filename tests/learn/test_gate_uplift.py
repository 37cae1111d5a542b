"""What may replace the live card, and what follow-up brings."""

from __future__ import annotations

import numpy as np
import pytest

from leadwise.errors import UserError
from leadwise.learn.refinement.gate import gate
from leadwise.learn.refinement.uplift import difference, is_held_out, uplift


def test_the_gate_opens_for_what_is_better_beyond_chance_only() -> None:
    lot = np.random.default_rng(1)
    true = lot.normal(size=3000)
    won = lot.random(3000) < 1 / (1 + np.exp(1.5 - true))
    lead = np.arange(3000)
    noisy = true + lot.normal(size=3000)
    assert gate(noisy, true, won, lead).open
    worse = gate(true, noisy, won, lead)
    assert not worse.open
    assert "orders worse" in worse.reason
    same = gate(true, true + lot.normal(size=3000) * 0.02, won, lead)
    assert not same.open
    assert "cannot be told" in same.reason
    few = gate(noisy[:60], true[:60], won[:60], lead[:60])
    assert not few.open
    assert "Too few" in few.reason


def test_the_lot_is_fair_and_the_same_for_ever() -> None:
    ids = [f"lead-{n}" for n in range(20_000)]
    drawn = [is_held_out(one, "autumn", 0.1) for one in ids]
    assert sum(drawn) / len(ids) == pytest.approx(0.1, abs=0.01)
    assert drawn == [is_held_out(one, "autumn", 0.1) for one in ids]
    other = [is_held_out(one, "spring", 0.1) for one in ids]
    both = sum(a and b for a, b in zip(drawn, other, strict=True)) / len(ids)
    assert both == pytest.approx(0.01, abs=0.004)
    assert not any(is_held_out(one, "none", 0) for one in ids)
    with pytest.raises(UserError):
        is_held_out("a", "b", 0.7)


def test_newcombes_interval_is_that_of_his_paper() -> None:
    """R. Newcombe 1998, table II, example (a), method 10: 56/70 and 48/80."""
    found = difference(56, 70, 48, 80)
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_ranking_is_not_uplift() -> None:
    """Hot leads buy anyway, warm ones only if called: the holdout tells, conversion does not."""
    lot = np.random.default_rng(2)
    n = 20_000
    band = lot.integers(0, 2, n)
    held = lot.random(n) < 0.3
    chance = np.where(band == 1, 0.5, np.where(held, 0.05, 0.15))
    found = {one.band: one for one in uplift(["warm", "hot"], band, held, lot.random(n) < chance)}
    assert found["warm"].uplift.low > 0.05
    assert found["hot"].uplift.low < 0 < found["hot"].uplift.high
    assert "brings more deals" in found["warm"].text
    assert "cannot be told" in found["hot"].text
    nobody = uplift(["x"], np.zeros(5, int), np.zeros(5, bool), np.zeros(5, bool))[0]
    assert "nobody was left alone" in nobody.text
