"""The SQL of every engine: held by golden files, parsed back, made of known functions only."""

from __future__ import annotations

import os
import re
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
    "duckdb": COMMON | {"GREATEST", "LEAST", "TRANSLATE"},
    "sqlite": COMMON | {"LOWER"},  # MIN and MAX of several are its LEAST and GREATEST
    "postgres": COMMON | {"GREATEST", "LEAST", "TRANSLATE"},
    "spark": COMMON | {"GREATEST", "LEAST", "TRANSLATE"},
    "snowflake": COMMON | {"GREATEST_IGNORE_NULLS", "LEAST_IGNORE_NULLS", "TRANSLATE"},
    "bigquery": COMMON | {"GREATEST", "LEAST", "MOD", "TRANSLATE"},
    "databricks": COMMON | {"GREATEST", "LEAST", "TRANSLATE"},
}


def trees(card: Card) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    for asked in (NOW, Each()):
        found += [compile_ledger(card, asked, stable=True), compile_evidence(card, asked)]
        instants = compile_instants(card, asked)
        found += [instants] if instants is not None else []
    return found


@pytest.fixture(scope="module")
def everything() -> Card:
    return load(EXAMPLES / "everything" / "card.yaml")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_golden_sql(everything: Card, dialect: str) -> None:
    file = GOLDEN / f"{dialect}.sql"
    written = render(compile_ledger(everything, NOW), dialect, pretty=True) + "\n"
    if os.environ.get("LEADWISE_UPDATE"):
        file.write_text(written, encoding="utf-8")
    assert written == file.read_text(encoding="utf-8"), "LEADWISE_UPDATE=1 writes the new text"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_its_own_sql_back(everything: Card, dialect: str) -> None:
    for tree in trees(everything):
        text = render(tree, dialect)
        parsed = sqlglot.parse_one(text, read=dialect)
        assert parsed.sql(dialect=dialect) == text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_only_functions_that_the_engine_has(everything: Card, dialect: str) -> None:
    used: set[str] = set()
    for tree in trees(everything):
        without_texts = re.sub(r"'(?:[^'\\]|''|\\.)*'", "''", render(tree, dialect))
        used |= set(re.findall(r"\b([A-Z][A-Z_]*)\(", without_texts))
    assert used <= KNOWN[dialect]
    assert used >= COMMON


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_name_is_quoted(everything: Card, dialect: str) -> None:
    for tree in trees(everything):
        for identifier in sqlglot.parse_one(render(tree, dialect), read=dialect).find_all(
            exp.Identifier
        ):
            assert identifier.args["quoted"], identifier


def test_barriers_stand_only_where_planners_copy_expressions(everything: Card) -> None:
    tree = compile_ledger(everything, NOW)
    with_barriers = {d for d in DIALECTS if "MATERIALIZED" in render(tree, d)}
    assert with_barriers == {"postgres", "sqlite"}


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
