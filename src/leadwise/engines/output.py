"""Write tables as CSV, Parquet or JSON Lines: the whole file, or nothing."""

# ruff: noqa: S608 - SQL is made of escaped literals and our own words

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import duckdb
import pyarrow as pa

from leadwise.engines.duckdb import literal
from leadwise.errors import Place, UserError

OutputFormat: TypeAlias = Literal["csv", "parquet", "jsonl"]

ENDINGS: dict[str, OutputFormat] = {
    ".csv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
OPTIONS: dict[OutputFormat, str] = {
    "csv": "FORMAT csv, HEADER true",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "jsonl": "FORMAT json",
}


def write(
    data: pa.Table | pa.RecordBatchReader,
    path: str | Path,
    format: OutputFormat | None = None,  # noqa: A002 - the word a caller expects
) -> int:  # fmt: skip
    """Write `data` to `path` (`-` is standard output, CSV if not said); the number of rows.

    Decimals keep their digits (60.00), NULL is an empty cell in CSV. Until every row is written the
    file at `path` stays as it was. UserError where the format is not known or the place cannot be
    written to.
    """
    chosen = format or format_of(path)
    if str(path) == "-":
        with tempfile.TemporaryDirectory(prefix="leadwise-") as folder:
            kept = Path(folder, "out")
            rows = _copy(data, kept, chosen)
            with kept.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return rows
    with replacing(path) as beside:
        return _copy(data, beside, chosen, shown=path)


def format_of(path: str | Path) -> OutputFormat:
    """The format that the ending of `path` asks for."""
    if str(path) == "-":
        return "csv"
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise UserError(
            "output-format",
            f"'{path}' does not say what to write: its ending is '{ending}'.",
            where=Place(str(path)),
            hint=f"Use one of {', '.join(ENDINGS)}.",
        )
    return ENDINGS[ending]


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A new file beside `path` that takes its place when all went well, and else is removed."""
    target = Path(path).resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    if target.exists() and not target.is_file():
        if target.is_dir():
            raise _cannot(path, "it is a folder")
        beside = target  # a device or pipe: nothing to put in its place
    try:
        if beside != target:
            beside.touch()
        yield beside
        if beside != target:
            if target.exists():
                shutil.copymode(target, beside)
            beside.replace(target)
    except OSError as error:
        raise _cannot(path, error.strerror or str(error)) from error
    finally:
        if beside != target:
            beside.unlink(missing_ok=True)


def _copy(
    data: pa.Table | pa.RecordBatchReader,
    path: Path,
    format_: OutputFormat,
    shown: str | Path = "-",
) -> int:
    with duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
    ) as connection:
        connection.register("outgoing", data)
        try:
            done = connection.execute(
                f"COPY (SELECT * FROM outgoing) TO {literal(str(path))} ({OPTIONS[format_]})"
            ).fetchall()
        except duckdb.IOException as error:
            if "No space left" in str(error):
                raise _disk_full(shown) from error
            raise _cannot(shown, str(error).splitlines()[0]) from error
    return int(done[0][0])


def _cannot(path: str | Path, why: str) -> UserError:
    return UserError(
        "output-path",
        f"'{path}' cannot be written: {why}.",
        where=Place(str(path)),
        hint="Check that the folder exists and that you may write there.",
    )


def _disk_full(path: str | Path) -> UserError:
    where = "where temporary files go (TMPDIR)" if str(path) == "-" else "on its disk"
    return UserError(
        "output-path",
        f"'{path}' cannot be written: no space is left {where}.",
        where=Place(str(path)),
        hint="Free some, or write to another disk; Parquet takes the least.",
    )
