"""The card's query: the ledger of every moment asked."""

from __future__ import annotations

from sqlglot import exp

from leadwise.card.model import Card
from leadwise.plan import nodes, verdict
from leadwise.plan.amounts import amounts_step, limits_step
from leadwise.plan.asked import moment_columns
from leadwise.plan.decided import decided_step
from leadwise.plan.lines import lines, total_name
from leadwise.plan.measured import lead_bases, lead_reading, measured_step
from leadwise.plan.moving import thresholds
from leadwise.plan.passes import Passes, passes
from leadwise.plan.relations import Asked
from leadwise.plan.slots import score_slots
from leadwise.plan.stability import stability_slots, stability_steps, threshold_column
from leadwise.plan.steps import Step, assemble
from leadwise.plan.sums import dimension_steps, score_steps


def compile_ledger(card: Card, asked: Asked, *, stable: bool = False) -> exp.Select:
    """The query whose rows are ledgers, one per moment asked.

    Columns: `_moment` (only for `Each`), `lead_id`, `as_of_us`, `known_by_us`, every line of
    `lines(card)` and `<dimension>__total` in hundredths, `score` in hundredths, `band`, `grade`,
    `unknown` (ids, a space between); with `stable` also `stable_until_us`: at no whole second
    before it can the band differ (`FOREVER` where it never can), unless something new is learned.
    """
    slots = score_slots(card)
    if stable:
        slots = tuple(dict.fromkeys([*slots, *stability_slots(card)]))
    found = passes(slots, card, asked)
    steps: list[Step] = [*found.steps, measured_step(card, asked, found)]
    steps.append(_decided(card, asked, found, stable=stable))
    steps.append(amounts_step(card, found))
    limits = limits_step(card)
    if limits:
        steps.append(limits)
    steps += dimension_steps(card, steps[-1].name)
    steps += score_steps(card, steps[-1].name)
    if stable:
        steps += stability_steps(card, asked, found, steps[-1].name)
    return assemble(steps, _answer(card, asked, steps[-1].name, stable=stable))


def _decided(card: Card, asked: Asked, found: Passes, *, stable: bool) -> Step:
    carried = [*moment_columns(asked), *found.columns.values()]
    reading = lead_reading(card, found)
    extra = []
    if stable and thresholds(card):
        extra.append(threshold_column(card, reading, lead_bases(card, found)))
    return decided_step(card, reading, carried, extra)


def _answer(card: Card, asked: Asked, previous: str, *, stable: bool) -> exp.Select:
    names = [*moment_columns(asked)]
    names += [line.name for line in lines(card)]
    names += [total_name(dimension.id) for dimension in card.dimensions]
    select = exp.select(*(nodes.column(name) for name in (*names, "score")))
    select = select.from_(nodes.relation(previous), copy=False).select(
        nodes.named(verdict.band(card), "band"),
        nodes.named(verdict.grade(card), "grade"),
        nodes.named(verdict.unknown(card), "unknown"),
        copy=False,
    )
    return select.select(nodes.column("stable_until_us"), copy=False) if stable else select
