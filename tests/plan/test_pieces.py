"""Pieces of a plan, each run by SQLite and DuckDB against plain Python."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwise.card import expression as tree
from leadwise.card.model import (
    Card,
    Dimension,
    Measure,
    Occurrences,
    StateCriterion,
    Tier,
    Variable,
)
from leadwise.plan import nodes, render
from leadwise.plan.conditions import ANY, Piece, Readable, Reading, like, predicate
from leadwise.plan.moving import constant, thresholds
from leadwise.plan.nodes import DAY_US, Node
from leadwise.plan.passes.totals import packed, unpacked
from leadwise.plan.zones import day

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/Madrid", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu")


@pytest.fixture(scope="module")
def lite() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def on_both(
    node: Node, lite: sqlite3.Connection, duck: duckdb.DuckDBPyConnection
) -> tuple[object, object]:
    first = lite.execute("SELECT " + render(node, "sqlite")).fetchone()[0]
    second = duck.execute("SELECT " + render(node, "duckdb")).fetchall()[0][0]
    return first, second


@settings(max_examples=40, deadline=None)
@given(
    at_us=st.integers(1, 47_000).flatmap(
        lambda d: st.integers(d * DAY_US, d * DAY_US + DAY_US - 1)
    ),
    zone=st.sampled_from(ZONES),
)
def test_days_of_a_zone(at_us: int, zone: str) -> None:
    local = (EPOCH + timedelta(microseconds=at_us)).astimezone(ZoneInfo(zone)).date()
    expected = (local - EPOCH.date()).days
    with sqlite3.connect(":memory:") as lite:
        for node in (
            day(nodes.whole(at_us), zone),
            day(nodes.whole(at_us), zone, at_us - 90 * DAY_US, at_us),
        ):
            assert lite.execute("SELECT " + render(node, "sqlite")).fetchone()[0] == expected


def test_a_window_needs_only_the_changes_inside_it() -> None:
    june = (datetime(2026, 6, 30, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
    written = render(
        day(nodes.column("at_us"), "Europe/Madrid", june - 14 * DAY_US, june), "duckdb"
    )
    assert "CASE" not in written
    assert str(2 * 3600 * 1_000_000) in written


def matches(text: str, pieces: tuple[Piece, ...]) -> bool:
    wild = {"%": ".*", "_": "."}
    pattern = "".join(wild[p.text] if p.wild else re.escape(p.text) for p in pieces)
    return re.fullmatch(pattern, text, re.DOTALL) is not None


signs = st.text(alphabet="ab%_\\[]*?!^'é😀", max_size=4)
some_pieces = st.lists(
    st.one_of(signs.filter(bool).map(Piece), st.sampled_from((ANY, Piece("_", wild=True)))),
    max_size=4,
).map(tuple)


@settings(max_examples=300, deadline=None)
@given(text=signs, pieces=some_pieces)
def test_like_takes_signs_literally_or_wild(
    text: str,
    pieces: tuple[Piece, ...],
    lite: sqlite3.Connection,
    duck: duckdb.DuckDBPyConnection,
) -> None:
    found = on_both(like(nodes.text(text), pieces), lite, duck)
    assert [bool(one) for one in found] == [matches(text, pieces)] * 2


@pytest.mark.parametrize(
    ("text", "folded"), [("ABCxyz", "abcxyz"), ("ÄÖ", "ÄÖ"), ("İSTANBUL", "İstanbul")]
)
def test_lower_folds_a_to_z_only(
    text: str, folded: str, lite: sqlite3.Connection, duck: duckdb.DuckDBPyConnection
) -> None:
    condition = tree.Comparison("=", tree.Call("lower", (tree.Name("t"),)), tree.Text(folded))
    reading = Reading({"t": Readable(nodes.text(text), "text")}, nodes.whole(0))
    assert on_both(predicate(condition, reading), lite, duck) == (1, True)


def test_connectives_are_told_apart_from_what_they_join(
    lite: sqlite3.Connection, duck: duckdb.DuckDBPyConnection
) -> None:
    no, yes = tree.Boolean(False), tree.Boolean(True)
    reading = Reading({}, nodes.whole(0))
    condition = tree.Not(tree.And((yes, tree.Or((no, no)))))
    assert on_both(predicate(condition, reading), lite, duck) == (1, True)
    undecided = nodes.is_null(predicate(tree.And((yes, no)), reading))
    assert on_both(undecided, lite, duck) == (0, False)


@pytest.mark.parametrize("hundredths", ["-250.5", "-249.5", "249.4999", "249.5", "0.49999991"])
def test_half_goes_up(
    hundredths: str, lite: sqlite3.Connection, duck: duckdb.DuckDBPyConnection
) -> None:
    expected = {"-250.5": -250, "-249.5": -249, "249.4999": 249, "249.5": 250, "0.49999991": 1}
    found = on_both(nodes.rounded(nodes.number(float(hundredths))), lite, duck)
    assert found == (expected[hundredths],) * 2


@settings(max_examples=50, deadline=None)
@given(
    times=st.lists(st.integers(-(10**15), 4 * 10**15), min_size=1, max_size=4),
    data=st.data(),
)
def test_the_last_value_rides_on_the_greatest_time(times: list[int], data: st.DataObject) -> None:
    values = ("a", "b", "c")
    chosen = [data.draw(st.sampled_from(values)) for _ in times]
    with sqlite3.connect(":memory:") as lite:
        lite.execute("CREATE TABLE t (at_us INTEGER, v TEXT)")
        lite.executemany("INSERT INTO t VALUES (?, ?)", zip(times, chosen, strict=True))
        most = render(nodes.greatest(packed(nodes.column("v"), values)), "sqlite")
        node = unpacked(nodes.column("m"), values)
        query = f"SELECT {render(node, 'sqlite')} FROM (SELECT {most} AS m FROM t)"
        found = lite.execute(query).fetchone()[0]
    assert found == max(zip(times, chosen, strict=True))[1]


def test_thresholds_are_constants_beside_moving_values() -> None:
    quiet, created = tree.Name("quiet"), tree.Call("days_since", (tree.Name("created"),))
    conditions: tuple[tree.Expression, ...] = (
        tree.Comparison(">", tree.Call("coalesce", (quiet, created)), tree.Number(60.0)),
        tree.Between(
            created, tree.Number(1.0), tree.Arithmetic("*", tree.Number(2.0), tree.Number(3.5))
        ),
        tree.Comparison(">", tree.Name("size"), tree.Number(5.0)),
    )
    criteria = tuple(
        StateCriterion(f"c{n}", (Tier(condition, 100),)) for n, condition in enumerate(conditions)
    )
    card = Card(
        id="t",
        version=1,
        dimensions=(Dimension("d", criteria),),
        fields=(Variable("created", "time", "created"), Variable("size", "number", "size")),
        measures=(Measure("quiet", Occurrences(("any",)), "days_since_last"),),
    )
    found = thresholds(card)
    assert set(found) == {"quiet", "created"}
    assert 60 * DAY_US in found["quiet"]
    assert {1 * DAY_US, 7 * DAY_US, 60 * DAY_US} <= set(found["created"])
    assert 5 * DAY_US not in found["created"]


def test_constants_are_worked_out_as_doubles() -> None:
    half = tree.Arithmetic("/", tree.Number(1.0), tree.Negative(tree.Number(2.0)))
    assert constant(half) == -0.5
    assert constant(tree.Arithmetic("/", tree.Number(1.0), tree.Number(0.0))) is None
    assert constant(tree.Name("x")) is None
