"""The query of a training row: a moment's score together with what it was made of.

One pass over the events gives score and band, which tier of each criterion counted, how many
occurrences did (aged, not rounded), and every field and measure: what can be learned from a moment
is exactly what its score was worked out from.
"""

from __future__ import annotations

from sqlglot import exp

from leadwise.card.model import Card, OccurrenceCriterion
from leadwise.plan import nodes, verdict
from leadwise.plan.amounts import amounts_step, limits_step, occurrences
from leadwise.plan.asked import moment_columns
from leadwise.plan.decided import all_adjustments, decided_step, state, state_name
from leadwise.plan.lines import column_name
from leadwise.plan.measured import lead_reading, measured_step
from leadwise.plan.nodes import Node
from leadwise.plan.passes import Passes, passes
from leadwise.plan.relations import Asked
from leadwise.plan.slots import amount_slot, score_slots
from leadwise.plan.steps import Step, assemble
from leadwise.plan.sums import dimension_steps, score_steps


def value_name(place: int) -> str:
    """The column of a field or measure: by its place, as a criterion may bear the same name."""
    return f"_value_{place}"


def occurred_name(criterion_id: str) -> str:
    return f"_{column_name(criterion_id)}_occurred"


def compile_pieces(card: Card, asked: Asked, *, values: bool = True) -> exp.Select:
    """The query whose rows are moments with all that they were scored by.

    Columns: those of the moment; `score` in hundredths and `band`; `state_name` of each criterion
    or adjustment with conditions (the tier that counts from 1, 0 for none, -1 undecided);
    `occurred_name` of each criterion with occurrences (DOUBLE: how many count after half-life and
    `limit.times`, before `limit.points`; 0 where its `when` is not true); with `values` also
    `value_name` of every field, then of every measure.
    """
    found = passes(score_slots(card), card, asked)
    steps: list[Step] = [*found.steps, measured_step(card, asked, found)]
    carried = [*moment_columns(asked), *found.columns.values()]
    reading = lead_reading(card, found)
    extra = []
    if values:
        known = [nodes.column(field.name) for field in card.fields]
        known += [reading.names[measure.name].node.copy() for measure in card.measures]
        extra = [nodes.named(node, value_name(place)) for place, node in enumerate(known)]
    steps.append(decided_step(card, reading, carried, extra))
    steps.append(amounts_step(card, found))
    limits = limits_step(card)
    if limits:
        steps.append(limits)
    steps += dimension_steps(card, steps[-1].name)
    steps += score_steps(card, steps[-1].name)
    answer = exp.select(*(nodes.column(name) for name in (*moment_columns(asked), "score")))
    answer = answer.from_(nodes.relation(steps[-1].name), copy=False)
    answer = answer.select(nodes.named(verdict.band(card), "band"), copy=False)
    for name in states(card):
        answer = answer.select(nodes.column(name), copy=False)
    for criterion in card.criteria:
        if isinstance(criterion, OccurrenceCriterion):
            node = nodes.named(_occurred(criterion, card, found), occurred_name(criterion.id))
            answer = answer.select(node, copy=False)
    if values:
        places = range(len(card.fields) + len(card.measures))
        columns = (nodes.column(value_name(place)) for place in places)
        answer = answer.select(*columns, copy=False)
    return assemble(steps, answer)


def states(card: Card) -> tuple[str, ...]:
    """The columns that say which condition was true, in the order of the card."""
    ids = [
        c.id for c in card.criteria if not isinstance(c, OccurrenceCriterion) or c.when is not None
    ]
    ids += [adjustment.id for adjustment in all_adjustments(card)]
    return tuple(state_name(line_id) for line_id in ids)


def _occurred(criterion: OccurrenceCriterion, card: Card, found: Passes) -> Node:
    if criterion.half_life:
        node: Node = nodes.column(found.columns[amount_slot(criterion, card)])
    else:
        node = nodes.double(occurrences(criterion, card, found))
    if criterion.when is None:
        return node
    true = nodes.equal(state(criterion.id), nodes.whole(1))
    return nodes.when(true, node, nodes.number(0.0))
