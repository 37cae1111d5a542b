"""Scores that stand in other systems and are to stand there no more: of people who objected to
being scored, or were erased.

Such a row of `pushed` is `blanking` until the system has emptied its fields, and is tried again
until it has; then it is `blanked`, or gone where the person was erased. Of an erased person it has
nothing but the ids of the records there, without which they could not be found any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from leadwise.plan.relations import FOREVER
from leadwise.store.bulk import insert_rows
from leadwise.store.driver import ask
from leadwise.store.person import Person
from leadwise.store.schema import connection as system
from leadwise.store.schema import lead, pushed

BLANKING, BLANKED = "blanking", "blanked"
_COLUMNS = (
    "connection_id", "lead_id", "remote_id", "as_of_us", "digest", "state", "why", "at_us",
    "again_us",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Blank:
    """A lead whose score is to be taken out of a system. `waited_us` is how long it was put off
    last."""

    lead_id: int
    remote_id: str | None
    erased: bool
    waited_us: int


def blank_objected(connection: Connection, lead_ids: Iterable[int], now_us: int) -> None:
    """Have the scores of these leads taken out of all systems that were told one."""
    connection.execute(
        update(pushed)
        .where(pushed.c.lead_id.in_(list(lead_ids)), pushed.c.state.not_in((BLANKING, BLANKED)))
        .values(state=BLANKING, digest="", why=None, at_us=now_us, again_us=now_us)
    )


def blank_all_objected(connection: Connection, connection_id: int, now_us: int) -> None:
    """The same in one system for all who have objected, under whichever of their leads."""
    sql = (
        "SELECT p.lead_id FROM pushed AS p JOIN lead AS l ON l.id = p.lead_id "  # noqa: S608 - our own SQL
        "LEFT JOIN lead AS w ON w.id = l.merged_into WHERE p.connection_id = :id "
        f"AND p.state NOT IN ('{BLANKING}', '{BLANKED}') "
        "AND (l.objected_us IS NOT NULL OR w.objected_us IS NOT NULL)"
    )
    found = [row[0] for row in ask(connection, sql, id=connection_id)]
    if found:
        here = pushed.c.connection_id == connection_id
        connection.execute(
            update(pushed)
            .where(here, pushed.c.lead_id.in_(found))
            .values(state=BLANKING, digest="", why=None, at_us=now_us, again_us=now_us)
        )


def blank_erased(connection: Connection, person: Person, now_us: int) -> None:
    """The same for a person who is being erased, before anything of them is. Which records theirs
    are is known by what was told and, where scores are pushed, by their ids as identities."""
    leads = list(person.lead_ids)
    rows = connection.execute(select(pushed).where(pushed.c.lead_id.in_(leads))).all()
    records: dict[int, dict[str, None]] = {}
    for row in rows:
        found = records.setdefault(row.connection_id, {})
        found |= dict.fromkeys((row.remote_id or "").split())
    systems = connection.execute(select(system.c.id, system.c.name).where(system.c.pushes == 1))
    for id_, name in [*systems]:
        start = f"{name}:"
        own = [one.value.removeprefix(start) for one in person.spans
               if one.kind == "crm" and one.value.startswith(start) and one.until_us == FOREVER
               and " " not in one.value]  # fmt: skip
        if own:
            records.setdefault(id_, {}).update(dict.fromkeys(own))
    connection.execute(delete(pushed).where(pushed.c.lead_id.in_(leads)))
    insert_rows(
        connection, pushed, _COLUMNS,
        [(id_, person.lead_id, " ".join(found), now_us, "", BLANKING, None, now_us, now_us)
         for id_, found in records.items() if found],
    )  # fmt: skip


def blank_told(
    connection: Connection, connection_id: int, told: Sequence[tuple[int, str | None]], now_us: int
) -> None:
    """What was told of leads that objected or were erased just then: take it out again."""
    remote = {lead_id: remote_id for lead_id, remote_id in told if remote_id}
    columns = (lead.c.id, lead.c.erased_us, lead.c.objected_us, lead.c.merged_into)
    rows = connection.execute(select(*columns).where(lead.c.id.in_(list(remote)))).all()
    gone = [row.id for row in rows if row.erased_us is not None or row.objected_us is not None]
    insert_rows(
        connection, pushed, _COLUMNS,
        [(connection_id, id_, remote[id_], now_us, "", BLANKING, None, now_us, now_us)
         for id_ in gone],
        conflict="ON CONFLICT (connection_id, lead_id) DO UPDATE SET state = excluded.state, "
        "remote_id = excluded.remote_id, digest = '', at_us = excluded.at_us, "
        "again_us = excluded.again_us",
    )  # fmt: skip


def blanks_due(connection: Connection, connection_id: int, now_us: int, limit: int) -> list[Blank]:
    """The next to be taken out. Those who may be scored again by now are left to be told anew."""
    rows = ask(
        connection,
        "SELECT p.lead_id, p.remote_id, p.at_us, p.again_us, l.erased_us, l.objected_us, "  # noqa: S608 - our own SQL
        "w.objected_us FROM pushed AS p JOIN lead AS l ON l.id = p.lead_id "
        "LEFT JOIN lead AS w ON w.id = l.merged_into "
        f"WHERE p.connection_id = :id AND p.again_us <= :now AND p.state = '{BLANKING}' "
        "ORDER BY p.again_us, p.lead_id LIMIT :limit",
        id=connection_id, now=now_us, limit=limit,
    )  # fmt: skip
    again = [row[0] for row in rows if row[4] is None and row[5] is None and row[6] is None]
    if again:
        here = (pushed.c.connection_id == connection_id) & pushed.c.lead_id.in_(again)
        connection.execute(update(pushed).where(here).values(state="later"))
    return [Blank(row[0], row[1], row[4] is not None, max(0, row[3] - row[2]))
            for row in rows if row[0] not in again]  # fmt: skip


def has_blanks_due(connection: Connection, connection_id: int, now_us: int) -> bool:
    """Whether there is anything to be taken out of it now."""
    rows = select(pushed.c.lead_id).where(
        pushed.c.connection_id == connection_id, pushed.c.again_us <= now_us,
        pushed.c.state == BLANKING,
    )  # fmt: skip
    return connection.execute(rows.limit(1)).first() is not None


def keep_blanked(
    connection: Connection, connection_id: int, done: Iterable[int], erased: Iterable[int],
    put_off: Sequence[tuple[int, int, str]], now_us: int,
) -> None:  # fmt: skip
    """What became of it: emptied of these leads, and of these erased ones, or put off until an
    instant, with the reason."""
    own = (pushed.c.connection_id == connection_id) & (pushed.c.state == BLANKING)
    connection.execute(
        update(pushed)
        .where(own, pushed.c.lead_id.in_(list(done)))
        .values(state=BLANKED, again_us=None, why=None, at_us=now_us)
    )
    connection.execute(delete(pushed).where(own, pushed.c.lead_id.in_(list(erased))))
    for lead_id, again_us, why in put_off:
        connection.execute(
            update(pushed)
            .where(own, pushed.c.lead_id == lead_id)
            .values(again_us=again_us, at_us=now_us, why=why or None)
        )
