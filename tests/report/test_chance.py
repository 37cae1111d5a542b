"""The probability of one score is what the calibration says of many."""

from __future__ import annotations

import json

import numpy as np
import pytest

from leadwise.learn.calibration.model import Calibration, Knot
from leadwise.live.webhooks import body_of
from leadwise.report.chance import chance
from leadwise.store.said import Change

KNOTS = (Knot(0, 0.001, 0.0, 0.02), Knot(20, 0.1, 0.05, 0.2), Knot(60, 0.9995, 0.8, 1.0))
MEANS = Calibration("beta", KNOTS, 1000, 500, 90, 0.09, least=0.002, horizon_us=None)


@pytest.mark.parametrize("points", [-5.0, 0.0, 12.34, 20.0, 59.99, 60.0, 300.0])
def test_one_score(points: float) -> None:
    found = chance(MEANS.document(), round(points * 100))
    assert found is not None
    low, high = MEANS.interval(np.array([points]))
    assert found.value == pytest.approx(MEANS.probability(np.array([points]))[0])
    assert (found.low, found.high) == (pytest.approx(low[0]), pytest.approx(high[0]))
    assert 0 < found.low <= found.value <= found.high < 1


def test_a_webhook_says_it() -> None:
    change = Change(1, 42, 3, 1_800_000_000_000_000, "cold", "warm", 2_000, "event", 9)
    plain, told = (json.loads(body_of(change, means))["data"] for means in (None, MEANS.document()))
    assert told == plain | {"probability": {"value": 0.1, "low": 0.05, "high": 0.2}}


def test_nothing_is_said_without_a_calibration_or_a_score() -> None:
    assert chance(None, 500) is None
    assert chance(MEANS.document(), None) is None
