"""Raw ledgers made readable: points with two decimals, dimensions, reasons in words.

This is presentation of finished ledgers, done on DuckDB whichever engine answered; no points are
worked out here.
"""

# ruff: noqa: S608 - the SQL is made of quoted names and escaped literals only

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from leadwise.asking.forecast import BandChange
from leadwise.asking.population import Population, ask
from leadwise.card.model import Card
from leadwise.engines.duckdb import DuckDBEngine, literal, quoted
from leadwise.plan import Asked, Line, compile_ledger, lines, render
from leadwise.plan.lines import total_name

LEDGERS, SUMMARY = "ledgers", "summary"
POINTS = pa.decimal128(18, 2)
UTC_TIME = pa.timestamp("us", "UTC")
REASONS_BETWEEN = "; "


def points(hundredths: int) -> Decimal:
    """Hundredths as points with two decimals."""
    return Decimal(hundredths) / 100


def signed(hundredths: int) -> str:
    """Points with their sign, and decimals only where there are some: `+30`, `-12.50`."""
    whole, rest = divmod(abs(hundredths), 100)
    sign = "-" if hundredths < 0 else "+"
    return f"{sign}{whole}.{rest:02d}" if rest else f"{sign}{whole}"


def strongest(card: Card, ledger: dict[str, int]) -> list[tuple[Line, int]]:
    """The lines that give or take points, the strongest first, equal ones in the card's order."""
    present = [(line, ledger[line.name]) for line in lines(card) if ledger[line.name]]
    return sorted(present, key=lambda item: -abs(item[1]))


def summarise(of: Population, asked: Asked) -> DuckDBEngine:
    """Ask everybody; the answers stand in the relations `ledgers` (raw) and `summary`.

    `summary` has the columns lead_id, as_of, score, band, grade, one per dimension, reasons,
    unknown; best first, equal scores by lead_id. Every line that gives or takes points is in
    `reasons`, so they add up to the score.
    """
    engine = of.read.engine
    if of.engine is engine:
        engine.create(LEDGERS, render(compile_ledger(of.card, asked), "duckdb"))
    else:
        engine.load(LEDGERS, ask(of, asked))
    engine.create(SUMMARY, summary_sql(of.card), view=True)
    return engine


def summary_sql(card: Card) -> str:
    """The SELECT that makes `summary` from `ledgers`."""
    columns = [
        '"lead_id"',
        'make_timestamp("as_of_us") AS "as_of"',
        f'{_points("score")} AS "score"',
    ]
    columns += ['"band"', '"grade"']
    columns += [f"{_points(total_name(d.id))} AS {quoted(d.id)}" for d in card.dimensions]
    columns += [f'{_reasons(card)} AS "reasons"', '"unknown"']
    return (
        f'SELECT {", ".join(columns)} FROM "{LEDGERS}" ORDER BY "ledgers"."score" DESC, "lead_id"'
    )


def ledger_sql(card: Card) -> str:
    """The SELECT of the whole ledger in points, best first: `score --ledger`."""
    columns = ['"lead_id"', 'make_timestamp("as_of_us") AS "as_of"']
    amounts = [line.name for line in lines(card)]
    amounts += [total_name(dimension.id) for dimension in card.dimensions]
    columns += [f"{_points(name)} AS {quoted(name)}" for name in (*amounts, "score")]
    columns += ['"band"', '"grade"', '"unknown"']
    return (
        f'SELECT {", ".join(columns)} FROM "{LEDGERS}" ORDER BY "ledgers"."score" DESC, "lead_id"'
    )


def points_table(card: Card, ledgers: pa.Table) -> pa.Table:
    """Raw ledgers as lead_id, as_of, score, band, grade and one column per dimension, in points.

    The rows keep their order.
    """
    names = {"score": "score"} | {total_name(d.id): d.id for d in card.dimensions}
    columns: dict[str, pa.ChunkedArray] = {
        "lead_id": ledgers["lead_id"],
        "as_of": ledgers["as_of_us"].cast(UTC_TIME),
        "score": as_points(ledgers["score"]),
        "band": ledgers["band"],
        "grade": ledgers["grade"],
    }
    columns |= {new: as_points(ledgers[old]) for old, new in names.items() if old != "score"}
    return pa.table(columns)


def changes_table(changes: Sequence[BandChange]) -> pa.Table:
    """Changes of bands as lead_id, change_at, from_band, to_band, score (points)."""
    text = pa.string()
    return pa.table(
        {
            "lead_id": pa.array([c.lead_id for c in changes], text),
            "change_at": pa.array([c.at_us for c in changes], pa.int64()).cast(UTC_TIME),
            "from_band": pa.array([c.from_band for c in changes], text),
            "to_band": pa.array([c.to_band for c in changes], text),
            "score": pa.array([points(c.score) for c in changes], POINTS),
        }
    )


def as_points(hundredths: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole hundredths as decimals with two places, exactly."""
    hundredth = pa.scalar(Decimal("0.01"), pa.decimal128(3, 2))
    whole = hundredths.cast(pa.decimal128(19, 0))
    return pc.multiply(whole, hundredth).cast(POINTS)


def summary_table(engine: DuckDBEngine) -> pa.Table:
    """The relation `summary` as Arrow; as_of is a timestamp in UTC."""
    return in_utc(engine.query(exp.select("*").from_(exp.to_table(SUMMARY, quoted=True))))


def in_utc(table: pa.Table) -> pa.Table:
    """The same with `as_of` said to be in UTC, which DuckDB's plain timestamps do not say."""
    place = table.schema.get_field_index("as_of")
    column = table.column(place).cast(UTC_TIME)
    return table.set_column(place, "as_of", column)


def _points(name: str) -> str:
    return f"CAST(CAST({quoted(name)} AS DECIMAL(18, 0)) / 100 AS DECIMAL(18, 2))"


def _reasons(card: Card) -> str:
    """Every line that is not 0 in words, the strongest first."""
    entries = [
        f"{{'size': abs({quoted(line.name)}), 'place': -{place}, 'points': {quoted(line.name)}}}"
        for place, line in enumerate(lines(card), 1)
    ]
    labels = ", ".join(literal(line.label) for line in lines(card))
    amount = "regexp_replace(printf('%+.2f', r.points / 100.0), '\\.00$', '')"
    word = f"list_extract([{labels}], -r.place) || ' ' || {amount}"
    present = f"list_filter([{', '.join(entries)}], lambda r: r.size > 0)"
    ordered = f"list_reverse_sort({present})"
    return (
        f"array_to_string(list_transform({ordered}, lambda r: {word}), {literal(REASONS_BETWEEN)})"
    )
