"""The best leads as a table: score, band, the two strongest reasons, what is not known."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from leadwise.asking.population import Population
from leadwise.asking.summary import signed
from leadwise.asking.tallies import best_ledgers
from leadwise.card import Card
from leadwise.cli.screen import grid, plain, show
from leadwise.cli.words import label_of, points
from leadwise.plan import lines

REASONS, UNKNOWN = 2, 3


def show_top(of: Population, top: int) -> None:
    """Print the best `top` leads."""
    card = of.card
    table = grid()
    table.add_column("lead", overflow="fold", style="bold", max_width=32)
    table.add_column("score", justify="right", no_wrap=True)
    if card.bands:
        table.add_column("band", overflow="fold")
    if card.grade:
        table.add_column("grade", no_wrap=True)
    table.add_column("strongest reasons", overflow="fold", ratio=3)
    table.add_column("not known", overflow="fold", ratio=2, style="dim")
    for ledger in best_ledgers(of, top):
        table.add_row(*_cells(card, ledger))
    show(table)


def _cells(card: Card, ledger: dict[str, Any]) -> list[str | Text]:
    cells: list[str | Text] = [plain(ledger["lead_id"]), points(ledger["score"])]
    if card.bands:
        cells.append(plain(ledger["band"]))
    if card.grade:
        cells.append(plain(ledger["grade"] or ""))
    return [*cells, _reasons(card, ledger), plain(_unknown(card, ledger))]


def _reasons(card: Card, ledger: dict[str, Any]) -> Text:
    text = Text()
    for label, hundredths in _strongest(card, ledger)[:REASONS]:
        text.append(", " if text else "")
        text.append(plain(label) + " ")
        text.append(signed(hundredths), "green" if hundredths > 0 else "red")
    return text


def _strongest(card: Card, ledger: dict[str, Any]) -> list[tuple[str, int]]:
    """Criteria net of their limits, and adjustments: what a person can act on, strongest first."""
    amounts: dict[str, int] = {}
    labels: dict[str, str] = {}
    for line in lines(card):
        if line.kind in ("criterion", "limit", "adjustment"):
            labels.setdefault(line.id, line.label)
            amounts[line.id] = amounts.get(line.id, 0) + ledger[line.name]
    present = [(labels[one], amount) for one, amount in amounts.items() if amount]
    return sorted(present, key=lambda reason: -abs(reason[1]))


def _unknown(card: Card, ledger: dict[str, Any]) -> str:
    ids = ledger["unknown"].split()
    shown = ", ".join(label_of(card, one) for one in ids[:UNKNOWN])
    return shown + (f" and {len(ids) - UNKNOWN} more" if len(ids) > UNKNOWN else "")
