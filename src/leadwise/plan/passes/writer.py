"""What the passes have in common: which rows they read, and which of these a slot means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from leadwise.card.model import Card
from leadwise.plan import asked as at_moment
from leadwise.plan import nodes
from leadwise.plan.conditions import Readable, Reading, predicate
from leadwise.plan.nodes import Node
from leadwise.plan.relations import Asked, At
from leadwise.plan.slots import Selection, Slot, properties
from leadwise.plan.zones import day


@dataclass(frozen=True, slots=True)
class Writer:
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
        if set(selection.kinds) != {kind for other in others for kind in other.kinds}:
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
        """`lead_id` stands in `events` alone, `_moment` in `moments` alone: no table is named."""
        return nodes.column(at_moment.key(self.asked))


def selections_of(slots: Iterable[Slot]) -> list[Selection]:
    return list(dict.fromkeys(slot.selection for slot in slots))
