"""What a backtest found. Shares and rates run from 0 to 1; what cannot be said is NaN or None."""

from __future__ import annotations

from dataclasses import dataclass

from leadwise.learn.judge.interval import Interval
from leadwise.learn.judge.ranking import Calls


@dataclass(frozen=True, slots=True)
class Order:
    """How well one way of ordering did. `within` is its AUC among rows of one month only; `lift`
    that of the best tenth; `curve` (share of rows, share of wins); `calls` what the team's calls
    would have found, None without a capacity or a date."""

    name: str
    auc: Interval
    precision: Interval
    lift: Interval
    within: float | None
    curve: tuple[tuple[float, float], ...]
    calls: Calls | None


@dataclass(frozen=True, slots=True)
class Difference:
    """`name` less `against`, drawn together."""

    name: str
    against: str
    auc: Interval
    precision: Interval


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a band or a month: how many, how many won, their rate with E. B. Wilson's interval
    (1927), and the card's AUC among them with its own (None: too few to tell)."""

    name: str
    rows: int
    leads: int
    won: int
    rate: Interval
    auc: Interval | None


@dataclass(frozen=True, slots=True)
class Backtest:
    """A card held against what came after.

    `months` are fifths of the file where the rows stand in order of time but have no dates
    (`dated` is then False).
    `learned_from` is the number of rows that learned orders had at the last part (0: none was
    learned); `warnings` and `verdict` are sentences, the verdict's first is the short answer.
    """

    rows: int
    leads: int
    won: int
    buyers: int
    first_us: int | None
    last_us: int | None
    horizon_us: int | None
    orders: tuple[Order, ...]
    differences: tuple[Difference, ...]
    bands: tuple[Part, ...]
    months: tuple[Part, ...]
    dated: bool
    learned_from: int
    per_day: int | None
    verdict: tuple[str, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()
