"""Funnels with planted points: do the 95 percent intervals of a learned card hold the truth?

The card has criteria of every kind that is learned: tiers, a single condition, an adjustment,
occurrences within a window and with a half-life. Leads and events are made once and asked of the
engine, so that windows and half-lives are the real ones; then, in each simulation, true points are
drawn (0 to 2 times the card's, some turned round) and each moment of an open lead is won with the
chance that they say. The learned card sees only who won.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from leadwise.asking.instants import DAY_US
from leadwise.asking.population import population
from leadwise.card import parse
from leadwise.learn.moments import Watch, training_rows
from leadwise.learn.moments.pieces import value_types
from leadwise.learn.rows import Floats, Piece, Rows
from leadwise.learn.scorecard import Learned, LearnedCard, Options, learn_card

LEADS, SIMULATIONS = 1_000, 200
UNIT = 0.04
"""True log odds of a point of the card."""
BASE = -2.6
START_US = 20_454 * DAY_US
HORIZON_US = 20 * DAY_US
AGES_US = tuple(days * DAY_US for days in (10, 30, 50))
"""As far apart as the horizon: what is won after one moment is not won after another."""

CARD = """
card: funnel
version: 1
fields:
  size: number
  role: {type: choice, choices: ['chief', 'manager', 'other']}
  partner: boolean
events:
  visited: {}
  asked: {}
dimensions:
  - id: fit
    criteria:
      - id: size
        tiers:
          - {when: size >= 200, points: 25}
          - {when: size >= 20, points: 15}
          - {otherwise: 5}
        unknown: 8
      - id: role
        tiers:
          - {when: role = 'chief', points: 20}
          - {when: role = 'manager', points: 10}
          - {otherwise: 0}
      - {id: partner, when: partner, points: 15}
  - id: engagement
    criteria:
      - {id: visits, on: visited, within: 14 days, points: 10}
      - {id: asking, on: asked, half_life: 10 days, points: 20}
"""


@dataclass(frozen=True)
class Line:
    """A line of points over the simulations: how often it was there, and its interval held."""

    criterion: str
    tier: str
    told: int
    held: int

    @property
    def share(self) -> float:
        return self.held / self.told if self.told else float("nan")


@dataclass(frozen=True)
class Coverage:
    """`lines` by criterion; `rows` and `won` of a simulation on average."""

    simulations: int
    rows: float
    won: float
    lines: tuple[Line, ...]

    @property
    def share(self) -> float:
        """Of all intervals."""
        told = sum(line.told for line in self.lines)
        return sum(line.held for line in self.lines) / told if told else float("nan")


def asked(leads: int, seed: int = 0) -> Rows:
    """Every moment of leads of whom nothing has become yet."""
    draw = np.random.default_rng(seed)
    ids = np.array([f"L{n:05d}" for n in range(leads)])
    came = START_US + (np.arange(leads) * 300 // leads) * DAY_US
    size = np.round(np.exp(draw.normal(3.5, 1.5, leads)))
    table = pa.table(
        {
            "lead_id": pa.array(ids),
            "size": pa.array(size, mask=draw.random(leads) < 0.15),
            "role": pa.array(draw.choice(["chief", "manager", "other"], leads, p=[0.2, 0.3, 0.5])),
            "partner": pa.array(draw.random(leads) < 0.3),
        }
    )
    parts = [_done(ids, came, draw, name, many) for name, many in (("visited", 4), ("asked", 2))]
    first = pa.table({"lead_id": ids, "event": ["visited"] * leads, "timestamp": came})
    events = pa.concat_tables([first.cast(parts[0].schema), *parts])
    stamps = events["timestamp"].cast(pa.timestamp("us", "UTC"))
    events = events.set_column(2, "timestamp", stamps)
    events = events.append_column("message_id", pa.array([str(n) for n in range(len(events))]))
    card = parse(CARD).card
    assert card is not None
    watch = Watch(HORIZON_US, every_us=None, bands=False, arrival=False, ages_us=AGES_US,
                  end_us=START_US + 500 * DAY_US)  # fmt: skip
    with population(card, table, events) as of:
        return training_rows(of, {}, watch).rows


def _done(ids: np.ndarray, came: np.ndarray, draw: np.random.Generator, name: str,
          many: int) -> pa.Table:  # fmt: skip
    who = np.repeat(np.arange(len(ids)), draw.poisson(many, len(ids)))
    at = came[who] + (draw.random(len(who)) * 60 * DAY_US).astype(np.int64)
    return pa.table({"lead_id": ids[who], "event": [name] * len(who), "timestamp": at})


def truth(pieces: tuple[Piece, ...], draw: np.random.Generator) -> Floats:
    """True log odds of each piece: the card's points times 0 to 2, one in six turned round."""
    factor = draw.uniform(0, 2, len(pieces)) * np.where(draw.random(len(pieces)) < 1 / 6, -1, 1)
    points = np.array([(piece.points or 0) / 100 for piece in pieces])
    found: Floats = points * factor * UNIT
    return found


def lived(rows: Rows, weights: Floats, draw: np.random.Generator) -> Rows:
    """Who is won, and no moment of a lead after that."""
    chance = 1 / (1 + np.exp(-(BASE + rows.pieces @ weights)))
    won = draw.random(len(rows)) < chance
    first = np.full(int(rows.lead.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, rows.lead[won], rows.when_us[won])
    return replace(rows, won=won).take(rows.when_us <= first[rows.lead])


def covered(rows: Rows, weights: Floats, found: LearnedCard) -> Iterator[tuple[Learned, bool]]:
    """Each line with an interval, and whether the truth lies in it: its difference to the reference
    of its criterion, which stands where the card has put it."""
    true = {(p.criterion, _tier(p)): w for p, w in zip(rows.piece_names, weights, strict=True)}
    of: dict[str, list[Learned]] = {}
    for line in found.points:
        of.setdefault(line.criterion, []).append(line)
    for criterion, lines in of.items():
        fixed = [line for line in lines if line.low == line.high]
        base, zero = 0.0, 0.0
        if fixed:
            base, zero = fixed[0].points, true[criterion, fixed[0].tier]
        for line in lines:
            if line.low < line.high:
                right = base + (true[criterion, line.tier] - zero) / found.unit
                yield line, bool(line.low <= right <= line.high)


def _tier(piece: Piece) -> str:
    if piece.kind == "tier":
        return str(piece.place + 1)
    return "each" if piece.kind == "occurrence" else piece.kind


def coverage(simulations: int = SIMULATIONS, leads: int = LEADS) -> Coverage:
    """How often the intervals held what was planted."""
    everything = asked(leads)
    options = Options(without=frozenset(value_types(everything.card)))
    counted: dict[tuple[str, str], list[int]] = {}
    many = wins = 0
    for seed in range(simulations):
        draw = np.random.default_rng([seed, 20260701])
        weights = truth(everything.piece_names, draw)
        rows = lived(everything, weights, draw)
        many, wins = many + len(rows), wins + int(rows.won.sum())
        for line, inside in covered(rows, weights, learn_card(rows, options)):
            told = counted.setdefault((line.criterion, line.tier), [0, 0])
            told[0] += 1
            told[1] += inside
    lines = tuple(Line(*name, *told) for name, told in sorted(counted.items()))
    return Coverage(simulations, many / simulations, wins / simulations, lines)
