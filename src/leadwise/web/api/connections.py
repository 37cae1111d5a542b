"""Connections to other systems: what they are, whether they work, what was exchanged."""

from __future__ import annotations

import os
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from leadwise.connect import kinds as known
from leadwise.connect import setting_up
from leadwise.connect.model import Kind
from leadwise.connect.opening import talking
from leadwise.store.connections import (
    ConnectionRow,
    get_connection,
    list_connections,
    list_cursors,
    list_exchanges,
)
from leadwise.store.pushed import count_pushed, list_pushed
from leadwise.web.api.parts import Admin, Api, Parts
from leadwise.web.api.shapes import Cursor, Limit, Page, Shape, Text, Time, from_cursor, page

router = APIRouter(tags=["connections"])

Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,39}$", description="The connection's.")]
Field_ = Annotated[Text, Field(min_length=1, max_length=200)]
Given = Annotated[dict[Field_, Annotated[Text, Field(max_length=20_000)]], Field(max_length=100)]
Mapping_ = Annotated[dict[Field_, Annotated[Text, Field(max_length=200)]], Field(max_length=500)]


class AskShape(Shape):
    name: str
    label: str
    about: str
    default: str
    required: bool
    secret: bool


class KindShape(Shape):
    """`docs` is the page that says what to click in the system; `asks` what to give."""

    name: str
    label: str
    docs: str
    asks: list[AskShape]


class NewConnection(Shape):
    """`given` answers what the kind asks for; a secret may be `env:VARIABLE`."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    given: Given = Field(default={})
    pulls: bool = True
    pushes: bool = False


class ConnectionChange(Shape):
    """What is not given stays. `mapping` is the whole of it: their field to ours, empty to leave
    it out."""

    given: Given = Field(default={})
    mapping: Mapping_ | None = None
    pulls: bool | None = None
    pushes: bool | None = None
    paused: bool | None = None


class ConnectionShape(Shape):
    """`secrets` say where they are, never what. `pushed` counts leads by what became of their last
    update; `trouble` is what went wrong last, until it goes well; `webhook` is the path to which
    the system's webhooks go."""

    name: str
    kind: str
    options: dict[str, str]
    secrets: dict[str, str]
    mapping: dict[str, str]
    pulls: bool
    pushes: bool
    created: Time
    created_by: str
    paused: Time | None
    trouble: str | None
    trouble_since: Time | None
    pulled: Time | None
    pushed: dict[str, int]
    webhook: str


class TestedShape(Shape):
    """`known_as` is as whom the system knows us; `can`: of pull, push and webhooks."""

    known_as: str
    can: list[str]


class ExchangeShape(Shape):
    at: Time
    direction: str
    what: str
    state: str
    records: int
    detail: str | None


class PushedShape(Shape):
    """The last update of a lead. `again` is when it is tried again, where it is."""

    lead_id: int
    state: str
    remote_id: str | None
    as_of: Time
    at: Time
    again: Time | None
    why: str | None


class Begun(Shape):
    job: str


class ToPull(Shape):
    from_the_start: bool = False


class ToPush(Shape):
    """`again`: also what the system was told before."""

    again: bool = False


@router.get("/connection-kinds", summary="Kinds of connections")
def get_kinds(_who: Admin) -> list[KindShape]:
    """What can be connected, and what each is asked for."""
    return [_kind(one) for one in known.kinds()]


@router.get("/connections", summary="Connections")
def get_connections(api: Parts, _who: Admin) -> list[ConnectionShape]:
    """All of them, by name."""
    with api.store.read() as database:
        return [_shape(database, row) for row in list_connections(database)]


@router.post("/connections", status_code=201, summary="Make a connection")
def make_connection(api: Parts, who: Admin, new: NewConnection) -> ConnectionShape:
    """Nothing is asked of the system yet: test it."""
    now_us = api.clock()
    api.write(
        lambda c: setting_up.add(
            c, new.name, new.kind, new.given, pulls=new.pulls, pushes=new.pushes, by=who.actor,
            now_us=now_us,
        )
    )  # fmt: skip
    return _found(api, new.name)


@router.get("/connections/{name}", summary="A connection")
def get_one_connection(api: Parts, _who: Admin, name: Name) -> ConnectionShape:
    """What it was given, how far it is, and what went wrong with it last."""
    return _found(api, name)


