"""A warehouse as a connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, cast

from sqlalchemy import Engine, delete, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.connect.http import Http, Would
from leadwise.connect.model import Connection, Page, Pushed, Update
from leadwise.connect.warehouse.client import (
    ROWS_AT_ONCE,
    checked_query,
    checked_table,
    engine_of,
    reading,
    rows,
    told,
    writing,
)
from leadwise.connect.warehouse.map import (
    COMPARED,
    Since,
    cursor_of,
    is_beyond,
    row_of,
    score_row,
    scores_table,
    since_of,
)
from leadwise.errors import UserError
from leadwise.ingest.file_messages import IDENTITY_KINDS, IdentityKind, Of, Reading
from leadwise.ingest.file_rows import FileRow
from leadwise.ingest.messages import Message, Refusal

KINDS_OF_SINCE = ("time", "whole", "text")


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A database of others."""

    connection: Connection
    http: Http
    engine: Engine

    def test(self) -> str:
        """Whether it answers, to its query if it has one."""
        with reading(self.engine, self.connection.name) as database:
            if not self._query:
                database.execute(text("SELECT 1"))
                return f"{self.engine.dialect.name} answers."
            since = since_of(None, self._option("since_is", "time"), self.engine.dialect.name)
            found = list(islice(rows(database, self._query, {"since": since}), 1))
        columns = ", ".join(found[0]) if found else "no row yet"
        return f"{self.engine.dialect.name} answers the query: {columns}."

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """The rows of the query since the cursor."""
        if not self._query:
            return
        column, greatest, done = self._option("updated", "updated_at"), None, 0
        since = since_of(cursor, self._option("since_is", "time"), self.engine.dialect.name)
        reader = Reading(
            cast(Of, self._option("holds", "leads")), now_us, self.connection.name,
            self.connection.name, cast(IdentityKind, self._option("identity", "email")),
        )  # fmt: skip
        with reading(self.engine, self.connection.name) as database:
            found = rows(database, self._query, {"since": since})
            while part := list(islice(found, ROWS_AT_ONCE)):
                for row in part:
                    if not is_beyond(row.get(column), now_us):
                        greatest = _greater(greatest, row.get(column))
                numbered = (
                    FileRow(done + n, None, row_of(row, self.connection.mapping))
                    for n, row in enumerate(part)
                )
                made = list(reader.read(numbered))
                done += len(part)
                # Rows come in no order that we know of: where it is cut, it is asked again.
                yield _page(cursor or "", made, done)
        last = cursor_of(greatest) if greatest is not None else cursor
        if last is not None and last != cursor:
            yield Page(last, done=done, total=done)

    def prepare(self) -> tuple[str, ...]:
        """Make the table of scores where it is missing."""
        table = self._table()
        with told(self.engine, self.connection.name):
            if inspect(self.engine).has_table(table.name, schema=table.schema):
                return ()
        if self.http.dry:
            self.http.would.append(Would("CREATE TABLE", table.fullname))
            return (table.fullname,)
        with writing(self.engine, self.connection.name) as database:
            table.create(database, checkfirst=True)
        return (table.fullname,)

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        """Write these scores in one transaction. A row of a later instant stays."""
        table = self._table()
        if self.http.dry:
            self.http.would.append(Would("UPSERT", table.fullname, [u.lead_id for u in updates]))
            return [Pushed(one.lead_id, "sent", str(one.lead_id)) for one in updates]
        ids = [one.lead_id for one in updates]
        gone = [one.lead_id for one in updates if one.blank]
        updates = [one for one in updates if not one.blank]
        made = self._insert(table)
        with writing(self.engine, self.connection.name) as database:
            wanted = select(table.c.lead_id, table.c[COMPARED]).where(table.c.lead_id.in_(ids))
            had: dict[int, int] = {row[0]: row[1] for row in database.execute(wanted)}
            if updates:
                database.execute(made, [score_row(one) for one in updates])
            if gone:  # of people who are scored no more, or were erased
                database.execute(delete(table).where(table.c.lead_id.in_(gone)))
        taken_out = [Pushed(lead_id, "sent", str(lead_id)) for lead_id in gone]
        return [*(_became(one, had.get(one.lead_id)) for one in updates), *taken_out]

    def _insert(self, table: Any) -> Any:
        kind = self.engine.dialect.name
        if kind not in ("postgresql", "sqlite"):
            raise UserError(
                "warehouse-push", f"Scores cannot be written to {kind} yet.",
                hint="PostgreSQL and SQLite can be written to; others can be pulled from.",
            )  # fmt: skip
        insert = (postgresql if kind == "postgresql" else sqlite).insert(table)
        changed = {c.name: insert.excluded[c.name] for c in table.columns if not c.primary_key}
        return insert.on_conflict_do_update(
            index_elements=["lead_id"], set_=changed,
            where=insert.excluded[COMPARED] >= table.c[COMPARED],
        )  # fmt: skip

    def _table(self) -> Any:
        name = self._option("table", "")
        if not name:
            raise UserError(
                "connection-option", f"The connection {self.connection.name} has no table.",
                hint="Say where scores are written: table=leadwise_scores.",
            )  # fmt: skip
        return scores_table(*checked_table(name))

    @property
    def _query(self) -> str:
        return checked_query(self._option("query", "")) if self._option("query", "") else ""

    def _option(self, name: str, default: str) -> str:
        return self.connection.options.get(name) or default


def open_warehouse(connection: Connection, http: Http) -> Warehouse:
    """UserError where an option means nothing."""
    said = connection.options
    for name, known in (("holds", ("leads", "events")), ("identity", IDENTITY_KINDS),
                        ("since_is", KINDS_OF_SINCE)):  # fmt: skip
        if said.get(name) and said[name] not in known:
            raise UserError(
                "connection-option", f"{connection.name}: {name} is no '{said[name][:40]}'.",
                hint=", ".join(known),
            )  # fmt: skip
    if said.get("query"):
        checked_query(said["query"])
    if said.get("table"):
        checked_table(said["table"])
    url = connection.secrets.get("url", "")
    return Warehouse(connection, http, engine_of(url))


def _page(cursor: str, made: Sequence[Message | Refusal], done: int) -> Page:
    page = Page(cursor, done=done)
    return replace(
        page, messages=tuple(one for one in made if isinstance(one, Message)),
        refusals=tuple(one for one in made if isinstance(one, Refusal)),
    )  # fmt: skip


def _greater(one: Since | None, other: Any) -> Since | None:
    if other is None or isinstance(other, bool):
        return one
    value: Since = other if hasattr(other, "tzinfo") or isinstance(other, int | str) else str(other)
    try:
        return value if one is None or value > one else one  # type: ignore[operator] # of one kind
    except TypeError:
        return one


def _became(update: Update, had_us: int | None) -> Pushed:
    if had_us is not None and had_us > update.as_of_us:
        return Pushed(update.lead_id, "newer", str(update.lead_id))
    state = "same" if had_us == update.as_of_us else "sent"
    return Pushed(update.lead_id, "same" if state == "same" else "sent", str(update.lead_id))
