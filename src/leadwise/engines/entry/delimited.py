"""CSV as a source: comma, semicolon, tab or bar, found from the header line; quotes; gzip."""

# ruff: noqa: ARG002, S608 - a source is asked in one way; SQL is made of our own names

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence

import duckdb
import pyarrow as pa
import pyarrow.csv as pc

from leadwise.engines.entry.arrow import numbered
from leadwise.engines.entry.files import InputFile, check_utf8, text_of, unreadable
from leadwise.engines.entry.sources import INCOMING, Column, said_of
from leadwise.errors import InputError, Place, Problem, UserError

DELIMITERS = ",;\t|"
BLOCK = 16 << 20  # bytes read at once: the bound of a row, and of the memory held
SHOWN = 10  # problems of a file that are told; the rest is counted


class DelimitedSource:
    """One CSV file."""

    def __init__(self, file: InputFile) -> None:
        self.label = file.label
        self._file = file
        self._delimiter, header, self._blank, self._rowless = _header(file)
        self._width = len(header)
        self.columns = tuple(
            Column(name.strip(), position, "text") for position, name in enumerate(header, start=1)
        )

    def missing(self, name: str) -> Column | None:
        return None

    def attach(self, connection: duckdb.DuckDBPyConnection, wanted: Sequence[Column]) -> str:
        # Names of our own: those of the file may come twice or be empty.
        names = [f"f{position}" for position in range(1, self._width + 1)]
        kept = [names[column.position - 1] for column in wanted] or names[:1]
        moved = [
            Column(column.name, position, "text") for position, column in enumerate(wanted, start=1)
        ]
        if self._rowless:  # Arrow would look for the end of the header's line, and find none
            schema = pa.schema([(name, pa.string()) for name in kept])
            connection.register(INCOMING, numbered(iter(()), schema, moved))
            return f'SELECT * FROM "{INCOMING}"'
        compression = "gzip" if self._file.packed else None
        reader = pc.open_csv(
            pa.input_stream(str(self._file.path), compression=compression),
            read_options=pc.ReadOptions(
                block_size=BLOCK,
                column_names=names,
                skip_rows=self._blank,
                skip_rows_after_names=1,
            ),
            parse_options=pc.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=kept,
                strings_can_be_null=False,
            ),
        )
        connection.register(INCOMING, numbered(iter(reader), reader.schema, moved))
        return f'SELECT * FROM "{INCOMING}"'

    def lines(self, rows: Collection[int]) -> dict[int, int]:
        wanted, last = set(rows), max(rows, default=-1)
        found: dict[int, int] = {}
        for row, (line, _) in enumerate(self.rows()):
            if row in wanted:
                found[row] = line
            if row >= last:
                break
        return found

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The line at which each row begins, and its cells; the header and blank lines left out."""
        with text_of(self._file) as text:
            csv.field_size_limit(2 * BLOCK)
            for _ in range(self._blank):
                text.readline()
            reader = csv.reader(text, delimiter=self._delimiter)
            begin = 1 + self._blank
            header = True
            for cells in reader:
                if cells:
                    if not header:
                        yield begin, cells
                    header = False
                begin = reader.line_num + 1 + self._blank

    def diagnose(self, error: Exception) -> UserError:
        """Encoding first, then rows with too few or too many cells, then what the reader said."""
        try:
            check_utf8(self._file)
            with unreadable(self.label):
                return self._ragged() or self._said(error)
        except UserError as known:
            return known
        except csv.Error:
            return self._too_long()

    def _ragged(self) -> UserError | None:
        problems: list[Problem] = []
        count = 0
        last: tuple[int, list[str]] | None = None
        for line, cells in self.rows():
            last = (line, cells)
            if len(cells) == self._width:
                continue
            count += 1
            if count <= SHOWN:
                problems.append(self._wrong_width(line, len(cells)))
        if last is not None and any(len(cell) > BLOCK for cell in last[1]):
            return self._too_long()
        return InputError(tuple(problems), count - len(problems)) if problems else None

    def _wrong_width(self, line: int, width: int) -> Problem:
        return Problem(
            "input-ragged",
            f"The row has {width} cell{'s' * (width != 1)}, the header has {self._width}.",
            "Put a cell that contains the delimiter or a line break between double quotes, "
            "and close every quote.",
            Place(self.label, line),
        )

    def _too_long(self) -> UserError:
        return UserError(
            "input-row-too-long",
            f"A row is longer than {BLOCK >> 20} MB.",
            where=Place(self.label),
            hint="A quote that is never closed makes the rest of the file one row.",
        )

    def _said(self, error: Exception) -> UserError:
        if "straddl" in str(error):
            return self._too_long()
        return UserError(
            "input-unreadable",
            f"The file cannot be read as CSV: {said_of(error)}",
            where=Place(self.label),
            hint="Write it again, or give it as Parquet or JSON Lines.",
        )

    def close(self) -> None:
        self._file.remove()


def _header(file: InputFile) -> tuple[str, list[str], int, bool]:
    """The delimiter, the names of the columns, how many blank lines stand before them, and whether
    the file ends with them."""
    blank = 0
    with text_of(file) as text, unreadable(file.label):
        start = text.readline(BLOCK)
        while start and not start.strip():
            blank += 1
            start = text.readline(BLOCK)
        if not start:
            raise UserError(
                "input-empty", "The file is empty.", where=Place(file.label, 1),
                hint="A CSV file begins with a line that names its columns.",
            )  # fmt: skip
    if "�" in start:
        check_utf8(file)
    delimiter = max(DELIMITERS, key=lambda sign: _outside_quotes(start, sign))
    with text_of(file) as text:
        for _ in range(blank):
            text.readline()
        cells = next(row for row in csv.reader(text, delimiter=delimiter) if row)
        rowless = not text.read(1)
    return delimiter, cells, blank, rowless


def _outside_quotes(line: str, sign: str) -> int:
    return sum(part.count(sign) for part in line.split('"')[::2])
