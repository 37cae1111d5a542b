"""Bank Marketing (S. Moro, P. Cortez, P. Rita 2014): 41,188 calls in order of time, without the
`duration` of the call, which nobody knows before it.

Three splits: two random ones of 80 to 20 percent (seed 42), and the last fifth by time, where the
share that is won has risen from 6 to 31 percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.learn.held import Held, held
from bench.process import ROOT
from leadwise.asking.instants import DAY_US
from leadwise.asking.outcomes import read_outcomes
from leadwise.asking.population import population
from leadwise.card import load, parse
from leadwise.learn.moments import Watch, training_rows
from leadwise.learn.rows import Learner, Rows

FOLDER = ROOT / "examples" / "bank-telemarketing"
SHARE, SEED = 0.2, 42

REST = """
card: rest
version: 1
fields:
  housing: {type: boolean, nulls: [unknown]}
  loan: {type: boolean, nulls: [unknown]}
  day_of_week: {type: choice, choices: [mon, tue, wed, thu, fri]}
  previous: number
  consumer_prices: {type: number, from: cons.price.idx}
  consumer_confidence: {type: number, from: cons.conf.idx}
  employed: {type: number, from: nr.employed}
dimensions:
  - {id: none, criteria: [{id: housing, when: housing, points: 1}]}
"""
"""The columns that the example's card does without: what learns gets all of them."""


def rows(folder: Path = FOLDER) -> Rows:
    """The example's card, with all columns but the duration, and its file as rows in its order."""
    file = str(folder / "bank-additional-full.csv.gz")
    row = {"lead_id": "#row"}
    card, rest = load(folder / "card.yaml"), parse(REST).card
    assert rest is not None
    card = replace(card, fields=card.fields + rest.fields)
    with population(card, file, columns=row) as of:
        became = read_outcomes(file, columns=row | {"outcome": "y"})
        return training_rows(of, became, Watch(90 * DAY_US), in_order=True).rows


def splits(learners: Sequence[Learner], most: int | None = None) -> list[Held]:
    """The learners on the three splits; `most` rows of the file for a quick run."""
    from sklearn.model_selection import train_test_split

    found = rows()
    if most is not None and most < len(found):
        found = found.take(np.linspace(0, len(found) - 1, most).astype(np.int64))
    every = np.arange(len(found))
    drawn = {"test_size": SHARE, "random_state": SEED}
    cut = int(len(found) * (1 - SHARE))
    no_order = replace(found, when_us=np.zeros_like(found.when_us))
    return [
        held("random fifth, stratified", no_order,
             *train_test_split(every, stratify=found.won, **drawn), learners),
        held("random fifth", no_order, *train_test_split(every, **drawn), learners),
        held("last fifth by time", found, every[:cut], every[cut:], learners),
    ]  # fmt: skip
