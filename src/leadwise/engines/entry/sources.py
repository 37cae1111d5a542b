"""Where rows come from: one interface for CSV, JSON Lines, Parquet and frames.

A source is told which of its columns are wanted and gives DuckDB a query with `row` (BIGINT, from
0) and one column `c1`, `c2`, ... for each; JSON also gives `n1`, ...: true where the value is
nested. Nothing is typed here beyond what the source itself knows (`Kind`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import duckdb

from leadwise.errors import UserError

PYTHON_SAYS = "Detail: Python exception:"  # Arrow puts the whole traceback of a reader after it

Kind: TypeAlias = Literal["text", "json", "boolean", "integer", "float", "instant", "null", "other"]
"""What the values of a column are before the card types them; an instant is BIGINT microseconds.
Decimals are text, which loses nothing."""

INCOMING = "incoming rows"  # DuckDB's name of the Arrow stream that is being read


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a source: its position counts from 1; `type` is its own word, for messages."""

    name: str
    position: int
    kind: Kind
    type: str = "text"


class RowSource(Protocol):
    """A file or frame. `label` names it in messages."""

    @property
    def label(self) -> str: ...

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns; for JSON Lines those of the first lines."""

    def missing(self, name: str) -> Column | None:
        """A column that was not seen but may still come (JSON Lines only)."""

    def attach(self, connection: duckdb.DuckDBPyConnection, wanted: Sequence[Column]) -> str:
        """Make the rows known to `connection`; the SELECT that gives them, in file order."""

    def lines(self, rows: Collection[int]) -> dict[int, int]:
        """The line of the file (from 1) at which each of `rows` begins; none for frames."""

    def diagnose(self, error: Exception) -> UserError:
        """Why reading failed, in the terms of the file."""

    def close(self) -> None:
        """Let go of temporary files."""


def said_of(error: BaseException) -> str:
    """The first line of what an engine or a reader said, without the traceback of its code."""
    lines = str(error).split(PYTHON_SAYS)[0].strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__


def is_stopped(error: BaseException) -> bool:
    """Whether it was Ctrl-C: raised inside a reader, it arrives here as the reader's error."""
    return "\nKeyboardInterrupt" in str(error).partition(PYTHON_SAYS)[2]
