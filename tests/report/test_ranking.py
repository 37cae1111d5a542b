"""The AUC against its definition over all pairs, and its interval against the plain formula."""

from __future__ import annotations

from math import sqrt
from statistics import mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from leadwise.report.ranking import NORMAL_95, Auc, Tied, auc

Leads = list[tuple[int, bool]]
LEADS = st.lists(st.tuples(st.integers(-3, 6), st.booleans()), min_size=2, max_size=60)


def tied(leads: Leads) -> list[Tied]:
    scores = sorted({score for score, _ in leads})
    here = {s: [converted for score, converted in leads if score == s] for s in scores}
    return [Tied(s, len(here[s]), sum(here[s])) for s in scores]


def placement(score: int, others: list[int]) -> float:
    return mean((score > other) + (score == other) / 2 for other in others)


def test_no_pair_gives_no_auc() -> None:
    assert auc(tied([(1, True), (2, True)])) is None
    assert auc(tied([(1, False), (2, False)])) is None
    assert auc([]) is None


@pytest.mark.parametrize(
    ("leads", "value"),
    [
        ([(1, False), (2, True)], 1.0),
        ([(2, False), (1, True)], 0.0),
        ([(1, False), (1, True)], 0.5),
        ([(1, False), (2, False), (2, True), (3, True)], 7 / 8),  # 4 pairs, one of them a tie
    ],
)
def test_by_hand(leads: Leads, value: float) -> None:
    found = auc(tied(leads))
    assert found is not None
    assert found.value == value


def test_perfect_order_claims_no_certainty() -> None:
    assert auc(tied([(n, n >= 5) for n in range(10)])) == Auc(1.0, None, None)


@given(LEADS)
def test_is_the_share_of_pairs_with_delongs_interval(leads: Leads) -> None:
    won = [score for score, converted in leads if converted]
    lost = [score for score, converted in leads if not converted]
    found = auc(tied(leads))
    if not won or not lost:
        assert found is None
        return
    above = [placement(score, lost) for score in won]
    assert found is not None
    assert found.value == pytest.approx(mean(above))
    assert found.value == pytest.approx(
        roc_auc_score([converted for _, converted in leads], [score for score, _ in leads])
    )
    if min(len(won), len(lost)) < 2 or found.value in (0, 1):
        assert (found.low, found.high) == (None, None)
        return
    below = [1 - placement(score, won) for score in lost]
    reach = NORMAL_95 * sqrt(variance(above) / len(won) + variance(below) / len(lost))
    assert found.low == pytest.approx(max(0.0, mean(above) - reach))
    assert found.high == pytest.approx(min(1.0, mean(above) + reach))
