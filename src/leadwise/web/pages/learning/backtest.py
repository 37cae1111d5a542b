"""The backtest: the card held against what came after."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from leadwise.card import Card
from leadwise.store.studies import Study
from leadwise.web.pages.learning.calls import calls_values
from leadwise.web.pages.learning.numbers import (
    CHANCE,
    Document,
    Span,
    cells,
    count_cell,
    decimal,
    listed,
    month_name,
    number_of,
    part_of,
    sentences,
    share,
    share_cell,
    share_cells,
    span_of,
    spanned,
    spanned_share,
)
from leadwise.web.pages.learning.shown import Shown
from leadwise.web.pages.reports.figures import Figure, Table
from leadwise.web.pages.reports.words import text
from leadwise.web.pages.visit import Visit

FEW = 10
"""Outcomes of the rarer kind below which nothing is said (as the study's own verdict has it)."""
MARKS = (0.05, 0.1, 0.2, 0.3, 0.5)
"""Shares of all moments at which the curve's table reads it."""


def shown(visit: Visit, study: Study, card: Card) -> Shown:
    """The verdict, what the team's calls would have found, orders, bands, months."""
    _ = visit.texts.say
    whole = study.document or {}
    document = part_of(whole, "backtest")
    orders = listed(document, "orders")
    hand = span_of(orders[0].get("auc")) if orders else Span(None, None, None)
    figures = [_orders(visit, document), _curve(visit, orders)] if orders else []
    figures += [_bands(visit, document, card), _months(visit, document)]
    return Shown(
        number=decimal(visit, hand.value) if orders else "–",
        unit=_("AUC"),
        meaning=_meaning(visit, document, hand),
        figures=tuple(one for one in figures if one.table.rows),
        said=sentences(document, "verdict")[1:],
        warnings=sentences(document, "warnings"),
        notes=sentences(whole, "notes"),
        part="calls.html",
        values=calls_values(visit, {**whole, **document}, order_name),
    )  # fmt: skip


def _meaning(visit: Visit, document: Document, auc: Span) -> str:
    _ = visit.texts.say
    rows, won = number_of(document.get("rows")) or 0, number_of(document.get("won")) or 0
    if min(won, rows - won) < FEW or not auc.told:
        return _("There are too few outcomes to tell whether the card predicts anything.")
    assert auc.low is not None
    assert auc.high is not None
    told = spanned(visit, auc)
    if auc.low > CHANCE:
        return _("The card's order predicts who buys: AUC %(auc)s, where 0.5 is chance.", auc=told)
    if auc.high < CHANCE:
        return _("The card's order is upside down: AUC %(auc)s, where 0.5 is chance. Leads that it "
                 "puts last buy more often.", auc=told)  # fmt: skip
    return _("No signal: the card's order cannot be told from chance (AUC %(auc)s, where 0.5 is "
             "chance).", auc=told)  # fmt: skip


def order_name(visit: Visit, name: str) -> str:
    """What an order is called: the card's own, or the name that it has."""
    _ = visit.texts.say
    return {"card": _("this card"), "learned card": _("learned card")}.get(name, name)


def _orders(visit: Visit, document: Document) -> Figure:
    _ = visit.texts.say
    orders = listed(document, "orders")
    rows, dots = [], []
    for order in orders:
        name = order_name(visit, str(order.get("name")))
        auc = span_of(order.get("auc"))
        rows.append(
            (
                text(name), *cells(visit, auc), *cells(visit, span_of(order.get("precision"))),
                *cells(visit, span_of(order.get("lift")), 1),
                cells(visit, Span(number_of(order.get("within")), None, None))[0],
            )
        )  # fmt: skip
        if auc.told:
            dots.append({"label": name, "value": auc.value, "low": auc.low, "high": auc.high,
                         "shown": spanned(visit, auc)})  # fmt: skip
    lift = span_of(orders[0].get("lift"))
    return Figure(
        title=_("How well it orders"),
        says=_("The best tenth by this card wins %(times)s times as often as the average.",
               times=spanned(visit, lift, 1)),
        read=_("Each dot is the AUC of one way of ordering: how often of two leads, one that came "
               "to the goal and one that did not, the first stands higher. The line through it is "
               "where the true value is with 95 percent confidence; the stroke is chance."),
        do=_differences(visit, document),
        table=Table(
            "orders", _("Orders held against the same outcomes"),
            (_("Order"), _("AUC"), _("Low end"), _("High end"), _("Average precision"),
             _("Low end"), _("High end"), _("Lift of the best tenth"), _("Low end"), _("High end"),
             _("AUC within months")),
            tuple(rows),
        ),
        chart="spans", data={"dots": dots, "axis": _("AUC"), "stroke": CHANCE},
    )  # fmt: skip


def _differences(visit: Visit, document: Document) -> str:
    """What the comparison with other orders asks for."""
    _ = visit.texts.say
    for found in listed(document, "differences"):
        gap = span_of(found.get("auc"))
        name = order_name(visit, str(found.get("name")))
        if gap.above:
            return _("“%(name)s” orders better than this card (AUC %(gap)s): look at the learned "
                     "card and at what the criteria are worth.", name=name,
                     gap=spanned(visit, gap, 3, plus=True))  # fmt: skip
    return _("Nothing it was held against orders better. See which criteria are worth their points "
             "under Refine.")  # fmt: skip


def _curve(visit: Visit, orders: Sequence[Any]) -> Figure:
    _ = visit.texts.say
    curves = [
        {"name": order_name(visit, str(order.get("name"))), "points": listed(order, "curve")}
        for order in orders
    ]
    tenth = at_share(listed(orders[0], "curve"), 0.1)
    rows = [
        (share_cell(visit, mark),
         *(share_cell(visit, at_share(one["points"], mark)) for one in curves))
        for mark in MARKS
    ]  # fmt: skip
    return Figure(
        title=_("How many buyers the best leads hold"),
        says=_("The best tenth by this card holds %(share)s of all that came to the goal.",
               share=share(visit, tenth)),
        read=_("Across: the best leads, as a share of all. Upward: the share of successes among "
               "them. The higher a curve runs above the slanting line, the better its order."),
        do=_("Set the threshold of the best band where the curve bends, as far as your calls go: "
             "Calibration proposes one."),
        table=Table("curve", _("Share of successes among the best leads"),
                    (_("Best leads"), *(str(one["name"]) for one in curves)), tuple(rows)),
        chart="gains",
        data={"curves": curves, "x": _("share of leads, the best first"),
              "y": _("share of successes"), "chance": _("by chance")},
    )  # fmt: skip


def at_share(points: Sequence[Any], wanted: float) -> float | None:
    """The height of a curve of (x, y) at x; None where there is no curve."""
    before = None
    for x, y in points:
        if y is None:
            return None
        if x >= wanted:
            if before is None or x == before[0]:
                return float(y)
            part = (wanted - before[0]) / (x - before[0])
            return float(before[1] + part * (y - before[1]))
        before = (x, y)
    return None


def _part_columns(visit: Visit, first: str) -> tuple[str, ...]:
    _ = visit.texts.say
    return (first, _("Moments"), _("Leads"), _("Came to the goal"), _("Share"), _("Low end"),
            _("High end"), _("AUC"), _("Low end"), _("High end"))  # fmt: skip


def _part_row(visit: Visit, name: str, part: Document) -> Any:
    return (
        text(name), *(count_cell(visit, part.get(key)) for key in ("rows", "leads", "won")),
        *share_cells(visit, span_of(part.get("rate"))), *cells(visit, span_of(part.get("auc"))),
    )  # fmt: skip


def _bar(visit: Visit, name: str, part: Document) -> dict[str, object] | None:
    rate = span_of(part.get("rate"))
    if not rate.told:
        return None
    return {"label": name, "value": rate.value, "low": rate.low, "high": rate.high,
            "shown": spanned_share(visit, rate)}  # fmt: skip


def _bands(visit: Visit, document: Document, card: Card) -> Figure:
    _ = visit.texts.say
    labels = {band.id: band.label or band.id for band in card.bands}
    parts = [(labels.get(str(p.get("name")), str(p.get("name"))), p)
             for p in reversed(listed(document, "bands"))]  # fmt: skip
    bars = [_bar(visit, name, part) for name, part in parts]
    says, do = _of_bands(visit, parts)
    return Figure(
        title=_("By band"), says=says,
        read=_("Each bar is the share of moments in a band after which the lead came to the goal. "
               "The line across its end is the 95 percent interval."),
        do=do,
        table=Table("bands", _("Outcomes by band"), _part_columns(visit, _("Band")),
                    tuple(_part_row(visit, name, part) for name, part in parts)),
        chart="rates",
        data={"bars": [bar for bar in bars if bar], "axis": _("Share that came to the goal")},
    )  # fmt: skip


def _of_bands(visit: Visit, parts: Sequence[tuple[str, Document]]) -> tuple[str, str]:
    _ = visit.texts.say
    told = [(name, span_of(part.get("rate"))) for name, part in parts]
    told = [(name, rate) for name, rate in told if rate.value is not None]
    if not told:
        return _("No moment stands in a band."), _("Give the card bands in the studio.")
    says = _("In “%(band)s” %(share)s came to the goal.", band=told[0][0],
             share=spanned_share(visit, told[0][1]))  # fmt: skip
    for (high_name, high), (low_name, low) in pairwise(told):
        if high.high is not None and low.low is not None and high.high < low.low:
            return says, _("“%(lower)s” does better than “%(higher)s” above it, by more than "
                           "chance: see Refine.", lower=low_name, higher=high_name)  # fmt: skip
    return says, _("No band does better than one above it by more than chance allows.")


def _months(visit: Visit, document: Document) -> Figure:
    _ = visit.texts.say
    parts = [(month_name(visit, str(p.get("name"))), p) for p in listed(document, "months")]
    bars = [_bar(visit, name, part) for name, part in parts]
    weak = [name for name, part in parts
            if (auc := span_of(part.get("auc"))).told and (auc.high or 1) < CHANCE]  # fmt: skip
    says = (
        _("In these months the order was upside down: %(months)s.", months=", ".join(weak))
        if weak else _("In no month the order was upside down by more than chance allows.")
    )  # fmt: skip
    return Figure(
        title=_("Month by month"), says=says,
        read=_("Each bar is the share of a month's moments after which the lead came to the goal, "
               "with its 95 percent interval. The table has the AUC of each month."),
        do=_("A month that stands out is worth a question: another campaign, another price, a form "
             "that broke? Drift compares the last month with those before."),
        table=Table("months", _("Outcomes and order by month"), _part_columns(visit, _("Month")),
                    tuple(_part_row(visit, name, part) for name, part in parts)),
        chart="rates",
        data={"bars": [bar for bar in bars if bar], "axis": _("Share that came to the goal"),
              "upright": True},
    )  # fmt: skip
