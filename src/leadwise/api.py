"""Leadwise from Python: files or frames in, Arrow tables and plain records out.

`leads` and `events` are paths, `-`, or frames that speak the Arrow C stream (pyarrow, pandas,
Polars ...); tables that come back speak it too, so `polars.from_arrow(t)` or `t.to_pandas()` is all
it takes. Points in tables are decimals with two places; records count hundredths. Instants are
datetimes, ISO 8601 texts or microseconds since 1970 UTC. Every function raises UserError for input
that cannot be used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from leadwise.asking.compare import Comparison
from leadwise.asking.compare import compare as compare_populations
from leadwise.asking.explain import Explanation
from leadwise.asking.explain import explain as explain_leads
from leadwise.asking.forecast import forecast as forecast_leads
from leadwise.asking.history import history as history_of
from leadwise.asking.history import instants
from leadwise.asking.instants import Instant, microseconds, now_us
from leadwise.asking.outcomes import judged_scores, read_outcomes, without_outcomes
from leadwise.asking.population import Population, lead_ids, population, require_leads
from leadwise.asking.summary import changes_table, points_table, summarise, summary_table
from leadwise.card import Card, check_text, read_card_file
from leadwise.card import load as load_card
from leadwise.engines.entry.read import Source
from leadwise.errors import Problem, UserError
from leadwise.learn.backtest.model import Backtest
from leadwise.learn.backtest.run import Options as BacktestOptions
from leadwise.learn.backtest.run import backtest as run_backtest
from leadwise.learn.leakage import without
from leadwise.learn.leakage.used import guard, require_known
from leadwise.learn.moments import Watch, training_rows, widened
from leadwise.learn.rows import Rows
from leadwise.learn.scorecard.learn import learn_card as learned
from leadwise.learn.scorecard.model import LearnedCard
from leadwise.learn.scorecard.model import Options as LearningOptions
from leadwise.plan import At
from leadwise.report import Evaluation
from leadwise.report import evaluate as evaluate_scores

Cardlike: TypeAlias = Card | str | Path
"""A card, or the path of its file."""


def load(path: str | Path) -> Card:
    """The card in a file; CardError with all of its problems where it cannot be used."""
    return load_card(path)


def check(path: str | Path) -> tuple[Problem, ...]:
    """Everything wrong or doubtful in a card's file; empty where there is nothing."""
    return check_text(read_card_file(path), str(path))


def score(
    card: Cardlike,
    leads: Source,
    events: Source | None = None,
    *,
    as_of: Instant | None = None,
    known_by: Instant | None = None,
    engine: str = "duckdb",
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
) -> pa.Table:
    """Every lead's score, best first.

    Columns: lead_id, as_of, score, band, grade, one for each dimension, reasons, unknown. `as_of`
    is now if not given, `known_by` the same as `as_of`.
    """
    at = _at(as_of, known_by)
    with population(
        _card(card), leads, events, engine=engine, columns=columns, strict=strict
    ) as of:
        return summary_table(summarise(of, at))


def explain(
    card: Cardlike,
    leads: Source,
    events: Source | None = None,
    *,
    lead: str | Sequence[str],
    as_of: Instant | None = None,
    known_by: Instant | None = None,
    engine: str = "duckdb",
    columns: Mapping[str, str] | None = None,
) -> list[Explanation]:
    """The ledger of each lead with its evidence, the questions worth asking, the next change."""
    at = _at(as_of, known_by)
    with population(_card(card), leads, events, engine=engine, columns=columns) as of:
        wanted = _leads(of, lead)
        return explain_leads(of, wanted, at.as_of_us, known_by_us=at.known_by_us)


def history(
    card: Cardlike,
    leads: Source,
    events: Source | None = None,
    *,
    start: Instant,
    end: Instant,
    every: timedelta,
    lead: str | Sequence[str] | None = None,
    known_by: Instant | None = None,
    engine: str = "duckdb",
    columns: Mapping[str, str] | None = None,
) -> pa.Table:
    """The scores of leads (all if none is named) at start, start + every, ... up to end.

    What is true now about then: `known_by` is now if not given. Columns: lead_id, as_of, score,
    band, grade, one for each dimension.
    """
    step = every // timedelta(microseconds=1)
    at = instants(microseconds(start, "start"), microseconds(end, "end"), step)
    known = now_us() if known_by is None else microseconds(known_by, "known_by")
    with population(_card(card), leads, events, engine=engine, columns=columns) as of:
        return points_table(of.card, history_of(of, _leads(of, lead), at, known_by_us=known))


