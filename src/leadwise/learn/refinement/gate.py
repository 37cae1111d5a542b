"""Champion and challenger: what must be true before a card replaces the live one.

Better by the bootstrap, not only on average, and on rows that came after all that either was
learned from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import isfinite

from leadwise.learn.judge.interval import Interval, intervals, paired
from leadwise.learn.judge.ranking import auc, average_precision, ranked
from leadwise.learn.rows import Floats, Truths, Wholes

FEWEST = 30
"""With fewer rows of either class the gate stays shut."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether the challenger may be published, and why. `auc` and `precision` are the challenger's
    less the champion's."""

    open: bool
    champion: Interval
    challenger: Interval
    auc: Interval
    precision: Interval
    rows: int
    won: int
    reason: str


def gate(champion: Floats, challenger: Floats, won: Truths, lead: Wholes, *, seed: int = 0) -> Gate:
    """Hold two orders of the same rows against each other; rows must have come after learning."""
    old, new = ranked(champion, won), ranked(challenger, won)
    alone = intervals([partial(auc, old), partial(auc, new)], lead, seed)
    gap, precise = paired(
        [partial(auc, new), partial(average_precision, new)],
        [partial(auc, old), partial(average_precision, old)],
        lead, seed,
    )  # fmt: skip
    rarer = int(min(won.sum(), (~won).sum()))
    may, reason = _judged(gap, rarer)
    return Gate(may, alone[0], alone[1], gap, precise, len(won), int(won.sum()), reason)


def _judged(gap: Interval, rarer: int) -> tuple[bool, str]:
    told = f"{gap.value:+.3f}, 95 percent interval {gap.low:+.3f} to {gap.high:+.3f}"
    if rarer < FEWEST or not isfinite(gap.low):
        return False, (
            f"Too few outcomes since: {rarer} of the rarer kind, {FEWEST} are needed to tell the "
            "challenger from the champion."
        )
    if gap.low > 0:
        return True, f"The challenger orders better (AUC {told})."
    if gap.high < 0:
        return False, f"The challenger orders worse (AUC {told})."
    return False, f"The challenger cannot be told from the champion (AUC {told})."
