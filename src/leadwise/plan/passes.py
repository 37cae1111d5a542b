"""The passes over the events that fill the slots: named steps, each read once.

A slot's column is `_1`, `_2` ... in the order of the slots; a leading underscore keeps it apart from
every name that a card may give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from sqlglot import exp

from leadwise.card.model import Card
from leadwise.plan import asked as at_moment
from leadwise.plan import nodes
from leadwise.plan.conditions import Readable, Reading, predicate
from leadwise.plan.nodes import Node
from leadwise.plan.relations import Asked, At
from leadwise.plan.slots import Daily, Kept, Selection, Slot, Total, properties
from leadwise.plan.steps import Step
from leadwise.plan.zones import day


@dataclass(frozen=True, slots=True)
class Passes:
    """The steps, and where each slot is found: its column."""

    steps: tuple[Step, ...]
    columns: Mapping[Slot, str]


def passes(slots: Sequence[Slot], card: Card, asked: Asked) -> Passes:
    """The steps that fill these slots."""
    columns: dict[Slot, str] = {slot: f"_{number}" for number, slot in enumerate(slots, 1)}
    writer = _Writer(card, asked)
    totals = [slot for slot in slots if isinstance(slot, Total)]
    daily = [slot for slot in slots if isinstance(slot, Daily)]
    kept = [slot for slot in slots if isinstance(slot, Kept)]
    steps: list[Step] = []
    if totals:
        steps.append(_totals(totals, columns, writer))
    if daily:
        steps += _daily(daily, columns, writer)
    if kept:
        steps += _kept(kept, columns, writer)
    return Passes(tuple(steps), columns)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes what the passes have in common."""

    card: Card
    asked: Asked

    def reading(self) -> Reading:
        names = {
            name: Readable(nodes.column(name), variable.type, variable.fold)
            for name, variable in properties(self.card).items()
        }
        return Reading(names, at_moment.as_of(self.asked))

    def belongs(self, selection: Selection, others: Sequence[Selection]) -> Node | None:
        """What makes a row of a pass over `others` one of this selection; None: every row is."""
        conditions: list[Node] = []
        if any(set(other.kinds) != set(selection.kinds) for other in others):
            conditions.append(nodes.among(nodes.column("event"), selection.kinds))
        if selection.within is not None and any(s.within != selection.within for s in others):
            conditions.append(self.inside(selection.within))
        if selection.where is not None and any(s.where != selection.where for s in others):
            conditions.append(nodes.wrapped(predicate(selection.where, self.reading())))
        return nodes.all_of(conditions) if conditions else None

    def inside(self, within: int) -> Node:
        return nodes.more(nodes.column("at_us"), at_moment.window_start(self.asked, within))

    def rows(self, selections: Sequence[Selection]) -> exp.Select:
        """The events of a pass: what all of its selections have in common is filtered here."""
        wanted = {kind for selection in selections for kind in selection.kinds}
        kinds = [event.name for event in self.card.events if event.name in wanted]
        select = at_moment.events(self.asked, kinds)
        windows = [selection.within for selection in selections]
        longest = max((w for w in windows if w is not None), default=None)
        if longest is not None and None not in windows:
            select = select.where(self.inside(longest), copy=False)
        where = selections[0].where
        if where is not None and all(selection.where == where for selection in selections):
            shared = nodes.wrapped(predicate(where, self.reading()))
            select = select.where(shared, copy=False)
        return select

    def day(self, selections: Sequence[Selection], at: str = "at_us") -> Node:
        """The day of an event of these selections, in the card's zone."""
        if not isinstance(self.asked, At):
            return day(nodes.column(at), self.card.timezone)
        windows = [selection.within for selection in selections]
        longest = None if None in windows else max(w for w in windows if w is not None)
        until = self.asked.as_of_us
        after = None if longest is None else until - longest
        return day(nodes.column(at), self.card.timezone, after, until)

    @property
    def key(self) -> Node:
        """`lead_id` stands in `events` alone, `moment` in `moments` alone: no table is named."""
        return nodes.column(at_moment.key(self.asked))


