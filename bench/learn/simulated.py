"""Two made-up pasts in which the truth is known: fields that repeat each other, and nothing at all.

Correlated: whether a company is growing decides who buys. Six fields say so, each right for 17
leads in 20 and unknown for one in ten; four more say nothing, one number says something of its own.
Whoever multiplies the six as if each were news is far too sure.

Null: eleven fields of the same kinds, and buyers drawn by lot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bench.learn.held import Held, held
from leadwise.asking.instants import DAY_US
from leadwise.asking.population import population
from leadwise.card import parse
from leadwise.learn.backtest.run import Options, backtest
from leadwise.learn.moments import Watch, training_rows
from leadwise.learn.rows import Learner, Rows
from leadwise.learn.scorecard import CardLearner

LEADS, NULL_LEADS, REPEATS = 20_000, 2_000, 40
SIGNS, IDLE = 6, 4
RIGHT, KNOWN, RATE = 0.85, 0.9, 0.2
NO_SIGNAL = "No signal"

CARD = """
card: simulated
version: 1
fields:
{fields}
  size: number
dimensions:
  - id: fit
    criteria:
      - {{id: first, when: sign_0 = 'yes', points: 10}}
      - {{id: size, when: size >= 100, points: 5}}
"""


@dataclass(frozen=True)
class Null:
    """What was said of pasts without a signal: `verdict` of the first one; in how many of
    `repeats` the card by hand, and the learned card, was said to predict."""

    rows: int
    repeats: int
    by_hand: int
    learned: int
    verdict: tuple[str, ...]


def rows(leads: int, *, signal: bool, seed: int) -> Rows:
    """A flat file in order of time, learned from as any file is."""
    draw = np.random.default_rng(seed)
    growing = draw.random(leads) < 0.4
    size = np.ceil(np.exp(draw.normal(4.5, 1.2, leads)))
    columns: dict[str, pa.Array] = {"lead_id": pa.array([f"L{n:06d}" for n in range(leads)])}
    for place in range(SIGNS + IDLE):
        told = signal and place < SIGNS
        right = draw.random(leads) < (RIGHT if told else 0.5)
        yes = np.where(right, growing, ~growing)
        text = np.where(yes, "yes", "no")
        columns[f"sign_{place}"] = pa.array(text, mask=draw.random(leads) > KNOWN)
    columns["size"] = pa.array(size)
    odds = -2.2 + 1.6 * growing + 0.3 * (np.log(size) - 4.5)
    chance = 1 / (1 + np.exp(-odds)) if signal else np.full(leads, RATE)
    won = draw.random(leads) < chance
    kind = "{type: choice, choices: ['yes', 'no']}"
    fields = "\n".join(f"  sign_{place}: {kind}" for place in range(SIGNS + IDLE))
    card = parse(CARD.format(fields=fields)).card
    assert card is not None
    became = {f"L{n:06d}": (bool(each), None) for n, each in enumerate(won)}
    with population(card, pa.table(columns)) as of:
        return training_rows(of, became, Watch(90 * DAY_US), in_order=True).rows


def correlated(learners: Sequence[Learner], leads: int = LEADS, seed: int = 1) -> Held:
    """Learned from the first four fifths, held against the last."""
    found, cut = rows(leads, signal=True, seed=seed), int(leads * 0.8)
    every = np.arange(leads)
    return held("fields that repeat each other", found, every[:cut], every[cut:], learners)


def null(leads: int = NULL_LEADS, repeats: int = REPEATS) -> Null:
    """The report on pasts of which nothing can be learned."""
    first: tuple[str, ...] = ()
    by_hand = learned = 0
    for seed in range(repeats):
        found = backtest(rows(leads, signal=False, seed=seed), [CardLearner()], Options(folds=1))
        first = first or found.verdict
        by_hand += int(found.orders[0].auc.low > 0.5)
        learned += int(found.orders[1].auc.low > 0.5)
    return Null(leads, repeats, by_hand, learned, first)
