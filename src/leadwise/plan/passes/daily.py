"""The pass that groups by day before it counts: limits of each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from leadwise.plan import asked as at_moment
from leadwise.plan import nodes
from leadwise.plan.passes.writer import Writer, selections_of
from leadwise.plan.slots import Daily, Slot
from leadwise.plan.steps import Step


def daily_steps(slots: Sequence[Daily], columns: Mapping[Slot, str], writer: Writer) -> list[Step]:
    selections = selections_of(slots)
    key = at_moment.key(writer.asked)
    by_day = writer.rows(selections).select(
        writer.key, nodes.named(writer.day(selections), "_day"), copy=False
    )
    capped = exp.select(nodes.column(key)).from_(nodes.relation("days"))
    for number, selection in enumerate(selections, 1):
        belongs = writer.belongs(selection, selections)
        one = nodes.when(belongs, nodes.whole(1)) if belongs is not None else nodes.whole(1)
        by_day = by_day.select(nodes.named(nodes.count(one), f"_n{number}"), copy=False)
    for slot in slots:
        counted = nodes.column(f"_n{selections.index(slot.selection) + 1}")
        at_most = nodes.smaller(counted, nodes.whole(slot.times))
        capped = capped.select(
            nodes.named(nodes.big(nodes.total(at_most)), columns[slot]), copy=False
        )
    return [
        Step(
            "days",
            f"How often on each day ({writer.card.timezone}).",
            by_day.group_by(writer.key, nodes.column("_day"), copy=False),
        ),
        Step(
            "daily",
            "At most the limit of each day.",
            capped.group_by(nodes.column(key), copy=False),
        ),
    ]
