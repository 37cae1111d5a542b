"""What a backtest says, in sentences, with what must be said beside it.

An order is said to work only where the whole 95 percent interval of its AUC lies above 0.5, and to
be better than another only where the whole interval of their paired difference does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite

from leadwise.learn.backtest.model import Backtest, Difference, Order

CHANCE = 0.5
FEW_WINS, SOME_WINS = 10, 50
"""With fewer wins (rows, or leads) than the first nothing is said of an order; with fewer than the
second the interval is wide and the warning says so. Ten events for each thing estimated is the
usual rule of thumb (P. Peduzzi and others 1996, J. Clin. Epidemiol. 49:1373-1379)."""
DRIFT = 2.0
"""A base rate that changes by this factor over time is worth a warning."""
TURN = 0.05
"""By so much may the pooled AUC lie above the one within months before it is said."""

NOTHING_LATER = (
    "Nothing can be tried out: there are no later rows than it could be learned from, with won and "
    "not won before them."
)


def warnings(found: Backtest) -> Backtest:
    """The backtest with all that a reader must be warned of."""
    return replace(found, warnings=tuple(_warnings(found)))


def _warnings(found: Backtest) -> Iterator[str]:
    rarer = min(found.won, found.rows - found.won)
    if not found.rows and len(found.orders) > 1:
        pass  # the verdict says why nothing could be tried out
    elif not found.rows:
        yield "There is no row whose outcome is over: nothing can be said."
    elif rarer < SOME_WINS:
        kind = "won" if found.won <= found.rows - found.won else "not won"
        yield (
            f"Only {rarer} of {found.rows} rows are {kind}: intervals are wide, and a difference "
            "of a few leads may be chance. Collect more outcomes before you rely on the order."
        )
    elif found.buyers < SOME_WINS:
        yield (
            f"The {found.won:,} rows that are won are those of only {found.buyers} leads: "
            "intervals are wide. Collect more outcomes before you rely on the order."
        )
    rates = [part.rate.value for part in found.months if part.rows >= SOME_WINS]
    if rates and min(rates) * DRIFT < max(rates):
        yield (
            f"The share that wins went from {min(rates):.1%} to {max(rates):.1%} over time: "
            "figures over the whole time mix telling leads apart with telling times apart."
        )
    hand = found.orders[0] if found.orders else None
    if hand and hand.within is not None and hand.auc.value - hand.within > TURN:
        yield (
            f"Among leads of one month the AUC is only {hand.within:.2f} (over all months "
            f"{hand.auc.value:.2f}): who is called today is chosen within a month."
        )


def verdict(found: Backtest) -> Backtest:
    """The backtest with its verdict, the short answer first."""
    return replace(found, verdict=tuple(_verdict(found)))


def _verdict(found: Backtest) -> Iterator[str]:
    rarer = min(found.won, found.rows - found.won, found.buyers)
    if not found.rows and len(found.orders) > 1:
        yield NOTHING_LATER
        return
    if not found.orders or rarer == 0:
        yield (
            "Nothing can be said: there are no outcomes of both kinds, won and not won, "
            "among these rows."
        )
        return
    hand, *others = found.orders
    yield _works(hand, "The card's order", rarer)
    if hand.calls and hand.calls.buyers:
        yield _calls(found, hand, others)
    for difference, order in zip(found.differences, others, strict=True):
        yield _compared(difference, order, rarer)


def _works(order: Order, name: str, rarer: int) -> str:
    auc = order.auc
    told = f"AUC {auc.value:.2f}, 95 percent interval {auc.low:.2f} to {auc.high:.2f}"
    if rarer < FEW_WINS or not isfinite(auc.low):
        return f"Too few outcomes to tell whether {name[0].lower() + name[1:]} predicts anything."
    if auc.low > CHANCE:
        best = order.lift
        return (
            f"{name} predicts: {told} (0.5 is chance). The best tenth wins {best.value:.1f} times "
            f"as often as the average ({best.low:.1f} to {best.high:.1f})."
        )
    if auc.high < CHANCE:
        return f"{name} is upside down: {told} (0.5 is chance). Leads it puts last win more often."
    return f"No signal: {name[0].lower() + name[1:]} cannot be told from chance ({told})."


def _calls(found: Backtest, hand: Order, others: list[Order]) -> str:
    assert hand.calls is not None
    text = (
        f"Your team calls {found.per_day} a day: by this order it would have called "
        f"{hand.calls.share:.0%} of the buyers ({hand.calls.found} of {hand.calls.buyers}) in time"
    )
    rest = [f"by {o.name} {o.calls.share:.0%}" for o in others if o.calls]
    return text + (f"; {', '.join(rest)}." if rest else ".")


def _compared(difference: Difference, order: Order, rarer: int) -> str:
    gap, name = difference.auc, difference.name
    told = (
        f"AUC {order.auc.value:.2f}, "
        f"difference {gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"
    )
    if rarer < FEW_WINS or not isfinite(gap.low):
        return f"Too few outcomes to compare the card with {name}."
    if gap.low > 0:
        return f"{name} orders better than the card: {told}."
    if gap.high < 0:
        return f"{name} orders worse than the card: {told}."
    return f"{name} cannot be told from the card: {told}."
