"""The pass that groups by a property's value before it counts: different values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from leadwise.plan import asked as at_moment
from leadwise.plan import nodes
from leadwise.plan.passes.writer import Writer, selections_of
from leadwise.plan.slots import Slot, Valued
from leadwise.plan.steps import Step


def valued_steps(
    slots: Sequence[Valued], number: int, columns: Mapping[Slot, str], writer: Writer
) -> list[Step]:
    """The latest occurrence of each value, then how many there are or what they weigh."""
    selections = selections_of(slots)
    key = nodes.column(at_moment.key(writer.asked))
    value, age = nodes.column(slots[0].property), at_moment.age(writer.asked)
    latest = writer.rows(selections).where(nodes.is_known(value), copy=False)
    latest = latest.select(writer.key, copy=False)
    counted = exp.select(key).from_(nodes.relation(f"values_{number}"))
    for place, slot in enumerate(slots, 1):
        belongs = writer.belongs(slot.selection, selections)
        worth = nodes.halved(age.copy(), slot.half_life) if slot.half_life else nodes.whole(1)
        # The latest of equal values is the one that has aged least.
        of = nodes.when(belongs, worth) if belongs is not None else worth
        latest = latest.select(nodes.named(nodes.greatest(of), f"_n{place}"), copy=False)
        each = nodes.column(f"_n{place}")
        total = nodes.total(each) if slot.half_life else nodes.count(each)
        counted = counted.select(nodes.named(total, columns[slot]), copy=False)
    return [
        Step(
            f"values_{number}",
            f"One row for each different value of {slots[0].property}.",
            latest.group_by(writer.key, value.copy(), copy=False),
        ),
        Step(
            f"distinct_{number}",
            "How many different values, or what is left of them.",
            counted.group_by(key.copy(), copy=False),
        ),
    ]
