"""The computing behind the reports: small cases, worked out by hand."""

from __future__ import annotations

import pytest

from leadwise.report.calibration import forecast, tenths
from leadwise.report.conversion import Entry, cohorts, conversions
from leadwise.report.cycle import Closed, cycles
from leadwise.report.engagement import engagement
from leadwise.report.intervals import Share
from leadwise.report.lift import line_lifts
from leadwise.report.ranking import Tied
from leadwise.report.response import MINUTE_US, Rise, fast_and_slow, first_rises, responses
from leadwise.report.returns import hours_saved, returns
from leadwise.report.velocity import (
    DAY_US,
    Journey,
    growth,
    qualified_by_month,
    reached,
    stages,
)

NOTHING = (None,) * 5


def test_conversion_waits_for_the_horizon_even_of_those_that_were_quick() -> None:
    entries = [Entry("hot", 10, 15), Entry("hot", 10, 21), Entry("hot", 10, None),
               Entry("hot", 95, 96), Entry("hot", 10, 5), Entry("odd", 10, 20)]  # fmt: skip
    hot, cold, odd = conversions(entries, ["hot", "cold"], 10, 100)
    assert (hot.share, hot.early, hot.before) == (Share(1, 3), 1, 1)
    assert (cold.share, cold.early) == (Share(0, 0), 0)
    assert (odd.group, odd.share) == ("odd", Share(1, 1))  # just on the last instant
    assert conversions([Entry("hot", 90, None)], [], 10, 100)[0].share.of == 1  # just over


def test_cohorts_take_their_edges_from_the_left() -> None:
    found = cohorts([(9, None), (10, 12), (19, None), (20, 25), (30, 31)], [10, 20, 30], 10, 99)
    assert [each.share for each in found] == [Share(1, 2), Share(1, 1)]


def test_a_stage_that_was_passed_over_was_reached_by_the_next() -> None:
    assert reached(Journey((None, 5, None, None, 9), None)) == (5, 5, 9, 9, 9)
    assert reached(Journey((8, 5, None, None, None), None)) == (5, 5, None, None, None)


def test_stages_count_who_went_on_was_lost_and_is_there_still() -> None:
    day = DAY_US
    journeys = [
        Journey((0, 2 * day, None, None, None), None),
        Journey((0, 4 * day, None, None, None), 9 * day),
        Journey((0, None, None, None, None), 9 * day),
        Journey((0, None, None, None, None), None),
        Journey((20 * day, None, None, None, None), None),  # after the period
    ]
    first, second, *_, won = stages(journeys, 0, 10 * day)
    assert (first.entered, first.onward, first.lost, first.still) == (4, 2, 1, 1)
    assert first.days is not None
    assert first.days.median == 3
    assert (second.entered, second.onward, second.lost, second.still) == (2, 0, 1, 1)
    assert (won.entered, won.days) == (0, None)


def test_qualified_leads_a_month_and_their_growth() -> None:
    at = [Journey((None, None, each, None, None), None) for each in (5, 10, 19, 20)]
    assert qualified_by_month([*at, Journey(NOTHING, 3)], [10, 20, 30]) == [2, 1]
    assert growth(12, 10) == pytest.approx(0.2)
    assert growth(3, 0) is None


def test_a_week_s_share_is_of_those_that_were_there_by_then() -> None:
    known = [("hot", -1, 4), ("hot", 1, 4), ("cold", 0, 2)]
    active = [("hot", 0, 1), ("hot", 1, 4), ("hot", 7, 9), ("", 0, 1)]
    hot, cold = engagement(known, active, {"hot": 5}, ["hot", "cold"], 2)
    assert hot.weeks == (Share(1, 4), Share(4, 8))
    assert hot.period == Share(5, 8)
    assert (cold.weeks, cold.period) == ((Share(0, 2), Share(0, 2)), Share(0, 2))


def test_a_cycle_is_of_the_highest_band_and_needs_a_beginning() -> None:
    day = DAY_US
    closed = [
        Closed(10 * day, True, 8 * day, {"cold": 0, "hot": 4 * day}),
        Closed(9 * day, False, None, {"cold": 0}),
        Closed(9 * day, True, 9 * day, {}),
    ]
    (hot, cold), without = cycles(closed, ["hot", "cold"], from_accepted=False)
    assert hot.won is not None
    assert (hot.won.median, hot.lost) == (6, None)
    assert cold.lost is not None
    assert (cold.lost.median, without) == (9, 1)
    (hot, _), without = cycles(closed, ["hot", "cold"], from_accepted=True)
    assert hot.won is not None
    assert (hot.won.median, without) == (2, 2)


