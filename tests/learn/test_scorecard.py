"""A learned card: near the hand-made one with few rows, right with many, alike in every engine."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from leadwise.asking.instants import DAY_US
from leadwise.asking.population import population
from leadwise.card import check_text, diff, format_text, parse
from leadwise.card.model import Card, StateCriterion
from leadwise.errors import UserError
from leadwise.learn.moments import Watch, training_rows
from leadwise.learn.rows import Rows
from leadwise.learn.scorecard import CardLearner, LearnedCard, Options, learn_card
from leadwise.learn.scorecard.intervals import intervals
from leadwise.learn.scorecard.model import Weighed
from leadwise.learn.scorecard.prior import hand_parts
from leadwise.learn.scorecard.writing import written

TEXT = """
card: sales
version: 3
fields:
  created_at: {type: time}
  employees: {type: number, label: Employees}
  industry: {type: choice, choices: [bank, farm, school, shop, other]}
  opted_in: {type: boolean}
  seniority: number
events:
  visited: {path: text}
measures:
  visits: {on: visited, count: all}
  quiet: {on: visited, days_since: last}
dimensions:
  - id: fit
    criteria:
      - id: size
        label: Size of the company
        tiers:
          - {when: employees >= 100, points: 20}
          - {when: employees >= 10, points: 10}
          - {otherwise: 0}
        unknown: 3
      - {id: bank, when: industry = 'bank', points: 10}
    adjustments:
      - {id: no-consent, when: not opted_in, percent: -50}
    max: 40
  - id: engagement
    criteria:
      - {id: visiting, on: visited, points: 5, half_life: 20 days, limit: {points: 20}}
score: {min: 0, max: 100}
bands:
  - {id: cold}
  - {id: warm, from: 15}
