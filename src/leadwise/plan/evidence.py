"""The second query: what stands behind a ledger, asked only for the leads that are shown.

Carrying this for everybody would make the first query three times dearer.
"""

from __future__ import annotations

from sqlglot import exp

from leadwise.card.model import Card, OccurrenceCriterion
from leadwise.plan import nodes
from leadwise.plan.amounts import occurrences
from leadwise.plan.asked import key, moment_columns, moments
from leadwise.plan.lines import column_name
from leadwise.plan.measured import lead_reading, measured_step
from leadwise.plan.passes import passes
from leadwise.plan.relations import EVENTS, Asked
from leadwise.plan.slots import Slot, Total, counted, measured, score_slots, select
from leadwise.plan.steps import Step, assemble


def count_name(criterion_id: str) -> str:
    return f"_{column_name(criterion_id)}_count"


def latest_name(criterion_id: str) -> str:
    return f"_{column_name(criterion_id)}_latest_us"


def compile_evidence(card: Card, asked: Asked) -> exp.Select:
    """The query whose rows are the evidence of a ledger's.

    Columns: those of the moment, every field and measure by its name (times in microseconds,
    booleans 0 or 1), and for each criterion with occurrences `count_name` (how many counted) and
    `latest_name` (when the latest of them happened, NULL for none).
    """
    criteria = [c for c in card.criteria if isinstance(c, OccurrenceCriterion)]
    slots = [measured(measure, card) for measure in card.measures]
    for criterion in criteria:
        slots += [counted(criterion, card)[0], _latest(criterion, card)]
    found = passes(tuple(dict.fromkeys(slots)), card, asked)
    steps: list[Step] = [*found.steps, measured_step(card, asked, found)]
    names = [*moment_columns(asked), *(field.name for field in card.fields)]
    answer = exp.select(*(nodes.column(name) for name in names))
    answer = answer.from_(nodes.relation("measured"), copy=False)
    readable = lead_reading(card, found).names
    for measure in card.measures:
        node = readable[measure.name].node
        answer = answer.select(nodes.named(node, measure.name), copy=False)
    for criterion in criteria:
        number = nodes.big(occurrences(criterion, card, found))
        latest = nodes.column(found.columns[_latest(criterion, card)])
        answer = answer.select(
            nodes.named(number, count_name(criterion.id)),
            nodes.named(latest, latest_name(criterion.id)),
            copy=False,
        )
    return assemble(steps, answer)


def _latest(criterion: OccurrenceCriterion, card: Card) -> Slot:
    return Total("latest", select(criterion.occurrences, card), criterion.distinct)


def compile_instants(card: Card, asked: Asked) -> exp.Select | exp.Union | None:
    """(key, at_us): when an occurrence leaves a window, or an event ahead happens.

    Not a bound of anything: only good moments to ask first when looking ahead. None where a card
    has neither.
    """
    slots = score_slots(card)
    kinds = [e.name for e in card.events if any(e.name in s.selection.kinds for s in slots)]
    if not kinds:
        return None
    windows = sorted({s.selection.within for s in slots if s.selection.within is not None})
    branches = [_instants(asked, kinds, 0)]
    branches += [_instants(asked, kinds, within) for within in windows]
    union: exp.Select | exp.Union = branches[0]
    for branch in branches[1:]:
        union = exp.Union(this=union, expression=branch, distinct=True)
    return union


def _instants(asked: Asked, kinds: list[str], after: int) -> exp.Select:
    moment = nodes.nested(moments(asked), "asked")
    at = nodes.add([nodes.column("at_us", EVENTS), nodes.whole(after)])
    own = key(asked)
    return (
        exp.select(nodes.column(own, "asked"), nodes.named(at, "at_us"))
        .from_(moment)
        .join(
            nodes.relation(EVENTS),
            on=nodes.equal(nodes.column("lead_id", EVENTS), nodes.column("lead_id", "asked")),
        )
        .where(
            nodes.among(nodes.column("event", EVENTS), kinds),
            nodes.more(nodes.wrapped(at.copy()), nodes.column("as_of_us", "asked")),
            nodes.at_most(
                nodes.column("received_us", EVENTS), nodes.column("known_by_us", "asked")
            ),
        )
    )
