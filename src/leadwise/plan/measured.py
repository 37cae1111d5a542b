"""The step `measured`: one row per answer with the lead's facts, its slots and its measures."""

from __future__ import annotations

from typing import assert_never

from sqlglot import exp

from leadwise.card.model import Card, Measure
from leadwise.plan import asked as at_moment
from leadwise.plan import nodes
from leadwise.plan.conditions import Readable, Reading, days
from leadwise.plan.nodes import Node
from leadwise.plan.passes import Passes
from leadwise.plan.passes.totals import unpacked
from leadwise.plan.relations import FACTS, Asked, At
from leadwise.plan.slots import Daily, Kept, Slot, Total, Valued, measured, properties
from leadwise.plan.steps import Step

# Above this a double has no six decimals left to round.
ROUNDED_BELOW = 1e9
SIX_DECIMALS = 1e6


def measured_step(card: Card, asked: Asked, found: Passes) -> Step:
    """Joins moments, facts and passes; a slot without events is 0 where it is a number of them."""
    key = at_moment.key(asked)
    select = exp.Select().from_(nodes.nested(at_moment.moments(asked), "asked"), copy=False)
    for name in at_moment.moment_columns(asked):
        select = select.select(nodes.column(name, "asked"), copy=False)
    if card.fields:
        select = select.join(
            nodes.relation(FACTS), on=_facts_then(asked), join_type="left", copy=False
        )
        fields = [nodes.column(field.name, FACTS) for field in card.fields]
        select = select.select(*fields, copy=False)
    for name in found.answers:
        same = nodes.equal(nodes.column(key, name), nodes.column(key, "asked"))
        select = select.join(nodes.relation(name), on=same, join_type="left", copy=False)
    for slot, column in found.columns.items():
        select = select.select(nodes.named(_slot_value(slot, column), column), copy=False)
    about = "Each lead with what was known of it and what it had done."
    return Step("measured", about, select, barrier=True)


def _facts_then(asked: Asked) -> Node:
    """The facts of the moment: the latest row known both when it was asked of and by then."""
    if isinstance(asked, At):
        then: Node = nodes.big(nodes.whole(min(asked.as_of_us, asked.known_by_us)))
    else:
        then = nodes.smaller(
            nodes.column("as_of_us", "asked"), nodes.column("known_by_us", "asked")
        )
    return nodes.all_of(
        [
            nodes.equal(nodes.column("lead_id", FACTS), nodes.column("lead_id", "asked")),
            nodes.at_most(nodes.column("from_us", FACTS), then),
            nodes.more(nodes.column("until_us", FACTS), then.copy()),
        ]
    )


def _slot_value(slot: Slot, column: str) -> Node:
    node = nodes.column(column)
    match slot:
        case Total("count") | Valued(half_life=None):
            return nodes.either(node, nodes.big(nodes.whole(0)))
        case Total("weight") | Valued():
            return nodes.either(node, nodes.number(0.0))
        case Total("last"):
            return unpacked(node, slot.values)
        case Total():
            return node
        case Daily():
            return nodes.either(node, nodes.big(nodes.whole(0)))
        case Kept(last=None, half_life=None):
            return nodes.either(node, nodes.big(nodes.whole(0)))
        case Kept(last=None):
            return nodes.either(node, nodes.number(0.0))
        case Kept():
            return node
        case _:
            assert_never(slot)


def lead_reading(card: Card, found: Passes) -> Reading:
    """What conditions on a lead read: columns of `measured`, measures worked out from slots."""
    names = {
        field.name: Readable(nodes.column(field.name), field.type, field.fold)
        for field in card.fields
    }
    for measure in card.measures:
        column = nodes.column(found.columns[measured(measure, card)])
        names[measure.name] = _measure(measure, column, card)
    return Reading(names, nodes.column("as_of_us"))


def lead_bases(card: Card, found: Passes) -> dict[str, Node]:
    """The instants from which elapsed days are counted: times known of the lead, first and last."""
    bases = {f.name: nodes.column(f.name) for f in card.fields if f.type == "time"}
    for measure in card.measures:
        column = nodes.column(found.columns[measured(measure, card)])
        last = measure.statistic == "last" and _measure(measure, column, card).type == "time"
        if last or measure.statistic.startswith("days_since"):
            bases[measure.name] = column
    return bases


def _measure(measure: Measure, column: Node, card: Card) -> Readable:
    match measure.statistic:
        case "count" | "distinct":
            return Readable(nodes.double(column), "number", always_known=True)
        case "sum":
            return Readable(_six_decimals(column), "number")
        case "min" | "max":
            return Readable(column, "number")
        case "days_since_first" | "days_since_last":
            return Readable(days(nodes.column("as_of_us"), column), "number")
        case "last":
            assert measure.property is not None  # checked with the card
            variable = properties(card)[measure.property]
            return Readable(column, variable.type, variable.fold)


def _six_decimals(total: Node) -> Node:
    """A sum of doubles depends on the order of adding, which no engine promises: rounded, it shows
    none of that, and ten times 0.1 is 1."""
    scaled = nodes.times(total, nodes.number(SIX_DECIMALS))
    nearest = nodes.floor(exp.Add(this=scaled, expression=nodes.number(0.5)))
    small = exp.Between(
        this=total.copy(), low=nodes.number(-ROUNDED_BELOW), high=nodes.number(ROUNDED_BELOW)
    )
    return nodes.when(
        small, nodes.over(nodes.double(nearest), nodes.number(SIX_DECIMALS)), total.copy()
    )
