"""From facts and slots to the ledger: criteria, limits, adjustments, ranges, score, band, grade.

Every amount is a BIGINT of hundredths. A step only adds columns, so that the ledger's lines and the
sums that were made of them come from the same whole numbers and cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from sqlglot import exp

from leadwise.card.expression import Expression
from leadwise.card.model import (
    Adjustment,
    Band,
    Card,
    Criterion,
    Dimension,
    GradeAxis,
    OccurrenceCriterion,
    Range,
    StateCriterion,
)
from leadwise.plan import nodes
from leadwise.plan.conditions import Reading, predicate
from leadwise.plan.lines import column_name, points_limit, total_name
from leadwise.plan.nodes import Node
from leadwise.plan.passes import Passes
from leadwise.plan.slots import amount_slot, counted
from leadwise.plan.steps import Step, onward

UNDECIDED = -1
PERCENT = 10_000.0  # percents are hundredths too


def state(line_id: str) -> Node:
    """Which tier won (from 1), 0 for none, -1 where it could not be decided."""
    return nodes.column(state_name(line_id))


def state_name(line_id: str) -> str:
    return f"_{column_name(line_id)}_state"


def amount(line_id: str) -> Node:
    return nodes.column(column_name(line_id))


def decided_step(
    card: Card, reading: Reading, carried: Sequence[str], extra: Sequence[Node] = ()
) -> Step:
    """Every condition on a lead, decided once; of the lead itself only `carried` goes on."""
    select = exp.select(*(nodes.column(name) for name in carried))
    select = select.from_(nodes.relation("measured"), copy=False)
    for criterion in card.criteria:
        conditions = _conditions(criterion)
        if conditions:
            node = _decided([predicate(c, reading) for c in conditions])
            select = select.select(nodes.named(node, state_name(criterion.id)), copy=False)
    for adjustment in all_adjustments(card):
        node = _decided([predicate(adjustment.when, reading)])
        select = select.select(nodes.named(node, state_name(adjustment.id)), copy=False)
    about = "Which tier is true: its number, 0 for none, -1 where it cannot be decided."
    return Step("decided", about, select.select(*extra, copy=False), barrier=True)


def _conditions(criterion: Criterion) -> tuple[Expression, ...]:
    match criterion:
        case StateCriterion():
            return tuple(tier.when for tier in criterion.tiers)
        case OccurrenceCriterion():
            return (criterion.when,) if criterion.when is not None else ()
        case _:
            assert_never(criterion)


def _decided(conditions: Sequence[Node]) -> Node:
    won = [(condition, nodes.whole(n)) for n, condition in enumerate(conditions, 1)]
    open_ = nodes.is_null(nodes.any_of([c.copy() for c in conditions]))
    return nodes.case([*won, (open_, nodes.whole(UNDECIDED))], nodes.whole(0))


def amounts_step(card: Card, found: Passes) -> Step:
    """What each criterion gives, before its limit."""
    select = onward("decided")
    for criterion in card.criteria:
        node = nodes.big(_amount(criterion, card, found))
        select = select.select(nodes.named(node, column_name(criterion.id)), copy=False)
    return Step("amounts", "What each criterion gives, in hundredths.", select, barrier=True)


def _amount(criterion: Criterion, card: Card, found: Passes) -> Node:
    match criterion:
        case StateCriterion():
            branches = [
                (nodes.equal(state(criterion.id), nodes.whole(n)), nodes.whole(tier.points))
                for n, tier in enumerate(criterion.tiers, 1)
            ]
            if criterion.unknown:
                undecided = nodes.equal(state(criterion.id), nodes.whole(UNDECIDED))
                branches.append((undecided, nodes.whole(criterion.unknown)))
            if criterion.otherwise:
                none = nodes.equal(state(criterion.id), nodes.whole(0))
                branches.append((none, nodes.whole(criterion.otherwise)))
            return nodes.case(branches, nodes.whole(0))
        case OccurrenceCriterion():
            earned = _earned(criterion, card, found)
            if criterion.when is None:
                return earned
            true = nodes.equal(state(criterion.id), nodes.whole(1))
            return nodes.when(true, earned, nodes.whole(0))
        case _:
            assert_never(criterion)


def weight(criterion: OccurrenceCriterion, card: Card, found: Passes) -> Node:
    """The unrounded hundredths of a criterion with half-life, before its limit."""
    slot = nodes.column(found.columns[amount_slot(criterion, card)])
    return nodes.times(slot, nodes.number(float(criterion.points)))


def occurrences(criterion: OccurrenceCriterion, card: Card, found: Passes) -> Node:
    """How many occurrences count."""
    slot, cap = counted(criterion, card)
    node = nodes.column(found.columns[slot])
    return nodes.smaller(node, nodes.whole(cap)) if cap is not None else node


def _earned(criterion: OccurrenceCriterion, card: Card, found: Passes) -> Node:
    if criterion.half_life:
        return nodes.rounded(weight(criterion, card, found))
    return nodes.times(occurrences(criterion, card, found), nodes.whole(criterion.points))


def limits_step(card: Card) -> Step | None:
    """What limits of points take away."""
    limited = [(c, most) for c in card.criteria if (most := points_limit(c)) is not None]
    if not limited:
        return None
    select = onward("amounts")
    for criterion, most in limited:
        beyond = nodes.more if most > 0 else nodes.less
        earned = amount(criterion.id)
        cut = nodes.when(
            beyond(earned, nodes.whole(most)),
            nodes.minus(nodes.whole(most), earned.copy()),
            nodes.whole(0),
        )
        select = select.select(
            nodes.named(nodes.big(cut), f"{column_name(criterion.id)}__limit"), copy=False
        )
    return Step("limits", "What limits of points take away.", select)


def net(criterion: Criterion) -> list[Node]:
    """The criterion's own lines: its amount and its limit."""
    parts = [amount(criterion.id)]
    if points_limit(criterion) is not None:
        parts.append(nodes.column(f"{column_name(criterion.id)}__limit"))
    return parts


