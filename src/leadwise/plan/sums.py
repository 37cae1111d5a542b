"""From amounts to the score: sums, adjustments, ranges, totals.

A step only adds columns, so that the ledger's lines and the sums that were made of them come from
the same whole numbers and cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leadwise.card.model import (
    Adjustment,
    Card,
    Dimension,
    Range,
)
from leadwise.plan import nodes
from leadwise.plan.amounts import amount, net
from leadwise.plan.decided import state
from leadwise.plan.lines import column_name, total_name
from leadwise.plan.nodes import Node
from leadwise.plan.steps import Step, onward

PERCENT = 10_000.0  # percents are hundredths too


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
