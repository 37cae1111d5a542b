"""The page of a backtest: one HTML file with the verdict first."""

from __future__ import annotations

from math import isfinite

from leadwise.asking.instants import DAY_US, written
from leadwise.card.model import Card
from leadwise.learn.backtest.model import Backtest, Order, Part
from leadwise.learn.judge.interval import Interval
from leadwise.report import svg
from leadwise.report.document import document, footer, header, section, table
from leadwise.report.wording import count, percent

READ_AT = 0.2
STEPS = (0.05, 0.1, 0.2, 0.3, 0.5)


def backtest_page(found: Backtest, card: Card, *, made_at: str = "") -> str:
    """The whole page as text; texts of the card are escaped."""
    title = f"What {card.id} would have found"
    parts = [_head(found, card, title), _order(found), _bands(found, card), _months(found)]
    return document(title, [*parts, _foot(found, card, made_at)])


def _head(found: Backtest, card: Card, title: str) -> str:
    figures = [
        (
            "Won",
            percent(found.won / found.rows if found.rows else None),
            f"{count(found.won)} of {count(found.rows)} rows, {count(found.leads)} leads",
        )
    ]
    if found.orders:
        hand = found.orders[0]
        figures.append(("AUC", _value(hand.auc), f"{_range(hand.auc)}; 0.5 is chance"))
        figures.append(("Lift of the best tenth", _value(hand.lift, 1), _range(hand.lift, 1)))
        if hand.calls:
            called = f"of the buyers by calling {found.per_day} a day"
            figures.append(("Found in time", percent(hand.calls.share, 0), called))
        else:
            reached = f"{_range(hand.precision)}; {_value_of_chance(found)} is chance"
            figures.append(("Average precision", _value(hand.precision), reached))
    notes = (*found.warnings, *found.notes)
    return header("Backtest of a card", title, card.about, figures, notes, found.verdict)


def _order(found: Backtest) -> str:
    if not found.orders or not found.won:
        return ""
    hand, *others = found.orders
    rows = [[f"best {percent(share, 0)}", *(percent(_at(o, share)) for o in found.orders)]
            for share in STEPS]  # fmt: skip
    rows.append(["AUC", *(_value(order.auc) for order in found.orders)])
    rows.append(["AUC, 95%", *(_range(order.auc) for order in found.orders)])
    if any(order.within is not None for order in found.orders):
        rows.append(["AUC within a month", *(_number(order.within) for order in found.orders)])
    if any(order.calls for order in found.orders):
        shares = (percent(o.calls.share, 0) if o.calls else "–" for o in found.orders)
        rows.append([f"found by {found.per_day} calls a day", *shares])
    for each in found.differences:
        told = f"{each.auc.value:+.3f} ({each.auc.low:+.3f} to {each.auc.high:+.3f})"
        rows.append([f"{each.name} less {each.against}", told, *[""] * (len(others))])
    return section(
        "Whom to call, if not everybody can be called",
        "Rows stand from left to right, best score first. The curve says what share of all wins is "
        "reached on the way; thin lines are the other orders, the dashed one is chance.",
        "Find on the lower edge how many leads you can call, and read what share you reach. An "
        "order is better than another only where the whole interval of their difference is above "
        "0.",
        svg.gains_chart(hand.curve, READ_AT, [other.curve for other in others]),
        table("Wins reached", ["Called", *(order.name for order in found.orders)], rows),
    )


def _bands(found: Backtest, card: Card) -> str:
    labels = {band.id: band.label or band.id for band in card.bands}
    held = [part for part in reversed(found.bands) if part.rows]
    if not held or not found.won:
        return ""
    bars = [(labels.get(p.name, p.name), p.rows / found.rows, p.won / found.won) for p in held]
    return section(
        "What the bands hold",
        "For each band two bars: its share of the rows, which is the work, and its share of the "
        "wins, which is the result.",
        "A band earns its place where the second bar is longer than the first. Where the intervals "
        "of two neighbours overlap, the data do not tell them apart.",
        svg.share_chart(bars),
        table("By band", ["Band", "Rows", "Won", "Rate", "95% interval"],
              [_part(part, labels.get(part.name, part.name)) for part in held]),
    )  # fmt: skip


def _months(found: Backtest) -> str:
    if not found.months or not found.rows:
        return ""
    rows = [[*_part(p, p.name), _value(p.auc) if p.auc else "–",
             _range(p.auc) if p.auc else "too few"] for p in found.months]  # fmt: skip
    return section(
        "Month by month" if found.dated else "From the first to the last",
        "Each dot is the share that won among the rows of a part, the upright line its 95 percent "
        "interval; the AUC is the card's among leads of that part only.",
        "A card is to be trusted where its AUC stays above 0.5 in most parts. Where it falls, "
        "look at what changed: a campaign, a form, a source.",
        svg.interval_chart(
            [(p.name, p.rate.value, p.rate.low, p.rate.high) for p in found.months if p.rows],
            found.won / found.rows,
        ),
        table("By time", ["Part", "Rows", "Won", "Rate", "95% interval", "AUC", "95% interval"],
              rows),
    )  # fmt: skip


def _part(part: Part, label: str) -> list[str]:
    return [
        label,
        count(part.rows),
        count(part.won),
        percent(part.rate.value),
        f"{percent(part.rate.low)} to {percent(part.rate.high)}",
    ]


def _at(order: Order, share: float) -> float | None:
    """The share of wins that the best `share` of the rows holds, off the curve."""
    before = [(x, y) for x, y in order.curve if x <= share + 1e-9]
    after = [(x, y) for x, y in order.curve if x > share + 1e-9]
    if not before:
        return None
    (x1, y1), (x2, y2) = before[-1], after[0] if after else before[-1]
    return y1 if x2 == x1 else y1 + (y2 - y1) * (share - x1) / (x2 - x1)


def _number(value: float | None, places: int = 3) -> str:
    return "–" if value is None or not isfinite(value) else f"{value:.{places}f}"


def _value(told: Interval, places: int = 3) -> str:
    return _number(told.value, places)


def _range(told: Interval, places: int = 3) -> str:
    if not isfinite(told.low):
        return "too few for an interval"
    return f"{told.low:.{places}f} to {told.high:.{places}f}"


def _value_of_chance(found: Backtest) -> str:
    return f"{found.won / found.rows:.3f}" if found.rows else "–"


def _foot(found: Backtest, card: Card, made_at: str) -> str:
    made = f", {made_at}" if made_at else ""
    when = ""
    if found.first_us is not None and found.last_us is not None:
        when = f" Moments from {written(found.first_us)[:10]} to {written(found.last_us)[:10]}"
        if found.horizon_us:
            when += f"; won means within {found.horizon_us / DAY_US:g} days after"
        when += "."
    return footer(
        f"Made by Leadwise from card {card.id}, version {card.version}{made}.{when} A row is a "
        "lead at a moment at which somebody would have decided, with what was known then. AUC: of "
        "all pairs of a row that won and one that did not, the share in which the first stands "
        "higher. Intervals: percentiles of a bootstrap that draws whole leads (Efron 1979; Davison "
        "and Hinkley 1997), those of rates after Wilson (1927)."
    )
