"""What a report is made of: figures with their words, chart and table. One template shows them all.

A table's cell has a value, which the CSV file gets, and a text, which people read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = "str | int | float | None"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d",
             "\uff20")  # fmt: skip
"""How a cell begins that a spreadsheet would take for a formula."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`value` is plain: numbers without signs of a language, shares from 0 to 1."""

    value: Value
    shown: str

    @property
    def number(self) -> bool:
        """Whether it stands at the right."""
        return isinstance(self.value, int | float)


@dataclass(frozen=True, slots=True)
class Table:
    """`key` names its CSV file among those of a report; the first cell of a row is its head."""

    key: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """`says` is what the numbers come to, `read` how to read the chart, `do` what to do about it.

    `chart` names a function of static/charts-reports.js, which is given `data`; without a chart the
    table is shown as it is. `notes` are what must be known before believing it.
    """

    title: str
    says: str
    read: str
    do: str
    table: Table
    chart: str = ""
    data: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()

    @property
    def drawn(self) -> bool:
        """Whether there is anything in the chart."""
        return any(each for each in (self.data or {}).values() if isinstance(each, list))


@dataclass(frozen=True, slots=True)
class Report:
    """`number` is the most telling one and `meaning` what it means. `empty` says what to do where
    there is nothing to show yet; then there are no figures."""

    number: str
    meaning: str
    figures: tuple[Figure, ...] = ()
    empty: str = ""

    def table(self, key: str) -> Table | None:
        """The table of this key; of an empty one the first, where there is any."""
        tables = [figure.table for figure in self.figures]
        return next((table for table in tables if key in ("", table.key)), None)


def csv_text(table: Table, decimal: str = ".") -> str:
    """The table as CSV (RFC 4180), with a mark by which spreadsheets know that it is UTF-8.

    `decimal` is the sign before decimals in the reader's language. Where it is the comma,
    spreadsheets expect semicolons between cells, and take 12.5 for the twelfth of May.
    """
    between = ";" if decimal == "," else ","
    rows = [table.columns, *([cell.value for cell in row] for row in table.rows)]
    lines = (between.join(_field(value, decimal) for value in row) for row in rows)
    return "\ufeff" + "".join(f"{line}\r\n" for line in lines)


def _field(value: Value, decimal: str) -> str:
    """Texts are always in quotes: whatever is in them parts no cells. One that a spreadsheet would
    work out as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value).replace(".", decimal)
    safe = f"'{value}" if value.startswith(DANGEROUS) else value
    return '"' + safe.replace('"', '""') + '"'
