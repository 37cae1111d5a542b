"""The commands that learn from the past: what they say, and what they refuse."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from leadwise.card import check_text
from leadwise.cli.failures import WRONG_USE
from tests.cli.running import document, run

PAST = Path(__file__).parents[2] / "examples" / "past-leads"
DATA = ("--leads", str(PAST / "leads.csv"), "--events", str(PAST / "events.csv"),
        "--outcomes", str(PAST / "outcomes.csv"), "--horizon", "60 days")  # fmt: skip
CARD = str(PAST / "card.yaml")


def test_a_backtest_as_json_says_what_its_text_says(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    found = document("backtest", CARD, *DATA, "--calls", "2", "--html", page)
    hand = found["orders"][0]
    assert hand["auc"]["low"] < hand["auc"]["value"] < hand["auc"]["high"]
    assert found["verdict"][0] in page.read_text(encoding="utf-8").replace("&#x27;", "'")
    assert sum(part["rows"] for part in found["months"]) == found["rows"]
    assert sum(part["won"] for part in found["bands"]) == found["won"]
    assert hand["calls"]["found"] <= hand["calls"]["buyers"]


def test_an_old_score_is_held_beside_the_card() -> None:
    found = document("backtest", CARD, *DATA, "--against", "employees")
    assert [order["name"] for order in found["orders"]] == ["card", "employees"]
    refused = run("backtest", CARD, *DATA, "--against", "industry", code=WRONG_USE)
    assert "no number of that name" in refused.stderr


def flat(folder: Path, leak: str) -> tuple[str, str]:
    """A file in which a field gives the outcome away, and the card that reads it."""
    leads = folder / "leads.csv"
    with leads.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["lead_id", "size", "result_code", "y"])
        for n in range(600):
            won = n % 5 == 0
            writer.writerow([n, n % 37, leak if won else "", "yes" if won else "no"])
    card = folder / "card.yaml"
    card.write_text(
        "card: c\nversion: 1\nfields:\n  size: {type: number}\n  result_code: {type: text}\n"
        "dimensions:\n  - id: fit\n    criteria:\n      - {id: big, when: size > 20, points: 10}\n"
        "      - {id: code, when: result_code is not null, points: 50}\n",
        encoding="utf-8",
    )
    return str(card), str(leads)


def test_what_gives_the_outcome_away_is_refused_by_name(tmp_path: Path) -> None:
    card, leads = flat(tmp_path, "x1")
    data = (card, "--leads", leads, "--outcomes", leads, "--column", "outcome=y", "--in-order")
    refused = run("backtest", *data, code=WRONG_USE)
    assert "leakage" in refused.stderr
    assert "result_code" in refused.stderr
    allowed = document("backtest", *data, "--allow", "result_code")
    assert allowed["orders"][0]["auc"]["value"] > 0.9


def test_a_learned_card_is_a_card(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    card, leads = flat(tmp_path, "x1")
    out = tmp_path / "learned.yaml"
    data = (card, "--leads", leads, "--outcomes", leads, "--column", "outcome=y", "--in-order")
    done = run("learn", *data, "--without", "result_code", "--out", out)
    text = out.read_text(encoding="utf-8")
    assert not [p for p in check_text(text, "learned.yaml") if p.severity == "error"]
    assert "What later leads say of it" in done.stdout


def test_calibrate_proposes_thresholds_and_refuses_half_a_price() -> None:
    prices = ("--value", "4000", "--cost", "400")
    found = document("calibrate", CARD, *DATA, "--calls", "1", *prices)
    assert [one["points"] for one in found["thresholds"]] == [26, 34]
    chances = [knot[1] for knot in found["knots"]]
    assert chances == sorted(chances)
    assert 0 < chances[0] < chances[-1] < 1
    run("calibrate", CARD, *DATA, *prices[:2], code=WRONG_USE)


def test_refine_names_each_criterion() -> None:
    found = document("refine", CARD, *DATA)["criteria"]
    verdicts = {one["criterion"]: one["verdict"] for one in found}
    assert verdicts["demo"] == "helps"
    assert set(verdicts) == {
        "our-industries", "size", "decides", "forgotten", "demo", "pricing", "webinar", "form",
        "blog",
    }  # fmt: skip
