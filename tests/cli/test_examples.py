"""The worked examples from end to end: files in, files out, the numbers worked out by hand."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.running import EXAMPLES, card, data, document, run

NOT_LINES = {
    "as_of", "lead_id", "score", "band", "grade", "unknown", "note", "fit", "engagement",
    "score_total_order", "band_total_order",
}  # fmt: skip
NAMES = ("bant-software", "content-engagement", "everything", "mexico-expansion")


def expected(example: str) -> dict[str, list[dict[str, str]]]:
    """The expected rows of an example by their instant."""
    found: dict[str, list[dict[str, str]]] = {}
    with (EXAMPLES / example / "expected.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row.get("as_of") or "2026-01-01T00:00:00Z", []).append(row)
    return found


MOMENTS = [(name, as_of) for name in NAMES for as_of in expected(name)]


def written(path: Path) -> dict[str, dict[str, Any]]:
    """The rows of a file by lead; every value as text, as CSV has it."""
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            rows: list[dict[str, Any]] = list(csv.DictReader(file))
    elif path.suffix == ".jsonl":
        rows = [json.loads(line, parse_float=Decimal) for line in path.read_text().splitlines()]
    else:
        rows = pq.read_table(path).to_pylist()
        rows = [row | {"as_of": row["as_of"].strftime("%Y-%m-%dT%H:%M:%SZ")} for row in rows]
    return {row["lead_id"]: row for row in rows}


@pytest.mark.parametrize(
    ("example", "as_of", "ending"),
    [(*moment, "csv") for moment in MOMENTS]
    + [("everything", "2026-04-01T12:00:00Z", ending) for ending in ("parquet", "jsonl")],
)
def test_scores_are_those_worked_out_by_hand(
    example: str, as_of: str, ending: str, tmp_path: Path
) -> None:
    out = tmp_path / f"scores.{ending}"
    result = run("score", card(example), *data(example), "--as-of", as_of, "--out", out)
    assert f"rows written to {out}" in result.stderr
    rows = written(out)
    for wanted in expected(example)[as_of]:
        row = rows[wanted["lead_id"]]
        assert Decimal(str(row["score"])) == Decimal(wanted["score"])
        assert row["band"] == wanted["band"]
        assert row["as_of"] == as_of
        assert (row["grade"] or "") == wanted.get("grade", "")
        if "unknown" in wanted:
            assert row["unknown"] == wanted["unknown"]
    scores = [Decimal(str(row["score"])) for row in rows.values()]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("example", "as_of"), MOMENTS)
def test_the_ledger_has_every_line_and_adds_up(example: str, as_of: str, tmp_path: Path) -> None:
    out = tmp_path / "ledger.csv"
    run("score", card(example), *data(example), "--as-of", as_of, "--ledger", "--out", out)
    rows = written(out)
    for wanted in expected(example)[as_of]:
        row = rows[wanted["lead_id"]]
        for line, amount in wanted.items():
            if line not in NOT_LINES:
                limit = Decimal(row.get(f"{line}__limit", "0"))
                assert Decimal(row[line]) + limit == Decimal(amount), line
        totals = {f"{d}__total" for d in ("fit", "engagement", "bant")}
        others = {"lead_id", "as_of", "score", "band", "grade", "unknown"} | totals
        lines = [Decimal(value) for name, value in row.items() if name not in others]
        assert sum(lines) == Decimal(row["score"])


@pytest.mark.parametrize("example", ["content-engagement", "everything"])
def test_forecasts_are_those_worked_out_by_hand(example: str, tmp_path: Path) -> None:
    with (EXAMPLES / example / "expected-forecast.csv").open(newline="") as file:
        wanted = list(csv.DictReader(file))
    out = tmp_path / "changes.csv"
    start = wanted[0]["from"]
    run("forecast", card(example), *data(example), "--as-of", start, "--out", out)
    with out.open(newline="") as file:
        found = list(csv.DictReader(file))
    keys = ("lead_id", "change_at", "from_band", "to_band")
    assert sorted([row[k] for k in keys] for row in found) == sorted(
        [row[k] for k in keys] for row in wanted
    )


def test_the_order_of_adjustments_is_what_the_two_cards_differ_in() -> None:
    found = document(
        "compare", card("mexico-expansion"), card("mexico-expansion", "card-total.yaml"),
        *data("mexico-expansion"), "--as-of", "2026-04-01",
    )  # fmt: skip
    assert found["moved"] == 0
    assert [(row["lead_id"], row["old_score"], row["new_score"]) for row in found["leads"]] == [
        ("capital-opened", 73, 70)
    ]
    assert [(line["old"], line["new"]) for line in found["leads"][0]["lines"]] == [(-27, -30)]


def test_the_bank_data_gives_the_figures_of_its_readme(tmp_path: Path) -> None:
    bank = EXAMPLES / "bank-telemarketing" / "bank-additional-full.csv.gz"
    page = tmp_path / "evaluation.html"
    found = document(
        "evaluate", card("bank-telemarketing"), "--leads", bank, "--outcomes", bank,
        "--column", "lead_id=#row", "--column", "outcome=y", "--html", page,
    )  # fmt: skip
    assert (found["leads"], found["conversions"]) == (41_188, 4_640)
    assert round(found["auc"]["value"], 3) == 0.786
    assert {band["band"]: band["leads"] for band in found["bands"]} == {
        "skip": 24_808, "mail": 9_292, "call-later": 4_635, "call-first": 2_453,
    }  # fmt: skip
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    assert "0.786" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text


def test_parquet_has_typed_columns(tmp_path: Path) -> None:
    out = tmp_path / "scores.parquet"
    run("score", card("everything"), *data("everything"), "--as-of", "2026-04-01", "--out", out)
    schema = pq.read_schema(out)
    assert schema.names == [
        "lead_id", "as_of", "score", "band", "grade", "fit", "engagement", "reasons", "unknown",
    ]  # fmt: skip
    assert schema.field("score").type == pa.decimal128(18, 2)
    assert schema.field("as_of").type == pa.timestamp("us", "UTC")


def test_every_engine_writes_the_same_file(engine_spec: str, tmp_path: Path) -> None:
    # Spark compiles for half a minute what the largest card asks; its answers are held in
    # test_worked_examples, here it is the file that counts.
    example = "content-engagement" if engine_spec == "spark" else "everything"
    one, other = tmp_path / "duckdb.csv", tmp_path / "other.csv"
    asked = ["score", card(example), *data(example), "--as-of", "2026-04-01T12:00:00Z"]
    run(*asked, "--out", one)
    run(*asked, "--engine", engine_spec, "--out", other)
    assert one.read_text() == other.read_text()
    assert one.read_text().count("\n") == 7
