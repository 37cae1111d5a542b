"""Many rows of a few leads are a few cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from leadwise.errors import UserError
from leadwise.learn.backtest.run import backtest
from leadwise.learn.calibration.fit import calibrate
from leadwise.learn.refinement.criteria import worths
from tests.learn.made import rows_of
from tests.learn.test_criteria import made


def test_an_order_of_a_few_leads_is_not_said_to_predict() -> None:
    score = np.tile(np.arange(50.0), 2)
    found = backtest(rows_of(score, score >= 25, each=50))
    assert found.verdict[0].startswith("Too few outcomes")
    assert "only 2 leads" in found.warnings[0]


def test_a_probability_needs_leads_of_both_kinds_not_rows() -> None:
    with pytest.raises(UserError) as caught:
        calibrate(np.arange(100.0), np.arange(100) % 50 >= 25, np.arange(100) // 50)
    assert caught.value.code == "calibration-classes"
    assert "there are 2 and 2" in caught.value.message


def test_a_criterion_is_not_said_to_help_because_of_one_lead() -> None:
    rows = made(400)
    one = replace(rows, lead=np.zeros(400, np.int64))
    assert not {each.verdict for each in worths(one)} & {"helps", "harms"}
