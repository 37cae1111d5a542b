"""JSON Lines as a source: one object a line, properties at its top or under `properties`."""

# ruff: noqa: S608 - SQL is made of our own names and escaped literals

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

import duckdb
import pyarrow as pa
import pyarrow.csv as pc

from leadwise.engines.duckdb import literal
from leadwise.engines.entry.arrow import numbered
from leadwise.engines.entry.delimited import BLOCK, SHOWN
from leadwise.engines.entry.files import InputFile, check_utf8, text_of, unreadable
from leadwise.engines.entry.sources import INCOMING, Column, said_of
from leadwise.errors import InputError, Place, Problem, UserError

OWN = ("lead_id", "event", "timestamp")  # what a file must have
LOOK = 1000  # lines whose names are known before the file is read
NEVER = "\x01"  # a sign that valid JSON cannot contain: no line is ever cut in two
PROPERTIES = "properties"


class JsonLinesSource:
    """One JSON Lines file. A name that the first lines lack may still come in a later one."""

    def __init__(self, file: InputFile) -> None:
        self.label = file.label
        self._file = file
        names: dict[str, None] = {}
        line = ""
        for _, line in islice(self._lines(), LOOK):
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue  # told, with all others, when the file is read
            if isinstance(value, dict):
                inner = value.get(PROPERTIES)
                names.update(dict.fromkeys(value))
                names.update(dict.fromkeys(inner if isinstance(inner, dict) else ()))
        if line and not names:  # a row without any name is of no use; mostly it is no JSON Lines
            check_utf8(file)
            if (wrong := self._malformed()) is not None:
                raise wrong
        # A file without a line has no rows; it lacks nothing.
        self.columns = tuple(Column(name, 0, "json", "JSON") for name in (names if line else OWN))
        self._empty = not line

    def missing(self, name: str) -> Column | None:
        return Column(name, 0, "json", "JSON")

    def attach(self, connection: duckdb.DuckDBPyConnection, wanted: Sequence[Column]) -> str:
        batches, schema = self._batches()
        line = [Column("line", 1, "text")]
        connection.register(INCOMING, numbered(batches, schema, line))
        pointers = [literal(pointer) for column in wanted for pointer in _pointers(column.name)]
        values = ", ".join(
            f"j{i}->>'$' AS c{i}, json_type(j{i}) IN ('OBJECT', 'ARRAY') AS n{i}"
            for i in range(1, len(wanted) + 1)
        )
        found = ", ".join(
            f"coalesce(j[{2 * i - 1}], j[{2 * i}]) AS j{i}" for i in range(1, len(wanted) + 1)
        )
        # Anything but an object is no row; `error` makes the read fail, and `diagnose` finds where.
        return (
            f"SELECT row, {values} FROM (SELECT row, {found} FROM ("
            f"SELECT row, json_extract(CASE WHEN json_type(c1) = 'OBJECT' THEN c1 "
            f"ELSE error('no object') END, [{', '.join(pointers)}]) AS j "
            f"FROM \"{INCOMING}\" WHERE NOT (ord(c1) <= 32 AND trim(c1, e' \\t\\r') = '')))"
        )

    def _batches(self) -> tuple[Iterator[pa.RecordBatch], pa.Schema]:
        """The lines, in a column `line`."""
        if self._empty:  # Arrow refuses a file without a line
            return iter(()), pa.schema([("line", pa.string())])
        reader = pc.open_csv(
            pa.input_stream(
                str(self._file.path), compression="gzip" if self._file.packed else None
            ),
            read_options=pc.ReadOptions(block_size=BLOCK, column_names=["line"]),
            parse_options=pc.ParseOptions(
                delimiter=NEVER, quote_char=False, newlines_in_values=False
            ),
            convert_options=pc.ConvertOptions(
                column_types={"line": pa.string()}, strings_can_be_null=False
            ),
        )
        return iter(reader), reader.schema

    def lines(self, rows: Collection[int]) -> dict[int, int]:
        # Empty lines are no rows; a line of blanks is one, left out only later.
        wanted, last = set(rows), max(rows, default=-1)
        found: dict[int, int] = {}
        with text_of(self._file) as text:
            filled = (n for n, line in enumerate(text, start=1) if line.strip("\r\n"))
            for row, number in enumerate(filled):
                if row in wanted:
                    found[row] = number
                if row >= last:
                    break
        return found

    def _lines(self) -> Iterator[tuple[int, str]]:
        with text_of(self._file) as text, unreadable(self.label):
            for number, line in enumerate(text, start=1):
                if line.strip(" \t\r\n"):
                    yield number, line

    def diagnose(self, error: Exception) -> UserError:
        try:
            check_utf8(self._file)
            return self._malformed() or UserError(
                "input-unreadable",
                f"The file cannot be read as JSON Lines: {said_of(error)}",
                where=Place(self.label),
                hint="Write it again, or give it as CSV or Parquet.",
            )
        except UserError as known:
            return known

    def _malformed(self) -> UserError | None:
        problems: list[Problem] = []
        count = 0
        for number, line in self._lines():
            said = _wrong(line.rstrip())
            if said is None:
                continue
            count += 1
            if count <= SHOWN:
                problems.append(
                    Problem(
                        "input-json",
                        f"The line is {said}.",
                        "Each line is one JSON object, written on that line alone, "
                        "without brackets or commas around them.",
                        Place(self.label, number),
                    )
                )
        return InputError(tuple(problems), count - len(problems)) if problems else None

    def close(self) -> None:
        self._file.remove()


def _pointers(name: str) -> tuple[str, str]:
    escaped = name.replace("~", "~0").replace("/", "~1")
    return f"/{escaped}", f"/{PROPERTIES}/{escaped}"


def _wrong(line: str) -> str | None:
    if len(line) > BLOCK:
        return f"longer than {BLOCK >> 20} MB"
    try:
        value = json.loads(line)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "not JSON: half of a sign that is written as two (\\ud800 to \\udfff)"
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg[0].lower()}{error.msg[1:]} at column {error.colno}"
    except RecursionError:
        return "nested too deeply"
    return None if isinstance(value, dict) else "not a JSON object"
