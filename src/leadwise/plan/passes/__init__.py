"""The passes over the events that fill the slots: named steps, each read once.

A slot's column is `_1`, `_2` ... in the order of the slots; a leading underscore keeps it apart
from every name that a card may give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadwise.card.model import Card
from leadwise.plan.passes.daily import daily_steps
from leadwise.plan.passes.kept import kept_steps
from leadwise.plan.passes.totals import totals_step
from leadwise.plan.passes.valued import valued_steps
from leadwise.plan.passes.writer import Writer
from leadwise.plan.relations import Asked
from leadwise.plan.slots import Daily, Kept, Slot, Total, Valued
from leadwise.plan.steps import Step

# Each of these passes is a join of its own, and SQLite joins 64 tables at most; the properties
# beyond go the long way, through `kept`, which is one join for any number.
MOST_VALUED = 16


@dataclass(frozen=True, slots=True)
class Passes:
    """The steps, the names of those that hold answers, and where each slot is found: its column."""

    steps: tuple[Step, ...]
    answers: tuple[str, ...]
    columns: Mapping[Slot, str]


def passes(slots: Sequence[Slot], card: Card, asked: Asked) -> Passes:
    """The steps that fill these slots."""
    columns: dict[Slot, str] = {slot: f"_{number}" for number, slot in enumerate(slots, 1)}
    writer = Writer(card, asked)
    totals = [slot for slot in slots if isinstance(slot, Total)]
    daily = [slot for slot in slots if isinstance(slot, Daily)]
    valued: dict[str, list[Valued]] = {}
    for slot in slots:
        if isinstance(slot, Valued):
            valued.setdefault(slot.property, []).append(slot)
    kept: dict[Slot, Kept] = {slot: slot for slot in slots if isinstance(slot, Kept)}
    groups: list[list[Step]] = []
    if totals:
        groups.append([totals_step(totals, columns, writer)])
    if daily:
        groups.append(daily_steps(daily, columns, writer))
    for number, alike in enumerate(valued.values(), 1):
        if number <= MOST_VALUED:
            groups.append(valued_steps(alike, number, columns, writer))
        else:
            kept |= {s: Kept(s.selection, s.property, half_life=s.half_life) for s in alike}
    if kept:
        groups.append(kept_steps(kept, columns, writer))
    steps = tuple(step for group in groups for step in group)
    return Passes(steps, tuple(group[-1].name for group in groups), columns)
