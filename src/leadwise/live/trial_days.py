"""How many leads got hot on each of the past days, under a card."""

# ruff: noqa: S608 - the SQL is made of our own names and whole numbers

from __future__ import annotations

from leadwise.asking.compare import top_band
from leadwise.asking.instants import DAY_US
from leadwise.asking.population import Population
from leadwise.engines.duckdb import literal
from leadwise.plan import Each, compile_ledger, render
from leadwise.plan.relations import LEADS, MOMENTS

MOST_MOMENTS = 600_000
"""Leads times days that are asked of one card; of more, a share of the leads stands for all."""


def one_in(leads: int, days: int) -> int:
    """Of how many leads one is asked day by day."""
    return max(1, -(-leads * (days + 1) // MOST_MOMENTS))


def arrivals(of: Population, as_of_us: int, days: int, buckets: int, share: int) -> list[int]:
    """How many leads came into the card's top band on each of the `days` before `as_of_us`, the
    longest ago first: those in it at the end of a day that were not a day before.

    One lead in `share` is asked; `buckets` are the mirror's. Empty for a card without bands.
    """
    band, engine = top_band(of.card), of.read.engine
    if band is None or days <= 0:
        return []
    asked = f"{as_of_us} - day * {DAY_US}"
    engine.create(
        MOMENTS,
        f"SELECT row_number() OVER () AS _moment, lead_id, {asked} AS as_of_us, "
        f"{asked} AS known_by_us FROM {LEADS}, range({days} + 1) AS days(day) "
        f"WHERE (lead_id // {buckets}) % {share} = 0",
    )
    engine.create("daily_bands", render(compile_ledger(of.card, Each()), "duckdb"))
    rows = engine.connection.execute(
        f"SELECT ({as_of_us} - as_of_us) // {DAY_US}, count(*) FROM ("
        f"SELECT as_of_us, band = {literal(band)} AS inside, lag(band = {literal(band)}) "
        "OVER (PARTITION BY lead_id ORDER BY as_of_us) AS before FROM daily_bands"
        ") WHERE inside AND before = false GROUP BY ALL"
    ).fetchall()
    for name in ("daily_bands", MOMENTS):
        engine.drop(name)
    counted = dict(rows)
    return [int(counted.get(day, 0)) for day in range(days - 1, -1, -1)]
