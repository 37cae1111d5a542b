"""Sources that are odd and yet right, and readers that fail or are stopped."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from leadwise.card.model import Card, Variable
from leadwise.engines.entry import Dataset, Source, read
from leadwise.errors import UserError
from tests.entry_card import CARD


def leads(dataset: Dataset) -> list[str]:
    found = dataset.engine.connection.sql("SELECT lead_id FROM leads ORDER BY lead_id").fetchall()
    return [lead for (lead,) in found]


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.csv", "lead_id,company_size", []),
        ("a.csv", "lead_id,company_size\n", []),
        ("a.csv", '"lead_id","two\nlines"', []),
        ("a.csv", "\r\n\r\nlead_id,company_size\r\na,1\r\n\r\nb,2", ["a", "b"]),
        ("a.csv", "\ufeff\n  \nlead_id\na\n", ["a"]),
        ("a.csv", '\nlead_id,"x\ny"\na,1\nb,2\n', ["a", "b"]),
        ("a.jsonl", "", []),
        ("a.jsonl", "\n \n", []),
    ],
)
def test_files_with_little_in_them(name: str, text: str, wanted: list[str], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode())
    with read(CARD, path) as dataset:
        assert leads(dataset) == wanted


def test_a_json_lines_file_without_events(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(b"")
    with read(CARD, pa.table({"lead_id": ["a"]}), tmp_path / "events.jsonl") as dataset:
        assert dataset.notes.events == 0


def test_a_pipe_is_a_file_too(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=pipe.write_bytes, args=(b"lead_id\na\nb\n",), daemon=True).start()
    with read(CARD, pipe) as dataset:
        assert leads(dataset) == ["a", "b"]


@pytest.mark.parametrize("path", ["x" * 5000, "a\0b"])
def test_paths_that_cannot_be(path: str) -> None:
    with pytest.raises(UserError) as caught:
        read(CARD, path)
    assert caught.value.code == "input-missing-file"


def batches(error: BaseException) -> pa.RecordBatchReader:
    def rows() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"lead_id": ["a"]})
        raise error

    return pa.RecordBatchReader.from_batches(pa.schema({"lead_id": pa.string()}), rows())


def test_a_reader_that_fails_is_told_without_its_code() -> None:
    with pytest.raises(UserError) as caught:
        read(CARD, batches(RuntimeError("the source broke")))
    assert caught.value.code == "input-unreadable"
    assert "the source broke" in caught.value.message
    assert "Traceback" not in caught.value.message


def test_ctrl_c_while_reading_is_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt):
        read(CARD, batches(KeyboardInterrupt()))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"lead_id": ["a", "b"], "company_size": [1, "x"]}),
        pd.Series(["a"], name="lead_id"),
    ],
)
def test_frames_that_arrow_refuses(frame: Source) -> None:
    with pytest.raises(UserError) as caught:
        read(CARD, frame)
    assert caught.value.code == "input-unreadable"
    assert str(caught.value.where) == "the leads frame"


def test_many_columns_with_long_lists() -> None:
    """DuckDB once made a join of each list of signs, choices and nulls; what keeps it from that is
    set back afterwards."""
    listed = tuple(f"c{i}" for i in range(30))
    kinds = (
        Variable("n", "number", "n", nulls=("unknown",)),
        Variable("c", "choice", "c", choices=listed),
        Variable("t", "text", "t", nulls=listed),
    )
    fields = tuple(
        Variable(f"{k.name}{i}", k.type, f"{k.name}{i}", choices=k.choices, nulls=k.nulls)
        for k in kinds
        for i in range(60)
    )
    frame = pa.table({"lead_id": ["a"], **{field.name: ["7"] for field in fields}})
    with read(Card("c", 1, (), fields=fields), frame) as dataset:
        settings = dataset.engine.connection.sql("SELECT current_setting('disabled_optimizers')")
        assert settings.fetchall() == [("",)]
        facts = dataset.engine.read("facts").read_all()
        assert (facts["n0"].to_pylist(), facts["c0"].to_pylist()) == ([7.0], [None])


def test_a_place_without_a_line_names_no_number() -> None:
    with pytest.raises(UserError) as caught:
        read(CARD, pa.table({"lead_id": ["a"], "company_size": [[1]]}))
    assert caught.value.where.column == 2
    assert str(caught.value.where) == "the leads frame"
