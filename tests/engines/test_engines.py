"""Every engine: what is loaded comes back, and a query means the same."""

from __future__ import annotations

import pyarrow as pa
import pytest
from sqlglot import exp, parse_one

from leadwise.engines import Engine, open_engine
from leadwise.errors import UserError

LARGEST, SMALLEST = 2**63 - 1, -(2**63)
TEXTS = [
    "plain", "it's", 'a "quoted" one', "back\\slash", "line\nbreak\ttab", "ünï ½ 漢字 🙂", "",
    "`", None,
]  # fmt: skip
NUMBERS = [0.1, -0.0, 1e308, 5e-324, -1.5, 2.0, 1e15 + 0.5, 1 / 3, None]
WHOLE = [0, LARGEST, SMALLEST, -1, 2**53 + 1, 1, 2, 3, None]
TABLE = pa.table(
    {
        "lead_id": [f"l{i}" for i in range(9)],
        "text": TEXTS,
        "number": NUMBERS,
        "whole": WHOLE,
        'odd "name': [None, *range(8)],
        "order": pa.nulls(9, pa.float64()),
    }
)
ALL = (
    exp.select("*")
    .from_(exp.to_table("t", quoted=True))
    .order_by(exp.column("lead_id", quoted=True))
)


@pytest.mark.parametrize("stream", [False, True], ids=["table", "reader"])
def test_round_trip(engine: Engine, stream: bool) -> None:
    engine.load("t", TABLE.to_reader(max_chunksize=2) if stream else TABLE)
    found = engine.query(ALL, TABLE.schema)
    assert found.schema.equals(TABLE.schema)
    assert found.to_pydict() == TABLE.to_pydict()


def test_types_without_a_schema(engine: Engine) -> None:
    engine.load("t", TABLE.select(["lead_id", "number", "whole"]))
    assert engine.query(ALL).schema.types == [pa.string(), pa.float64(), pa.int64()]


def test_booleans_are_whole_numbers(engine: Engine) -> None:
    engine.load("t", pa.table({"lead_id": ["a", "b", "c"], "yes": [True, False, None]}))
    total = exp.select(exp.Sum(this=exp.column("yes", quoted=True)).as_("n", quoted=True)).from_(
        "t"
    )
    assert engine.query(total, pa.schema([("n", pa.int64())])).to_pydict() == {"n": [1]}


def test_dictionaries_and_columns_of_nothing(engine: Engine) -> None:
    country = pa.array(["es", None, "es"]).dictionary_encode()
    engine.load("t", pa.table({"lead_id": ["a", "b", "c"], "c": country, "n": pa.nulls(3)}))
    found = engine.query(ALL, pa.schema([("c", pa.string()), ("n", pa.string())]))
    assert found.to_pydict() == {"c": ["es", None, "es"], "n": [None, None, None]}


def test_load_replaces(engine: Engine) -> None:
    engine.load("t", TABLE)
    engine.load("t", pa.table({"lead_id": ["other"], "more": [1]}))
    assert engine.query(ALL).to_pydict() == {"lead_id": ["other"], "more": [1]}


def test_empty_tables(engine: Engine) -> None:
    engine.load("t", TABLE.schema.empty_table())
    found = engine.query(ALL, TABLE.schema)
    assert found.num_rows == 0
    assert found.schema.equals(TABLE.schema)


def test_arithmetic_of_plans(engine: Engine) -> None:
    """The functions that a plan is made of give the same numbers everywhere."""
    engine.load("t", pa.table({"lead_id": ["a"], "x": [2.5], "n": [7]}))
    sql = """
        SELECT CAST(FLOOR("x" * 100 + 0.5000001) AS BIGINT) AS "up",
               CAST(FLOOR(-"x") AS BIGINT) AS "down",
               POWER(CAST(0.5 AS DOUBLE), "x") AS "half",
               CASE WHEN "x" / NULLIF(CAST(0 AS DOUBLE), 0) > 1 THEN 1 ELSE 0 END AS "unknown",
               COALESCE(NULLIF("n", 7), 3) AS "other"
        FROM "t"
    """
    found = engine.query(parse_one(sql, dialect="duckdb")).to_pylist()[0]
    assert (found["up"], found["down"], found["unknown"], found["other"]) == (250, -3, 0, 3)
    assert float(found["half"]) == pytest.approx(2**-2.5, rel=1e-15)


def test_text_is_ordered_by_code_point(engine: Engine) -> None:
    engine.load("t", pa.table({"lead_id": ["b", "A", "a", "Z", "é", "_", "1"]}))
    assert engine.query(ALL)["lead_id"].to_pylist() == ["1", "A", "Z", "_", "a", "b", "é"]


def test_two_engines_do_not_share_tables(engine: Engine, engine_spec: str) -> None:
    engine.load("mine", TABLE)
    with open_engine(engine_spec) as other:
        other.load("t", TABLE)
    with (
        open_engine(engine_spec) as other,
        pytest.raises(Exception, match=r"(?i)not.*(found|exist)|no such"),
    ):
        other.query(ALL)


def test_unknown_engine() -> None:
    with pytest.raises(UserError, match="no engine called 'oracle'") as caught:
        open_engine("oracle")
    assert caught.value.code == "engine-unknown"
    assert "postgresql://" in caught.value.hint


def test_unreachable_server(tmp_path: object) -> None:
    with pytest.raises(UserError, match="cannot be used") as caught:
        open_engine(f"postgresql://nobody@/nothing?host={tmp_path}")
    assert caught.value.code == "engine-unreachable"
    assert "Check the address" in caught.value.hint
