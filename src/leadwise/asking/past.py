"""What an engine holds of the past of a population: when leads came, did things, became known.

Each question is one portable query over the plan's relations; instants are microseconds UTC.
`late_counts` everywhere: what was received late counts as of when it happened.
"""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from leadwise.asking.instants import DAY_US
from leadwise.asking.population import Population
from leadwise.card.model import Card
from leadwise.plan import Each, finished, nodes
from leadwise.plan.nodes import Node
from leadwise.plan.pieces import compile_pieces
from leadwise.plan.relations import ALWAYS, EVENTS, FACTS, LEADS, MOMENTS


def leads_of(of: Population) -> pa.Array:
    """Every lead's id in order, in the type in which the engine keeps it."""
    column = of.engine.query(_of(LEADS, nodes.column("lead_id")))["lead_id"].combine_chunks()
    if pa.types.is_null(column.type):
        column = column.cast(pa.string())
    return column.take(pc.sort_indices(column))


def leads_as_read(of: Population) -> pa.Array:
    """The ids of the rows of the leads' file, in its order."""
    engine = of.dataset.engine if of.dataset else of.engine
    return engine.query(_of(FACTS, nodes.column("lead_id")))["lead_id"].combine_chunks()


def when_seen(of: Population, *, late_counts: bool) -> pa.Table:
    """(lead_id, first_us, last_us, many): when events of a lead were first seen and last received,
    and how many there are; leads without events are not in it."""
    return _by_lead(of, EVENTS, _seen(late_counts=late_counts), nodes.column("received_us"))


def when_known(of: Population) -> pa.Table:
    """(lead_id, first_us, last_us, many) of facts that are known since an instant."""
    since = nodes.column("from_us")
    return _by_lead(of, FACTS, since, since, nodes.more(since.copy(), nodes.whole(ALWAYS)))


def when_created(of: Population, field: str) -> pa.Table:
    """(lead_id, first_us, last_us, many) of a time field's values."""
    value = nodes.column(field)
    return _by_lead(of, FACTS, value, value, nodes.is_known(value.copy()))


def last_of_days(of: Population, days: int, *, late_counts: bool) -> pa.Table:
    """(lead_id, at_us): for each lead and each so many days, the last instant in them at which an
    event that the card declares was seen or a fact became known."""
    since = nodes.column("from_us")
    dated = nodes.more(since.copy(), nodes.whole(ALWAYS))
    parts = [_last_of_days(of, FACTS, since, dated, days)]
    if of.card.events:
        declared = nodes.among(nodes.column("event"), [event.name for event in of.card.events])
        seen = _seen(late_counts=late_counts)
        parts.append(_last_of_days(of, EVENTS, seen, declared, days))
    schema = pa.schema([("lead_id", leads_of(of).type), ("at_us", pa.int64())])
    return pa.concat_tables([part.cast(schema) for part in parts])


def fields_first_known(of: Population) -> pa.Table:
    """(lead_id, first_0, value_0, first_1 ...): since when each field of the card is known at all,
    NULL for never, and of time fields the latest value; NULL for other types."""
    select = _of(FACTS, nodes.column("lead_id"))
    for place, field in enumerate(of.card.fields):
        value, since = nodes.column(field.name), nodes.column("from_us")
        first = nodes.least(nodes.when(nodes.is_known(value.copy()), since))
        latest = nodes.greatest(value) if field.type == "time" else nodes.null("BIGINT")
        select = select.select(
            nodes.named(first, f"first_{place}"), nodes.named(latest, f"value_{place}"), copy=False
        )
    return of.engine.query(select.group_by(nodes.column("lead_id")))


def events_first_done(of: Population) -> pa.Table:
    """(event, lead_id, first_us): when each lead first did each thing."""
    event, lead = nodes.column("event"), nodes.column("lead_id")
    first = nodes.named(nodes.least(nodes.column("at_us")), "first_us")
    return of.engine.query(_of(EVENTS, event, lead, first).group_by(event.copy(), lead.copy()))


def received_late(of: Population) -> tuple[int, int]:
    """How many events were received more than a day after they happened, of how many."""
    gap = nodes.minus(nodes.column("received_us"), nodes.column("at_us"))
    late = nodes.when(nodes.more(gap, nodes.whole(DAY_US)), nodes.whole(1))
    counts = (nodes.named(nodes.count(late), "late"), nodes.named(_number(), "many"))
    (row,) = of.engine.query(_of(EVENTS, *counts)).to_pylist()
    return int(row["late"]), int(row["many"])


def ask_pieces(
    of: Population, moments: pa.Table, schema: pa.Schema, *, values: bool = True
) -> pa.Table:
    """The columns `schema` of `compile_pieces` for each row of `moments` (`_moment`, lead_id,
    as_of_us, known_by_us), in the order of `_moment`."""
    of.engine.load(MOMENTS, moments)
    table = of.engine.query(_compiled(of.card, values), schema)
    return table.take(pc.sort_indices(table["_moment"].combine_chunks()))


@lru_cache(maxsize=16)
def _compiled(card: Card, values: bool) -> exp.Select:
    return finished(compile_pieces(card, Each(), values=values))


def _of(relation: str, *columns: Node) -> exp.Select:
    return exp.select(*columns).from_(nodes.relation(relation))


def _number() -> Node:
    return nodes.count(nodes.whole(1))


def _seen(*, late_counts: bool) -> Node:
    at = nodes.column("at_us")
    return at if late_counts else nodes.larger(at, nodes.column("received_us"))


def _by_lead(
    of: Population, relation: str, first: Node, last: Node, where: Node | None = None
) -> pa.Table:
    select = _of(
        relation,
        nodes.column("lead_id"),
        nodes.named(nodes.least(first.copy()), "first_us"),
        nodes.named(nodes.greatest(last.copy()), "last_us"),
        nodes.named(_number(), "many"),
    )
    if where is not None:
        select = select.where(where)
    return of.engine.query(select.group_by(nodes.column("lead_id")))


def _last_of_days(of: Population, relation: str, instant: Node, where: Node, days: int) -> pa.Table:
    width = nodes.number(float(days * DAY_US))
    bucket = nodes.floor(nodes.over(nodes.double(instant.copy()), width))
    last = nodes.named(nodes.greatest(instant.copy()), "at_us")
    select = _of(relation, nodes.column("lead_id"), last).where(where)
    return of.engine.query(select.group_by(nodes.column("lead_id"), bucket))
