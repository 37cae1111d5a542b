"""Web forms and sources of webhooks: set, listed, removed."""

from __future__ import annotations

import base64
import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field
from sqlalchemy import Connection, Table

from leadwise.errors import UserError
from leadwise.ingest import sources
from leadwise.ingest.forms import Form
from leadwise.ingest.incoming import Incoming
from leadwise.store import schema
from leadwise.store.audit import audit
from leadwise.web.api.parts import Admin, Parts
from leadwise.web.api.shapes import Shape, ShortText

router = APIRouter(tags=["forms and sources"])

Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$", description="In the address.")]
Redirect = Annotated[str, Field(pattern=r"^(https?://|/)[^\s]*$", max_length=2_000)]
Key = Annotated[str, Field(min_length=1, max_length=200)]


class FormSettings(Shape):
    """`fields` maps names of the form's fields to keys of the lead, and no others are taken;
    without it all are. Whoever fills the `honeypot` field is taken for a program."""

    fields: dict[Key, Key] = Field(default={}, max_length=200)
    email: Key = "email"
    honeypot: Key = "website_url"
    event: ShortText = "form_submitted"
    redirect: Redirect | None = None
    per_minute: int | None = Field(default=None, ge=1, le=10_000)


class FormShape(FormSettings):
    """`address` is where the form posts to."""

    name: str
    address: str


class SourceSettings(Shape):
    """Where in the data (dotted keys, the first that holds something) the person stands; `events`
    names events by the type that is sent; `traits` are types that say what is known of a person.
    `signed`: requests must bear a Standard Webhooks signature."""

    signed: bool = True
    user_id: list[Key] = Field(default=["user_id", "userId"], max_length=20)
    anonymous_id: list[Key] = Field(default=["anonymous_id", "anonymousId"], max_length=20)
    crm_id: list[Key] = Field(default=["crm_id", "crmId"], max_length=20)
    email: list[Key] = Field(default=["email"], max_length=20)
    events: dict[Key, Key] = Field(default={}, max_length=200)
    traits: list[Key] = Field(default=[], max_length=200)


class SourceShape(SourceSettings):
    """`address` is where the source posts to."""

    name: str
    address: str


class MadeSource(SourceShape):
    """`secret` is what to sign with; it is shown this once, and null for one that stays."""

    secret: str | None


class Removed(Shape):
    removed: bool


@router.get("/forms", summary="Web forms")
def get_forms(api: Parts, _who: Admin) -> list[FormShape]:
    """By name."""
    with api.store.read() as connection:
        return [_form(form) for form in sources.list_forms(connection)]


@router.put("/forms/{name}", summary="Set a web form")
def put_form(api: Parts, who: Admin, name: Name, new: FormSettings) -> FormShape:
    """It posts to `/f/{name}` from now on; one of this name is replaced, within seconds."""
    form = Form(name=name, source=f"form:{name}", **new.model_dump())
    now_us = api.clock()

    def work(connection: Connection) -> None:
        sources.save_form(connection, form, now_us)
        audit(connection, who.actor, "set", "form", name, None, now_us)

    api.write(work)
    return _form(form)


@router.delete("/forms/{name}", summary="Remove a web form")
def delete_form(api: Parts, who: Admin, name: Name) -> Removed:
    """Posts to it are answered 404 from then on."""
    return _remove(api, who.actor, "form", schema.form, name)


@router.get("/sources", summary="Sources of webhooks and CloudEvents")
def get_sources(api: Parts, _who: Admin) -> list[SourceShape]:
    """By name, without their secrets."""
    with api.store.read() as connection:
        return [SourceShape(**_source(one)) for one in sources.list_incoming(connection)]


@router.put("/sources/{name}", summary="Set a source of webhooks or CloudEvents")
def put_source(api: Parts, who: Admin, name: Name, new: SourceSettings) -> MadeSource:
    """It posts to `/in/{name}` from now on. A signed one keeps its secret when it is set again."""
    now_us = api.clock()

    def work(connection: Connection) -> tuple[Incoming, str | None]:
        had = sources.load_incoming(connection, name)
        kept = had.secrets if had is not None and new.signed else ()
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        made = secret if new.signed and not kept else None
        source = Incoming(
            name=name, secrets=kept or ((made,) if made else ()), user_id=tuple(new.user_id),
            anonymous_id=tuple(new.anonymous_id), crm_id=tuple(new.crm_id), email=tuple(new.email),
            events=new.events, traits=frozenset(new.traits),
        )  # fmt: skip
        sources.save_incoming(connection, source, now_us)
        audit(connection, who.actor, "set", "source", name, None, now_us)
        return source, made

    source, made = api.write(work)
    return MadeSource(**_source(source), secret=made)


@router.delete("/sources/{name}", summary="Remove a source")
def delete_source(api: Parts, who: Admin, name: Name) -> Removed:
    """Its secret is gone with it; posts are answered 404 from then on."""
    return _remove(api, who.actor, "source", schema.incoming, name)


def _remove(api: Any, actor: str, what: str, table: Table, name: str) -> Removed:
    now_us = api.clock()

    def work(connection: Connection) -> None:
        if not sources.remove(connection, table, name):
            code = "no-such-form" if what == "form" else "no-such-source"
            raise UserError(code, f"There is no {what} {name!r}.")
        audit(connection, actor, "remove", what, name, None, now_us)

    api.write(work)
    return Removed(removed=True)


def _form(form: Form) -> FormShape:
    return FormShape(
        name=form.name, address=f"/f/{form.name}", fields=dict(form.fields), email=form.email,
        honeypot=form.honeypot, event=form.event, redirect=form.redirect,
        per_minute=form.per_minute,
    )  # fmt: skip


def _source(one: Incoming) -> dict[str, Any]:
    return {
        "name": one.name, "address": f"/in/{one.name}", "signed": bool(one.secrets),
        "user_id": list(one.user_id), "anonymous_id": list(one.anonymous_id),
        "crm_id": list(one.crm_id), "email": list(one.email), "events": dict(one.events),
        "traits": sorted(one.traits),
    }  # fmt: skip
