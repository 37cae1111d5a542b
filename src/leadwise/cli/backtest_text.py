"""A backtest in the terminal: the verdict first, then orders, bands and months."""

from __future__ import annotations

from math import isfinite

from leadwise.card import Card
from leadwise.cli.screen import bar, grid, heading, plain, say, show
from leadwise.cli.words import band_label, counted
from leadwise.learn.backtest.model import Backtest, Part
from leadwise.learn.judge.interval import Interval
from leadwise.report.wording import percent

ROOM = 12


def show_backtest(found: Backtest, card: Card, *, parts: bool = True) -> None:
    """Print it all; without `parts` neither bands nor months."""
    say(
        f"{card.id}, version {card.version} · {counted(found.rows, 'moment')} of "
        f"{counted(found.leads, 'lead')} · {found.won:,} won afterwards "
        f"({percent(found.won / found.rows if found.rows else None)})"
    )
    say()
    for sentence in found.verdict:
        say(sentence)
    if not found.rows or not found.won:
        return
    _show_orders(found)
    if not parts:
        return
    if any(part.rows for part in found.bands):
        _show_parts("By band", [p for p in reversed(found.bands) if p.rows], card)
    if found.months:
        _show_parts("By month" if found.dated else "In order of the file", found.months, None)


def _show_orders(found: Backtest) -> None:
    heading("Orders")
    table = grid()
    table.add_column("")
    calls = any(order.calls for order in found.orders)
    dated = any(order.within is not None for order in found.orders)
    titles = ["AUC", "95% interval", "average precision", "lift of best tenth"]
    titles += ["within a month"] if dated else []
    titles += [f"found, {found.per_day} a day"] if calls else []
    for title in titles:
        table.add_column(title, justify="right")
    for order in found.orders:
        cells = [_value(order.auc), _range(order.auc), _value(order.precision)]
        cells.append(_value(order.lift, 1))
        if dated:
            cells.append(_number(order.within))
        if calls:
            cells.append(percent(order.calls.share, 0) if order.calls else "–")
        table.add_row(plain(order.name), *cells)
    show(table)


def _show_parts(title: str, parts: list[Part] | tuple[Part, ...], card: Card | None) -> None:
    heading(title)
    table = grid()
    table.add_column("", overflow="fold")
    for head in ("moments", "won", "rate", "95% interval", *(() if card else ("AUC", "95%"))):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    highest = max((part.rate.value for part in parts), default=0.0)
    for part in parts:
        cells = [f"{part.rows:,}", f"{part.won:,}", percent(part.rate.value)]
        cells.append(f"{percent(part.rate.low)} to {percent(part.rate.high)}")
        if card is None:
            cells += [_value(part.auc), _range(part.auc)] if part.auc else ["–", "too few"]
        name = plain(band_label(card, part.name) if card else part.name)
        table.add_row(name, *cells, bar(part.rate.value / highest, ROOM) if highest else "")
    show(table)


def _value(told: Interval, places: int = 3) -> str:
    return _number(told.value, places)


def _number(value: float | None, places: int = 3) -> str:
    return "–" if value is None or not isfinite(value) else f"{value:.{places}f}"


def _range(told: Interval, places: int = 3) -> str:
    if not isfinite(told.low):
        return "too few"
    return f"{told.low:.{places}f} to {told.high:.{places}f}"
