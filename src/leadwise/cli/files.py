"""Rows written where `--out` says, with times as texts wherever the format has none of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import cast, get_args

import pyarrow as pa

from leadwise.asking.instants import written
from leadwise.cli.screen import aside
from leadwise.cli.words import counted
from leadwise.engines.output import OutputFormat, format_of, write
from leadwise.errors import Place, UserError

UTC_TIME = pa.timestamp("us", "UTC")


def chosen_format(out: str, format_: str | None) -> OutputFormat:
    """The format that `--format` or the ending of `--out` asks for."""
    if format_ is None:
        return format_of(out)
    if format_ not in get_args(OutputFormat):
        raise UserError(
            "output-format",
            f"--format: there is no format '{format_}'.",
            hint=f"Use one of {', '.join(get_args(OutputFormat))}.",
        )
    return cast(OutputFormat, format_)


def require_writable(file: str | None) -> None:
    """Raise UserError where nothing could be written, before the work is done for nothing."""
    if file is None or file == "-":
        return
    path = Path(file).resolve()
    why = ""
    if path.is_dir():
        why = "it is a folder"
    elif not path.parent.is_dir():
        why = "its folder does not exist"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        why = "permission denied"
    if why:
        raise UserError(
            "output-path",
            f"'{file}' cannot be written: {why}.",
            where=Place(file),
            hint="Check that the folder exists and that you may write there.",
        )


def require_output(out: str | None, format_: str | None, *, json: bool) -> None:
    """Raise UserError where `--out`, `--format` and `--json` contradict each other or cannot be."""
    if out is None:
        if format_ is not None:
            raise UserError("usage", "--format is for --out.", hint=f"--out - --format {format_}")
        return
    chosen = chosen_format(out, format_)
    if out == "-" and json:
        raise UserError(
            "usage", "Both --json and --out - write to standard output.", hint="Leave one of them."
        )
    if out == "-" and chosen == "parquet" and sys.stdout.isatty():
        raise UserError("usage", "Parquet is not for a terminal.", hint="--out scores.parquet")
    require_writable(out)


def write_rows(rows: pa.Table | pa.RecordBatchReader, out: str, format_: str | None) -> int:
    """Write all rows or nothing; says how many on standard error. Times are in UTC."""
    chosen = chosen_format(out, format_)
    reader = rows.to_reader() if isinstance(rows, pa.Table) else rows
    number = write(_timed(reader, UTC_TIME if chosen == "parquet" else pa.string()), out, chosen)
    if out != "-":
        aside().print(f"{counted(number, 'row')} written to {out}", style="dim", soft_wrap=True)
    return number


def _timed(reader: pa.RecordBatchReader, wanted: pa.DataType) -> pa.RecordBatchReader:
    """The same rows, their times of the type wanted: an instant in UTC, or its text."""
    schema = pa.schema(
        [(f.name, wanted if pa.types.is_timestamp(f.type) else f.type) for f in reader.schema]
    )
    if schema == reader.schema:
        return reader
    batches = (
        pa.RecordBatch.from_arrays(
            [
                _cast(column, field.type)
                for column, field in zip(batch.columns, schema, strict=True)
            ],
            schema=schema,
        )
        for batch in reader
    )
    return pa.RecordBatchReader.from_batches(schema, batches)


def _cast(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    if column.type == wanted:
        return column
    if wanted != pa.string():
        return column.cast(wanted)
    different = column.cast(pa.timestamp("us")).cast(pa.int64()).dictionary_encode()
    texts = [None if us is None else written(us) for us in different.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(
        different.indices, pa.array(texts, pa.string())
    ).dictionary_decode()
