"""A learned card as a card: the hand-made criteria with new points, new ones in a dimension of
their own, and comments that say how sure each point is.

Ids, labels and conditions of hand-made criteria stay. Adjustments in percent become criteria; the
minimum and maximum of dimensions go, because points were learned as a plain sum; thresholds stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from leadwise.card.conditions import parse_condition
from leadwise.card.format import format_card
from leadwise.card.model import (
    Adjustment,
    Card,
    Criterion,
    Dimension,
    Grade,
    OccurrenceCriterion,
    Range,
    StateCriterion,
    Tier,
)
from leadwise.card.parse import parse
from leadwise.card.source import Path
from leadwise.errors import CardError
from leadwise.learn.moments.widen import narrowed
from leadwise.learn.rows import Floats, Rows, Wholes
from leadwise.learn.scorecard.bins import Binned
from leadwise.learn.scorecard.fit import Column
from leadwise.learn.scorecard.model import Learned, Weighed
from leadwise.learn.scorecard.prior import Part
from leadwise.learn.scorecard.remarks import head, with_remarks

LEARNED = "learned"


def written(
    rows: Rows, weighed: Weighed, columns: Sequence[Column],
    sure: Sequence[tuple[Floats, Floats]], notes: tuple[str, ...], figures: dict[str, float],
) -> tuple[Card, str, tuple[Learned, ...]]:  # fmt: skip
    """The card, its text, and one record for each line of points. CardError cannot happen unless
    the card learned from was itself wrong."""
    made: dict[str, Criterion] = {}
    lines: list[Learned] = []
    taken = {_plain(c.id) for c in rows.card.criteria}
    taken |= {_plain(a.id) for d in rows.card.dimensions for a in d.adjustments}
    taken |= {_plain(a.id) for a in rows.card.adjustments}
    own: list[Criterion] = []
    for part, points, limit, column, interval in zip(
        weighed.parts, weighed.hundredths, weighed.limits, columns, sure, strict=True
    ):
        criterion, places = _criterion(rows.card, part, points, limit, taken)
        if isinstance(part.of, Binned):
            own.append(criterion)
        else:
            made[part.of.id] = criterion
        lines += _lines(criterion.id, part, points, column, interval, places)
    card = narrowed(_card(rows.card, made, tuple(own), weighed.bounds))
    plain = format_card(card)
    text = with_remarks(plain, head(rows, notes, figures), _paths(card), tuple(lines))
    parsed = parse(text)
    if parsed.card is None:
        raise CardError(parsed.problems)
    return parsed.card, text, tuple(lines)


# -- the card ------------------------------------------------------------------------------------


def _card(
    old: Card, made: dict[str, Criterion], own: tuple[Criterion, ...],
    bounds: tuple[int | None, int | None],
) -> Card:  # fmt: skip
    dimensions = []
    for one in old.dimensions:
        criteria = [made[c.id] for c in (*one.criteria, *one.adjustments) if c.id in made]
        if criteria:
            dimensions.append(replace(one, criteria=tuple(criteria), adjustments=(), range=Range()))
    rest = tuple(made[a.id] for a in old.adjustments if a.id in made) + own
    if rest:
        ids = {_plain(d.id) for d in dimensions}
        dimensions.append(Dimension(free_id(LEARNED, ids), rest, label="Learned from past leads"))
    return replace(
        old, version=old.version + 1, dimensions=tuple(dimensions), adjustments=(),
        range=Range(*bounds), grade=_grade(old.grade, dimensions),
    )  # fmt: skip


def _grade(grade: Grade | None, dimensions: list[Dimension]) -> Grade | None:
    """A grade needs both of its dimensions."""
    ids = {dimension.id for dimension in dimensions}
    return grade if grade and {grade.letter.of, grade.number.of} <= ids else None


def _criterion(
    card: Card, part: Part, points: Wholes, limit: int | None, taken: set[str]
) -> tuple[Criterion, dict[int, str]]:
    """The criterion, and which of its lines says each level's points ("" where none does)."""
    of = part.of
    match of:
        case OccurrenceCriterion():
            bounded = of.limit and replace(of.limit, points=limit)
            return replace(of, points=int(points[0]), limit=bounded), {0: "each"}
        case Adjustment():
            tier = Tier(of.when, int(points[1]))
            made = StateCriterion(of.id, (tier,), short=True, label=of.label, about=of.about)
            return made, {0: "", 1: "1"}
        case StateCriterion():
            return _by_hand(of, points)
        case Binned():
            return _own(card, of, points, taken)


