"""What the pages of leads look up besides: everybody in one list, a search, names, owners."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, exists, func, select, text

from leadwise.plan.relations import FOREVER
from leadwise.store.documents import Document, values_of
from leadwise.store.leads import LeadFilter, LeadRow, list_leads
from leadwise.store.schema import (
    account,
    lead,
    lead_fact,
    lead_owner,
    member,
    merge,
    override,
    score,
)

MOST_FOUND = 500
"""Leads that a search finds: who sees so many types more of the name."""
NAME_KEYS = ("name", "first_name", "last_name", "firstName", "lastName", "full_name", "email")
"""Facts in which a person's name is looked for."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose lead it is to call."""

    member_id: int
    name: str
    since_us: int


@dataclass(frozen=True, slots=True)
class State:
    """What became of a lead's number: it may be part of another lead, or erased."""

    merged_into: int | None
    erased_us: int | None


def list_everybody(
    connection: Connection,
    version_id: int | None,
    wanted: LeadFilter,
    *,
    among: Sequence[int] | None = None,
    span: tuple[int | None, int | None] | None = None,
    after: tuple[int | None, int] | None = None,
    limit: int = 50,
) -> list[LeadRow]:
    """Leads by shown score, then those that have none by id; `among` these only, where given.

    A filter that speaks of scores leaves the others out. `span`: from which to which shown score
    (hundredths, None without end) the bands of the filter reach, where nobody has set a band.
    """
    if among is None and wanted.known is not None:
        # Of few the order is found quicker than they are found in the order of everybody.
        among = _of_known(connection, wanted.known)
    if among is not None:
        return _among(connection, version_id, wanted, among, after, limit)
    rows: list[LeadRow] = []
    if version_id is not None and (after is None or after[0] is not None):
        near = wanted if span is None else replace(wanted, least=span[0], most=span[1])
        rows = list_leads(connection, version_id, near, after=after, limit=limit)
        if span is not None:
            set_by_hand = _among(connection, version_id, wanted, _banded(connection), after, limit)
            both = {row.id: row for row in (*rows, *set_by_hand)}
            rows = sorted(both.values(), key=lambda row: _order(row.cursor))[:limit]
        after = None
    scores_only = wanted.bands or wanted.least is not None or wanted.most is not None
    if len(rows) < limit and not (version_id is not None and scores_only):
        rows += _unscored(connection, version_id, wanted, after, limit - len(rows))
    return rows


def search_leads(connection: Connection, words: str) -> list[int]:
    """Ids of leads whose identity, name or company has the words, at most MOST_FOUND."""
    words = words.strip()
    if not words:
        return []
    found: dict[int, None] = {}
    if words.isdecimal() and len(words) < 16:
        found.update(_ids(connection, _BY_ID, number=int(words)))
    sqlite = connection.dialect.name == "sqlite"
    document = "f.doc" if sqlite else "CAST(f.doc AS TEXT)"
    keys = [f"f.doc ->> '{key}'" for key in NAME_KEYS]
    name = " || ' ' || ".join(f"coalesce({key}, '')" for key in keys)
    by_name = _BY_NAME.format(like=_like(connection), document=document, name=name)
    # Words that JSON writes otherwise (a quote) are looked for as it writes them.
    written = _pattern(json.dumps(words, ensure_ascii=False)[1:-1])
    given: dict[str, Any] = {"words": _pattern(words), "most": MOST_FOUND}
    now = given | {"forever": FOREVER}
    found.update(_ids(connection, _BY_IDENTITY.format(like=_like(connection)), **now))
    found.update(_ids(connection, by_name, written=written, **now))
    found.update(_ids(connection, _BY_COMPANY.format(like=_like(connection)), **given))
    return list(found)[:MOST_FOUND]


def facts_of_leads(connection: Connection, lead_ids: Iterable[int]) -> dict[int, Document]:
    """What is known of each lead by its latest row, without marks."""
    rows = connection.execute(
        select(lead_fact.c.lead_id, lead_fact.c.doc).where(
            lead_fact.c.lead_id.in_(list(lead_ids)), lead_fact.c.until_us == FOREVER
        )
    )
    return {row.lead_id: values_of(row.doc) for row in rows}