def dimension_steps(card: Card, previous: str) -> Iterator[Step]:
    """Sums, adjustments one after the other, ranges and totals of all dimensions side by side."""
    sums = {
        d.id: [part for criterion in d.criteria for part in net(criterion)] for d in card.dimensions
    }
    select = onward(previous)
    for dimension in card.dimensions:
        node = nodes.big(nodes.add(sums[dimension.id]))
        select = select.select(nodes.named(node, _sum_name(dimension.id)), copy=False)
    step = Step("sums", "The sum of each dimension's criteria.", select, barrier=True)
    yield step
    for number in range(max(len(d.adjustments) for d in card.dimensions)):
        adjusted = [d for d in card.dimensions if len(d.adjustments) > number]
        select = onward(step)
        for dimension in adjusted:
            so_far = _adjusted(dimension.id, dimension.adjustments[:number])
            line = adjustment_line(dimension.adjustments[number], so_far)
            select = select.select(line, copy=False)
        step = Step(
            f"adjusted_{number + 1}", "Percents of what stands before them.", select, barrier=True
        )
        yield step
    if any(d.range != Range() for d in card.dimensions):
        select = onward(step)
        for dimension in card.dimensions:
            so_far = _adjusted(dimension.id, dimension.adjustments)
            select = select.select(*range_lines(dimension.id, dimension.range, so_far), copy=False)
        step = Step("ranged", "What minimum and maximum add and take away.", select, barrier=True)
        yield step
    select = onward(step)
    for dimension in card.dimensions:
        node = nodes.big(nodes.add([_total(dimension)]))
        select = select.select(nodes.named(node, total_name(dimension.id)), copy=False)
    yield Step("totals_by_dimension", "Each dimension's total.", select, barrier=True)


def score_steps(card: Card, previous: str) -> Iterator[Step]:
    """The card's own adjustments and range, on the sum of its dimensions."""
    select = onward(previous)
    node = nodes.big(nodes.add([nodes.column(total_name(d.id)) for d in card.dimensions]))
    select = select.select(nodes.named(node, _sum_name("score")), copy=False)
    step = Step("summed", "The sum of the dimensions.", select, barrier=True)
    yield step
    for number, adjustment in enumerate(card.adjustments):
        so_far = _adjusted("score", card.adjustments[:number])
        select = onward(step).select(adjustment_line(adjustment, so_far), copy=False)
        about = "A percent of the whole score so far."
        step = Step(f"score_adjusted_{number + 1}", about, select, barrier=True)
        yield step
    if card.range != Range():
        so_far = _adjusted("score", card.adjustments)
        select = onward(step).select(*range_lines("score", card.range, so_far), copy=False)
        step = Step("score_ranged", "What the score's range adds and takes.", select, barrier=True)
        yield step
    total = nodes.add([_adjusted("score", card.adjustments), *_range_columns("score", card.range)])
    select = onward(step).select(nodes.named(nodes.big(total), "score"), copy=False)
    yield Step("scored", "The score: the sum of all lines.", select, barrier=True)