def test_falls_and_second_rises_need_no_answer() -> None:
    changes = [(1, None, rise("hot", 1)), (1, "hot", rise("warm", 2)), (1, "warm", rise("hot", 3)),
               (2, "cold", rise("warm", 4)), (2, "warm", rise("hot", 5))]  # fmt: skip
    found = first_rises(changes, ["hot", "warm", "cold"])
    assert [(each.band, each.at_us) for each in found] == [("hot", 1), ("warm", 4), ("hot", 5)]


def rise(band: str, at: int, answered: int | None = None, won: int | None = None) -> Rise:
    def us(minutes: int | None) -> int | None:
        return None if minutes is None else minutes * MINUTE_US

    return Rise(band, at * MINUTE_US if answered or won else at, us(answered), None, us(won))


def test_response_within_the_time_allowed_and_what_is_open_still() -> None:
    risen = [rise("hot", 1, 61), rise("hot", 1, 62), rise("hot", 0), rise("warm", 0, 5),
             Rise("hot", 999 * MINUTE_US, None, None, None)]  # fmt: skip
    found = responses(risen, {"hot": 60}, 1000 * MINUTE_US, lambda each: each.band)
    assert set(found) == {"hot"}  # nothing is allowed, and asked, of warm
    assert found["hot"].within == Share(1, 3)
    assert (found["hot"].never, found["hot"].open) == (1, 1)
    assert found["hot"].minutes is not None
    assert found["hot"].minutes.median == 60.5


def test_quick_and_slow_leave_out_who_was_won_before_the_call() -> None:
    risen = [rise("hot", 1, 10, 20), rise("hot", 1, 10), rise("hot", 1, 90, 95),
             rise("hot", 1, 90, 50), rise("hot", 1, 990)]  # fmt: skip
    found = fast_and_slow(risen, {"hot": 60}, 15 * MINUTE_US, 1000 * MINUTE_US)
    assert found == (Share(1, 2), Share(1, 1))


def test_value_an_hour_keeps_currencies_apart() -> None:
    found = returns([("hot", 4), ("hot", 4), ("warm", 1)],
                    [("hot", "EUR", 500), ("hot", "USD", 300), ("hot", None, None),
                     ("odd", "EUR", 7)], ["hot", "warm"])  # fmt: skip
    hot, warm, odd = found
    assert (hot.calls, hot.unvalued) == (8, 1)
    assert (hot.sold("EUR"), hot.sold("USD"), hot.sold("SEK")) == ((1, 500), (1, 300), (0, 0))
    assert hot.an_hour("EUR", 15) == 250
    assert warm.an_hour("EUR", 15) == 0
    assert odd.an_hour("EUR", 15) is None


def test_21_minutes_by_5_leads_by_20_days_by_50_people_are_1750_hours() -> None:
    assert hours_saved(21, 5, 20, 50) == 1750


def test_tenths_keep_leads_of_one_score_together() -> None:
    even = tenths([Tied(score, 2, score % 2) for score in range(10)])
    assert [(each.lowest, each.highest) for each in even] == [(n, n) for n in range(10)]
    tied = tenths([Tied(0, 70, 1), Tied(5, 10, 2), Tied(6, 5, 0), Tied(7, 15, 9)])
    assert [(t.lowest, t.highest, t.share.of) for t in tied] == [(0, 0, 70), (5, 5, 10), (6, 7, 20)]
    assert tenths([]) == ()


def test_brier_s_score_of_what_the_first_half_said() -> None:
    first = [Tied(0, 10, 1), Tied(10, 10, 5)]
    found = forecast(first, [Tied(-3, 4, 0), Tied(11, 4, 3)])
    assert found is not None
    # Said 0.1 of four of which none came, 0.5 of four of which three came.
    assert found.score == pytest.approx((4 * 0.01 + 4 * 0.25) / 8)
    assert found.base == pytest.approx((5 * 0.09 + 3 * 0.49) / 8)  # 0.3 of everybody
    assert found.skill == pytest.approx(1 - found.score / found.base)
    assert forecast(first, []) is None


def test_each_line_with_and_without() -> None:
    one, never = line_lifts([[500, 1000, 0, 0], [0, 0, 0, 0]], [[500, 1000, 0], [0, 0, 0]])
    assert (one.having, one.lacking) == (Share(2, 2), Share(1, 2))
    assert (one.least, one.most, one.mean) == (500, 1000, 750)
    assert one.lift is not None
    assert one.lift.value == 2
    assert (never.having, never.lift) == (Share(0, 0), None)
