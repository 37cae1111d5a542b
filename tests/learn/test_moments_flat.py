"""Rows out of files without a history."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pytest

from leadwise.asking.instants import DAY_US
from leadwise.asking.population import population
from leadwise.card import parse
from leadwise.card.model import Card
from leadwise.errors import UserError
from leadwise.learn.moments import Built, Watch, training_rows

CARD = """
card: small
version: 1
fields: {size: number, country: text, created_at: time}
dimensions:
  - id: fit
    criteria:
      - id: large
        tiers:
          - {when: size >= 100, points: 20}
          - {when: size >= 10, points: 7.5}
          - {otherwise: 1}
        unknown: 3
      - {id: country, when: country = 'es', points: 5}
adjustments:
  - {id: home, when: country = 'es', percent: 10}
bands:
  - {id: cold}
  - {id: hot, from: 20}
"""
WATCH = Watch(10 * DAY_US)


def card() -> Card:
    found = parse(CARD).card
    assert found is not None
    return found


def built(
    leads: Mapping[str, list[object]],
    outcomes: Mapping[str, tuple[bool, int | None]],
    watch: Watch = WATCH,
    *,
    in_order: bool = False,
) -> Built:
    with population(card(), pa.table(leads)) as of:
        return training_rows(of, outcomes, watch, in_order=in_order)


LEADS: dict[str, list[object]] = {
    "lead_id": ["c", "a", "b", "x"],
    "size": [500, 50, None, 5],
    "country": ["es", None, "fr", "es"],
    "created_at": [None] * 4,
}


def test_one_row_for_each_outcome() -> None:
    found = built(
        LEADS, {"c": (True, None), "a": (False, None), "b": (False, None), "?": (1, None)}
    )
    rows = found.rows
    assert rows.lead_id.to_pylist() == ["a", "b", "c"]
    assert rows.won.tolist() == [False, False, True]
    # 7.5; 3 for an unknown size; 25 and a tenth of it
    assert rows.score.tolist() == [750, 300, 2750]
    assert rows.band.tolist() == [0, 0, 1]
    assert (rows.dated, rows.has_history) == (False, False)
    assert set(rows.when_us.tolist()) == {0}
    assert (found.left_out.unsaid, found.left_out.strangers) == (1, 1)
    assert rows.values["size"].to_pylist() == [50.0, None, 500.0]


def test_pieces_say_which_tier_counted() -> None:
    rows = built(LEADS, dict.fromkeys("abcx", (True, None))).rows
    names = [(p.criterion, p.kind, p.place, p.points) for p in rows.piece_names]
    assert names == [
        ("large", "tier", 0, 2000),
        ("large", "tier", 1, 750),
        ("large", "otherwise", 0, 100),
        ("large", "unknown", 0, 300),
        ("country", "tier", 0, 500),
        ("country", "otherwise", 0, 0),
        ("country", "unknown", 0, 0),
        ("home", "adjustment", 0, None),
    ]
    assert rows.pieces.tolist() == [
        [0, 1, 0, 0, 0, 0, 1, 0],  # a
        [0, 0, 0, 1, 0, 1, 0, 0],  # b
        [1, 0, 0, 0, 1, 0, 0, 1],  # c
        [0, 0, 1, 0, 1, 0, 0, 1],  # x
    ]


def test_in_order_of_the_file() -> None:
    rows = built(LEADS, dict.fromkeys("abcx", (True, None)), in_order=True).rows
    assert rows.lead_id.to_pylist() == ["c", "a", "b", "x"]
    assert rows.when_us.tolist() == [0, 1, 2, 3]
    assert not rows.dated


def test_creation_dates_and_what_is_not_over() -> None:
    day = "2026-01-{:02}T00:00:00Z"
    leads = {**LEADS, "created_at": [day.format(n) for n in (3, 1, 2, 25)]}
    start = 1_767_225_600_000_000  # 2026-01-01
    # b has no outcome and came 28 days before the end; x came 5 days before it and has none either.
    outcomes = {"c": (True, start + 4 * DAY_US), "a": (True, start + 29 * DAY_US)}
    found = built(leads, outcomes)
    assert found.end_us == start + 29 * DAY_US
    assert found.rows.lead_id.to_pylist() == ["a", "b", "c"]
    assert found.rows.won.tolist() == [False, False, True]  # a was won 29 days after it came
    assert found.left_out.unfinished == 1
    assert found.rows.dated
    only = built(leads, outcomes, Watch(10 * DAY_US, only_decided=True))
    assert only.rows.lead_id.to_pylist() == ["a", "c"]


def test_nothing_to_learn_from() -> None:
    with pytest.raises(UserError) as error:
        built(LEADS, {"?": (True, None)})
    assert error.value.code == "learn-rows"
    with pytest.raises(UserError) as error:
        built(LEADS, {"a": (True, None)}, Watch(DAY_US, created="size"))
    assert error.value.code == "learn-watch"
