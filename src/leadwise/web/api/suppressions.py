"""Addresses that nothing is sent to."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.ingest.emails import normalised_email
from leadwise.store.audit import audit
from leadwise.store.suppression import (
    Suppressed,
    allow,
    find_suppressed,
    list_suppressed,
    suppress,
)
from leadwise.web.api.parts import Admin, Parts
from leadwise.web.api.shapes import Cursor, Limit, Line, Page, Shape, Time, from_cursor, page

router = APIRouter(tags=["mail"])
Why = Literal["unsubscribed", "by hand", "bounced", "complained"]
Address = Annotated[Line, Field(min_length=3, max_length=320)]


class NewSuppression(Shape):
    """An address, and why nothing is sent to it."""

    address: Address
    reason: Why = "by hand"
    detail: Line | None = Field(default=None, max_length=400)


class SuppressionShape(Shape):
    """`by` is who or what put it there: a member, a key, `lead`, `smtp`, `report`."""

    address: str
    reason: str
    at: Time
    by: str
    detail: str | None


@router.get("/suppressions", summary="Addresses that nothing is sent to")
def get_suppressions(
    api: Parts, who: Admin, reason: Annotated[Why | None, Query()] = None,
    address: Annotated[Address | None, Query()] = None,
    limit: Limit = 50, cursor: Cursor = None,
) -> Page[SuppressionShape]:  # fmt: skip
    """By address."""
    after = from_cursor(cursor, str)
    with api.store.read() as connection:
        if address is not None:
            one = find_suppressed(connection, _normal(address))
            rows = [] if one is None else [one]
        else:
            rows = list_suppressed(
                connection, reason=reason, after=after[0] if after else "", limit=limit
            )
    api.note_read(who, "list", "suppression", None, f"{len(rows)} addresses")
    last = (rows[-1].address,) if rows else None
    return Page[SuppressionShape](**page([_shape(row) for row in rows], limit, last))


@router.post("/suppressions", status_code=201, summary="Send nothing to an address")
def add_suppression(api: Parts, who: Admin, new: NewSuppression) -> SuppressionShape:
    """The graver reason stands where there is one already."""
    address, now_us = _normal(new.address), api.clock()

    def work(connection: Connection) -> Suppressed:
        if suppress(
            connection, address, new.reason, by=who.actor, now_us=now_us, detail=new.detail
        ):
            audit(connection, who.actor, "suppress", "suppression", None, new.reason, now_us)
        found = find_suppressed(connection, address)
        assert found is not None
        return found

    return _shape(api.write(work))


@router.delete("/suppressions/{address}", status_code=204, summary="Send to an address again")
def remove_suppression(api: Parts, who: Admin, address: Address) -> None:
    """Whoever had unsubscribed before a graver reason came stays unsubscribed."""
    normal, now_us = _normal(address), api.clock()

    def work(connection: Connection) -> None:
        found = allow(connection, normal)
        if found is None:
            raise UserError("no-such-suppression", "Nothing holds mail to this address back.")
        audit(connection, who.actor, "allow", "suppression", None, found.reason, now_us)

    api.write(work)


def _normal(address: str) -> str:
    found = normalised_email(address)
    if found is None:
        raise UserError(
            "mail-address", "This is no e-mail address.", hint="Write it as ann@example.com."
        )
    return found


def _shape(one: Suppressed) -> SuppressionShape:
    return SuppressionShape(
        address=one.address, reason=one.reason, at=one.at_us, by=one.by, detail=one.detail
    )
