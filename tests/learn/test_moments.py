"""Moments of leads with a history: worked out by hand, and never knowing what came later."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest

from leadwise.asking.instants import DAY_US
from leadwise.asking.population import Population, population
from leadwise.card import parse
from leadwise.card.model import Card
from leadwise.engines.entry.dataset import Dataset
from leadwise.learn.moments import Built, Watch, training_rows
from leadwise.learn.moments.choose import Moments, without

TEXT = """
card: watched
version: 1
fields: {size: number}
events:
  visited: {path: text}
measures:
  quiet: {on: visited, days_since: last}
dimensions:
  - id: all
    criteria:
      - {id: visits, on: visited, points: 10, limit: {points: 25}}
      - {id: aged, on: visited, half_life: 7 days, points: 0}
      - {id: large, when: size >= 100, points: 1}
      - {id: silent, when: quiet > 30, points: -9}
bands:
  - {id: cold}
  - {id: warm, from: 15}
"""
START = 20_000 * DAY_US
Rowlike = tuple[Any, ...]


def card() -> Card:
    found = parse(TEXT.replace("points: 0}", "points: 0.01}")).card
    assert found is not None
    return found


def built(
    facts: Sequence[tuple[str, float | None, float]],
    events: Sequence[tuple[str, float, float]],
    outcomes: Mapping[str, tuple[bool, int | None]],
    watch: Watch,
) -> Built:
    """Facts are (lead, known at, size), events (lead, at, received), in days from the start."""
    ordered = sorted(facts, key=lambda fact: (fact[0], -1 if fact[1] is None else fact[1]))
    since = [-(2**62) if day is None else at(day) for _, day, _ in ordered]
    until = [
        since[place + 1] if ordered[place + 1 : place + 2] and ordered[place + 1][0] == lead
        else 2**62
        for place, (lead, _, _) in enumerate(ordered)
    ]  # fmt: skip
    leads = pa.table({"lead_id": sorted({lead for lead, _, _ in facts})})
    known = pa.table(
        {
            "lead_id": [lead for lead, _, _ in ordered],
            "from_us": since,
            "until_us": until,
            "size": [size for _, _, size in ordered],
        }
    )
    did = pa.table(
        {
            "lead_id": pa.array([lead for lead, _, _ in events], pa.string()),
            "event": pa.array(["visited"] * len(events), pa.string()),
            "at_us": pa.array([at(day) for _, day, _ in events], pa.int64()),
            "received_us": pa.array([at(day) for _, _, day in events], pa.int64()),
        }
    )
    with Dataset.from_arrow(card(), leads, known, did) as dataset:
        return training_rows(Population(card(), dataset, dataset.engine), outcomes, watch)


def at(day: float) -> int:
    return START + int(day * DAY_US)


def plain(found: Built) -> list[Rowlike]:
    rows = found.rows
    days = ((rows.as_of_us - START) / DAY_US).tolist()
    return list(
        zip(rows.lead_id.to_pylist(), days, rows.why.tolist(), rows.won.tolist(),
            rows.score.tolist(), rows.values["size"].to_pylist(), strict=True)
    )  # fmt: skip


FACTS = [("a", 0.0, 5.0), ("a", 10.0, 500.0), ("b", 40.0, 7.0), ("c", 50.0, 7.0),
         ("d", 30.0, 7.0), ("e", None, 7.0)]  # fmt: skip
EVENTS = [("a", 1.0, 1.0), ("a", 3.0, 3.0), ("a", 5.0, 9.0)]
OUTCOMES = {"a": (True, at(20)), "d": (False, at(30)), "?": (True, at(60))}
WATCH = Watch(15 * DAY_US, every_us=7 * DAY_US)


def test_worked_out_by_hand() -> None:
    found = built(FACTS, EVENTS, OUTCOMES, WATCH)
    # Half a point each hundredth: `aged` gives 0.01 for each visit that is not halved yet.
    assert [row[:4] for row in plain(found)] == [
        ("a", 0.0, "arrival", False),  # won on day 20, more than 15 days later
        ("a", 3.0, "band", False),
        ("a", 7.0, "open", True),
        ("a", 14.0, "open", True),  # day 21 is after it was won
        ("b", 40.0, "arrival", False),  # undecided; day 47 is not over on day 60
    ]
    assert [row[5] for row in plain(found)] == [5, 5, 5, 500, 7]
    # The visit of day 5 was received on day 9: it does not count on day 7.
    assert [int(row[4] / 100) for row in plain(found)] == [0, 20, 20, 26, 0]
    left = found.left_out
    assert (left.unfinished, left.unseen, left.late, left.strangers) == (4, 1, 1, 1)
    assert found.end_us == at(60)


def test_what_was_imported_late_counts_where_that_is_said() -> None:
    late = [(lead, day, 55.0) for lead, day, _ in EVENTS]
    watch = Watch(15 * DAY_US, every_us=7 * DAY_US, bands=False)
    unseen = {row[1]: row[4] for row in plain(built(FACTS, late, OUTCOMES, watch))}
    assert unseen[14.0] == 100
    watch = Watch(15 * DAY_US, every_us=7 * DAY_US, bands=False, late_counts=True)
    seen = {row[1]: row[4] for row in plain(built(FACTS, late, OUTCOMES, watch))}
    assert int(seen[14.0] / 100) == 26


def test_pieces_are_aged_and_before_the_limit_of_points() -> None:
    rows = built(FACTS, EVENTS, OUTCOMES, WATCH).rows
    names = [piece.criterion for piece in rows.piece_names]
    visits, aged = (rows.pieces[:, names.index(name)] for name in ("visits", "aged"))
    assert visits.tolist() == [0, 2, 2, 3, 0]
    assert aged[3] == pytest.approx(2 ** (-13 / 7) + 2 ** (-11 / 7) + 2 ** (-9 / 7))


def test_only_ages() -> None:
    watch = Watch(15 * DAY_US, every_us=None, bands=False, arrival=False, ages_us=(14 * DAY_US,))
    assert [row[:4] for row in plain(built(FACTS, EVENTS, OUTCOMES, watch))] == [
        ("a", 14.0, "open", True)
    ]


def test_wins_without_a_date_allow_one_row_a_lead() -> None:
    outcomes = {"a": (True, None), "b": (False, at(44)), "d": (False, at(45))}
    found = built(FACTS, EVENTS, outcomes, Watch(15 * DAY_US, end_us=at(60)))
    assert [row[:4] for row in plain(found)] == [
        ("a", 0.0, "arrival", True),
        ("d", 30.0, "arrival", False),
        ("b", 40.0, "arrival", False),
    ]
    assert any("no decided_at" in note for note in found.notes)


def test_losses_without_a_date_stay_open() -> None:
    outcomes = {"a": (False, None), "b": (True, at(44))}
    watch = Watch(15 * DAY_US, every_us=20 * DAY_US, bands=False, end_us=at(60))
    days = [row[1:4] for row in plain(built(FACTS, EVENTS, outcomes, watch)) if row[0] == "a"]
    assert days == [(0.0, "arrival", False), (20.0, "open", False), (40.0, "open", False)]


@pytest.mark.parametrize("seed", range(4))
def test_what_comes_later_changes_no_row(seed: int) -> None:
    chance = random.Random(seed)
    leads = [f"l{n}" for n in range(8)]
    facts = [(lead, chance.uniform(0, 30), float(chance.choice([5, 500]))) for lead in leads]
    events = []
    for _ in range(60):
        day = chance.uniform(0, 60)
        events.append((chance.choice(leads), day, day + chance.choice([0, 0, chance.random() * 9])))
    outcomes = {
        lead: (chance.random() < 0.5, at(chance.uniform(30, 70))) for lead in leads if seed % 2
    }
    watch = Watch(10 * DAY_US, every_us=5 * DAY_US, end_us=at(80))
    before = plain(built(facts, events, outcomes, watch))
    cut = chance.uniform(20, 60)
    more = [
        (chance.choice(leads), cut - chance.random() * 15, cut + chance.random() * 9)
        for _ in range(20)
    ]
    more += [(lead, received, received) for lead, _, received in more]
    later = [(lead, cut + 1 + n / 10, 999.0) for n, lead in enumerate(leads)]
    after = plain(built([*facts, *later], [*events, *more], outcomes, watch))
    early = [row for row in before if row[1] < cut]
    assert early == [row for row in after if row[1] < cut]
    assert early
    assert len(after) != len(before) or after != before


def test_the_same_on_another_engine() -> None:
    leads = pa.table(
        {"lead_id": ["a", "b"], "known_at": ["2024-10-04", "2024-11-13"], "size": [5, 7]}
    )
    events = pa.table(
        {"lead_id": ["a"] * 3, "event": ["visited"] * 3,
         "timestamp": ["2024-10-05", "2024-10-07", "2024-10-09"], "path": [None, None, "/"]}
    )  # fmt: skip
    found = []
    for engine in ("duckdb", "sqlite"):
        with population(card(), leads, events, engine=engine) as of:
            rows = training_rows(of, {"a": (True, at(20))}, Watch(15 * DAY_US, end_us=at(60))).rows
            found.append((rows.score.tolist(), rows.as_of_us.tolist(), rows.why.tolist(),
                          rows.values.to_pydict(), rows.pieces.round(9).tolist()))  # fmt: skip
    assert found[0] == found[1]
    assert "band" in found[0][2]


def test_without() -> None:
    pa_, pb = (pa.array(x).to_numpy() for x in ([1, 1, 2], [5, 6, 5]))
    qa, qb = (pa.array(x).to_numpy() for x in ([1, 2], [6, 7]))
    found = without(Moments(pa_, pb), Moments(qa, qb))
    assert (found.lead.tolist(), found.as_of_us.tolist()) == ([1, 2], [5, 5])
