"""Learning from files where there is little, no order, or a name that does not exist."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leadwise.cli.failures import WRONG_USE
from tests.cli.running import document, run
from tests.cli.test_learning import CARD, DATA, flat

SIZE = (
    "card: c\nversion: 1\nfields:\n  size: {type: number}\ndimensions:\n  - id: fit\n"
    "    criteria:\n      - {id: big, when: size > 20, points: 10}\n"
)


def files(folder: Path, n: int, card: str = SIZE) -> list[str]:
    """Leads without dates or order; the larger win."""
    rows = [f"{i:03},{i % 40},{'yes' if (i % 40 > 20) != (i % 7 == 0) else 'no'}" for i in range(n)]
    leads = folder / "leads.csv"
    leads.write_text("lead_id,size,y\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    (folder / "card.yaml").write_text(card, encoding="utf-8")
    data = ["--leads", leads, "--outcomes", leads, "--column", "outcome=y"]
    return [str(one) for one in (folder / "card.yaml", *data)]


def test_a_card_is_learned_where_no_order_in_time_is_known(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    out = tmp_path / "learned.yaml"
    given = files(tmp_path, 120)
    done = run("learn", *given, "--out", out)
    assert "Nothing can be tried out" in done.stdout
    found = document("learn", *given)
    assert found["later"]["rows"] == 0
    assert not [note for note in found["notes"] if "No new criterion foretold" in note]
    assert found["text"] == out.read_text(encoding="utf-8")
    scored = json.loads(run("score", out, "--leads", tmp_path / "leads.csv", "--json").stdout)
    assert len({one["score"] for one in scored["leads"]}) == 2


def test_nothing_of_what_is_left_out_stays_in_the_learned_card(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    card, leads = flat(tmp_path, "x1")
    given = (card, "--leads", leads, "--outcomes", leads, "--column", "outcome=y", "--in-order")
    found = document("learn", *given, "--without", "result_code")
    assert "result_code" not in found["text"]


@pytest.mark.parametrize("option", ["--allow", "--without"])
def test_a_name_that_the_card_has_not_is_refused(option: str) -> None:
    refused = run("learn", CARD, *DATA, option, "employes", code=WRONG_USE)
    assert "Did you mean employees?" in refused.stderr


def test_the_way_out_of_a_refusal_is_one_that_the_command_has(tmp_path: Path) -> None:
    card, leads = flat(tmp_path, "x1")
    given = (card, "--leads", leads, "--outcomes", leads, "--column", "outcome=y", "--in-order")
    assert "--without" not in run("backtest", *given, code=WRONG_USE).stderr
    assert "--without result_code" in run("learn", *given, code=WRONG_USE).stderr


@pytest.mark.parametrize(
    "asked",
    [("--value", "inf", "--cost", "1"), ("--calls", "inf"), ("--calls", "1", "--arriving", "0")],
)
def test_thresholds_come_from_numbers_that_end(asked: tuple[str, ...]) -> None:
    refused = run("calibrate", CARD, *DATA, *asked, code=WRONG_USE)
    assert "threshold-number" in refused.stderr


def test_a_threshold_that_nobody_reaches_is_valid_json() -> None:
    text = run("calibrate", CARD, *DATA, "--calls", "0.0001", "--json").stdout
    assert json.loads(text, parse_constant=pytest.fail)["thresholds"][0]["rate"]["value"] is None


def test_criteria_may_have_the_names_of_columns_of_a_tally(tmp_path: Path) -> None:
    card = SIZE.replace("big", "k") + "      - {id: n, when: size > 30, points: 5}\n"
    bands = "bands:\n  - {id: cold}\n  - {id: hot, from: 10}\n"
    given = files(tmp_path, 40, card + bands)
    found = document("score", *given[:3])
    assert sum(found["bands"].values()) == 40


def test_how_often_leads_are_looked_at_is_said_in_plain_units(tmp_path: Path) -> None:
    few = list(DATA)
    for place, given in enumerate(DATA):
        if given.endswith(".csv"):
            top, *rows = Path(given).read_text(encoding="utf-8").splitlines(keepends=True)
            few[place] = str(tmp_path / Path(given).name)
            kept = [row for row in rows if row.partition(",")[0].endswith("1")]
            Path(few[place]).write_text(top + "".join(kept), encoding="utf-8")
    assert ", and every 12 hours." in run("refine", CARD, *few, "--every", "12 hours").stderr
