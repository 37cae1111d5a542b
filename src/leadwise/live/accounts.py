"""Accounts are scored by a card of their own, whose fields are made from their people's scores.

An account's facts are its traits (what group calls said) and, under names of ours:

    people        how many leads it has that are scored
    best_score    the highest score shown, in points
    total_score   the sum of the scores shown, in points
    hot_people    how many are in the band named in the settings or a higher one
    roles         how many different values its people have in the field named in the settings
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from leadwise.card.model import Card
from leadwise.live.taking import whole_second
from leadwise.plan import lines
from leadwise.plan.relations import FOREVER
from leadwise.store.bulk import insert_rows, listed_whole
from leadwise.store.cards import CardVersion, hold_statuses, live_version, versions_to_score
from leadwise.store.documents import Document, canonical, text_of
from leadwise.store.relations import ask_documents
from leadwise.store.schema import account_score

MOST_AT_ONCE = 50
COMPUTED = ("people", "best_score", "total_score", "hot_people", "roles")
"""The fields that are made here; a trait of the same name is not looked at."""
_COLUMNS = (
    "card_version_id", "account_id", "as_of_us", "score", "band", "grade", "unknown", "ledger",
    "totals", "doc", "due_us",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AccountRules:
    """`hot_band`: from which band of the leads' card a person is hot (None: the highest);
    `role_field`: the trait of a person that says the buying role."""

    hot_band: str | None = None
    role_field: str = "role"


def accounts_are_due(connection: Connection, now_us: int) -> bool:
    """Whether an account was touched, or its time has come."""
    return bool(connection.execute(_ANY, {"now": now_us}).scalar())


def score_accounts(
    connection: Connection, now_us: int, rules: AccountRules, limit: int = MOST_AT_ONCE
) -> int:
    """Score up to `limit` accounts that were touched or are due, and delete what was taken.

    Returns how many; 0 too where another process has locked them.
    """
    hold_statuses(connection)
    rows = connection.execute(_NEXT, {"limit": limit * 4}).all()
    due = connection.execute(_DUE, {"now": now_us, "limit": limit}).all()
    wanted = list(dict.fromkeys(row.account_id for row in [*rows, *due]))[:limit]
    if connection.dialect.name == "postgresql" and wanted:
        locked = connection.execute(_LOCK, {"list": json.dumps(sorted(wanted))})
        wanted = [row.id for row in locked]
    if not wanted:
        return 0
    sql = f"SELECT id FROM account_touched WHERE account_id IN {listed_whole(connection)}"  # noqa: S608 - our own SQL
    ids = list(connection.execute(text(sql), {"list": json.dumps(wanted)}).scalars())
    versions = versions_to_score(connection, "account")
    if versions:
        documents = account_documents(connection, wanted, rules)
        for version in versions:
            _score(connection, version, documents, now_us)
    sql = f"DELETE FROM account_touched WHERE id IN {listed_whole(connection)}"  # noqa: S608 - our own SQL
    connection.execute(text(sql), {"list": json.dumps(ids)})
    return len(wanted)


def account_documents(
    connection: Connection, account_ids: Sequence[int], rules: AccountRules
) -> dict[int, Document]:
    """The facts that each account is scored by."""
    listed = {"list": json.dumps(list(account_ids))}
    sql = f"SELECT id, doc FROM account WHERE id IN {listed_whole(connection)}"  # noqa: S608 - our own SQL
    documents = {row.id: _decoded(row.doc) for row in connection.execute(text(sql), listed)}
    live = live_version(connection)
    people: dict[int, list[Any]] = {account_id: [] for account_id in documents}
    sql = (
        "SELECT l.account_id, s.shown_score, s.shown_band, f.doc "  # noqa: S608 - our own SQL
        "FROM lead AS l JOIN score AS s ON s.lead_id = l.id AND s.card_version_id = :version "
        f"LEFT JOIN lead_fact AS f ON f.lead_id = l.id AND f.until_us = {FOREVER} "
        f"WHERE l.account_id IN {listed_whole(connection)}"
    )
    if live is not None:
        for row in connection.execute(text(sql), {**listed, "version": live.id}):
            people.setdefault(row.account_id, []).append(row)
    hot = _hot_bands(live.card, rules.hot_band) if live is not None else frozenset()
    return {
        account_id: {**document, **_computed(people[account_id], hot, rules.role_field)}
        for account_id, document in documents.items()
    }


def _computed(people: Sequence[Any], hot: frozenset[str], role_field: str) -> Document:
    scores = [row.shown_score for row in people]
    roles = {_decoded(row.doc).get(role_field) for row in people if row.doc is not None}
    return canonical(
        {
            "people": len(people),
            "best_score": max(scores) / 100 if scores else None,
            "total_score": sum(scores) / 100,
            "hot_people": sum(row.shown_band in hot for row in people),
            "roles": len(roles - {None}),
        }
    )


def _hot_bands(card: Card, name: str | None) -> frozenset[str]:
    ids = [band.id for band in card.bands]
    first = ids.index(name) if name in ids else len(ids) - 1
    return frozenset(ids[max(first, 0) :])


def _score(
    connection: Connection, version: CardVersion, documents: dict[int, Document], now_us: int
) -> None:
    asked = [(account_id, now_us, document) for account_id, document in documents.items()]
    number = len(lines(version.card))
    rows = []
    for answer in ask_documents(connection, version.card, asked):
        _, account_id, as_of_us, _, *amounts = answer
        ledger, totals = amounts[:number], amounts[number:-5]
        score, band, grade, unknown, stable_until_us = amounts[-5:]
        document = text_of(documents[account_id])
        rows.append(
            (version.id, account_id, as_of_us, score, band, grade, unknown, json.dumps(ledger),
             json.dumps(totals), document, whole_second(stable_until_us))
        )  # fmt: skip
    insert_rows(connection, account_score, _COLUMNS, rows, conflict=_NEWER)


def touch_all_accounts(connection: Connection) -> None:
    """Have every account scored again: a card of theirs is published."""
    connection.execute(text("INSERT INTO account_touched (account_id) SELECT id FROM account"))


def _decoded(doc: Any) -> Document:
    document: Document = json.loads(doc) if isinstance(doc, str) else doc
    return document


_NEWER = (
    "ON CONFLICT (card_version_id, account_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[2:])
)  # fmt: skip
_LIVE = (
    "FROM account_score AS s JOIN card_version AS v ON v.id = s.card_version_id "
    "WHERE v.status = 'live' AND v.subject = 'account' AND s.due_us <= :now"
)
_ANY = text(f"SELECT EXISTS (SELECT 1 FROM account_touched) OR EXISTS (SELECT 1 {_LIVE})")  # noqa: S608 - our own SQL
_DUE = text(f"SELECT s.account_id {_LIVE} ORDER BY s.due_us LIMIT :limit")
_NEXT = text("SELECT id, account_id FROM account_touched ORDER BY id LIMIT :limit")
_LOCK = text(
    "SELECT id FROM account WHERE id IN (SELECT CAST(value AS bigint) "
    "FROM json_array_elements_text(CAST(:list AS json))) ORDER BY id FOR UPDATE SKIP LOCKED"
)
