"""Keys: made, listed, revoked."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter
from pydantic import AfterValidator, Field
from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.store.audit import audit
from leadwise.store.keys import SCOPES, Key, create_key, get_key, list_keys, revoke_key
from leadwise.web.api.parts import Admin, Parts
from leadwise.web.api.shapes import (
    Cursor,
    Id,
    Limit,
    Moment,
    Page,
    Shape,
    ShortText,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["keys"])


def _scope(value: str) -> str:
    if value not in SCOPES:
        raise ValueError(f"scopes are {', '.join(SCOPES)}")
    return value


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
        raise ValueError("an origin such as https://www.example.com")
    return value


Origin = Annotated[ShortText, AfterValidator(_origin), Field(pattern=r"^https?://[^\s/?#]+$")]
Scope = Annotated[
    str, AfterValidator(_scope), Field(json_schema_extra={"enum": list(SCOPES)}, max_length=40)
]


class NewKey(Shape):
    """`write` keys are for tracking: they bring events, stand in web pages, and have no scopes."""

    name: ShortText
    kind: Literal["api", "write"] = "api"
    scopes: list[Scope] = Field(default=[], max_length=20)
    origins: list[Origin] = Field(
        default=[], max_length=50, description="Pages that may use a `write` key; empty: any."
    )
    expires: Moment | None = None


class KeyShape(Shape):
    id: int
    name: str
    kind: str
    prefix: str
    scopes: list[str]
    origins: list[str]
    created: Time
    created_by: str
    expires: Time | None
    revoked: Time | None
    last_used: Time | None


class MadeKey(KeyShape):
    """`secret` is shown this once."""

    secret: str


@router.get("/keys", summary="Keys")
def get_keys(api: Parts, _who: Admin, limit: Limit = 50, cursor: Cursor = None) -> Page[KeyShape]:
    """The newest first, without their secrets, which nobody has."""
    before = from_cursor(cursor, int)
    with api.store.read() as connection:
        rows = list_keys(connection, before_id=before[0] if before else None, limit=limit)
    last = (rows[-1].id,) if rows else None
    return Page[KeyShape](**page([_shape(row) for row in rows], limit, last))


@router.post("/keys", status_code=201, summary="Make a key")
def make_key(api: Parts, who: Admin, new: NewKey) -> MadeKey:
    """The secret is in the answer, and nowhere else."""
    now_us = api.clock()
    if new.expires is not None and new.expires <= now_us:
        raise UserError(
            "key-expires", "A key expires later than now, or not at all.", hint="Leave it out."
        )

    def work(connection: Connection) -> tuple[Key, str]:
        made = create_key(
            connection, new.name, by=who.actor, now_us=now_us, kind=new.kind,
            scopes=frozenset(new.scopes), origins=tuple(new.origins), expires_us=new.expires,
        )  # fmt: skip
        audit(connection, who.actor, "create", "key", made[0].id, made[0].name, now_us)
        return made

    key, secret = api.write(work)
    return MadeKey(**_values(key), secret=secret)


@router.post("/keys/{key_id}/revoke", summary="Revoke a key")
def revoke(api: Parts, who: Admin, key_id: Id) -> KeyShape:
    """It is of no use from now on."""
    now_us = api.clock()

    def work(connection: Connection) -> Key:
        get_key(connection, key_id)
        audit(connection, who.actor, "revoke", "key", key_id, None, now_us)
        return revoke_key(connection, key_id, now_us)

    return _shape(api.write(work))


def _shape(key: Key) -> KeyShape:
    return KeyShape(**_values(key))


def _values(key: Key) -> dict[str, Any]:
    return {
        "id": key.id, "name": key.name, "kind": key.kind, "prefix": key.prefix,
        "scopes": sorted(key.scopes), "origins": list(key.origins), "created": key.created_us,
        "created_by": key.created_by, "expires": key.expires_us, "revoked": key.revoked_us,
        "last_used": key.last_used_us,
    }  # fmt: skip
