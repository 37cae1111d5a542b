"""Laws of cells: the grammar of numbers is JSON's, times are those of `parse_time` and datetime."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadwise.card.model import Card, Variable
from leadwise.card.values import parse_time
from leadwise.engines.entry import read
from leadwise.errors import InputError
from tests.entry_card import COUNTRY, CREATED, NOTE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMBER = Variable("n", "number", "n")
BATCHES = settings(max_examples=15)  # each example is a whole column of cells


def typed(variable: Variable, cells: list[str]) -> tuple[list[object], set[int]]:
    """The values of `cells` read one by one as the variable's type, and which were refused."""
    table = pa.table({"lead_id": [str(i) for i in range(len(cells))], variable.source: cells})
    card = Card("laws", 1, (), fields=(variable,))
    refused: set[int] = set()
    while True:
        try:
            with read(card, table) as dataset:
                sql = f'SELECT "{variable.name}" FROM facts ORDER BY CAST(lead_id AS BIGINT)'
                values = [value for (value,) in dataset.engine.connection.sql(sql).fetchall()]
                return values, refused
        except InputError as error:
            found = {int(re.match(r"Row (\d+)", p.message)[1]) - 1 for p in error.problems}
            refused |= found
            kept = [None if i in refused else cell for i, cell in enumerate(cells)]
            column = table.column_names.index(variable.source)
            table = table.set_column(column, variable.source, pa.array(kept, pa.string()))


def as_json(text: str) -> float | None:
    """The number that JSON reads, None where it reads none that a double can hold."""
    text = text.strip()
    if not text or text[0] not in "-0123456789":
        return None  # the json module also knows NaN and Infinity, true and "text"
    try:
        value = float(json.loads(text))
    except (ValueError, TypeError, OverflowError):
        return None
    return value if abs(value) != float("inf") else None


numbers = st.one_of(
    st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{0,3})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.text("0123456789.eE+-_ ,xINaf\u0661", min_size=1, max_size=8),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers().map(str),
)


@BATCHES
@example(
    ["1e309", "-1e309", "1e-400", "0" * 400, "1" * 400, "--1", "1e", "0e0", "00", "-", "\u0661"]
)
@given(st.lists(numbers, min_size=1, max_size=9))
def test_numbers_are_those_of_json(cells: list[str]) -> None:
    values, refused = typed(NUMBER, cells)
    for i, cell in enumerate(cells):
        expected = as_json(cell)
        assert (i in refused) == (expected is None and cell.strip() != ""), cell
        assert values[i] == expected, cell


times = st.one_of(
    st.datetimes().map(lambda t: t.isoformat()),
    st.datetimes(timezones=st.timedeltas(timedelta(hours=-15), timedelta(hours=15)).map(
        lambda d: timezone(timedelta(minutes=d // timedelta(minutes=1)))
    )).map(lambda t: t.isoformat(" ")),
    st.dates().map(str),
    st.from_regex(
        r"20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-3][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,9})?)?"
        r"(Z|[+-][0-2][0-9](:?[0-9]{2})?)?",
        fullmatch=True,
    ),
    st.text("0123456789-:TZ+. ", max_size=20),
)  # fmt: skip


def parsed(text: str) -> int | None:
    try:
        return parse_time(text)
    except ValueError:
        return None


@BATCHES
@example(["0001-01-01T00:00:00+15:59", "9999-12-31T23:59:59.9999999-15:59", "0000-01-01"])
@example(["2026-02-29", "2024-02-29", "2026-06-30T12", "2026-06-30 12:00+02", "2026-06-30T24:00"])
@given(st.lists(times, min_size=1, max_size=9))
def test_times_are_those_of_parse_time(cells: list[str]) -> None:
    values, refused = typed(CREATED, cells)
    for i, cell in enumerate(cells):
        expected = parsed(cell)
        assert (i in refused) == (expected is None and cell.strip() != ""), cell
        assert values[i] == expected, cell


@BATCHES
@given(st.lists(st.datetimes(), min_size=1, max_size=20))
def test_times_are_those_of_datetime(moments: list[datetime]) -> None:
    values, refused = typed(CREATED, [moment.isoformat() for moment in moments])
    utc = [moment.replace(tzinfo=UTC) - EPOCH for moment in moments]
    assert (values, refused) == ([delta // timedelta(microseconds=1) for delta in utc], set())


@BATCHES
@example(["\r"])
@example(["\u1e9e", "ﬁ", "\u0345", "Å", "a\0", "\u0390"])
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=6), min_size=1, max_size=30))
def test_texts_are_those_of_unicodedata(cells: list[str]) -> None:
    # Signs that only a newer Unicode than Python's knows have no forms that could differ.
    normal = [unicodedata.normalize("NFC", cell.replace("\0", "")) for cell in cells]
    assert typed(NOTE, cells) == ([text or None for text in normal], set())
    folded = [unicodedata.normalize("NFC", text.casefold()) or None for text in normal]
    found, _ = typed(COUNTRY, cells)
    expected = [None if text is None or text.strip() == "n/a" else text for text in folded]
    assert found == expected
