"""How a step speaks of the moment it is asked of: as literals (`At`) or as columns (`Each`)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from leadwise.plan import nodes
from leadwise.plan.nodes import Node
from leadwise.plan.relations import EVENTS, LEADS, MOMENTS, Asked, At


def key(asked: Asked) -> str:
    """The column that identifies an answer while it is worked out."""
    return "lead_id" if isinstance(asked, At) else "_moment"


def moment_columns(asked: Asked) -> tuple[str, ...]:
    """What says of which moment a row is."""
    own = ("lead_id", "as_of_us", "known_by_us")
    return own if isinstance(asked, At) else ("_moment", *own)


def as_of(asked: Asked, table: str | None = None) -> Node:
    if isinstance(asked, At):
        return nodes.big(nodes.whole(asked.as_of_us))
    return nodes.column("as_of_us", table)


def known_by(asked: Asked, table: str | None = None) -> Node:
    if isinstance(asked, At):
        return nodes.big(nodes.whole(asked.known_by_us))
    return nodes.column("known_by_us", table)


def window_start(asked: Asked, within: int) -> Node:
    """The far edge of a window, itself outside."""
    if isinstance(asked, At):
        return nodes.whole(asked.as_of_us - within)
    return nodes.minus(as_of(asked), nodes.whole(within))


def age(asked: Asked) -> Node:
    return nodes.minus(as_of(asked), nodes.column("at_us"))


def moments(asked: Asked) -> exp.Select:
    """One row per answer: key, lead_id, as_of_us, known_by_us."""
    if isinstance(asked, At):
        return exp.select(
            nodes.column("lead_id"),
            nodes.named(as_of(asked), "as_of_us"),
            nodes.named(known_by(asked), "known_by_us"),
        ).from_(nodes.relation(LEADS))
    return exp.select(*(nodes.column(name) for name in moment_columns(asked))).from_(
        nodes.relation(MOMENTS)
    )


def events(asked: Asked, kinds: Sequence[str], *, ahead: bool = False) -> exp.Select:
    """FROM and WHERE for the events of these kinds that count (or, `ahead`, lie ahead)."""
    at, received = nodes.column("at_us"), nodes.column("received_us")
    side = nodes.more if ahead else nodes.at_most
    conditions = [
        nodes.among(nodes.column("event"), kinds),
        side(at, as_of(asked)),
        nodes.at_most(received, known_by(asked)),
    ]
    select = exp.Select().from_(nodes.relation(EVENTS))
    if not isinstance(asked, At):
        same = nodes.equal(nodes.column("lead_id", EVENTS), nodes.column("lead_id", MOMENTS))
        select = select.join(nodes.relation(MOMENTS), on=same)
    return select.where(*conditions, copy=False)
