"""Accounts (companies): by score, and one with what is known of it and its people."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query

from leadwise.plan import lines
from leadwise.store.account_pages import AccountRow, get_account, keys_of, list_accounts
from leadwise.store.cards import CardVersion, live_version
from leadwise.store.documents import values_of
from leadwise.web.api.parts import Parts, ReadLeads
from leadwise.web.api.shapes import (
    Amount,
    Cursor,
    Id,
    Limit,
    Line,
    Page,
    Shape,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["accounts"])
Value = int | float | bool | str | None


class ListedAccount(Shape):
    id: int
    name: str | None
    created: Time
    score: Amount | None
    band: str | None
    grade: str | None
    as_of: Time | None


class KeyOf(Shape):
    kind: str
    value: str


class AccountLine(Shape):
    name: str
    kind: str
    id: str
    dimension: str | None
    label: str
    points: Amount


class AccountShape(ListedAccount):
    """`traits` are what was said of it; `scored` what its score was made of, people included.

    The lines add up to `score`. Its people: GET /api/leads?account=ID.
    """

    keys: list[KeyOf]
    traits: dict[str, Value]
    scored: dict[str, Value] | None
    dimensions: dict[str, Amount] | None
    lines: list[AccountLine] | None


@router.get("/accounts", summary="Accounts by score")
def get_accounts(
    api: Parts,
    _who: ReadLeads,
    domain: Annotated[Line | None, Query(max_length=255)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ListedAccount]:
    """The greatest score first. Without a live card for accounts: all, by id."""
    after = from_cursor(cursor, (int, type(None)), int)
    with api.store.read() as connection:
        version = live_version(connection, "account")
        rows = list_accounts(
            connection, version.id if version else None, domain=domain,
            after=None if after is None else (after[0], after[1]), limit=limit,
        )  # fmt: skip
    items = [ListedAccount(**_listed(row)) for row in rows]
    return Page[ListedAccount](**page(items, limit, rows[-1].cursor if rows else None))


@router.get("/accounts/{account_id}", summary="An account")
def get_one(api: Parts, _who: ReadLeads, account_id: Id) -> AccountShape:
    """Its traits, what it goes by, its score with the ledger."""
    with api.store.read() as connection:
        version = live_version(connection, "account")
        row = get_account(connection, version.id if version else None, account_id)
        keys = keys_of(connection, account_id)
    return AccountShape(
        **_listed(row),
        keys=[KeyOf(kind=kind, value=value) for kind, value in keys],
        traits=values_of(row.traits),
        scored=None if row.scored is None else values_of(row.scored),
        **_ledger(version, row),
    )


def _listed(row: AccountRow) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "created": row.created_us, "score": row.score,
        "band": row.band, "grade": row.grade, "as_of": row.as_of_us,
    }  # fmt: skip


def _ledger(version: CardVersion | None, row: AccountRow) -> dict[str, Any]:
    if version is None or row.ledger is None or row.totals is None:
        return {"dimensions": None, "lines": None}
    card = version.card
    found = [
        AccountLine(
            name=line.name, kind=line.kind, id=line.id, dimension=line.dimension,
            label=line.label, points=amount,
        )
        for line, amount in zip(lines(card), json.loads(row.ledger), strict=True)
    ]  # fmt: skip
    totals = json.loads(row.totals)
    dimensions = {d.id: total for d, total in zip(card.dimensions, totals, strict=True)}
    return {"dimensions": dimensions, "lines": found}
