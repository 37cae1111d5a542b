"""What the terminal shows for the examples, kept as files to be read.

`LEADWISE_UPDATE=1 pytest tests/cli/test_golden.py` writes them anew; read what changed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.running import card, data, run

GOLDEN = Path(__file__).parent / "golden"
NOON = ("--as-of", "2026-04-01T12:00:00Z")
SPRING = ("--from", "2026-03-01", "--to", "2026-06-05")
MEXICO = (card("mexico-expansion"), card("mexico-expansion", "card-total.yaml"))
CASES: dict[str, tuple[object, ...]] = {
    "help": ("--help",),
    "score-help": ("score", "--help"),
    "score-everything": ("score", card("everything"), *data("everything"), *NOON),
    "score-bant": ("score", card("bant-software"), *data("bant-software"), "--as-of", "2026-01-01"),
    "explain-ada": ("explain", card("everything"), *data("everything"), *NOON, "--lead", "ada"),
    "explain-cai": ("explain", card("everything"), *data("everything"), *NOON, "--lead", "cai"),
    "explain-fay": ("explain", card("everything"), *data("everything"), *NOON, "--lead", "fay"),
    "history-one": ("history", card("everything"), *data("everything"), "--lead", "fay", *SPRING),
    "history-all": (
        "history",
        card("everything"),
        *data("everything"),
        *SPRING,
        "--every",
        "1 day",
    ),
    "forecast": ("forecast", card("everything"), *data("everything"), *NOON),
    "compare": ("compare", *MEXICO, *data("mexico-expansion"), "--as-of", "2026-04-01"),
    "sql-snowflake": ("sql", card("mexico-expansion"), "--engine", "snowflake", *NOON),
    "sql-moments": ("sql", card("mexico-expansion"), "--moments", "--evidence"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_shown(name: str) -> None:
    result = run(*CASES[name])
    shown = "".join(f"2> {line}\n" for line in result.stderr.splitlines())
    # Of a query only what it says of itself: its text is held by the tests of the plan.
    wanted = "--" if name.startswith("sql") else ""
    shown = "".join(n for n in result.stdout.splitlines(True) if n.startswith(wanted)) + shown
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("LEADWISE_UPDATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
    assert "\x1b" not in shown
    assert all(len(line) <= 100 for line in shown.splitlines())


def test_a_difference_of_cards_is_told_in_words_and_with_exit_code_1() -> None:
    result = run("diff", *MEXICO, code=1)
    assert result.stdout.splitlines() == [
        "card: id from mexico-expansion to mexico-expansion-total",
        "removed adjustment 'head-office-region'",
        "added adjustment 'head-office-region' (percent -30, when \"region = 'CDMX'\")",
    ]
    assert run("diff", MEXICO[0], MEXICO[0]).stdout == "The cards are the same.\n"


def test_an_evaluation_is_drawn(tmp_path: Path) -> None:
    outcomes = tmp_path / "outcomes.csv"
    outcomes.write_text("lead_id,outcome\nada,yes\nbea,yes\ncai,no\ndov,no\neva,no\nfay,\n")
    result = run("evaluate", card("everything"), *data("everything"), *NOON, "--outcomes", outcomes)
    assert "5 leads with an outcome · 2 conversions (40.0%)" in result.stdout
    assert "AUC" in result.stdout
    assert "0.833" in result.stdout  # ada above all three, bea above two of three: 5 of 6 pairs
    assert "share of conversions reached" in result.stdout
    assert "Scored leads without an outcome, left out: 1." in result.stderr
