"""The SQL of every engine: held by golden files, parsed back, made of known functions only."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from leadwise.card import Card, load, parse
from leadwise.plan import DIALECTS, At, Each, compile_evidence, compile_ledger, render
from leadwise.plan.evidence import compile_instants

GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = At(1782777600000000, 1782777600000000)

# Looked up in each engine's own reference: every one of these is documented there with the meaning
# that the plan relies on. Leadwise runs the first four engines; the last three it only renders for.
COMMON = frozenset(
    (
        *("CAST", "COALESCE", "COUNT", "FLOOR", "MAX", "MIN", "NULLIF", "POWER"),
        *("ROW_NUMBER", "SUM", "TRIM"),
    )
)
KNOWN = {
    "duckdb": COMMON | {"GREATEST", "LEAST", "LENGTH", "LOWER", "STRLEN", "TRANSLATE"},
    "sqlite": COMMON | {"LOWER"},  # MIN and MAX of several are its LEAST and GREATEST
    "postgres": COMMON | {"GREATEST", "LEAST", "TRANSLATE"},
    "spark": COMMON | {"GREATEST", "LEAST", "TRANSLATE"},
    "snowflake": COMMON | {"GREATEST_IGNORE_NULLS", "LEAST_IGNORE_NULLS", "TRANSLATE"},
    "bigquery": COMMON | {"GREATEST", "LEAST", "MOD", "TRANSLATE"},
    "databricks": COMMON | {"GREATEST", "LEAST", "TRANSLATE"},
}


@pytest.fixture(scope="module")
def everything() -> Card:
    return load(EXAMPLES / "everything" / "card.yaml")


@pytest.fixture(scope="module")
def trees(everything: Card) -> list[exp.Expr]:
    """Every kind of query, of one instant and of many."""
    found: list[exp.Expr] = []
    for asked in (NOW, Each()):
        found += [compile_ledger(everything, asked, stable=True)]
        found += [compile_evidence(everything, asked)]
        instants = compile_instants(everything, asked)
        found += [instants] if instants is not None else []
    return found


@dataclass(frozen=True)
class Written:
    """A query in a dialect, and what that dialect reads in it."""

    dialect: str
    text: str
    parsed: exp.Expr


# Three tests look at what takes a second to write and read: they share a worker.
@pytest.fixture(
    scope="module",
    params=[pytest.param(d, marks=pytest.mark.xdist_group(f"sql of {d}")) for d in DIALECTS],
)
def written(request: pytest.FixtureRequest, trees: list[exp.Expr]) -> list[Written]:
    texts = [render(tree, request.param) for tree in trees]
    return [Written(request.param, t, sqlglot.parse_one(t, read=request.param)) for t in texts]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_golden_sql(everything: Card, dialect: str) -> None:
    file = GOLDEN / f"{dialect}.sql"
    written = render(compile_ledger(everything, NOW), dialect, pretty=True) + "\n"
    if os.environ.get("LEADWISE_UPDATE"):
        file.write_text(written, encoding="utf-8")
    assert written == file.read_text(encoding="utf-8"), "LEADWISE_UPDATE=1 writes the new text"


def test_every_dialect_reads_its_own_sql_back(written: list[Written]) -> None:
    for query in written:
        assert query.parsed.sql(dialect=query.dialect) == query.text


def test_only_functions_that_the_engine_has(written: list[Written]) -> None:
    used: set[str] = set()
    for query in written:
        without_texts = re.sub(r"'(?:[^'\\]|''|\\.)*'", "''", query.text)
        used |= set(re.findall(r"\b([A-Z][A-Z_]*)\(", without_texts))
    assert used <= KNOWN[written[0].dialect]
    assert used >= COMMON


def test_every_name_is_quoted(written: list[Written]) -> None:
    for query in written:
        unquoted = {i.name for i in query.parsed.find_all(exp.Identifier) if not i.args["quoted"]}
        assert unquoted == set()


def test_barriers_stand_only_where_planners_copy_expressions(everything: Card) -> None:
    tree = compile_ledger(everything, NOW)
    barriers = {d: render(tree, d).count("MATERIALIZED") for d in DIALECTS}
    assert {d for d, number in barriers.items() if number > 1} == {"postgres", "sqlite"}
    assert {d for d, number in barriers.items() if number == 1} == {"duckdb"}


HOSTILE = "x'); DROP TABLE leads; --"
HOSTILE_CARD = """
card: hostile
version: 1
fields: {name: {type: text}}
dimensions:
  - id: d
    criteria:
      - id: c
        when: name = 'x''); DROP TABLE leads; --'
        points: 1
"""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_user_text_is_only_ever_a_literal(dialect: str) -> None:
    card = parse(HOSTILE_CARD).card
    assert card is not None
    statements = sqlglot.parse(render(compile_ledger(card, NOW), dialect), read=dialect)
    assert len(statements) == 1
    assert statements[0] is not None
    assert HOSTILE in {node.name for node in statements[0].find_all(exp.Literal)}
