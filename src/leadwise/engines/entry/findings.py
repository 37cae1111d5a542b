"""What was wrong in the rows that were read: errors with their places, and counts for the notes."""

# ruff: noqa: S608 - SQL is made of quoted names and our own letters

from __future__ import annotations

from collections.abc import Sequence

from leadwise.engines.duckdb import DuckDBEngine, quoted
from leadwise.engines.entry.columns import OWN, Binding, missing_column
from leadwise.engines.entry.delimited import SHOWN
from leadwise.engines.entry.notes import MissingColumn, UnlistedChoice
from leadwise.engines.entry.rows import (
    EXPECTED,
    MISSING,
    NESTED,
    NULS,
    PROBLEM_COLUMN,
    ROW_COLUMN,
    SHOWN_LENGTH,
    UNLISTED,
    WRONG,
)
from leadwise.engines.entry.sources import RowSource
from leadwise.errors import InputError, Place, Problem

SAMPLES = 5


def refuse_wrong(
    engine: DuckDBEngine,
    table: str,
    source: RowSource,
    bindings: Sequence[Binding],
    *,
    strict: bool,
) -> None:
    """InputError with the first wrong cells of `table`; `strict` counts unlisted choices in."""
    letters = [MISSING, WRONG, NESTED, *([UNLISTED] if strict else [])]
    wrong = f"{_records(table)} WHERE code[1] IN ({', '.join(repr(letter) for letter in letters)})"
    ask = engine.connection.execute
    found = ask(
        f"SELECT * FROM ({wrong}) ORDER BY row, length(code), code LIMIT {SHOWN}"
    ).fetchall()
    if not found:
        return
    total = ask(f"SELECT count(*) FROM ({wrong})").fetchall()[0][0]
    lines = source.lines({row for row, _, _ in found})
    problems = tuple(
        _problem(source, bindings[int(code[1:]) - 1], code[0], shown, row, lines.get(row))
        for row, code, shown in found
    )
    raise InputError(problems, total - len(problems))


def unlisted(
    engine: DuckDBEngine, table: str, bindings: Sequence[Binding]
) -> tuple[UnlistedChoice, ...]:
    """The choices that were not in their lists."""
    rows = engine.connection.execute(
        f"SELECT code, shown, count(*) AS n FROM ({_records(table)}) WHERE code[1] = '{UNLISTED}' "
        "GROUP BY code, shown ORDER BY length(code), code, n DESC, shown"
    ).fetchall()
    found: list[UnlistedChoice] = []
    for code in dict.fromkeys(row[0] for row in rows):
        values = [(shown, count) for c, shown, count in rows if c == code]
        samples = tuple(shorten(shown) for shown, _ in values[:SAMPLES])
        name = bindings[int(code[1:]) - 1].name
        found.append(UnlistedChoice(name, sum(count for _, count in values), samples))
    return tuple(found)


def nul_characters(engine: DuckDBEngine, table: str) -> int:
    """How many NUL characters were dropped."""
    rows = engine.connection.execute(
        f"SELECT sum(CAST(shown AS BIGINT)) FROM ({_records(table)}) WHERE code[1] = '{NULS}'"
    ).fetchall()
    return int(rows[0][0] or 0)


def unseen(
    engine: DuckDBEngine,
    table: str,
    source: RowSource,
    bindings: Sequence[Binding],
    columns: Sequence[str],
) -> tuple[MissingColumn, ...]:
    """Bindings to columns that might have come (`RowSource.missing`) and never did."""
    listed = {column.name for column in source.columns}
    late = [(b, c) for b, c in zip(bindings, columns, strict=True) if b.column.name not in listed]
    if not late:
        return ()
    counts = ", ".join(f"count({column})" for _, column in late)
    found = engine.connection.execute(f"SELECT {counts} FROM {quoted(table)}").fetchall()[0]
    return tuple(
        missing_column(source, binding.name, binding.column.name)
        for (binding, _), count in zip(late, found, strict=True)
        if not count
    )


def _records(table: str) -> str:
    return (
        "SELECT row, split_part(record, chr(31), 1) AS code, "
        "split_part(record, chr(31), 2) AS shown "
        f"FROM (SELECT {quoted(ROW_COLUMN)} AS row, "
        f"unnest(string_split({quoted(PROBLEM_COLUMN)}, chr(30))) AS record "
        f"FROM {quoted(table)} WHERE {quoted(PROBLEM_COLUMN)} IS NOT NULL)"
    )


def _problem(
    source: RowSource, binding: Binding, letter: str, shown: str, row: int, line: int | None
) -> Problem:
    column = binding.column
    place = Place(source.label, line, column.position or None)
    where = "" if line is not None else f"Row {row + 1}: "
    name = f"column '{column.name}'" if where else f"Column '{column.name}'"
    value = f"'{shorten(shown)}'"
    type_ = binding.variable.type
    if letter == MISSING:
        return Problem(
            "input-missing-value",
            f"{where}{name} is empty.",
            f"Every row needs its {binding.name}.",
            place,
        )
    if letter == NESTED:
        hint = "Write nested values as columns of their own."
        return Problem("input-nested", f"{where}{name} is nested: {value}.", hint, place)
    if letter == UNLISTED:
        choices = ", ".join(f"'{choice}'" for choice in binding.variable.choices)
        message = f"{where}{name}: {value} is not one of the choices."
        return Problem("input-choice", message, f"The choices are {choices}.", place)
    kind = {"number": "a number", "boolean": "true or false", "time": "a time"}.get(type_, "a text")
    hint = f"Write {EXPECTED[type_]}."
    if not binding.required and binding.name not in OWN:
        hint += " Leave it empty, or name it in `nulls`, if it is not known."
    if type_ == "number" and _too_large(shown):
        return Problem(
            "input-number-range", f"{where}{name}: {value} is beyond the range of a double.",
            "Numbers lie between -1.8e308 and 1.8e308.", place,
        )  # fmt: skip
    return Problem(f"input-{type_}", f"{where}{name}: {value} is not {kind}.", hint, place)


def _too_large(shown: str) -> bool:
    try:
        return float(shown) in (float("inf"), float("-inf")) and shown[-1].isdigit()
    except ValueError:
        return False


def shorten(text: str) -> str:
    """`text` as one short line."""
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"
