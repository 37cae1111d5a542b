"""The pass that keeps occurrences one by one: limits of times on what ages, last values."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from leadwise.plan import asked as at_moment
from leadwise.plan import nodes
from leadwise.plan.nodes import Node
from leadwise.plan.passes.writer import Writer
from leadwise.plan.slots import Kept, Slot
from leadwise.plan.steps import Step


def kept_steps(
    slots: Mapping[Slot, Kept], columns: Mapping[Slot, str], writer: Writer
) -> list[Step]:
    branches = [_kept_branch(kept, number, writer) for number, kept in enumerate(slots.values(), 1)]
    union: exp.Query = branches[0]
    for branch in branches[1:]:
        union = exp.Union(this=union, expression=branch, distinct=False)
    key = nodes.column(at_moment.key(writer.asked))
    pivot = exp.select(key).from_(nodes.relation("kept"))
    for number, (slot, kept) in enumerate(slots.items(), 1):
        mine = nodes.equal(nodes.column("_slot"), nodes.whole(number))
        pivot = pivot.select(nodes.named(_kept_value(kept, mine), columns[slot]), copy=False)
    return [
        Step("kept", "The occurrences that distinct values and limits leave, one by one.", union),
        Step(
            "weighed",
            "Their number, their weight or their last value.",
            pivot.group_by(key.copy(), copy=False),
        ),
    ]


def _kept_branch(slot: Kept, number: int, writer: Writer) -> exp.Select:
    """(_slot, key, _worth, _number, _text) of each occurrence kept."""
    rows = _ranked(slot, _base(slot, writer), writer)
    value = nodes.column("_value") if slot.last else None
    is_text = slot.last_type in ("text", "choice")
    return exp.select(
        nodes.named(nodes.whole(number), "_slot"),
        nodes.column(at_moment.key(writer.asked)),
        nodes.column("_worth"),
        nodes.named(
            nodes.null("DOUBLE") if value is None or is_text else nodes.double(value), "_number"
        ),
        nodes.named(value.copy() if value is not None and is_text else nodes.null("TEXT"), "_text"),
    ).from_(nodes.nested(rows, f"_kept_{number}"), copy=False)


def _base(slot: Kept, writer: Writer) -> exp.Select:
    """The occurrences of the selection, or the latest of each distinct value."""
    rows = writer.rows([slot.selection]).select(writer.key, copy=False)
    at = nodes.column("at_us")
    worth = (
        nodes.halved(at_moment.age(writer.asked), slot.half_life)
        if slot.half_life
        else nodes.number(1.0)
    )
    if slot.distinct is not None:
        value = nodes.column(slot.distinct)
        # The latest of equal values is the one that has aged least.
        latest = (
            nodes.named(nodes.greatest(at), "_at"),
            nodes.named(nodes.greatest(worth), "_worth"),
        )
        rows = rows.where(nodes.is_known(value), copy=False).select(*latest, copy=False)
        return rows.group_by(writer.key, value.copy(), copy=False)
    rows = rows.select(nodes.named(at, "_at"), nodes.named(worth, "_worth"), copy=False)
    if slot.last is not None:
        value = nodes.column(slot.last)
        rows = rows.where(nodes.is_known(value), copy=False)
        rows = rows.select(nodes.named(value.copy(), "_value"), copy=False)
    return rows


def _ranked(slot: Kept, base: exp.Select, writer: Writer) -> exp.Select:
    """Of these the most recent: `times` of them (of each day), or the one that is last."""
    most = 1 if slot.last else slot.times
    if most is None:
        return base
    partition, order = [writer.key], [nodes.column("_at")]
    if slot.per_day:
        partition.append(writer.day([slot.selection], "_at"))
    if slot.last:
        order.append(nodes.column("_value"))
    ranked = exp.select("*", nodes.named(nodes.rank(partition, order), "_rank")).from_(
        nodes.nested(base, "_base"), copy=False
    )
    return (
        exp.select("*")
        .from_(nodes.nested(ranked, "_ranked"), copy=False)
        .where(nodes.at_most(nodes.column("_rank"), nodes.whole(most)), copy=False)
    )


def _kept_value(slot: Kept, mine: Node) -> Node:
    if slot.last is None and slot.half_life is None:
        return nodes.count(nodes.when(mine, nodes.whole(1)))
    if slot.last is None:
        return nodes.total(nodes.when(mine, nodes.column("_worth")))
    if slot.last_type in ("text", "choice"):
        return nodes.greatest(nodes.when(mine, nodes.column("_text")))
    value = nodes.greatest(nodes.when(mine, nodes.column("_number")))
    return value if slot.last_type == "number" else nodes.big(value)