def owners_of_leads(connection: Connection, lead_ids: Iterable[int]) -> dict[int, Owner]:
    """The owners of these leads, of those that have one."""
    columns = (lead_owner.c.lead_id, member.c.id, member.c.name, lead_owner.c.since_us)
    rows = connection.execute(
        select(*columns)
        .join(member, member.c.id == lead_owner.c.member_id)
        .where(lead_owner.c.lead_id.in_(list(lead_ids)))
    )
    return {row[0]: Owner(row[1], row[2], row[3]) for row in rows}


def state_of(connection: Connection, lead_id: int) -> State | None:
    """What became of a number; None where there never was such a lead."""
    sql = select(lead.c.merged_into, lead.c.erased_us).where(lead.c.id == lead_id)
    row = connection.execute(sql).one_or_none()
    return None if row is None else State(row.merged_into, row.erased_us)


def merge_into(connection: Connection, lead_id: int) -> int | None:
    """The merge by which a lead is part of another one."""
    sql = select(merge.c.id).where(merge.c.other_id == lead_id, merge.c.undone_us.is_(None))
    found: int | None = connection.execute(sql.order_by(merge.c.id.desc()).limit(1)).scalar()
    return found


def member_names(connection: Connection) -> dict[str, str]:
    """The names of members by what the record calls them (`member:3`)."""
    rows = connection.execute(select(member.c.id, member.c.name))
    return {f"member:{row.id}": row.name for row in rows}


