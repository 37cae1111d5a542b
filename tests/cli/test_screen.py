"""What files say is shown as it is, and steers nothing: brackets, emoji, control characters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadwise.asking.explain import Explanation
from leadwise.asking.explain import explain as explain_leads
from leadwise.cli.screen import bar, plain, sparkline
from leadwise.cli.words import counted, elapsed, number, points_number
from tests.cli.running import card, data, document, run

LABELS = """
card: labels
version: 1
fields:
  size: {type: number, label: '[bold]Size[/bold] :smile:'}
dimensions:
  - id: fit
    label: '[red]Fit'
    criteria:
      - {id: large, label: 'Large [/] [link=x]firm', when: size > 10, points: 10}
bands:
  - {id: low, label: '[/low]'}
  - {id: high, label: 'High [x]', from: 10}
"""
IDS = ["[bold]x[/bold]", "👩‍👩‍👧‍👦", "日本", "a\x1b[31mred", "e\u202etxt"]


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    file = tmp_path / "leads.csv"
    file.write_text("lead_id,size\n" + "".join(f"{name},20\n" for name in IDS))
    return file


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    file = tmp_path / "card.yaml"
    file.write_text(LABELS)
    return file


def test_brackets_and_emoji_stand_as_they_are(labels: Path, leads: Path) -> None:
    shown = run("score", labels, "--leads", leads).stdout
    assert "Large [/] [link=x]firm +10" in shown
    assert "High [x]" in shown
    assert "[bold]x[/bold]" in shown
    assert "👩‍👩‍👧‍👦" in shown
    explained = run("explain", labels, "--leads", leads, "--lead", "👩‍👩‍👧‍👦").stdout
    assert "[red]Fit" in explained
    assert "[bold]Size[/bold] :smile:: 20" in explained


def test_nothing_in_a_file_steers_the_terminal(labels: Path, leads: Path) -> None:
    shown = run("score", labels, "--leads", leads)
    assert "\x1b" not in shown.output
    assert "\u202e" not in shown.output
    assert "a�[31mred" in shown.stdout
    said = run("explain", labels, "--leads", leads, "--lead", "no\x1b[2Jbody", code=2)
    assert "\x1b" not in said.stderr


def test_programs_get_ids_as_the_file_has_them(labels: Path, leads: Path, tmp_path: Path) -> None:
    found = document("score", labels, "--leads", leads)
    assert {lead["lead_id"] for lead in found["leads"]} == set(IDS)
    out = tmp_path / "out.csv"
    run("score", labels, "--leads", leads, "--out", out)
    assert all(name in out.read_text() for name in IDS)


def test_no_line_is_wider_than_the_terminal(
    monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    told: list[list[Explanation]] = []

    def told_once(*arguments: Any, **named: Any) -> list[Explanation]:
        """What is shown is worked out for the first width; the others show it."""
        told[:] = told or [explain_leads(*arguments, **named)]
        return told[0]

    monkeypatch.setattr("leadwise.cli.explain.explain_leads", told_once)
    asked = (card("everything"), *data("everything"), "--as-of", "2026-04-01T12:00:00Z")
    for width in (40, 60, 80, 120):
        monkeypatch.setattr("tests.cli.running.PLAIN", {"NO_COLOR": "1", "COLUMNS": str(width)})
        for command in (("score", *asked), ("explain", *asked, "--lead", "ada")):
            with subtests.test(width=width, command=command[0]):
                shown = run(*command).stdout
                assert max(map(len, shown.splitlines())) <= width
                assert "…" not in shown


def test_a_card_without_bands_shows_its_scores(tmp_path: Path) -> None:
    file = tmp_path / "card.yaml"
    file.write_text(LABELS[: LABELS.index("bands:")])
    leads = tmp_path / "leads.csv"
    leads.write_text("lead_id,size\na,20\nb,2\nc,2\n")
    shown = run("score", file, "--leads", leads).stdout
    assert "Scores\n" in shown
    assert "10 to 11" in shown


def test_numbers_as_people_read_them() -> None:
    assert counted(1, "lead") == "1 lead"
    assert counted(41_188, "lead") == "41,188 leads"
    assert number(100_000.0) == "100,000"
    assert number(1.125) == "1.12"
    assert number(0.00012) == "0.00012"
    assert points_number(3780) == 37.8
    assert points_number(-2600) == -26
    assert elapsed(59_000_000) == "59 seconds"
    assert elapsed(90_061_000_000) == "1 day 1 hour"
    assert elapsed(2 * 86_400_000_000 + 5_000_000) == "2 days"


def test_bars_and_lines() -> None:
    assert bar(1.0, 4) == "████"
    assert bar(0.5, 1) == "▌"
    assert bar(2.0, 2) == "██"
    assert bar(-1.0, 2) == ""
    assert sparkline([0, 50, 100], 0, 100, 40) == "▁▅█"
    assert sparkline([7, 7], 7, 7, 40) == "▁▁"
    assert len(sparkline(list(range(500)), 0, 499, 40)) == 40
    assert plain("a\nb\x00", keep="\n") == "a\nb�"
