"""`leadwise sql`: the same query as the one that is run, laid out for reading."""

from __future__ import annotations

import re

import pytest
from sqlglot import exp, parse_one

from leadwise.card import load
from leadwise.engines import open_engine
from leadwise.engines.entry import read
from leadwise.plan import DIALECTS, RENDERED, At, compile_ledger, readable, render
from tests.cli.running import EXAMPLES, card, run

NOON = ("--as-of", "2026-04-01T12:00:00Z")
NOON_US = 1_775_044_800_000_000


def bare(sql: str, dialect: str) -> str:
    """A query without its comments, on one line."""
    return parse_one(sql, read=dialect).sql(dialect=dialect, comments=False)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("example", ["content-engagement", "everything"])
def test_it_says_what_is_run(example: str, dialect: str) -> None:
    tree = compile_ledger(load(card(example)), At(NOON_US, NOON_US))
    shown = run("sql", card(example), "--engine", dialect, *NOON).stdout
    assert shown.endswith(readable(tree, dialect) + ";\n")
    assert bare(shown.rstrip(";\n"), dialect) == bare(render(tree, dialect), dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_step_has_a_line_above_it(dialect: str) -> None:
    shown = run("sql", card("everything"), "--engine", dialect, *NOON).stdout
    lines = shown.splitlines()
    steps = [
        n for n, line in enumerate(lines) if re.match(r"[\"`]\w+[\"`] AS (MATERIALIZED )?\(", line)
    ]
    assert len(steps) > 8
    assert all(lines[n - 1].startswith("-- ") for n in steps)
    assert "/*" not in shown
    assert ("does not run it there" in shown) == (dialect in RENDERED)


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_it_runs_as_it_is_shown(engine: str) -> None:
    chosen = load(card("everything"))
    folder = EXAMPLES / "everything"
    shown = run("sql", card("everything"), "--engine", engine, *NOON).stdout
    with read(chosen, folder / "leads.csv", folder / "events.csv") as dataset:
        if engine == "duckdb":
            rows = dataset.engine.connection.sql(shown.rstrip(";\n")).fetchall()
            ask = dataset.engine.query
        else:
            with open_engine("sqlite") as other:
                dataset.copy_to(other)
                rows = other.connection.execute(shown).fetchall()
                ask = other.query
                table = ask(compile_ledger(chosen, At(NOON_US, NOON_US)))
                assert sorted(rows) == sorted(tuple(row.values()) for row in table.to_pylist())
                return
        table = ask(compile_ledger(chosen, At(NOON_US, NOON_US)))
        assert sorted(rows) == sorted(tuple(row.values()) for row in table.to_pylist())


def test_moments_evidence_and_stability() -> None:
    shown = run("sql", card("everything"), "--moments", "--stable").stdout
    assert "stable_until_us" in shown
    assert '"moments"' in shown
    answer = parse_one(shown.rstrip(";\n"), read="duckdb")
    assert isinstance(answer, exp.Select)
    assert answer.named_selects[0] == "_moment"
    evidence = run("sql", card("everything"), "--evidence", "--engine", "postgresql", *NOON).stdout
    assert "_papers_latest_us" in evidence
    assert "for PostgreSQL." in evidence
