"""Evaluation by hand on twelve leads, its sums on random ones, and input that says nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwise.errors import UserError
from leadwise.report import Evaluation, evaluate
from leadwise.report.ranking import height_at

Rows = list[tuple[str, int, str | None]]

# 20 leads, 1 to 20 points; the best four and lead 3 converted.
SCORES: Rows = [(f"l{n}", n * 100, "hot" if n > 15 else "cold") for n in range(1, 21)]
OUTCOMES = {f"l{n}": n > 16 or n == 3 for n in range(1, 21)}


def test_by_hand() -> None:
    found = evaluate(SCORES, OUTCOMES, ["cold", "warm", "hot"])
    assert (found.leads, found.conversions, found.base_rate) == (20, 5, 0.25)
    assert found.auc is not None
    # Of 5 x 15 pairs: the best four win all 15 each; l3 wins against l1 and l2.
    assert found.auc.value == pytest.approx(62 / 75)
    assert found.better_half == pytest.approx(4 / 5)
    first, second, third = found.parts[:3]
    assert (first.leads, first.conversions, first.rate, first.lift) == (2, 2, 1.0, 4.0)
    assert (first.highest, first.lowest, first.captured) == (2000, 1900, 0.4)
    assert (second.captured, third.conversions, third.captured) == (0.8, 0, 0.8)
    assert [part.number for part in found.parts] == list(range(1, 11))
    cold, warm, hot = found.bands
    assert (cold.band, cold.leads, cold.conversions) == ("cold", 15, 1)
    assert (warm.leads, warm.precision, warm.lift, warm.share_of_leads) == (0, None, None, 0)
    assert hot.precision == pytest.approx(0.8)
    assert hot.lift == pytest.approx(3.2)
    assert (hot.share_of_leads, hot.share_of_conversions) == (0.25, 0.8)
    assert found.notes == ("Only 5 of 20 leads converted: take it as a hint.",)


def test_ties_over_an_edge_are_shared_in_proportion() -> None:
    """Four leads of one score, one of which converted, over both sides of the middle."""
    rows: Rows = [("a", 900, None), *((f"t{n}", 500, None) for n in range(4)), ("z", 100, None)]
    found = evaluate(rows, {row[0]: row[0] in {"a", "t0"} for row in rows})
    assert [part.leads for part in found.parts] == [1] * 6
    assert [part.conversions for part in found.parts] == [1, 0.25, 0.25, 0.25, 0.25, 0]
    assert found.better_half == pytest.approx((1 + 0.5) / 2)
    assert [(part.highest, part.lowest) for part in found.parts][:2] == [(900, 900), (500, 500)]
    assert found.bands == ()


def test_the_order_of_the_rows_changes_nothing() -> None:
    bands = ["cold", "hot"]
    assert evaluate(SCORES[::-1], OUTCOMES, bands) == evaluate(SCORES, OUTCOMES, bands)


def test_a_range_of_scores_holds_its_lower_end_and_the_last_its_upper_too() -> None:
    rows: Rows = [("a", 0, None), ("b", 999, None), ("c", 1000, None), ("d", 10000, None)]
    found = evaluate(rows, {"a": False, "b": True, "c": True, "d": True})
    assert [(r.low, r.high, r.leads, r.conversions) for r in found.ranges] == [
        (0, 1000, 2, 1),
        (1000, 2000, 1, 1),
        (9000, 10000, 1, 1),
    ]
    half = found.ranges[0]
    # Wilson's interval of 1 in 2, as published in tables: 0.0945 to 0.9055.
    assert (round(half.rate_low, 4), round(half.rate_high, 4)) == (0.0945, 0.9055)


def test_negative_scores_have_ranges_too() -> None:
    found = evaluate([("a", -2550, None), ("b", -100, None)], {"a": False, "b": True})
    assert [(r.low, r.high) for r in found.ranges] == [(-3000, -2500), (-500, 0)]


def test_what_is_missing_on_either_side_is_counted_and_said() -> None:
    outcomes = {lead: OUTCOMES[lead] for lead in list(OUTCOMES)[3:]} | {"stranger": True}
    found = evaluate(SCORES, outcomes)
    assert (found.leads, found.leads_without_outcome, found.outcomes_without_lead) == (17, 3, 1)
    assert "Scored leads without an outcome, left out: 3." in found.notes
    assert "Outcomes of leads that were not scored, left out: 1." in found.notes


def test_nobody_converted() -> None:
    found = evaluate(SCORES, dict.fromkeys(OUTCOMES, False), ["cold", "hot"])
    assert (found.auc, found.better_half, found.gains) == (None, None, ())
    assert {part.lift for part in found.parts} == {None}
    assert {band.share_of_conversions for band in found.bands} == {None}
    assert found.notes[0].startswith("No lead converted")


def test_everybody_converted() -> None:
    found = evaluate(SCORES, dict.fromkeys(OUTCOMES, True))
    assert found.auc is None
    assert {part.lift for part in found.parts} == {1.0}
    assert found.better_half == pytest.approx(0.5)
    assert found.notes[0].startswith("Every lead converted")


def test_one_score_for_all_is_said() -> None:
    found = evaluate([(f"l{n}", 500, None) for n in range(1, 21)], OUTCOMES)
    assert found.auc is not None
    assert found.auc.value == 0.5
    assert "All leads have the same score: the card does not order them at all." in found.notes


@pytest.mark.parametrize("outcomes", [{}, {"other": True}])
def test_no_outcome_at_all_is_an_error(outcomes: dict[str, bool]) -> None:
    with pytest.raises(UserError) as caught:
        evaluate(SCORES, outcomes)
    assert caught.value.code == "no-outcomes"
    assert "none of the 20 scored leads has an outcome" in caught.value.message
    assert "lead_id" in caught.value.hint


def test_a_lead_with_two_scores_is_an_error() -> None:
    with pytest.raises(UserError) as caught:
        evaluate([*SCORES, SCORES[0]], OUTCOMES)
    assert (caught.value.code, "'l1'" in caught.value.message) == ("duplicate-lead", True)


LEADS = st.lists(
    st.tuples(st.integers(-2000, 12000), st.sampled_from(["a", "b", "c"]), st.booleans()),
    min_size=1,
    max_size=120,
)


def evaluated(leads: list[tuple[int, str, bool]]) -> Evaluation:
    rows: Rows = [(str(n), score, band) for n, (score, band, _) in enumerate(leads)]
    return evaluate(rows, {str(n): won for n, (*_, won) in enumerate(leads)}, ["a", "b", "c"])


@given(LEADS)
def test_every_division_adds_up(leads: list[tuple[int, str, bool]]) -> None:
    found = evaluated(leads)
    for division in (found.parts, found.bands, found.ranges):
        assert sum(item.leads for item in division) == found.leads == len(leads)
        assert sum(item.conversions for item in division) == pytest.approx(found.conversions)
    assert max(p.leads for p in found.parts) - min(p.leads for p in found.parts) <= 1
    assert len(found.ranges) <= 11
    for item in found.ranges:
        assert item.rate_low - 1e-12 <= item.rate <= item.rate_high + 1e-12


@given(LEADS)
def test_the_gains_curve_agrees_with_the_parts_and_the_auc(
    leads: list[tuple[int, str, bool]],
) -> None:
    found = evaluated(leads)
    if not found.gains or found.auc is None:
        return
    called = 0
    for part in found.parts:
        called += part.leads
        assert height_at(found.gains, called / found.leads) == pytest.approx(part.captured)
    # The area under the gains curve is (1 - base rate) * AUC + base rate / 2.
    area = sum(
        (right - left) * (low + high) / 2 for (left, low), (right, high) in pairwise(found.gains)
    )
    expected = (1 - found.base_rate) * found.auc.value + found.base_rate / 2
    assert area == pytest.approx(expected)
