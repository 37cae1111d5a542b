"""The scores that other systems have of leads, as far as we know, and which are to be told anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from leadwise.store.blanks import BLANKING
from leadwise.store.bulk import as_list, insert_rows, listed_whole
from leadwise.store.driver import ask
from leadwise.store.schema import lead, pushed, score_history

_COLUMNS = (
    "connection_id", "lead_id", "remote_id", "as_of_us", "digest", "state", "why", "at_us",
    "again_us",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PushedRow:
    """A row of `pushed`. `digest` is of what was told, without the instant; `again_us` when to try
    again, where it is to be."""

    lead_id: int
    remote_id: str | None
    as_of_us: int
    digest: str
    state: str
    why: str | None
    at_us: int
    again_us: int | None = None

    @property
    def wait_us(self) -> int:
        """How long it was put off for the last time; 0 where it was not."""
        return max(0, (self.again_us or self.at_us) - self.at_us)


def pushed_rows(
    connection: Connection, connection_id: int, lead_ids: Iterable[int]
) -> dict[int, PushedRow]:
    """What a system has of these leads, of those that it was told of."""
    sql = (
        "SELECT lead_id, remote_id, as_of_us, digest, state, why, at_us, again_us FROM pushed "  # noqa: S608 - our own SQL
        f"WHERE connection_id = :id AND lead_id IN {listed_whole(connection)}"
    )
    return {row[0]: PushedRow(*row)
            for row in ask(connection, sql, id=connection_id, list=as_list(lead_ids))}  # fmt: skip


def keep_pushed(connection: Connection, connection_id: int, rows: Sequence[PushedRow]) -> None:
    """Write what became of updates, in place of what was there; never over a later score."""
    columns = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[2:])
    insert_rows(
        connection, pushed, _COLUMNS,
        [(connection_id, r.lead_id, r.remote_id, r.as_of_us, r.digest, r.state, r.why, r.at_us,
          r.again_us) for r in rows],
        conflict="ON CONFLICT (connection_id, lead_id) DO UPDATE SET "
        f"{columns} WHERE pushed.as_of_us <= excluded.as_of_us",
    )  # fmt: skip


def list_pushed(
    connection: Connection, connection_id: int, state: str | None = None, limit: int = 50
) -> list[PushedRow]:
    """The updates last sent, the latest first."""
    rows = select(*(pushed.c[name] for name in _COLUMNS[1:]))
    rows = rows.where(pushed.c.connection_id == connection_id)
    if state is not None:
        rows = rows.where(pushed.c.state == state)
    found = connection.execute(rows.order_by(pushed.c.at_us.desc(), pushed.c.lead_id).limit(limit))
    return [PushedRow(*row) for row in found]


def count_pushed(connection: Connection, connection_id: int) -> dict[str, int]:
    """How many leads are in each state."""
    rows = select(pushed.c.state, func.count()).where(pushed.c.connection_id == connection_id)
    return {row[0]: row[1] for row in connection.execute(rows.group_by(pushed.c.state))}


def due_again(connection: Connection, connection_id: int, now_us: int, limit: int) -> list[int]:
    """Leads that were put off until now."""
    rows = select(pushed.c.lead_id).where(
        pushed.c.connection_id == connection_id, pushed.c.again_us <= now_us,
        pushed.c.state != BLANKING,
    )  # fmt: skip
    return list(connection.scalars(rows.order_by(pushed.c.again_us).limit(limit)))


def no_more_again(connection: Connection, connection_id: int, lead_ids: Sequence[int]) -> None:
    """These leads are not to be tried again by themselves."""
    here = (pushed.c.connection_id == connection_id) & pushed.c.lead_id.in_(lead_ids)
    if lead_ids:
        connection.execute(update(pushed).where(here).values(again_us=None))


def told_since(
    connection: Connection, after_id: int, up_to_id: int, limit: int
) -> tuple[list[int], int]:
    """The leads of which something was said after a row of `score_history`, each once, and the last
    row that was looked at."""
    rows = connection.execute(
        select(score_history.c.id, score_history.c.lead_id)
        .where(score_history.c.id > after_id, score_history.c.id <= up_to_id)
        .order_by(score_history.c.id)
        .limit(limit)
    ).all()
    return list(dict.fromkeys(row.lead_id for row in rows)), rows[-1].id if rows else after_id


def leads_now(connection: Connection, lead_ids: Iterable[int]) -> list[int]:
    """What these leads are now: those merged are the ones they are part of; those that were erased,
    or objected to being scored, are left out."""
    wanted, found = set(lead_ids), dict[int, None]()
    columns = (lead.c.id, lead.c.merged_into, lead.c.erased_us, lead.c.objected_us)
    while wanted:
        rows = connection.execute(select(*columns).where(lead.c.id.in_(sorted(wanted)))).all()
        wanted = {row.merged_into for row in rows if row.merged_into is not None}
        gone = ("merged_into", "erased_us", "objected_us")
        own = [row for row in rows if all(getattr(row, name) is None for name in gone)]
        found |= dict.fromkeys(row.id for row in own)
    return sorted(found)


def scored_leads(connection: Connection, version_id: int, after_id: int, limit: int) -> list[int]:
    """Leads with a score under a version, in the order of their ids, after one of them."""
    rows = ask(
        connection,
        "SELECT lead_id FROM score WHERE card_version_id = :version AND lead_id > :after "
        "ORDER BY lead_id LIMIT :limit", version=version_id, after=after_id, limit=limit,
    )  # fmt: skip
    return [row[0] for row in rows]
