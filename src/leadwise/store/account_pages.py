"""Accounts as they are shown: by score, and one with its traits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, or_, select

from leadwise.errors import UserError
from leadwise.store.documents import Document
from leadwise.store.schema import account, account_key, account_score


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account; what belongs to a score is None where there is none yet.

    `ledger` and `totals` are JSON texts, `scored` the facts that were scored.
    """

    id: int
    name: str | None
    created_us: int
    traits: Document
    score: int | None
    band: str | None
    grade: str | None
    as_of_us: int | None
    ledger: str | None
    totals: str | None
    scored: Document | None

    @property
    def cursor(self) -> tuple[int | None, int]:
        """Where a listing goes on after this account."""
        return self.score, self.id


def list_accounts(
    connection: Connection,
    version_id: int | None,
    *,
    domain: str | None = None,
    among: Sequence[int] | None = None,
    after: tuple[int | None, int] | None = None,
    limit: int = 50,
) -> list[AccountRow]:
    """Accounts under a version of a card, the greatest score first, those without one last.

    `among`: of these only.
    """
    rows = _rows(version_id)
    score = account_score.c.score
    if domain is not None:
        own = select(account_key.c.account_id).where(
            account_key.c.kind == "domain", account_key.c.value == domain.lower()
        )
        rows = rows.where(account.c.id.in_(own))
    if among is not None:
        rows = rows.where(account.c.id.in_(among))
    if after is not None:
        last, id_ = after
        beyond = and_(score.is_(None), account.c.id > id_)
        if last is not None:
            same = and_(score == last, account.c.id > id_)
            beyond = or_(score < last, same, score.is_(None))
        rows = rows.where(beyond)
    rows = rows.order_by(score.desc().nulls_last(), account.c.id).limit(limit)
    return [AccountRow(*row) for row in connection.execute(rows)]


def get_account(connection: Connection, version_id: int | None, account_id: int) -> AccountRow:
    """The account. UserError (`no-such-account`) where there is none."""
    rows = _rows(version_id).where(account.c.id == account_id)
    row = connection.execute(rows).one_or_none()
    if row is None:
        raise UserError(
            "no-such-account",
            f"There is no account {account_id}.",
            hint="GET /api/accounts lists them.",
        )
    return AccountRow(*row)


def keys_of(connection: Connection, account_id: int) -> list[tuple[str, str]]:
    """What an account goes by, as (kind, value)."""
    rows = connection.execute(
        select(account_key.c.kind, account_key.c.value)
        .where(account_key.c.account_id == account_id)
        .order_by(account_key.c.kind, account_key.c.value)
    )
    return [(row.kind, row.value) for row in rows]


def _rows(version_id: int | None) -> Select[Any]:
    under = and_(
        account_score.c.account_id == account.c.id,
        account_score.c.card_version_id == (version_id or 0),
    )
    scored = account_score.c
    return select(
        account.c.id, account.c.name, account.c.created_us, account.c.doc, scored.score,
        scored.band, scored.grade, scored.as_of_us, scored.ledger, scored.totals, scored.doc,
    ).select_from(account.outerjoin(account_score, under))  # fmt: skip
