"""Intervals against other ways to work them out."""

from __future__ import annotations

from math import comb, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwise.report.intervals import Share, Spread, ratio, spread, wilson
from leadwise.report.ranking import NORMAL_95


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_ends_are_where_the_share_is_just_not_refused(case: tuple[int, int]) -> None:
    hits, of = case
    for end in wilson(hits, of):
        if 1e-9 < end < 1 - 1e-9:
            assert abs(hits / of - end) == pytest.approx(
                NORMAL_95 * sqrt(end * (1 - end) / of), abs=1e-9
            )


def test_a_share_of_nobody_says_nothing() -> None:
    assert (Share(0, 0).rate, Share(0, 0).interval) == (None, None)


def test_the_ratio_of_two_shares() -> None:
    # The logarithm's standard error is sqrt(1/15 - 1/50 + 1/5 - 1/50) = 0.476095.
    found = ratio(Share(15, 50), Share(5, 50))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((3.0, 1.17996, 7.62736), abs=1e-5)
    assert found.sure
    few = ratio(Share(2, 4), Share(1, 3))
    assert few is not None
    assert not few.sure


def test_no_ratio_where_the_other_side_has_no_hit() -> None:
    assert ratio(Share(1, 2), Share(0, 5)) is None
    assert ratio(Share(0, 0), Share(1, 5)) is None
    none = ratio(Share(0, 5), Share(1, 5))
    assert none is not None
    assert (none.value, none.low, none.sure) == (0, None, False)


def test_quartiles_lie_between_values_and_a_few_have_no_interval() -> None:
    assert spread([]) is None
    assert spread([4, 1, 3, 2]) == Spread(4, 1.75, 2.5, 3.25, None, None)
    assert spread([5, 1, 2, 3, 4, 6]) == Spread(6, 2.25, 3.5, 4.75, 1, 6)  # 1 - 2 / 2**6 is 97 %


@pytest.mark.parametrize("count", [6, 9, 20, 101, 200, 201, 500])
def test_the_median_is_in_its_interval_95_times_of_100(count: int) -> None:
    found = spread(range(count))
    assert found is not None
    assert found.low is not None
    below = int(found.low)  # values under the lower end: so many draws below the median at most
    outside = 2 * sum(comb(count, k) for k in range(below + 1)) / 2**count
    assert outside <= 0.055
    wider = outside + 2 * comb(count, below + 1) / 2**count
    assert wider > 0.045