def _sum_name(owner: str) -> str:
    return f"_{column_name(owner)}_sum"


def _adjusted(owner: str, adjustments: Sequence[Adjustment]) -> Node:
    return nodes.add([nodes.column(_sum_name(owner)), *(amount(a.id) for a in adjustments)])


def _total(dimension: Dimension) -> Node:
    adjusted = _adjusted(dimension.id, dimension.adjustments)
    return nodes.add([adjusted, *_range_columns(dimension.id, dimension.range)])


def adjustment_line(adjustment: Adjustment, so_far: Node) -> Node:
    """`percent` of what is positive, where the condition is true."""
    applies = nodes.all_of(
        [
            nodes.equal(state(adjustment.id), nodes.whole(1)),
            nodes.more(nodes.wrapped(so_far), nodes.whole(0)),
        ]
    )
    share = nodes.over(
        nodes.times(nodes.double(so_far.copy()), nodes.number(float(adjustment.percent))),
        nodes.number(PERCENT),
    )
    line = nodes.big(nodes.when(applies, nodes.rounded(share), nodes.whole(0)))
    return nodes.named(line, column_name(adjustment.id))


def range_lines(owner: str, of: Range, so_far: Node) -> Iterator[Node]:
    """Minimum before maximum; as that is not below it, at most one of them does anything."""
    value = nodes.wrapped(so_far)
    for bound, beyond, suffix in ((of.min, nodes.less, "min"), (of.max, nodes.more, "max")):
        if bound is not None:
            line = nodes.when(
                beyond(value.copy(), nodes.whole(bound)),
                nodes.minus(nodes.whole(bound), value.copy()),
                nodes.whole(0),
            )
            yield nodes.named(nodes.big(line), f"{column_name(owner)}__{suffix}")


def _range_columns(owner: str, of: Range) -> list[Node]:
    base = column_name(owner)
    present = [("min", of.min), ("max", of.max)]
    return [nodes.column(f"{base}__{suffix}") for suffix, bound in present if bound is not None]


def threshold(band: Band) -> int | None:
    """The least score of a band: scores are whole hundredths, so above 80 is from 80.01."""
    return None if band.threshold is None else band.threshold + int(band.above)


def band(card: Card) -> Node:
    if not card.bands:
        return nodes.null("TEXT")
    branches = [
        (nodes.at_least(nodes.column("score"), nodes.whole(least)), nodes.text(b.id))
        for b in reversed(card.bands)
        if (least := threshold(b)) is not None
    ]
    return (
        nodes.case(branches, nodes.text(card.bands[0].id))
        if branches
        else nodes.text(card.bands[0].id)
    )


def grade(card: Card) -> Node:
    if card.grade is None:
        return nodes.null("TEXT")
    return exp.DPipe(
        this=nodes.wrapped(_sign(card.grade.letter)),
        expression=nodes.wrapped(_sign(card.grade.number)),
    )


def _sign(axis: GradeAxis) -> Node:
    total = nodes.column(total_name(axis.of))
    steps = [
        (nodes.at_least(total.copy(), nodes.whole(least)), nodes.text(sign))
        for sign, least in axis.steps
        if least is not None
    ]
    below = next(sign for sign, least in axis.steps if least is None)
    return nodes.case(steps, nodes.text(below)) if steps else nodes.text(below)


def unknown(card: Card) -> Node:
    """The ids of what could not be decided, in the order of the card, with a space between."""
    ids = [
        c.id
        for d in card.dimensions
        for c in (*d.criteria, *d.adjustments)
        if isinstance(c, StateCriterion | Adjustment) or c.when is not None
    ]
    ids += [adjustment.id for adjustment in card.adjustments]
    pieces = [
        nodes.when(
            nodes.equal(state(line_id), nodes.whole(UNDECIDED)),
            nodes.text(line_id + " "),
            nodes.text(""),
        )
        for line_id in ids
    ]
    if not pieces:
        return nodes.text("")
    joined = pieces[0]
    for piece in pieces[1:]:
        joined = exp.DPipe(this=joined, expression=piece)
    return exp.Trim(this=joined)


def all_adjustments(card: Card) -> Iterator[Adjustment]:
    for dimension in card.dimensions:
        yield from dimension.adjustments
    yield from card.adjustments
