"""What is said of a finished score: its band, its grade, what stayed unknown."""

from __future__ import annotations

from sqlglot import exp

from leadwise.card.model import (
    Adjustment,
    Band,
    Card,
    GradeAxis,
    StateCriterion,
)
from leadwise.plan import nodes
from leadwise.plan.decided import UNDECIDED, state
from leadwise.plan.lines import total_name
from leadwise.plan.nodes import Node


def threshold(band: Band) -> int | None:
    """The least score of a band: scores are whole hundredths, so above 80 is from 80.01."""
    return None if band.threshold is None else band.threshold + int(band.above)


def band(card: Card) -> Node:
    if not card.bands:
        return nodes.null("TEXT")
    branches = [
        (nodes.at_least(nodes.column("score"), nodes.whole(least)), nodes.text(b.id))
        for b in reversed(card.bands)
        if (least := threshold(b)) is not None
    ]
    return (
        nodes.case(branches, nodes.text(card.bands[0].id))
        if branches
        else nodes.text(card.bands[0].id)
    )


def grade(card: Card) -> Node:
    if card.grade is None:
        return nodes.null("TEXT")
    return exp.DPipe(
        this=nodes.wrapped(_sign(card.grade.letter)),
        expression=nodes.wrapped(_sign(card.grade.number)),
    )


def _sign(axis: GradeAxis) -> Node:
    total = nodes.column(total_name(axis.of))
    steps = [
        (nodes.at_least(total.copy(), nodes.whole(least)), nodes.text(sign))
        for sign, least in axis.steps
        if least is not None
    ]
    below = next(sign for sign, least in axis.steps if least is None)
    return nodes.case(steps, nodes.text(below)) if steps else nodes.text(below)


def unknown(card: Card) -> Node:
    """The ids of what could not be decided, in the order of the card, with a space between."""
    ids = [
        c.id
        for d in card.dimensions
        for c in (*d.criteria, *d.adjustments)
        if isinstance(c, StateCriterion | Adjustment) or c.when is not None
    ]
    ids += [adjustment.id for adjustment in card.adjustments]
    pieces = [
        nodes.when(
            nodes.equal(state(line_id), nodes.whole(UNDECIDED)),
            nodes.text(line_id + " "),
            nodes.text(""),
        )
        for line_id in ids
    ]
    if not pieces:
        return nodes.text("")
    joined = pieces[0]
    for piece in pieces[1:]:
        joined = exp.DPipe(this=joined, expression=piece)
    return exp.Trim(this=joined)
