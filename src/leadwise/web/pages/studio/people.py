"""Who did something, by the names that people know."""

from __future__ import annotations

from collections.abc import Callable

from leadwise.store.members import list_members
from leadwise.web.pages.visit import Visit

Named = Callable[[str | None], str]


def named(visit: Visit) -> Named:
    """A function from an actor of the record (`member:3`, `key:crm`) to a name."""
    _ = visit.texts.say
    members = {member.actor: member.name for member in visit.read(list_members)}

    def name(actor: str | None) -> str:
        if not actor:
            return "–"
        kind, colon, rest = actor.partition(":")
        if kind == "member" and colon:
            return members.get(actor, _("a former member"))
        if kind == "key" and colon:
            return _("the key “%(name)s”", name=rest)
        return actor

    return name
