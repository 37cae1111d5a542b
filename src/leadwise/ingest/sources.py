"""Forms and incoming sources as the record keeps them."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from sqlalchemy import Connection, Table, delete, insert, select

from leadwise.errors import InternalError
from leadwise.ingest.forms import Form
from leadwise.ingest.incoming import Incoming
from leadwise.store.schema import form, incoming

Source = TypeVar("Source", Form, Incoming)


def save_form(connection: Connection, given: Form, now_us: int) -> None:
    """Keep a form, in place of one of its name."""
    _save(connection, form, given.name, given, now_us)


def load_form(connection: Connection, name: str) -> Form | None:
    """The form of this name."""
    return _load(connection, form, name, Form)


def list_forms(connection: Connection) -> list[Form]:
    """All forms, by name."""
    rows = connection.scalars(select(form.c.doc).order_by(form.c.name))
    return [_decoded(doc, Form) for doc in rows]


def save_incoming(connection: Connection, given: Incoming, now_us: int) -> None:
    """Keep a source of CloudEvents or Standard Webhooks, in place of one of its name."""
    _save(connection, incoming, given.name, given, now_us)


def load_incoming(connection: Connection, name: str) -> Incoming | None:
    """The source of this name."""
    return _load(connection, incoming, name, Incoming)


def list_incoming(connection: Connection) -> list[Incoming]:
    """All sources, by name."""
    rows = connection.scalars(select(incoming.c.doc).order_by(incoming.c.name))
    return [_decoded(doc, Incoming) for doc in rows]


def remove(connection: Connection, table: Table, name: str) -> bool:
    """Remove the form or source of this name; whether there was one."""
    return connection.execute(delete(table).where(table.c.name == name)).rowcount > 0


def _save(connection: Connection, table: Table, name: str, given: object, now_us: int) -> None:
    remove(connection, table, name)
    doc = msgspec.json.encode(given).decode()
    connection.execute(insert(table).values(name=name, doc=doc, created_us=now_us))


def _load(connection: Connection, table: Table, name: str, kind: type[Source]) -> Source | None:
    doc = connection.execute(select(table.c.doc).where(table.c.name == name)).scalar()
    return None if doc is None else _decoded(doc, kind)


def _decoded(doc: str, kind: type[Source]) -> Source:
    try:
        return msgspec.json.decode(doc, type=kind)
    except msgspec.ValidationError as error:
        raise InternalError(f"a {kind.__name__} that is kept cannot be read: {error}") from error
