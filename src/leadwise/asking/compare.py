"""Two cards asked of the same moments: who changes, and what it does to the calls of a day."""

# ruff: noqa: S608 - the SQL is made of our own names and numbers only

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from leadwise.asking.instants import DAY_US
from leadwise.asking.population import Population
from leadwise.card.model import Card
from leadwise.engines.duckdb import literal
from leadwise.errors import UserError
from leadwise.plan import At, Each, compile_ledger, render
from leadwise.plan.relations import LEADS, MOMENTS

MOST_DAYS = 3_650
OLD_LEDGERS, NEW_LEDGERS = "old_ledgers", "new_ledgers"
"""The relations in which `compare` leaves both raw ledgers, in the engine of the old population."""


@dataclass(frozen=True, slots=True)
class Calls:
    """The work that a card's band makes: leads in it now, and arriving in it on an average day.

    `per_day` is None where no days were looked back on.
    """

    band: str | None
    waiting: int
    per_day: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every lead under both cards.

    `leads` has the columns lead_id, old_score, new_score, difference (hundredths), old_band,
    new_band; the greatest difference first, equal ones by lead_id. `matrix` counts
    (old, new) bands.
    """

    as_of_us: int
    leads: pa.Table
    matrix: dict[tuple[str | None, str | None], int]
    before: Calls
    after: Calls
    days: int

    @property
    def moved(self) -> int:
        """How many leads change their band."""
        return sum(count for (old, new), count in self.matrix.items() if old != new)


def compare(old: Population, new: Population, as_of_us: int, *, days: int = 28) -> Comparison:
    """Compare two cards at one instant; arrivals are counted over the `days` before it.

    Both populations are asked on DuckDB. A lead arrives on a day on which it is in the card's top
    band and was not a day before, each as it was known at the time.
    """
    if days > MOST_DAYS:
        raise UserError(
            "history-too-long",
            f"{days:,} days are too many to look back on.",
            hint=f"Look back on {MOST_DAYS:,} at most.",
        )
    asked = At(as_of_us, as_of_us)
    joined = _joined(old, new, asked)
    pairs = zip(joined["old_band"].to_pylist(), joined["new_band"].to_pylist(), strict=True)
    return Comparison(
        as_of_us,
        joined,
        dict(Counter(pairs)),
        _calls(old, as_of_us, days, joined["old_band"]),
        _calls(new, as_of_us, days, joined["new_band"]),
        days,
    )


def _joined(old: Population, new: Population, asked: At) -> pa.Table:
    engine = old.read.engine
    engine.create(OLD_LEDGERS, render(compile_ledger(old.card, asked), "duckdb"))
    engine.load(NEW_LEDGERS, new.read.engine.query(compile_ledger(new.card, asked)))
    engine.create(
        "compared",
        "SELECT lead_id, o.score AS old_score, n.score AS new_score, "
        "n.score - o.score AS difference, o.band AS old_band, n.band AS new_band "
        f"FROM {OLD_LEDGERS} AS o JOIN {NEW_LEDGERS} AS n USING (lead_id) "
        "ORDER BY abs(n.score - o.score) DESC, lead_id",
    )
    return engine.query(exp.select("*").from_("compared"))


def top_band(card: Card) -> str | None:
    """The band that asks for a call: the card's last."""
    return card.bands[-1].id if card.bands else None


def _calls(of: Population, as_of_us: int, days: int, bands: pa.ChunkedArray) -> Calls:
    band = top_band(of.card)
    waiting = sum(1 for one in bands.to_pylist() if band is not None and one == band)
    if days <= 0 or band is None:
        return Calls(band, waiting, None)
    return Calls(band, waiting, _arrivals(of, as_of_us, days, band) / days)


def _arrivals(of: Population, as_of_us: int, days: int, band: str) -> int:
    """How often a lead came into the band from one day to the next."""
    engine = of.read.engine
    engine.create(
        MOMENTS,
        "SELECT row_number() OVER () AS _moment, lead_id, "
        f"{as_of_us} - day * {DAY_US} AS as_of_us, {as_of_us} - day * {DAY_US} AS known_by_us "
        f"FROM {LEADS}, range({days} + 1) AS days(day)",
    )
    engine.create("daily_bands", render(compile_ledger(of.card, Each()), "duckdb"))
    engine.create(
        "arrivals",
        "SELECT count(*) AS arrivals FROM ("
        f"SELECT band = {literal(band)} AS inside, lag(band = {literal(band)}) "
        "OVER (PARTITION BY lead_id ORDER BY as_of_us) AS before FROM daily_bands"
        ") WHERE inside AND before = false",
    )
    return int(engine.query(exp.select("*").from_("arrivals"))["arrivals"][0].as_py())
