"""The worked examples, run as they stand on every engine, to the hundredth, forecasts included."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from leadwise.asking.forecast import forecast
from leadwise.asking.population import Moment, Population, ask_each, lead_ids, population
from leadwise.card import Card, load
from leadwise.card.values import parse_time
from leadwise.plan import lines
from leadwise.plan.lines import total_name
from tests.many import one_in

EXAMPLES = Path(__file__).parents[2] / "examples"
CARDS = [
    ("bant-software", "card"),
    ("content-engagement", "card"),
    ("mexico-expansion", "card"),
    ("mexico-expansion", "card-total"),
    ("everything", "card"),
]
WITHOUT_TIME = "2026-01-01"  # the moment of an example whose answers hold at any
TEXTS = {"band", "grade", "unknown"}

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def expected_of(folder: Path, card: str) -> list[Row]:
    """The rows of expected.csv; `score_total_order` is the score by the card `card-total`."""
    rows = [
        {k: v for k, v in row.items() if k != "note"} for row in rows_of(folder / "expected.csv")
    ]
    other = "_total_order"
    plain = [{k: v for k, v in row.items() if not k.endswith(other)} for row in rows]
    if card == "card":
        return plain
    return [
        p | {n: r[n + other] for n in ("score", "band")} for p, r in zip(plain, rows, strict=True)
    ]


def hundredths(points: str) -> int:
    exact = Decimal(points) * 100
    assert exact == int(exact)
    return int(exact)


def shown(card: Card, ledger: dict[str, Any], name: str) -> Any:
    """What a column of expected.csv shows: a criterion's is net of its own limit."""
    if name in {dimension.id for dimension in card.dimensions}:
        return ledger[total_name(name)]
    return ledger[name] + ledger.get(f"{name}__limit", 0) if name not in TEXTS else ledger[name]


def files(folder: Path) -> tuple[Path, Path | None]:
    events = folder / "events.csv"
    return folder / "leads.csv", events if events.exists() else None


def ledgers(of: Population, rows: list[Row]) -> list[dict[str, Any]]:
    """The raw ledger of each row's lead at its moment, in the order of the rows."""
    times = [parse_time(row.get("as_of", WITHOUT_TIME)) for row in rows]
    asked = [Moment(r["lead_id"], at, at) for r, at in zip(rows, times, strict=True)]
    answers: list[dict[str, Any]] = ask_each(of, asked).to_pylist()
    return sorted(answers, key=lambda answer: int(answer["_moment"]))


# Spark is asked the smallest and the one in which every word of the language occurs; `make laws`
# asks it all. Each takes seconds, and what Spark may answer otherwise is asked by the corpus.
ASKED = [(*card, engine) for engine in ("duckdb", "sqlite", "postgres") for card in CARDS]
SPARK = pytest.mark.xdist_group("spark")
ON_SPARK = [pytest.param(*card, "spark", marks=SPARK) for card in one_in(len(CARDS) - 1, CARDS)]


@pytest.mark.parametrize(
    ("name", "card_name", "engine_spec"),
    [*ASKED, *ON_SPARK],
    indirect=["engine_spec"],
)
def test_answers_to_the_hundredth(name: str, card_name: str, engine_spec: str) -> None:
    folder = EXAMPLES / name
    card = load(folder / f"{card_name}.yaml")
    expected = expected_of(folder, card_name)
    with population(card, *files(folder), engine=engine_spec) as of:
        assert {row["lead_id"] for row in expected} == set(lead_ids(of))
        answers = ledgers(of, expected)
    assert len(answers) == len(expected)
    for row, ledger in zip(expected, answers, strict=True):
        said = {
            column: value if column in TEXTS else hundredths(value)
            for column, value in row.items()
            if column not in {"lead_id", "as_of"}
        }
        assert {column: shown(card, ledger, column) for column in said} == said, row
        assert sum(ledger[line.name] for line in lines(card)) == ledger["score"]


@pytest.mark.parametrize("name", ["content-engagement", "everything"])
def test_forecasts_to_the_second(name: str) -> None:
    folder = EXAMPLES / name
    expected = rows_of(folder / "expected-forecast.csv")
    [start] = {parse_time(row["from"]) for row in expected}
    with population(load(folder / "card.yaml"), *files(folder)) as of:
        found = forecast(of, lead_ids(of), start)
    assert {(c.lead_id, c.at_us, c.from_band, c.to_band) for c in found} == {
        (row["lead_id"], parse_time(row["change_at"]), row["from_band"], row["to_band"])
        for row in expected
    }
    assert len(found) == len(expected)
