"""What a playbook and its group did with leads before, and what of it speaks against a start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from leadwise.playbooks.conditions.whole_lead import all_ids, ids_of
from leadwise.playbooks.model import Playbook, Safety
from leadwise.playbooks.triggers.model import STATES, Candidate
from leadwise.store.bulk import as_list, listed, listed_whole
from leadwise.store.driver import ask


@dataclass(slots=True)
class Before:
    """Of one lead, with all that are part of it: the last start, whether a run is under way, when
    a playbook of the group last ended."""

    started_us: int | None = None
    under_way: bool = False
    group_ended_us: int | None = None


@dataclass(slots=True)
class History:
    """Of the leads of one playbook."""

    safety: Safety
    leads: dict[int, Before] = field(default_factory=dict)

    def refuses(self, one: Candidate, now_us: int) -> str | None:
        """Why the lead of a candidate is not to begin again; None where it may."""
        if one.lead_id is None or one.by == "message":
            return None
        before, safety = self.leads.get(one.lead_id, Before()), self.safety
        again_us = safety.again_after_us
        if before.under_way and (again_us != 0 or one.by in STATES):
            return "is in the playbook"
        if before.started_us is not None:
            if again_us is None:
                return "was in the playbook before"
            if now_us < before.started_us + again_us:
                return "is not to begin again yet"
        ended_us = before.group_ended_us
        if ended_us is not None and now_us < ended_us + safety.cool_down_us:
            return "cools down"
        return None

    def began(self, lead_id: int, now_us: int) -> None:
        """A run of the lead was started."""
        before = self.leads.setdefault(lead_id, Before())
        before.started_us, before.under_way = now_us, True


def history_of(
    connection: Connection,
    playbook: Playbook,
    lead_ids: Iterable[int | None],
    groups: Mapping[str, set[str]],
) -> History:
    """What is to be known of these leads."""
    found = History(playbook.safety)
    whole = all_ids(connection, {one for one in lead_ids if one is not None})
    if not whole:
        return found
    whose = {part: lead_id for lead_id, parts in whole.items() for part in parts}
    parts = as_list(ids_of(whole))
    for part, started_us in ask(
        connection, _STARTED + listed_whole(connection), playbook=playbook.id, list=parts
    ):
        before = found.leads.setdefault(whose[part], Before())
        before.started_us = max(before.started_us or 0, started_us)
    for (part,) in ask(
        connection, _UNDER_WAY + listed_whole(connection), playbook=playbook.id, list=parts
    ):
        found.leads.setdefault(whose[part], Before()).under_way = True
    if playbook.safety.cool_down_us:
        own = groups.get(playbook.safety.group or "", set()) | {playbook.id}
        _cooling(connection, found, whose, own)
    return found


def _cooling(
    connection: Connection, found: History, whose: Mapping[int, int], group: set[str]
) -> None:
    names = listed(connection).replace(":list", ":group")
    sql = _ENDED.replace(":names", names) + listed_whole(connection)
    listed_group, parts = as_list(sorted(group)), as_list(sorted(whose))
    for part, ended_us in ask(connection, sql, group=listed_group, list=parts):
        before = found.leads.setdefault(whose[part], Before())
        before.group_ended_us = max(before.group_ended_us or 0, ended_us)


_STARTED = (
    "SELECT lead_id, started_us FROM playbook_lead "
    "WHERE playbook = :playbook AND started_us IS NOT NULL AND lead_id IN "
)
_UNDER_WAY = (
    "SELECT lead_id FROM playbook_run WHERE state IN ('waiting', 'working', 'held') "
    "AND playbook = :playbook AND lead_id IN "
)
_ENDED = (
    "SELECT lead_id, ended_us FROM playbook_lead "
    "WHERE playbook IN :names AND ended_us IS NOT NULL AND lead_id IN "
)
