"""From a source's columns to one DuckDB query of typed rows, each with what is wrong in it.

The query has `#row` (from 0), a column `v1`, `v2`, ... for each binding, and `#problem`: NULL, or
a text of records (letter and number of the binding, value shown; see `_record`),
which `findings` reads. Nothing is ever brought into Python row by row.
"""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from duckdb.func import PythonUDFType

from leadwise.engines.duckdb import DuckDBEngine, literal, quoted
from leadwise.engines.entry import cells
from leadwise.engines.entry.columns import Binding
from leadwise.engines.entry.sources import INCOMING, RowSource, is_stopped
from leadwise.errors import Place, UserError

# ruff: noqa: S608 - SQL is made of quoted names, escaped literals and our own column numbers

MISSING, WRONG, NESTED, UNLISTED, NULS = "m", "w", "n", "u", "z"
ROW_COLUMN, PROBLEM_COLUMN = "#row", "#problem"
SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class EventNames:
    """How names of events in a file become those of the card: the binding of the name, all declared
    names, and the function that DuckDB knows for the rest."""

    binding: int
    declared: tuple[str, ...]
    function: ClassVar[str] = "leadwise_event"


def typed_rows(
    source: RowSource,
    connection: duckdb.DuckDBPyConnection,
    bindings: Sequence[Binding],
    events: EventNames | None = None,
) -> str:
    """The SELECT; UserError where a column's own type cannot be what the card wants."""
    rows = source.attach(connection, [binding.column for binding in bindings])
    nested = [i for i, b in enumerate(bindings, 1) if b.column.kind == "json"]
    keep_nested = "".join(f", n{i}" for i in nested)
    said = ", ".join(
        f"{cells.said(b.column.kind, b.variable.type, f'c{i}')} AS s{i}"
        for i, b in enumerate(bindings, 1)
    )
    nuls = [n for i, b in enumerate(bindings, 1) if (n := cells.nul_count(b.column.kind, f"c{i}"))]
    first = f"SELECT row, {said}{keep_nested}, {' + '.join(nuls) or '0'} AS nuls FROM ({rows})"
    if events is not None:
        s = f"s{events.binding}"
        names = _in(events.declared)
        first = (
            f"SELECT * REPLACE (CASE WHEN {s} IN {names} THEN {s} "
            f"ELSE {events.function}({s}) END AS {s}) FROM ({first})"
        )
    second = ", ".join(_known(i, b, events) for i, b in enumerate(bindings, 1))
    second = f"SELECT row, {second}{keep_nested}, nuls FROM ({first})"
    typed = ", ".join(f"{_typed(source, b, f'r{i}')} AS v{i}" for i, b in enumerate(bindings, 1))
    third = f"SELECT *, {typed} FROM ({second})"
    values = ", ".join(f"v{i}" for i, _ in enumerate(bindings, 1))
    problem = _problem(bindings, events)
    return (
        f"SELECT row AS {quoted(ROW_COLUMN)}, {values}, {problem} AS {quoted(PROBLEM_COLUMN)} "
        f"FROM ({third})"
    )


def _known(number: int, binding: Binding, events: EventNames | None) -> str:
    r = cells.known(binding.variable, binding.column.kind, f"s{number}")
    if binding.events is not None and events is not None:
        r = f"CASE WHEN s{events.binding} IN {_in(binding.events)} THEN {r} END"
    return f"{r} AS r{number}"


def _typed(source: RowSource, binding: Binding, r: str) -> str:
    value = cells.typed(binding.variable, binding.column.kind, r)
    if value is None:
        raise UserError(
            "input-column-type",
            f"Column '{binding.column.name}' has the type {binding.column.type}, "
            f"which cannot be a {binding.variable.type}.",
            where=Place(source.label, None, binding.column.position or None),
            hint=f"Make it {EXPECTED[binding.variable.type]}.",
        )
    return value