@router.patch("/connections/{name}", summary="Change a connection")
def change_connection(api: Parts, who: Admin, name: Name, to: ConnectionChange) -> ConnectionShape:
    """Other answers, another mapping, what it does, whether it rests."""
    now_us = api.clock()
    api.write(
        lambda c: setting_up.change(
            c, name, to.given, by=who.actor, now_us=now_us, pulls=to.pulls, pushes=to.pushes,
            paused=to.paused, mapping=to.mapping,
        )
    )  # fmt: skip
    return _found(api, name)


@router.delete("/connections/{name}", status_code=204, summary="Delete a connection")
def delete_connection(api: Parts, who: Admin, name: Name) -> None:
    """What was pulled stays."""
    now_us = api.clock()
    api.write(lambda c: setting_up.remove(c, name, by=who.actor, now_us=now_us))


@router.post("/connections/{name}/test", summary="Test a connection")
def try_connection(api: Parts, _who: Admin, name: Name) -> TestedShape:
    """Ask the system for something small that needs the rights."""
    with api.store.read() as database:
        row = get_connection(database, name)
    with api.heavy(), talking(row, os.environ) as line:
        return TestedShape(known_as=line.to.test(), can=setting_up.abilities(line.to))


@router.post("/connections/{name}/pull", status_code=202, summary="Pull from a connection")
def pull_now(api: Parts, _who: Admin, name: Name, wanted: ToPull) -> Begun:
    """A job does it."""
    with api.store.read() as database:
        get_connection(database, name)
    given: Any = {"connection": name, "from_the_start": wanted.from_the_start}
    return Begun(job=api.with_jobs().enqueue("pull", given))


@router.post("/connections/{name}/push", status_code=202, summary="Push to a connection")
def push_now(api: Parts, _who: Admin, name: Name, wanted: ToPush) -> Begun:
    """A job compares everybody's score with what the system was told."""
    with api.store.read() as database:
        get_connection(database, name)
    given: Any = {"connection": name, "again": wanted.again}
    return Begun(job=api.with_jobs().enqueue("push", given))


@router.get("/connections/{name}/exchanges", summary="What was exchanged with a connection")
def get_exchanges(
    api: Parts, _who: Admin, name: Name, limit: Limit = 50, cursor: Cursor = None
) -> Page[ExchangeShape]:
    """The latest first."""
    before = from_cursor(cursor, int)
    with api.store.read() as database:
        row = get_connection(database, name)
        rows = list_exchanges(
            database, row.id, before_id=before[0] if before else None, limit=limit
        )
    items = [
        ExchangeShape(
            at=one.at_us, direction=one.direction, what=one.what, state=one.state,
            records=one.records, detail=one.detail,
        )
        for one in rows
    ]  # fmt: skip
    return Page[ExchangeShape](**page(items, limit, (rows[-1].id,) if rows else None))


@router.get("/connections/{name}/pushed", summary="Leads that a connection was told of")
def get_pushed(
    api: Parts, who: Admin, name: Name, state: str | None = None, limit: Limit = 50
) -> list[PushedShape]:
    """The latest first; of one state (`refused`, `later` ...) where it is given."""
    with api.store.read() as database:
        row = get_connection(database, name)
        rows = list_pushed(database, row.id, state, limit)
    api.note_read(who, "list", "connection", row.id, f"{len(rows)} leads")
    return [
        PushedShape(
            lead_id=one.lead_id, state=one.state, remote_id=one.remote_id, as_of=one.as_of_us,
            at=one.at_us, again=one.again_us, why=one.why,
        )
        for one in rows
    ]  # fmt: skip


def _found(api: Api, name: str) -> ConnectionShape:
    with api.store.read() as database:
        return _shape(database, get_connection(database, name))


def _shape(database: Any, row: ConnectionRow) -> ConnectionShape:
    pulled = list_cursors(database, row.id).get("pull")
    return ConnectionShape(
        name=row.name, kind=row.kind, options=dict(row.options),
        secrets=setting_up.shown_secrets(row), mapping=dict(row.mapping), pulls=row.pulls,
        pushes=row.pushes, created=row.created_us, created_by=row.created_by,
        paused=row.paused_us, trouble=row.trouble, trouble_since=row.trouble_us,
        pulled=pulled[1] if pulled else None, pushed=count_pushed(database, row.id),
        webhook=f"/connect/{row.name}",
    )  # fmt: skip


def _kind(one: Kind) -> KindShape:
    asks = [
        AskShape(
            name=ask.name, label=ask.label, about=ask.about, default=ask.default,
            required=ask.required, secret=ask.secret,
        )
        for ask in (*one.asks, *known.COMMON)
    ]  # fmt: skip
    return KindShape(name=one.name, label=one.label, docs=one.docs, asks=asks)