def _selections(slots: Iterable[Slot]) -> list[Selection]:
    return list(dict.fromkeys(slot.selection for slot in slots))


def _totals(slots: Sequence[Total], columns: Mapping[Slot, str], writer: _Writer) -> Step:
    selections = _selections(slots)
    select = writer.rows(selections).select(writer.key, copy=False)
    for slot in slots:
        belongs = writer.belongs(slot.selection, selections)
        aggregate = nodes.named(_aggregate(slot, belongs, writer), columns[slot])
        select = select.select(aggregate, copy=False)
    return Step(
        "totals",
        "One pass over the events that count: per lead, one aggregate for each thing to know.",
        select.group_by(writer.key, copy=False),
    )


def _aggregate(slot: Total, belongs: Node | None, writer: _Writer) -> Node:
    def of(value: Node) -> Node:
        return nodes.when(belongs, value) if belongs is not None else value

    at = nodes.column("at_us")
    match slot.kind:
        case "count":
            return nodes.count(of(nodes.whole(1)))
        case "days":
            return nodes.count_distinct(of(writer.day([slot.selection])))
        case "first":
            return nodes.least(of(at))
        case "latest":
            return nodes.greatest(of(at))
        case "expiry":
            assert slot.selection.within is not None  # only windows expire
            return nodes.least(of(nodes.add([at, nodes.whole(slot.selection.within)])))
        case "weight":
            assert slot.half_life is not None  # only ageing occurrences weigh
            return nodes.total(of(nodes.halved(at_moment.age(writer.asked), slot.half_life)))
        case "distinct" | "sum" | "min" | "max":
            assert slot.property is not None  # checked with the card
            value = of(nodes.column(slot.property))
            by_kind = {
                "distinct": nodes.count_distinct,
                "sum": nodes.total,
                "min": nodes.least,
                "max": nodes.greatest,
            }
            return by_kind[slot.kind](value)
        case _:
            assert_never(slot.kind)


def _daily(slots: Sequence[Daily], columns: Mapping[Slot, str], writer: _Writer) -> list[Step]:
    selections = _selections(slots)
    key = at_moment.key(writer.asked)
    by_day = writer.rows(selections).select(
        writer.key, nodes.named(writer.day(selections), "_day"), copy=False
    )
    capped = exp.select(nodes.column(key)).from_(exp.to_table("days", quoted=True))
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


def _kept(slots: Sequence[Kept], columns: Mapping[Slot, str], writer: _Writer) -> list[Step]:
    branches = [_kept_branch(slot, number, writer) for number, slot in enumerate(slots, 1)]
    union: exp.Query = branches[0]
    for branch in branches[1:]:
        union = exp.Union(this=union, expression=branch, distinct=False)
    key = nodes.column(at_moment.key(writer.asked))
    pivot = exp.select(key).from_(exp.to_table("kept", quoted=True))
    for number, slot in enumerate(slots, 1):
        mine = nodes.equal(nodes.column("_slot"), nodes.whole(number))
        pivot = pivot.select(nodes.named(_kept_value(slot, mine), columns[slot]), copy=False)
    return [
        Step("kept", "The occurrences that distinct values and limits leave, one by one.", union),
        Step(
            "weighed",
            "Their number, their weight or their last value.",
            pivot.group_by(key.copy(), copy=False),
        ),
    ]


def _kept_branch(slot: Kept, number: int, writer: _Writer) -> exp.Select:
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
    ).from_(rows.subquery(f"_kept_{number}"), copy=False)


def _base(slot: Kept, writer: _Writer) -> exp.Select:
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


def _ranked(slot: Kept, base: exp.Select, writer: _Writer) -> exp.Select:
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
        base.subquery("_base"), copy=False
    )
    return (
        exp.select("*")
        .from_(ranked.subquery("_ranked"), copy=False)
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