def _problem(bindings: Sequence[Binding], events: EventNames | None) -> str:
    parts = [f"CASE WHEN nuls > 0 THEN {_record(NULS, 0, 'CAST(nuls AS VARCHAR)')} END"]
    for i, binding in enumerate(bindings, 1):
        declared = "true"
        if events is not None and binding.events is not None:
            declared = f"r{events.binding} IN {_in(binding.events)}"
        if binding.required:
            empty = f"r{i} IS NULL AND {declared}"
            parts.append(f"CASE WHEN {empty} THEN {_record(MISSING, i, literal(''))} END")
        branches = list(_wrong(i, binding))
        if branches:
            parts.append(f"CASE {' '.join(branches)} END")
    return f"nullif(concat_ws(chr(30), {', '.join(parts)}), '')"


def _wrong(number: int, binding: Binding) -> Iterator[str]:
    """The branches of CASE that record a value that is not what it should be."""
    r, v = f"r{number}", f"v{number}"
    shown = f"left(replace(replace(CAST({r} AS VARCHAR), chr(30), ' '), chr(31), ' '), 200)"
    textual = binding.column.kind in ("text", "json")
    if binding.column.kind == "json":
        yield f"WHEN n{number} AND {r} IS NOT NULL THEN {_record(NESTED, number, shown)}"
    if binding.variable.type == "text" and textual:
        return  # every text is one
    letter = UNLISTED if binding.variable.type == "choice" else WRONG
    yield f"WHEN {r} IS NOT NULL AND {v} IS NULL THEN {_record(letter, number, shown)}"


def _record(letter: str, number: int, shown: str) -> str:
    return f"{literal(letter + str(number))} || chr(31) || {shown}"


def _in(names: Sequence[str]) -> str:
    return f"({', '.join(literal(name) for name in names)})" if names else "(NULL)"


EXPECTED = {
    "number": "a number as in JSON: 1000, -0.5, 1e3",
    "boolean": "true or false, yes or no, 1 or 0",
    "time": "a time in ISO 8601: 2026-06-30 or 2026-06-30T12:00:00+02:00",
    "text": "text",
    "choice": "text",
}


@contextlib.contextmanager
def known_functions(
    connection: duckdb.DuckDBPyConnection, event_name: Callable[[str], str]
) -> Iterator[None]:
    """Make `cells.FOLD` and the naming of events known to DuckDB, a batch of texts at a time."""
    functions = {cells.FOLD: fold, EventNames.function: event_name}
    for name, function in functions.items():
        _register(connection, name, function)
    try:
        yield
    finally:
        for name in functions:
            connection.remove_function(name)


def fold(text: str) -> str:
    """Full Unicode case folding (DuckDB's `lower` is not that), in NFC again."""
    return unicodedata.normalize("NFC", text.casefold())


def _register(
    connection: duckdb.DuckDBPyConnection, name: str, function: Callable[[str], str]
) -> None:
    known: dict[str, str] = {}

    def batch(texts: pa.ChunkedArray | pa.Array) -> pa.Array:
        if isinstance(texts, pa.ChunkedArray):
            texts = texts.combine_chunks()
        distinct = pc.dictionary_encode(texts)
        found = []
        for text in distinct.dictionary.to_pylist():
            if len(known) > 100_000:
                known.clear()
            if text not in known:
                known[text] = function(text)
            found.append(known[text])
        return pa.array(found, pa.string()).take(distinct.indices)

    connection.create_function(name, batch, ["VARCHAR"], "VARCHAR", type=PythonUDFType.ARROW)


def stage(engine: DuckDBEngine, source: RowSource, table: str, select: Callable[[], str]) -> None:
    """Create `table` from the query that `select` makes of `source`, read once from end to end."""
    # DuckDB makes a join of every long IN list (of choices, of nulls); with a hundred of those, a
    # row is planned for half a minute. Compared one by one they are read as quickly.
    engine.connection.execute("SET disabled_optimizers = 'in_clause'")
    try:
        engine.create(table, select())
    except duckdb.OutOfMemoryException:
        raise  # not the source's fault; `read` says so
    except (duckdb.Error, pa.ArrowException, OSError, EOFError, ValueError) as error:
        if is_stopped(error):
            raise KeyboardInterrupt from None
        raise source.diagnose(error) from error
    finally:
        with contextlib.suppress(duckdb.Error):
            engine.connection.unregister(INCOMING)
            engine.connection.execute("RESET disabled_optimizers")
