"""The third query: which events a criterion or a measure looks at, for one lead that is shown."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from leadwise.card.model import Card, OccurrenceCriterion
from leadwise.plan import nodes
from leadwise.plan.passes.writer import Writer
from leadwise.plan.relations import Asked
from leadwise.plan.slots import Selection, select

EVENT_ID = "event_id"


def selections(card: Card) -> dict[tuple[str, str], Selection]:
    """The events that are looked at, by (`criterion`, id) and (`measure`, name)."""
    found = {
        ("criterion", criterion.id): select(criterion.occurrences, card)
        for criterion in card.criteria
        if isinstance(criterion, OccurrenceCriterion)
    }
    measures = {("measure", m.name): select(m.occurrences, card) for m in card.measures}
    return found | measures


def compile_behind(card: Card, wanted: Sequence[Selection], asked: Asked) -> exp.Select:
    """The query whose rows are events: event_id, event, at_us, and `_0`, `_1` ... for `wanted`.

    A mark is 1 where the selection has the event and NULL where not. The relation `events` has to
    have the column `event_id` besides, and only events of the lead that is meant. What a limit or
    `distinct` leaves out of the points is among the rows: it was looked at too.
    """
    writer = Writer(card, asked)
    rows = writer.rows(wanted)
    names = (EVENT_ID, "event", "at_us")
    rows = rows.select(*(nodes.column(name) for name in names), copy=False)
    for place, selection in enumerate(wanted):
        belongs = writer.belongs(selection, wanted)
        one = nodes.whole(1) if belongs is None else nodes.when(belongs, nodes.whole(1))
        rows = rows.select(nodes.named(one, f"_{place}"), copy=False)
    return rows