def forecast(
    card: Cardlike,
    leads: Source,
    events: Source | None = None,
    *,
    lead: str | Sequence[str] | None = None,
    as_of: Instant | None = None,
    horizon: timedelta = timedelta(days=365),
    engine: str = "duckdb",
    columns: Mapping[str, str] | None = None,
) -> pa.Table:
    """Every whole second at which a band changes with no new event, within the horizon.

    Columns: lead_id, change_at, from_band, to_band, score.
    """
    at = _at(as_of, None)
    ahead = horizon // timedelta(microseconds=1)
    with population(_card(card), leads, events, engine=engine, columns=columns) as of:
        changes = forecast_leads(of, _leads(of, lead), at.as_of_us, horizon_us=ahead)
        return changes_table(changes)


def compare(
    old: Cardlike,
    new: Cardlike,
    leads: Source,
    events: Source | None = None,
    *,
    as_of: Instant | None = None,
    days: int = 28,
    columns: Mapping[str, str] | None = None,
) -> Comparison:
    """Two cards on the same leads at the same instant. Frames are read twice, streams cannot be."""
    at = _at(as_of, None)
    with (
        population(_card(old), leads, events, columns=columns) as before,
        population(_card(new), leads, events, columns=columns) as after,
    ):
        return compare_populations(before, after, at.as_of_us, days=days)


def evaluate(
    card: Cardlike,
    leads: Source,
    events: Source | None = None,
    *,
    outcomes: Source,
    won: Sequence[str] = (),
    as_of: Instant | None = None,
    columns: Mapping[str, str] | None = None,
) -> Evaluation:
    """How well the card's score orders leads that did and did not convert.

    `outcomes` has the columns lead_id, outcome and perhaps decided_at: a lead is then scored as of
    that instant, with what was known by then. `won` are the values of outcome that mean success.
    """
    at, chosen = _at(as_of, None), _card(card)
    became = read_outcomes(outcomes, columns=columns, won=won)
    with population(chosen, leads, events, columns=without_outcomes(columns)) as of:
        scores = judged_scores(of, became, at.as_of_us)
    converted = {lead: outcome for lead, (outcome, _) in became.items()}
    return evaluate_scores(scores, converted, [band.id for band in chosen.bands])


def past(
    card: Cardlike,
    leads: Source,
    events: Source | None = None,
    *,
    outcomes: Source,
    won: Sequence[str] = (),
    horizon: timedelta = timedelta(days=90),
    every: timedelta | None = timedelta(days=7),
    in_order: bool = False,
    allow: Sequence[str] = (),
    widen: bool = False,
    columns: Mapping[str, str] | None = None,
) -> Rows:
    """The rows of the past: each lead at the moments at which somebody would have decided, with
    what was known then, and whether it was won within the horizon after.

    With `widen` the rows also hold measures that the card does not have, to learn from. UserError
    (`leakage`) names what gives the outcome away and is not in `allow`.
    """
    chosen = widened(_card(card)) if widen else _card(card)
    require_known(chosen, {"allow": allow})
    became = read_outcomes(outcomes, columns=columns, won=won)
    spans = [None if s is None else s // timedelta(microseconds=1) for s in (horizon, every)]
    watch = Watch(horizon_us=spans[0] or 0, every_us=spans[1])
    with population(chosen, leads, events, columns=without_outcomes(columns)) as of:
        built = training_rows(of, became, watch, in_order=in_order)
        guard(built, of, became, allow, everything=widen)
    return built.rows


def backtest(
    rows: Rows, *, horizon: timedelta = timedelta(days=90), calls_a_day: int | None = None
) -> Backtest:
    """Hold the card of these rows against what came after; `verdict` says it in sentences."""
    if calls_a_day is not None and calls_a_day < 1:
        raise UserError("usage", f"A team calls 1 lead a day at least, not {calls_a_day}.")
    return run_backtest(
        rows, (), BacktestOptions(horizon // timedelta(microseconds=1), calls_a_day)
    )


def learn_card(rows: Rows, options: LearningOptions | None = None) -> LearnedCard:
    """The card that these rows suggest: `card`, its `text`, its `points` with intervals.

    Criteria that read what is left out (`options.without`) go with it.
    """
    names = options.without if options else frozenset()
    return learned(without(rows, names) if names else rows, options)


def _card(given: Cardlike) -> Card:
    return given if isinstance(given, Card) else load_card(given)


def _at(as_of: Instant | None, known_by: Instant | None) -> At:
    as_of_us = now_us() if as_of is None else microseconds(as_of, "as_of")
    return At(as_of_us, as_of_us if known_by is None else microseconds(known_by, "known_by"))


def _leads(of: Population, wanted: str | Sequence[str] | None) -> list[str]:
    if wanted is None:
        return lead_ids(of)
    several = [wanted] if isinstance(wanted, str) else list(dict.fromkeys(wanted))
    require_leads(of, several)
    return several


__all__ = [
    "Backtest",
    "Comparison",
    "Explanation",
    "LearnedCard",
    "LearningOptions",
    "Rows",
    "backtest",
    "check",
    "compare",
    "evaluate",
    "explain",
    "forecast",
    "history",
    "learn_card",
    "load",
    "past",
    "score",
]
