"""A learned card before it is written: its parts, their points, and how sure they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType

from leadwise.card.model import Card
from leadwise.errors import UserError
from leadwise.learn.rows import Floats, Rows, Wholes
from leadwise.learn.scorecard.points import scored
from leadwise.learn.scorecard.prior import Direction, Part
from leadwise.learn.scorecard.trials import Strength


@dataclass(frozen=True, slots=True)
class Options:
    """What may be told: fields and measures whose points only rise or fall (times: with the days
    since), how many criteria and tiers at most, what not to use, how strong the prior round the
    hand-made points is (None: as later leads say)."""

    monotone: Mapping[str, Direction] = field(default_factory=lambda: MappingProxyType({}))
    criteria: int = 15
    tiers: int = 6
    without: frozenset[str] = frozenset()
    prior: float | None = None

    def __post_init__(self) -> None:
        if self.criteria < 1 or self.tiers < 2:
            raise UserError("usage", "A learned card has 1 criterion and 2 tiers at least.")
        if self.prior is not None and not 0 < self.prior < inf:
            raise UserError("usage", f"The strength of the prior is above 0, not {self.prior:g}.")
        for name, direction in self.monotone.items():
            if direction not in ("rising", "falling"):
                raise UserError("learn-monotone", f"{name!r} is to be 'rising' or 'falling', "
                                f"not {direction!r}.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Learned:
    """The points of one line of the card and how sure they are: of a tier (its number from 1),
    `otherwise`, `unknown` or `each` occurrence. `low` to `high` is the 95 percent interval of the
    difference to the reference level, which has none (both are its points); infinite where the
    rows say nothing of it. All in points; `rows` met it."""

    criterion: str
    tier: str
    points: float
    low: float
    high: float
    rows: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """Parts with whole hundredths for each level; `bounds` are those of the score, `limits` those
    of occurrences, in hundredths."""

    parts: tuple[Part, ...]
    hundredths: tuple[Wholes, ...]
    limits: tuple[int | None, ...]
    bounds: tuple[int | None, int | None]

    def __call__(self, rows: Rows) -> Floats:
        """The score of each row, in points: a Scorer."""
        columns = [part.column(rows) for part in self.parts]
        found = scored(self.parts, self.hundredths, columns, self.limits, self.bounds, len(rows))
        made: Floats = found / 100.0
        return made


@dataclass(frozen=True, slots=True)
class LearnedCard:
    """A card that data gave its points. `text` is its file, with comments; `unit` log odds are one
    point; AUCs are on the rows learned from: by hand, with exact points, after levels were joined,
    in whole points."""

    card: Card
    text: str
    points: tuple[Learned, ...]
    scorer: Weighed
    auc_by_hand: float
    auc_before_joining: float
    auc_before_rounding: float
    auc: float
    unit: float
    strength: Strength
    notes: tuple[str, ...]
