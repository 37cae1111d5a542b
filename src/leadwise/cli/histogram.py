"""How many leads there are in each band, or at each height of score, as bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.text import Text

from leadwise.asking.tallies import Tally
from leadwise.card import Card
from leadwise.cli.screen import answer, bar, grid, heading, plain, show
from leadwise.cli.words import band_edge, points


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a histogram."""

    label: str
    about: str
    count: int


def band_bars(card: Card, counts: Mapping[str | None, int]) -> list[Bar]:
    """One bar for each band, best first."""
    return [
        Bar(band.label or band.id, band_edge(band), counts.get(band.id, 0))
        for band in reversed(card.bands)
    ]


def score_bars(counts: Mapping[int, int], width: int) -> list[Bar]:
    """One bar for each range of scores of `width` hundredths that holds leads, highest first."""
    return [
        Bar(f"{points(n * width)} to {points((n + 1) * width)}", "", counts[n])
        for n in sorted(counts, reverse=True)
    ]


def show_bars(bars: list[Bar]) -> None:
    """Label, count, share and bar of each."""
    total, most = sum(b.count for b in bars), max((b.count for b in bars), default=0)
    console = answer()
    table = grid(header=False)
    table.add_column(overflow="fold")
    table.add_column(style="dim", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    room = max(8, min(40, console.width - 60))
    for one in bars:
        share = one.count / total if total else 0.0
        drawn = bar(one.count / most, room) if most else ""
        drawn = drawn or ("▏" if one.count else "")
        percent = f"{100 * share:.0f}%" if share >= 0.01 or not share else "<1%"
        table.add_row(plain(one.label), one.about, f"{one.count:,}", percent, Text(drawn, "cyan"))
    show(table)


def show_tally(card: Card, found: Tally) -> None:
    """How many leads have which band, or which scores."""
    if not found.leads:
        return
    heading("Bands" if card.bands else "Scores")
    if card.bands:
        show_bars(band_bars(card, found.bands))
    else:
        show_bars(score_bars(found.ranges, found.width))
