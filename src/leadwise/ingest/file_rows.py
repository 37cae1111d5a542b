"""Rows of a file one after the other, each with its values as the file has them.

Unlike `leadwise.engines.entry.read`, which types a whole file by a card or refuses it, a row that
cannot be read is one problem and the others go on: what is imported is kept for cards to come.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from leadwise.asking.instants import microseconds, written
from leadwise.engines.entry.delimited import BLOCK, DelimitedSource
from leadwise.engines.entry.files import InputFile, check_utf8, text_of, unreadable
from leadwise.engines.entry.jsonlines import PROPERTIES
from leadwise.errors import Place, UserError
from leadwise.ingest.wide_json import loose_json

ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row: its number from 0, the line at which it begins (from 1, None for Parquet).

    `values` has no empty cells; texts, numbers, booleans and what JSON nests. `problem` says why it
    cannot be read; then `text` is what stands there.
    """

    number: int
    line: int | None
    values: dict[str, Any] = field(default_factory=dict)
    problem: UserError | None = None
    text: str = ""


def file_rows(file: InputFile) -> Iterator[FileRow]:
    """All rows of a file. Raises UserError where the file as a whole cannot be read."""
    kinds = {"csv": _delimited, "jsonl": _json_lines, "parquet": _parquet}
    return kinds[file.format](file)


def count_rows(file: InputFile) -> int:
    """About how many rows there are, to tell how far a reader is."""
    if file.format == "parquet":
        with _parquet_problems(file):
            return int(pq.read_metadata(file.path).num_rows)
    lines = 0
    with file.open() as opened, unreadable(file.label):
        while block := opened.read(BLOCK):
            lines += block.count(b"\n")
    return max(1, lines - (file.format == "csv"))


def _delimited(file: InputFile) -> Iterator[FileRow]:
    source = DelimitedSource(file)
    names = [column.name for column in source.columns]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise UserError(
            "input-duplicate-column", f"Two columns are called '{twice}'.",
            where=Place(file.label, 1),
            hint="Rename one of them: it cannot be known which is meant.",
        )  # fmt: skip
    check_utf8(file)
    try:
        with unreadable(file.label):
            for number, (line, cells) in enumerate(source.rows()):
                if len(cells) == len(names):
                    values = {n: c for n, c in zip(names, cells, strict=True) if n and c.strip()}
                    yield FileRow(number, line, values)
                    continue
                problem = UserError(
                    "input-ragged",
                    f"the row has {len(cells)} cells, the header has {len(names)}",
                    hint="Put a cell that contains the delimiter between double quotes.",
                )
                yield FileRow(number, line, problem=problem, text=",".join(cells))
    except csv.Error as error:
        raise UserError(
            "input-row-too-long", f"A row cannot be read: {error}.", where=Place(file.label),
            hint="A quote that is never closed makes the rest of the file one row.",
        ) from error  # fmt: skip


def _json_lines(file: InputFile) -> Iterator[FileRow]:
    check_utf8(file)
    number = 0
    with text_of(file) as lines, unreadable(file.label):
        for line, text in enumerate(lines, start=1):
            if not text.strip():
                continue
            try:
                yield FileRow(number, line, _object(text))
            except UserError as error:
                yield FileRow(number, line, problem=error, text=text.strip())
            number += 1


def _object(text: str) -> dict[str, Any]:
    value = loose_json(text.encode("utf-8", "replace"))
    if not isinstance(value, dict):
        raise UserError("event-not-object", "the line is no JSON object", hint="Write {...}.")
    inner = value.pop(PROPERTIES, None)
    return {**inner, **value} if isinstance(inner, dict) else value


def _parquet(file: InputFile) -> Iterator[FileRow]:
    number = 0
    with _parquet_problems(file):
        opened = pq.ParquetFile(file.path)
        for batch in opened.iter_batches(ROWS_AT_ONCE):
            for values in batch.to_pylist():
                kept = {name: _plain(value) for name, value in values.items() if value is not None}
                yield FileRow(number, None, kept)
                number += 1


def _plain(value: Any) -> Any:
    """A value of Arrow's as JSON has it; times as texts in UTC."""
    match value:
        case datetime():
            return written(microseconds(value.replace(fold=0), "a time"))
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case bytes():
            return value.decode("utf-8", "replace")
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value


class _parquet_problems:  # noqa: N801 - a context manager, used as a function
    """Turns what Arrow says of a file into a UserError."""

    def __init__(self, file: InputFile) -> None:
        self._label = file.label

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, pa.ArrowException | OSError):
            raise UserError(
                "input-unreadable", f"This is not a Parquet file that can be read: {error}.",
                where=Place(self._label), hint="Write it again, or give it as CSV or JSON Lines.",
            ) from error  # fmt: skip
