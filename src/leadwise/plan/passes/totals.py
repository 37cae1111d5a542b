"""The grouped pass with conditional aggregates, one for each slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from leadwise.plan import asked as at_moment
from leadwise.plan import nodes
from leadwise.plan.nodes import Node
from leadwise.plan.passes.writer import Writer, selections_of
from leadwise.plan.slots import Slot, Total
from leadwise.plan.steps import Step


def totals_step(slots: Sequence[Total], columns: Mapping[Slot, str], writer: Writer) -> Step:
    selections = selections_of(slots)
    select = writer.rows(selections).select(writer.key, copy=False)
    for slot in slots:
        belongs = writer.belongs(slot.selection, selections)
        aggregate = nodes.named(_aggregate(slot, belongs, writer), columns[slot])
        select = select.select(aggregate, copy=False)
    return Step(
        "totals",
        "One pass over the events that count: per lead, one aggregate for each thing to know.",
        select.group_by(writer.key, copy=False),
    )


def _aggregate(slot: Total, belongs: Node | None, writer: Writer) -> Node:
    def of(value: Node) -> Node:
        return nodes.when(belongs, value) if belongs is not None else value

    at = nodes.column("at_us")
    match slot.kind:
        case "count":
            return nodes.count(of(nodes.whole(1)))
        case "first":
            return nodes.least(of(at))
        case "latest" if slot.property is not None:
            valued = nodes.when(nodes.is_known(nodes.column(slot.property)), at)
            return nodes.greatest(of(valued))
        case "latest":
            return nodes.greatest(of(at))
        case "expiry":
            assert slot.selection.within is not None  # only windows expire
            return nodes.least(of(nodes.add([at, nodes.whole(slot.selection.within)])))
        case "weight":
            assert slot.half_life is not None  # only ageing occurrences weigh
            return nodes.total(of(nodes.halved(at_moment.age(writer.asked), slot.half_life)))
        case "last":
            assert slot.property is not None  # checked with the card
            return nodes.greatest(of(packed(nodes.column(slot.property), slot.values)))
        case "sum" | "min" | "max":
            assert slot.property is not None  # checked with the card
            value = of(nodes.column(slot.property))
            by_kind = {
                "sum": nodes.total,
                "min": nodes.least,
                "max": nodes.greatest,
            }
            return by_kind[slot.kind](value)
        case _:
            assert_never(slot.kind)


def packed(value: Node, values: Sequence[str | int]) -> Node:
    """A time and the place of a value in one whole number, the time counting more."""
    time = nodes.times(nodes.column("at_us"), nodes.whole(len(values)))
    places = [
        (
            nodes.equal(value.copy(), nodes.literal(one)),
            nodes.add([time.copy(), nodes.whole(place)]),
        )
        for place, one in enumerate(values)
    ]
    return nodes.case(places)


def unpacked(node: Node, values: Sequence[str | int]) -> Node:
    """The value whose place `packed` put beside the time."""
    count = nodes.whole(len(values))
    place = nodes.remainder(nodes.add([nodes.remainder(node, count), count.copy()]), count.copy())
    return nodes.case(
        [
            (nodes.equal(place.copy(), nodes.whole(n)), nodes.literal(one))
            for n, one in enumerate(values)
        ]
    )
