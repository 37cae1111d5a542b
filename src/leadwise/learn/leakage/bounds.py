"""How sure a share or an order is: the bounds behind every accusation."""

from __future__ import annotations

import numpy as np

from leadwise.learn.rows import Floats, Truths

Z = 1.959964
"""The middle 95 percent of a normal distribution."""
STRICT = 20.0
"""A value is pure where the odd ones out are surely fewer than a twentieth of what they are among
all: honest reasons leave more (a fifth of those who bought before do not buy again)."""


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 percent interval of a share (E. B. Wilson 1927, Probable inference, the law of
    succession, and statistical inference, J. Am. Stat. Assoc. 22:209-212); (0, 1) for none."""
    if n == 0:
        return 0.0, 1.0
    share, square = hits / n, Z * Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z / (1 + square / n) * np.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def purity(hits: int, n: int, base: float) -> str | None:
    """ "always" or "never" where hardly one row is otherwise, compared with the rate of all."""
    low, high = wilson(hits, n)
    if high < base / STRICT:
        return "never"
    if 1 - low < (1 - base) / STRICT:
        return "always"
    return None


def area(score: Floats, won: Truths) -> tuple[float, float, float]:
    """The AUC with a 95 percent interval; (0.5, 0, 1) where all or none won.

    The standard error is that of J. A. Hanley and B. J. McNeil 1982, The meaning and use of the
    area under a receiver operating characteristic curve, Radiology 143:29-36.
    """
    n_won = int(won.sum())
    n_lost = len(won) - n_won
    if not n_won or not n_lost:
        return 0.5, 0.0, 1.0
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    value = (float(rank[won].sum()) - n_won * (n_won + 1) / 2) / (n_won * n_lost)
    one, two = value / (2 - value), 2 * value * value / (1 + value)
    spread = value * (1 - value) + (n_won - 1) * (one - value * value)
    spread += (n_lost - 1) * (two - value * value)
    half = Z * float(np.sqrt(max(0.0, spread) / (n_won * n_lost)))
    return value, max(0.0, value - half), min(1.0, value + half)
