"""A ledger drawn as a waterfall: points left and right of zero, running total, what is behind them.

The lines shown add up to the score. Limits, minima and maxima that took and gave nothing are left
out; a criterion is always there, because 0 points is an answer too.
"""

from __future__ import annotations

from itertools import groupby

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from leadwise.asking.explain import Evidence, ExplainedLine, Explanation
from leadwise.card import Card
from leadwise.cli.screen import answer, bar, grid, plain, show
from leadwise.cli.words import (
    band_label,
    counted,
    dimension_label,
    name_of,
    points,
    time,
    value_of,
)

ALWAYS = ("criterion", "adjustment")


def show_waterfall(card: Card, one: Explanation) -> None:
    """Print the lines by dimension, each dimension's total, and the score."""
    shown = [line for line in one.lines if line.points or line.line.kind in ALWAYS]
    table = grid(header=False)
    table.add_column(overflow="fold", ratio=4)
    table.add_column(justify="right", no_wrap=True)
    scale = _Scale([line.points for line in shown], 20 if answer().width >= 90 else 10)
    table.add_column(no_wrap=True, width=scale.width)
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(overflow="fold", ratio=5, style="dim")
    totals, running = dict(one.dimensions), 0
    for dimension, lines in groupby(shown, lambda line: line.line.dimension):
        title = dimension_label(card, dimension) if dimension else "Whole score"
        table.add_row(Text(plain(title), "bold"))
        for line in lines:
            running += line.points
            table.add_row(*_cells(card, line, running, scale))
        if dimension:
            total = Text(points(totals[dimension]), "bold")
            table.add_row(_indented(Text("total", "dim")), total, "", "", "")
    band = f"{band_label(card, one.band)}" if one.band else ""
    grade = f", grade {one.grade}" if one.grade else ""
    table.add_row()
    table.add_row(
        Text("Score", "bold"),
        Text(points(one.score), "bold"),
        "",
        "",
        Text(plain(band + grade), "bold"),
    )
    show(table)


def _cells(card: Card, line: ExplainedLine, running: int, scale: _Scale) -> list[RenderableType]:
    colour = "green" if line.points > 0 else "red" if line.points < 0 else "dim"
    amount = "?" if line.unknown and not line.points else _signed(line.points)
    name = Text(plain(line.line.label), "" if line.points or line.unknown else "dim")
    drawn = Text(scale.draw(line.points), colour)
    behind = plain(evidence_words(card, line.evidence))
    return [_indented(name), Text(amount, colour), drawn, points(running), behind]


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 2))


def _signed(hundredths: int) -> str:
    return ("+" if hundredths > 0 else "") + points(hundredths)


class _Scale:
    """Bars of one scale round one zero; losses to its left, gains to its right."""

    def __init__(self, amounts: list[int], room: int) -> None:
        low, high = max(0, -min([0, *amounts])), max([0, *amounts])
        self._left = min(max(1, round(room * low / (low + high))), room - 1) if low else 0
        right = room - self._left
        self._cell = max(low / self._left if low else 0.0, high / right) or 1.0
        self.width = room + (1 if low else 0)

    def draw(self, amount: int) -> str:
        """The bar of an amount; some of it can always be seen."""
        cells = abs(amount) / self._cell
        if amount < 0:
            return ("█" * max(1, round(cells))).rjust(self._left) + "│"
        drawn = bar(1.0, 1) * int(cells) + bar(cells % 1, 1) or ("▏" if amount else "")
        return (" " * self._left + "│" if self._left else "") + drawn


def evidence_words(card: Card, evidence: Evidence) -> str:
    """What a line looked at: values of fields and measures, and occurrences that counted."""
    said = []
    if evidence.occurrences is not None:
        often = {0: "never", 1: "once"}.get(evidence.occurrences)
        often = often or counted(evidence.occurrences, "time")
        latest = time(evidence.latest_us)
        said.append(f"{often}, latest {latest}" if evidence.occurrences and latest else often)
    for name, value in evidence.values:
        said.append(f"{name_of(card, name)}: {value_of(card, name, value)}")
    return "; ".join(said)
