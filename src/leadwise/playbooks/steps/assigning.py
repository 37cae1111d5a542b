"""Who can be given a lead: members who are there, and how much each has to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.store.absences import absent_members
from leadwise.store.bulk import as_list, listed_whole
from leadwise.store.driver import ask
from leadwise.store.members import Member, list_members
from leadwise.store.outcomes import CLOSING
from leadwise.store.tasks import count_open


@dataclass(frozen=True, slots=True)
class Load:
    """What a member has to do: open leads and tasks; `room`: whether they can have another."""

    member_id: int
    leads: int
    tasks: int
    room: bool

    @property
    def open(self) -> int:
        """Both together."""
        return self.leads + self.tasks


def members_among(connection: Connection, among: Sequence[str], now_us: int) -> list[Member]:
    """The members of these addresses and roles who are there now, each once, by id; without any:
    all who are.

    UserError (`member-unknown`) for an address that is nobody's.
    """
    members, away = list_members(connection), absent_members(connection, now_us)
    by_address = {one.email: one for one in members}
    chosen: dict[int, Member] = {}
    for text in among or ("role:representative", "role:marketing", "role:administrator"):
        role = text.removeprefix("role:")
        if role != text:
            chosen.update({one.id: one for one in members if one.role == role})
            continue
        member = by_address.get(text.strip().lower())
        if member is None:
            raise UserError(
                "member-unknown", f"Nobody of the team has the address {text}.",
                hint="Correct the playbook, or add the member.",
            )  # fmt: skip
        chosen[member.id] = member
    there = [one for one in chosen.values() if one.disabled_us is None and one.id not in away]
    return sorted(there, key=lambda one: one.id)


def loads_of(connection: Connection, member_ids: Sequence[int], most: int) -> list[Load]:
    """What each has, those with the least first; whoever has `most` leads has no room (0: no
    limit). A lead counts until it is won, lost or rejected."""
    closing = ", ".join(f"'{kind}'" for kind in CLOSING)
    rows = ask(
        connection,
        "SELECT w.member_id, count(*) FROM lead_owner AS w "  # noqa: S608 - our own SQL
        "JOIN lead AS l ON l.id = w.lead_id AND l.merged_into IS NULL "
        f"WHERE w.member_id IN {listed_whole(connection)} AND NOT EXISTS (SELECT 1 "
        f"FROM outcome AS o WHERE o.lead_id = w.lead_id AND o.kind IN ({closing}) "
        "AND o.at_us >= w.since_us) GROUP BY w.member_id",
        list=as_list(member_ids),
    )
    leads: dict[int, int] = {row[0]: row[1] for row in rows}
    tasks = count_open(connection)
    found = [
        Load(one, leads.get(one, 0), tasks.get(one, 0), most == 0 or leads.get(one, 0) < most)
        for one in member_ids
    ]
    return sorted(found, key=lambda one: (not one.room, one.open, one.member_id))


def owner_in_account(connection: Connection, lead_id: int, among: Sequence[int]) -> int | None:
    """Whoever of these has most of the other leads of the lead's company; of equals, whoever has
    had one longest. None where nobody has any."""
    rows = ask(
        connection,
        "SELECT w.member_id, count(*) AS n, min(w.since_us) AS since FROM lead AS l "  # noqa: S608 - our own SQL
        "JOIN lead AS o ON o.account_id = l.account_id AND o.id <> l.id "
        "AND o.merged_into IS NULL JOIN lead_owner AS w ON w.lead_id = o.id "
        f"WHERE l.id = :lead AND w.member_id IN {listed_whole(connection)} "
        "GROUP BY w.member_id ORDER BY n DESC, since, w.member_id LIMIT 1",
        lead=lead_id, list=as_list(among),
    )  # fmt: skip
    return rows[0][0] if rows else None
