"""How right a reader is: statuses, values, what was found, and which leads look promising.

A status is right when it equals the gold's. A value is right when the gold's status is `stated` and
the reader says the same: an amount within 2 percent on the bound that a card looks at (the lower,
else the upper) with its currency, months within 0.6 or 15 percent, choices when equal (vp and
director count as equal). Shares come with Wilson's interval (E. B. Wilson 1927, 95 percent).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

from leadwise.qualify.answer import Answer
from leadwise.qualify.evaluation.gold import Labelled
from leadwise.qualify.fields import Fact, facts_of
from leadwise.qualify.frame.model import Frame, Kind

Points: TypeAlias = Callable[[Sequence[Mapping[str, Fact]]], Sequence[float]]
"""The points of leads with these fields, under some card."""

AMOUNT_WITHIN = 0.02
MONTHS_WITHIN = 0.6
MONTHS_SHARE = 0.15
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `all`."""

    right: int
    all: int

    @property
    def share(self) -> float | None:
        return self.right / self.all if self.all else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, at 95 percent; 0 to 1 where there is nothing to count."""
        if not self.all:
            return 0.0, 1.0
        n, p, z2 = self.all, self.right / self.all, _Z * _Z
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one question, or of all. `precision` and `recall` are of "answered" (said to be
    discussed); `parts` tells how often each part of a stated value is right."""

    status: Share
    value: Share
    precision: Share
    recall: Share
    parts: Mapping[str, Share]


def measure(pairs: Iterable[tuple[Answer, Answer]], kinds: Mapping[str, Kind]) -> Measured:
    """From pairs of gold and read answers."""
    pairs = list(pairs)
    stated = [(gold, read) for gold, read in pairs if gold.status == "stated"]
    discussed = [(gold, read) for gold, read in pairs if gold.status != "not_discussed"]
    answered = [(gold, read) for gold, read in pairs if read.status != "not_discussed"]
    parts: dict[str, list[bool]] = {}
    right = 0
    for gold, read in stated:
        found = right_parts(gold, read, kinds[gold.question])
        right += all(found.values())
        for name, is_right in found.items():
            parts.setdefault(name, []).append(is_right)
    return Measured(
        Share(sum(gold.status == read.status for gold, read in pairs), len(pairs)),
        Share(right, len(stated)),
        Share(sum(gold.status != "not_discussed" for gold, _ in answered), len(answered)),
        Share(sum(read.status != "not_discussed" for _, read in discussed), len(discussed)),
        {name: Share(sum(found), len(found)) for name, found in parts.items()},
    )


def right_parts(gold: Answer, read: Answer, kind: Kind) -> dict[str, bool]:
    """Which parts of a stated gold value the reader has right."""
    same = read.status == "stated"
    if kind == "money":
        mine, theirs = _looked_at(gold), _looked_at(read)
        known = gold.value.get("currency") is not None or mine is not None
        return {
            "amount": same and _near(mine, theirs, 0.0, AMOUNT_WITHIN),
            "currency": same
            and (not known or gold.value.get("currency") == read.value.get("currency")),
        }
    if kind == "timeline":
        months = _number(gold.value.get("months")), _number(read.value.get("months"))
        return {"months": same and _near(*months, MONTHS_WITHIN, MONTHS_SHARE)}
    return {
        name: same and _alike(one) == _alike(read.value.get(name))
        for name, one in gold.value.items()
        if name in ("level", "role", "match", "choice", "yes", "number", "text")
    }


def promising(
    frame: Frame,
    leads: Sequence[Labelled],
    readings: Sequence[Sequence[Answer]],
    points: Points,
    least: float,
) -> tuple[Share, Share]:
    """Recall and precision of the leads with at least so many points."""
    gold = points([facts_of(frame, one.gold.values()) for one in leads])
    read = points([facts_of(frame, answers) for answers in readings])
    both = sum(g >= least and r >= least for g, r in zip(gold, read, strict=True))
    return (
        Share(both, sum(one >= least for one in gold)),
        Share(both, sum(one >= least for one in read)),
    )


def _looked_at(answer: Answer) -> float | None:
    """The bound that a card looks at: the lower, else the upper."""
    least = _number(answer.value.get("amount_min"))
    return least if least is not None else _number(answer.value.get("amount_max"))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _near(mine: float | None, theirs: float | None, within: float, share: float) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return abs(mine - theirs) <= max(within, share * abs(mine)) + 1e-9


def _alike(value: object) -> object:
    return "vp" if value == "director" else value