"""
START = 20_000 * DAY_US


def card_of(text: str = TEXT) -> Card:
    found = parse(text).card
    assert found is not None
    return found


def leads(count: int, seed: int = 0) -> tuple[pa.Table, pa.Table, dict[str, tuple[bool, int]]]:
    """Leads who are won for their size, their industry, seniority and visits; farms never."""
    draw = random.Random(seed)
    rows: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    outcomes: dict[str, tuple[bool, int]] = {}
    for k in range(count):
        employees = round(10 ** draw.uniform(0, 3.5))
        industry = draw.choice(["bank", "farm", "school", "shop", "other"])
        seniority = draw.randint(0, 40)
        opted = draw.random() < 0.7
        visits = min(8, int(draw.expovariate(0.5)))
        created = START + k * DAY_US // 8
        odds = -3.2 + 0.8 * np.log10(employees) + 0.4 * visits + 0.06 * seniority
        odds += {"bank": 0.8, "farm": -1.5, "shop": 0.6}.get(industry, 0.0) - 0.7 * (not opted)
        name = f"L{k:05d}"
        outcomes[name] = (draw.random() < 1 / (1 + np.exp(-odds)), created + 60 * DAY_US)
        known = draw.random() < 0.9
        rows.append({
            "lead_id": name, "created_at": created, "industry": industry, "opted_in": str(opted),
            "employees": str(employees) if known else "", "seniority": str(seniority),
        })  # fmt: skip
        events += [
            {"lead_id": name, "event": "visited", "path": "/", "message_id": f"{name}-{n}",
             "timestamp": created + draw.randrange(40 * DAY_US)}
            for n in range(visits)
        ]  # fmt: skip
    made = [pa.Table.from_pylist(table) for table in (rows, events)]
    stamp = pa.timestamp("us", "UTC")
    made[0] = made[0].set_column(1, "created_at", made[0]["created_at"].cast(stamp))
    made[1] = made[1].set_column(4, "timestamp", made[1]["timestamp"].cast(stamp))
    return made[0], made[1], outcomes


def rows_of(count: int, seed: int = 0, card: Card | None = None, engine: str = "duckdb") -> Rows:
    table, events, outcomes = leads(count, seed)
    watch = Watch(horizon_us=30 * DAY_US, every_us=None, bands=False, arrival=False,
                  ages_us=(45 * DAY_US,), only_decided=True,
                  end_us=START + 10_000 * DAY_US)  # fmt: skip
    with population(card or card_of(), table, events, engine=engine) as of:
        return training_rows(of, outcomes, watch).rows


@pytest.fixture(scope="module")
def many() -> Rows:
    return rows_of(2_500)


@pytest.fixture(scope="module")
def learned(many: Rows) -> LearnedCard:
    return learn_card(many)


def test_the_written_card_gives_the_very_points_in_every_engine(learned: LearnedCard) -> None:
    assert not [p for p in check_text(learned.text) if p.severity == "error"]
    assert parse(learned.text).card == learned.card
    assert format_text(learned.text) == learned.text  # comments stay where they are
    later = rows_of(300, seed=9)
    ours = learned.scorer(later)
    for engine in ("duckdb", "sqlite"):
        asked = rows_of(300, seed=9, card=learned.card, engine=engine)
        assert asked.lead_id.equals(later.lead_id)
        assert (asked.score / 100 == ours).all()
    assert len(np.unique(ours)) > 30


def test_what_the_hand_made_card_overlooks_is_found_and_what_it_says_keeps_its_name(
    many: Rows, learned: LearnedCard
) -> None:
    ids = {criterion.id for criterion in learned.card.criteria}
    assert {"size", "visiting", "seniority", "industry"} <= ids
    assert learned.auc > learned.auc_by_hand + 0.03
    said = " ".join(diff(many.card, learned.card))
    assert "added criterion 'seniority'" in said
    assert "renamed" not in said
    assert learned.card.version == 4
    size = next(c for c in learned.card.criteria if c.id == "size")
    assert isinstance(size, StateCriterion)
    assert size.label == "Size of the company"
    assert all(point == round(point) for point in (line.points for line in learned.points))
    assert "rows" in learned.text
    assert "AUC" in learned.text


def test_few_rows_stay_near_the_hand_made_card_and_say_so() -> None:
    few = rows_of(150, seed=4)
    rarely = few.take(np.flatnonzero(~few.won | (np.cumsum(few.won) <= 10)))
    learned = learn_card(rarely)
    old = {c.id: c for c in few.card.criteria}
    size, was = (next(c for c in card.criteria if c.id == "size") for card in
                 (learned.card, few.card))  # fmt: skip
    assert isinstance(size, StateCriterion)
    assert isinstance(was, StateCriterion)
    assert {c.id for c in learned.card.criteria} <= {*old, "no-consent"}
    for now, before in zip(size.tiers, was.tiers, strict=True):
        assert abs(now.points - before.points) <= 400
    assert any("too few" in note for note in learned.notes)
    without_banks = rarely.take(
        ~np.array([v == "bank" for v in rarely.values["industry"].to_pylist()])
    )
    assert "bank" in {criterion.id for criterion in learn_card(without_banks).card.criteria}


def test_points_rise_where_told_and_fields_stay_out_where_told(many: Rows) -> None:
    options = Options(monotone={"seniority": "falling"}, without=frozenset({"industry"}))
    falling = learn_card(many, options)
    ids = {criterion.id for criterion in falling.card.criteria}
    assert "industry" not in ids
    assert "seniority" not in ids  # it only rises: told to fall, it says nothing
    rising = learn_card(many, Options(monotone={"seniority": "rising"}, tiers=4))
    made = next(c for c in rising.card.criteria if c.id == "seniority")
    assert isinstance(made, StateCriterion)
    points = [tier.points for tier in made.tiers] + [made.otherwise or 0]
    assert points == sorted(points, reverse=True)
    assert 2 <= len(points) <= 4


def test_the_same_rows_give_the_same_card(many: Rows, learned: LearnedCard) -> None:
    assert learn_card(many).text == learned.text
    assert CardLearner().name == "learned card"


def test_one_class_and_a_choice_that_is_to_rise_are_refused(many: Rows) -> None:
    with pytest.raises(UserError) as refused:
        learn_card(many.take(many.won))
    assert refused.value.code == "learn-one-class"
    with pytest.raises(UserError) as refused:
        learn_card(many, Options(monotone={"industry": "rising"}))
    assert refused.value.code == "learn-monotone"


def test_a_card_without_points_gets_a_scale_of_a_hundred() -> None:
    start = TEXT.index("dimensions:")
    text = TEXT[:start] + (
        "dimensions:\n  - id: none\n    criteria:\n"
        "      - {id: nothing, when: employees < 0, points: 1}\n"
    )
    rows = rows_of(1_200, card=card_of(text))
    learned = learn_card(rows)
    scores = learned.scorer(rows)
    assert scores.min() >= 0
    assert 60 <= scores.max() <= 110
    assert learned.auc > 0.7


def test_a_condition_worth_nothing_but_when_unknown_is_still_a_card() -> None:
    rows = rows_of(200)
    part = next(part for part in hand_parts(rows, {}) if part.name == "bank")
    weighed = Weighed((part,), (np.array([0, 0, 300]),), (None,), (None, None))
    column = part.column(rows)
    sure = intervals((part,), [column], [np.zeros(3)], rows.won, rows.lead, 0.05)
    figures = dict.fromkeys(
        ("auc", "auc_by_hand", "auc_before_joining", "auc_before_rounding"), 0.5
    )
    card, text, lines = written(rows, weighed, [column], sure, (), figures)
    assert {(line.tier, line.points) for line in lines} == {
        ("1", 0),
        ("otherwise", 0),
        ("unknown", 3),
    }
    assert parse(text).card == card