def count_people(connection: Connection, account_ids: Iterable[int]) -> dict[int, int]:
    """How many leads each company has."""
    rows = connection.execute(
        select(lead.c.account_id, func.count())
        .where(
            lead.c.account_id.in_(list(account_ids)), lead.c.merged_into.is_(None),
            lead.c.erased_us.is_(None),
        )
        .group_by(lead.c.account_id)
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


def search_accounts(connection: Connection, words: str) -> list[int]:
    """Ids of companies whose name, domain or other key has the words, at most MOST_FOUND."""
    sql = _COMPANIES.format(like=_like(connection))
    return list(_ids(connection, sql, words=_pattern(words.strip()), most=MOST_FOUND))


def _like(connection: Connection) -> str:
    """LIKE in whatever case: quicker by far than to look inside of lowered texts."""
    return "LIKE" if connection.dialect.name == "sqlite" else "ILIKE"


def _pattern(words: str) -> str:
    """What has the words anywhere, each sign of them taken literally."""
    for sign in ("!", "%", "_"):
        words = words.replace(sign, "!" + sign)
    return f"%{words}%"


def _among(
    connection: Connection,
    version_id: int | None,
    wanted: LeadFilter,
    among: Sequence[int],
    after: tuple[int | None, int] | None,
    limit: int,
) -> list[LeadRow]:
    """The found are few: sorted here."""
    rows = [
        row
        for start in range(0, len(among), 200)
        for row in _rows_of(connection, version_id, among[start : start + 200])
    ]
    kept = [row for row in rows if _fits(row, wanted)]
    kept.sort(key=lambda row: _order(row.cursor))
    if after is not None:
        kept = [row for row in kept if _order(row.cursor) > _order(after)]
    return kept[:limit]


def _of_known(connection: Connection, known: bool) -> list[int] | None:
    """Ids of the leads that are known (or not), where they are few; None for many."""
    own = (lead.c.known == int(known)) & lead.c.merged_into.is_(None)
    found = list(connection.scalars(select(lead.c.id).where(own).limit(MOST_FOUND + 1)))
    return found if len(found) <= MOST_FOUND else None


def _banded(connection: Connection) -> list[int]:
    """Ids of the leads whose band a person has set, and nobody has ended it."""
    own = override.c.band.is_not(None) & override.c.ended_us.is_(None)
    return list(connection.scalars(select(override.c.lead_id).where(own).distinct()))


def _order(cursor: tuple[int | None, int]) -> tuple[bool, int, int]:
    shown, lead_id = cursor
    return shown is None, -(shown or 0), lead_id


def _fits(row: LeadRow, wanted: LeadFilter) -> bool:
    return (
        (not wanted.bands or row.shown_band in wanted.bands)
        and (wanted.known is None or row.known == wanted.known)
        and (wanted.account_id is None or row.account_id == wanted.account_id)
    )


def _rows_of(
    connection: Connection, version_id: int | None, lead_ids: Sequence[int]
) -> list[LeadRow]:
    sql = select(*_COLUMNS, *_SCORES).select_from(
        lead.outerjoin(
            score, (score.c.lead_id == lead.c.id) & (score.c.card_version_id == (version_id or 0))
        ).outerjoin(account, account.c.id == lead.c.account_id)
    )
    sql = sql.where(
        lead.c.id.in_(lead_ids), lead.c.merged_into.is_(None), lead.c.erased_us.is_(None)
    )
    return [_row(row) for row in connection.execute(sql)]


def _unscored(
    connection: Connection,
    version_id: int | None,
    wanted: LeadFilter,
    after: tuple[int | None, int] | None,
    limit: int,
) -> list[LeadRow]:
    rows = select(*_COLUMNS).select_from(lead.outerjoin(account, account.c.id == lead.c.account_id))
    rows = rows.where(lead.c.merged_into.is_(None), lead.c.erased_us.is_(None))
    if version_id is not None:
        own = (score.c.card_version_id == version_id) & (score.c.lead_id == lead.c.id)
        rows = rows.where(~exists().where(own))
    if wanted.known is not None:
        rows = rows.where(lead.c.known == int(wanted.known))
    if wanted.account_id is not None:
        rows = rows.where(lead.c.account_id == wanted.account_id)
    if after is not None:
        rows = rows.where(lead.c.id > after[1])
    found = connection.execute(rows.order_by(lead.c.id).limit(limit))
    nothing = dict.fromkeys(
        ("score", "shown_score", "band", "shown_band", "grade", "band_since_us", "as_of_us")
    )
    return [
        LeadRow(row.id, row.created_us, bool(row.known), row.account_id, row.account_name,
                **nothing)
        for row in found
    ]  # fmt: skip


def _row(row: Any) -> LeadRow:
    bare = LeadRow(*row)
    return replace(bare, known=bool(bare.known))


def _ids(connection: Connection, sql: str, **given: Any) -> dict[int, None]:
    return dict.fromkeys(connection.execute(text(sql), given).scalars())


_COLUMNS = (
    lead.c.id, lead.c.created_us, lead.c.known, lead.c.account_id,
    account.c.name.label("account_name"),
)  # fmt: skip
_SCORES = (
    score.c.score, score.c.shown_score, score.c.band, score.c.shown_band, score.c.grade,
    score.c.band_since_us, score.c.as_of_us,
)  # fmt: skip
_BY_ID = "SELECT id FROM lead WHERE id = :number"
_BY_IDENTITY = (
    "SELECT i.lead_id FROM identity AS n JOIN identity_lead AS i ON i.identity_id = n.id "
    "AND i.until_us = :forever WHERE n.value {like} :words ESCAPE '!' LIMIT :most"
)
_BY_NAME = (
    # The whole document first: most have the words nowhere, and need not be read.
    "SELECT f.lead_id FROM lead_fact AS f WHERE f.until_us = :forever "
    "AND {document} {like} :written ESCAPE '!' AND {name} {like} :words ESCAPE '!' "
    "LIMIT :most"
)
_BY_COMPANY = (
    "SELECT l.id FROM account AS a JOIN lead AS l ON l.account_id = a.id "
    "WHERE a.name {like} :words ESCAPE '!' LIMIT :most"
)
_COMPANIES = (
    "SELECT a.id FROM account AS a WHERE a.name {like} :words ESCAPE '!' "
    "OR EXISTS (SELECT 1 FROM account_key AS k WHERE k.account_id = a.id "
    "AND k.value {like} :words ESCAPE '!') LIMIT :most"
)