def _by_hand(of: StateCriterion, points: Wholes) -> tuple[StateCriterion, dict[int, str]]:
    count = len(of.tiers)
    tiers = tuple(replace(t, points=int(p)) for t, p in zip(of.tiers, points, strict=False))
    otherwise, unknown = int(points[count]), int(points[count + 1])
    short = of.short and tiers[0].points != 0  # 0 points are refused after `when`, not in a tier
    says = not short and (of.short or of.otherwise is not None or otherwise != 0)
    made = replace(
        of, short=short, tiers=tiers, otherwise=otherwise if says else None, unknown=unknown or None
    )
    places = {level: str(level + 1) for level in range(count)}
    return made, {
        **places, count: "otherwise" if says else "", count + 1: "unknown" if unknown else "",
    }  # fmt: skip


def _own(
    card: Card, of: Binned, points: Wholes, taken: set[str]
) -> tuple[StateCriterion, dict[int, str]]:
    variables: dict[str, str | None] = {v.name: v.label for v in card.fields}
    variables |= {measure.name: measure.label for measure in card.measures}
    name = free_id(of.name.replace("_", "-"), taken)
    taken.add(_plain(name))
    order = list(of.order())
    last = order.pop()
    if not of.ordered:
        order.sort(key=lambda level: -int(points[level]))
    tiers = tuple(
        Tier(parse_condition(of.condition(level) or ""), int(points[level])) for level in order
    )
    unknown = int(points[of.known])
    if not tiers:  # only whether it is known tells leads apart
        known = Tier(parse_condition(f"{of.name} is not null"), int(points[last]))
        not_known = Tier(parse_condition(f"{of.name} is null"), unknown)
        made = StateCriterion(name, (known, not_known), otherwise=0, label=variables[of.name])
        return made, {last: "1", of.known: "2"}
    otherwise = int(points[last])
    made = StateCriterion(
        name, tiers, otherwise=otherwise, unknown=unknown or None, label=variables[of.name]
    )
    places = {level: str(n) for n, level in enumerate(order, 1)}
    return made, {**places, last: "otherwise", of.known: "unknown" if unknown else ""}


def free_id(wanted: str, taken: set[str]) -> str:
    """An id that no other is; `-` and `_` count as the same."""
    tries = (wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3)))
    return next(name for name in tries if _plain(name) not in taken)


def _plain(name: str) -> str:
    return name.replace("-", "_")


# -- what each line is worth, and how sure that is -------------------------------------------------


def _lines(
    criterion: str, part: Part, points: Wholes, column: Column,
    interval: tuple[Floats, Floats], places: dict[int, str],
) -> Iterator[Learned]:  # fmt: skip
    if part.counts:
        counts = np.array([int((column > 0).sum())])
    else:
        counts = np.bincount(column.astype(np.int64), minlength=len(points))
    low, high = interval
    for level, tier in places.items():
        if tier:
            yield Learned(
                criterion, tier, int(points[level]) / 100, round(float(low[level]), 2),
                round(float(high[level]), 2), int(counts[level]),
            )  # fmt: skip


def _paths(card: Card) -> dict[tuple[str, str], Path]:
    """Where each line of points stands in the card."""
    found: dict[tuple[str, str], Path] = {}
    for d, dimension in enumerate(card.dimensions):
        for c, criterion in enumerate(dimension.criteria):
            at: Path = ("dimensions", d, "criteria", c)
            found[criterion.id, "unknown"] = (*at, "unknown")
            if isinstance(criterion, OccurrenceCriterion):
                found[criterion.id, "each"] = (*at, "points")
            elif criterion.short:
                found[criterion.id, "1"] = (*at, "points")
            else:
                for t in range(len(criterion.tiers)):
                    found[criterion.id, str(t + 1)] = (*at, "tiers", t, "points")
                found[criterion.id, "otherwise"] = (
                    *at, "tiers", len(criterion.tiers), "otherwise",
                )  # fmt: skip
    return found
