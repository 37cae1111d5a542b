"""Many rows of a few leads are a few cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import leadwise
from leadwise.card.model import Card
from leadwise.card.parse import parse
from leadwise.errors import UserError
from leadwise.learn.backtest.run import backtest
from leadwise.learn.calibration.fit import calibrate
from leadwise.learn.refinement.criteria import worths
from leadwise.learn.scorecard.model import Options
from tests.learn.made import rows_of
from tests.learn.test_criteria import made


def parsed(text: str) -> Card:
    found = parse(text).card
    assert found is not None
    return found


PLAIN = parsed(
    "card: c\nversion: 1\nfields:\n  a: {type: number}\ndimensions:\n  - id: d\n    criteria:\n"
    "      - {id: big, when: a > 4, points: 10}\n"
)


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


@pytest.mark.parametrize(
    "asked", [{"tiers": 1}, {"criteria": 0}, {"prior": float("nan")}, {"monotone": {"a": "up"}}]
)
def test_what_makes_no_card_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        Options(**asked)


@pytest.mark.parametrize("asked", [{"horizon": timedelta.max}, {"every": timedelta.max}])
def test_spans_beyond_all_instants_are_refused(asked: dict[str, Any]) -> None:
    leads = pa.table({"lead_id": ["1"], "a": [1]})
    outcomes = pa.table({"lead_id": ["1"], "outcome": ["won"]})
    with pytest.raises(UserError, match="days at most"):
        leadwise.past(PLAIN, leads, outcomes=outcomes, **asked)


def test_names_and_calls_that_mean_nothing_are_refused_in_python() -> None:
    ids = [str(n) for n in range(9)]
    leads = pa.table({"lead_id": ids, "a": range(9)})
    outcomes = pa.table({"lead_id": ids, "outcome": ["won", "lost", "lost"] * 3})
    rows = leadwise.past(PLAIN, leads, outcomes=outcomes)
    with pytest.raises(UserError, match="allow b"):
        leadwise.past(PLAIN, leads, outcomes=outcomes, allow=["b"])
    with pytest.raises(UserError, match="not -3"):
        leadwise.backtest(rows, calls_a_day=-3)
    with pytest.raises(UserError) as nothing:
        leadwise.learn_card(rows, Options(without=frozenset({"a"})))
    assert nothing.value.code == "learn-nothing"
