"""Output is whole or not there, and keeps the digits of decimals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import exp

from leadwise.engines.duckdb import DuckDBEngine
from leadwise.engines.output import replacing, write
from leadwise.errors import UserError

TABLE = pa.table(
    {
        "lead_id": ["a,b", 'x"y', None],
        "score": pa.array([Decimal("60.00"), Decimal("-0.50"), None], pa.decimal128(18, 2)),
        "visits": [1, 2, None],
    }
)
CSV = 'lead_id,score,visits\n"a,b",60.00,1\n"x""y",-0.50,2\n,,\n'


@pytest.mark.parametrize("stream", [False, True])
def test_csv(tmp_path: Path, stream: bool) -> None:
    path = tmp_path / "o'ut*.csv"
    assert write(TABLE.to_reader() if stream else TABLE, path) == 3
    assert path.read_text() == CSV
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write(TABLE, path)
    lines = path.read_text().splitlines()
    assert '"score":60.00' in lines[0]
    assert json.loads(lines[2]) == {"lead_id": None, "score": None, "visits": None}


def test_parquet(tmp_path: Path) -> None:
    write(TABLE, tmp_path / "out.parquet")
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.to_pydict() == TABLE.to_pydict()
    assert found.schema.field("score").type == pa.decimal128(18, 2)


def test_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write(TABLE, "-")
    write(TABLE.slice(0, 1), "-", "jsonl")
    out = capfdbinary.readouterr().out.decode()
    assert out == CSV + '{"lead_id":"a,b","score":60.00,"visits":1}\n'


def test_nothing_half_written(tmp_path: Path) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield TABLE.to_batches()[0]
        raise ValueError("the source broke")

    path = tmp_path / "out.csv"
    path.write_text("before")
    with pytest.raises(Exception, match="the source broke"):
        write(pa.RecordBatchReader.from_batches(TABLE.schema, batches()), path)
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


def test_replacing_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before")
    path.chmod(0o640)
    with replacing(path) as beside:
        beside.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("no/such/out.csv", "output-path", "cannot be written: No such file or directory."),
        ("out.xls", "output-format", "does not say what to write: its ending is '.xls'."),
        (".", "output-format", "does not say what to write"),
    ],
)
def test_places_that_cannot_be(tmp_path: Path, name: str, code: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        write(TABLE, tmp_path / name)
    assert caught.value.code == code
    assert message in caught.value.message
    assert caught.value.hint


def test_a_query_goes_to_parquet_without_being_held(tmp_path: Path) -> None:
    tree = exp.select("*").from_(exp.to_table("t", quoted=True))
    with DuckDBEngine(memory_limit="500MB", threads=1) as engine:
        engine.load("t", TABLE.drop_columns("score"))
        with replacing(tmp_path / "out.parquet") as beside:
            assert engine.copy_to_parquet(tree, beside) == 3
        assert engine.stream(tree).read_all().num_rows == 3
        assert engine.progress() is None or 0 <= engine.progress() <= 1
        folder = Path(str(engine.connection.sql("SELECT current_setting('temp_directory')")
                          .fetchall()[0][0]))  # fmt: skip
        assert folder.exists()
    assert not folder.exists()
    assert pq.read_metadata(tmp_path / "out.parquet").num_rows == 3


def test_duckdb_is_not_steered(tmp_path: Path) -> None:
    """No variable of the program is a table, and no extension is fetched."""
    t = TABLE
    with DuckDBEngine() as engine:
        with pytest.raises(Exception, match="does not exist"):
            engine.query(exp.select("*").from_("t"))
        settings = engine.connection.sql(
            "SELECT value FROM duckdb_settings() WHERE name IN "
            "('autoinstall_known_extensions', 'autoload_known_extensions')"
        ).fetchall()
    assert settings == [("false",), ("false",)]
    assert t.num_rows == 3
