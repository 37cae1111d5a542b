"""Forecasts where rounding and slow ageing meet: each change stands at its very second."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from leadwise.asking.forecast import forecast
from leadwise.asking.population import Moment, Population, ask_each, population
from leadwise.card import parse
from leadwise.card.model import Card

SECOND = 1_000_000
DAY = 86_400 * SECOND
START = 1_782_777_600 * SECOND
HALF_LIFE = 36_500 * DAY

SLOW = """
card: slow
version: 1
events: {good: {}, bad: {}}
dimensions:
  - id: d
    criteria:
      - {id: plus, on: good, points: 10}
      - {id: minus, on: bad, points: -1, half_life: 36500 days}
bands:
  - {id: low}
  - {id: high, from: 9.01}
"""

CAPPED = """
card: capped
version: 1
events: {good: {}}
dimensions:
  - id: d
    criteria:
      - {id: plus, on: good, points: 10, half_life: 30 days, limit: {points: 30}}
    max: 20
bands:
  - {id: low}
  - {id: high, from: 20}
"""


def card_of(text: str) -> Card:
    parsed = parse(text)
    assert parsed.card is not None, parsed.problems
    return parsed.card


def events_file(folder: Path, rows: list[tuple[str, int]]) -> Path:
    from leadwise.asking.instants import written

    lines = ["lead_id,event,timestamp", *(f"a,{event},{written(at)}" for event, at in rows)]
    path = folder / "events.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def leads_file(folder: Path) -> Path:
    path = folder / "leads.csv"
    path.write_text("lead_id\na\n", encoding="utf-8")
    return path


def bands(of: Population, seconds: list[int]) -> list[str]:
    rows = ask_each(of, [Moment("a", at, START) for at in seconds]).to_pylist()
    by_place = sorted(rows, key=lambda row: int(row["_moment"]))
    return [str(row["band"]) for row in by_place]


@pytest.mark.parametrize("weight", [0.99502, 0.995001, 0.99500001, 0.9950000001])
def test_a_slow_penalty_shows_its_next_hundredth_at_its_second(
    tmp_path: Path, weight: float
) -> None:
    age = int(HALF_LIFE * math.log2(1 / weight))
    events = events_file(tmp_path, [("good", START - DAY), ("bad", START - age)])
    with population(card_of(SLOW), leads_file(tmp_path), events) as of:
        changes = forecast(of, ["a"], START)
        if not changes:
            assert bands(of, [START]) == ["high"]
            return
        assert [(c.from_band, c.to_band) for c in changes] == [("low", "high")]
        at = changes[0].at_us
        seconds = [at + step * SECOND for step in range(-20, 3)]
        assert bands(of, seconds) == ["low"] * 20 + ["high"] * 3


def test_what_a_limit_hides_is_eaten_up_first(tmp_path: Path) -> None:
    events = events_file(tmp_path, [("good", START - n * DAY) for n in range(8)])
    with population(card_of(CAPPED), leads_file(tmp_path), events) as of:
        changes = forecast(of, ["a"], START)
        assert [(c.from_band, c.to_band) for c in changes] == [("high", "low")]
        at = changes[0].at_us
        assert bands(of, [START, at - SECOND, at, at + 300 * DAY]) == ["high", "high", "low", "low"]
        # The sum of 8 occurrences falls to 20 (less half a hundredth) by halving: worked out apart.
        worth = sum(10 * 0.5 ** (n / 30) for n in range(8))
        expected = START + 30 * DAY * math.log2(worth / 19.995)
        assert abs(at - expected) < 2 * SECOND


LAST_TIME = """
card: meeting
version: 1
events: {booked: {starts: time}}
measures: {meeting: {on: booked, last: starts}}
dimensions:
  - id: d
    criteria:
      - {id: soon, when: days_since(meeting) > -1, points: 10}
bands:
  - {id: low}
  - {id: high, from: 10}
"""


def test_days_since_the_last_time_of_a_property(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text(
        "lead_id,event,timestamp,starts\na,booked,2026-06-29T00:00:00Z,2026-07-05T12:00:00Z\n",
        encoding="utf-8",
    )
    with population(card_of(LAST_TIME), leads_file(tmp_path), events) as of:
        changes = forecast(of, ["a"], START)
        assert [(c.at_us, c.to_band) for c in changes] == [
            (START + 4 * DAY + DAY // 2 + SECOND, "high")
        ]
