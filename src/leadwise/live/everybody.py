"""Scores of many leads at once: asked of the mirror, part by part, and written in chunks.

The next part is asked for while one is written: the asking is DuckDB's, the writing SQLite's.
What is written is what `leadwise.live.scoring` would write of the same answers at the same instant.
A chunk leaves out every lead that something newer was said of meanwhile: one with a newer score,
one that the log `changed` names (it was scored since the mirror was read), one that is none any
more.
"""

# ruff: noqa: S608 - the SQL is made of our own names and whole numbers

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import Connection, text

from leadwise.card.model import Card, OccurrenceCriterion
from leadwise.engines.duckdb import DuckDBEngine, quoted
from leadwise.live.ahead import one_ahead
from leadwise.live.fresh import Fresh, Written, write_fresh
from leadwise.live.overrides import Override, overrides_of, shown
from leadwise.live.scoring import Pace
from leadwise.live.taking import SECOND_US
from leadwise.plan import At, compile_ledger, lines, render
from leadwise.plan.lines import total_name
from leadwise.plan.relations import FOREVER
from leadwise.store.cards import CardVersion
from leadwise.store.mirror import Mirror
from leadwise.store.opening import Store

Progress = Callable[[int, int, str], None]

CHUNKS = {"sqlite": 2_000, "postgresql": 10_000}
"""Leads in one transaction: some 50 ms on SQLite, in which nothing else is written."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of everybody: a version at an instant; `pace` says when to ask again.

    `only`: of these leads.
    """

    version: CardVersion
    as_of_us: int
    pace: Pace
    only: frozenset[int] | None = None
    memory_limit: str | None = None


def score_everybody(
    store: Store, mirror: Mirror, asking: Asking, progress: Progress, *, cause: str | None
) -> Written:
    """Ask and write. With a `cause`, changes of band and history are told with it."""
    total = mirror.manifest.leads if asking.only is None else len(asking.only)
    done, written = 0, Written()
    progress(done, total, "scoring")
    with (
        mirror.engine(asking.memory_limit) as engine,
        one_ahead(_answers(engine, mirror, asking)) as parts,
    ):
        for answers in parts:
            for batch in answers.to_batches(CHUNKS[store.dialect]):
                rows = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
                written += _write(store, asking, rows, cause)
                done += len(rows)
                progress(done, total, "scoring")
    progress(total, total, "scoring")
    return written


def answers_sql(card: Card, as_of_us: int) -> str:
    """DuckDB's query of everybody's answers in the columns that are stored."""
    amounts = [quoted(line.name) for line in lines(card)]
    totals = [quoted(total_name(dimension.id)) for dimension in card.dimensions]
    halved = {
        criterion.id
        for criterion in card.criteria
        if isinstance(criterion, OccurrenceCriterion) and criterion.half_life is not None
    }
    fading = [
        f"{quoted(line.name)} <> 0"
        for line in lines(card)
        if line.kind == "criterion" and line.id in halved
    ]
    asked = render(compile_ledger(card, At(as_of_us, as_of_us), stable=True), "duckdb")
    return (
        "SELECT lead_id, score, band, grade, unknown, "
        f"{_listed(amounts)} AS ledger, {_listed(totals)} AS totals, stable_until_us, "
        f"{' OR '.join(fading) or 'false'} AS fading FROM ({asked}) ORDER BY lead_id"
    )


def _listed(columns: list[str]) -> str:
    """A JSON list of whole numbers, as `json.dumps` writes it without spaces."""
    return f"'[' || concat_ws(',', {', '.join(columns)}) || ']'" if columns else "'[]'"


def _answers(engine: DuckDBEngine, mirror: Mirror, asking: Asking) -> Iterator[pa.Table]:
    """The rows of `fresh.COLUMNS` of each part, as nobody has said anything over them."""
    card, sql = asking.version.card, _fresh_sql(asking)
    for part in mirror.parts:
        ids = asking.only
        if ids is not None and part is not None:
            ids = frozenset(id_ for id_ in ids if id_ % mirror.buckets == part)
        if ids is not None and not ids:
            continue
        mirror.relate(engine, card, part)
        if ids is not None:
            engine.load("asked", pa.table({"lead_id": pa.array(sorted(ids), pa.int64())}))
            there = f"FROM ({mirror.leads_sql(part)}) SEMI JOIN asked USING (lead_id)"
            engine.create("leads", f"SELECT lead_id {there}", view=True)
        yield engine.connection.sql(sql).to_arrow_table()


def _fresh_sql(asking: Asking) -> str:
    """`fresh.COLUMNS`: when a lead is due is that of `scoring.add_rows`."""
    second = f"(stable_until_us + {SECOND_US - 1}) // {SECOND_US} * {SECOND_US}"
    due = f"CASE WHEN stable_until_us >= {FOREVER} THEN {FOREVER} ELSE {second} END"
    fading = f"CASE WHEN fading THEN {asking.as_of_us + asking.pace.refresh_us} END"
    return (
        "SELECT lead_id, score, band, grade, unknown, ledger, totals, score AS shown_score, "
        f"band AS shown_band, stable_until_us, least({due}, {fading}) AS due_us "
        f"FROM ({answers_sql(asking.version.card, asking.as_of_us)})"
    )


def _write(store: Store, asking: Asking, rows: list[Fresh], cause: str | None) -> Written:
    def work(connection: Connection) -> Written:
        said = overrides_of(connection, _with_override(connection, rows))
        fresh = rows
        if said:
            fresh = [_said(asking, row, said[row[0]]) if row[0] in said else row for row in rows]
        return write_fresh(connection, asking.version.id, asking.as_of_us, fresh, cause)

    return store.write(work, "scores", alone=True)


def _with_override(connection: Connection, rows: list[Fresh]) -> list[int]:
    """Few leads have one: they are looked up by themselves."""
    low, high = rows[0][0], rows[-1][0]
    found = connection.execute(
        text(
            "SELECT DISTINCT lead_id FROM override "
            "WHERE ended_us IS NULL AND lead_id BETWEEN :low AND :high"
        ),
        {"low": low, "high": high},
    )
    return list(found.scalars())


def _said(asking: Asking, row: Fresh, said: Iterable[Override]) -> Fresh:
    """The row of a lead with what a person has said over its score."""
    seen = shown(asking.version.card, row[1], row[2], said, asking.as_of_us)
    return (*row[:7], seen.score, seen.band, row[9], min(row[10], seen.until_us))
