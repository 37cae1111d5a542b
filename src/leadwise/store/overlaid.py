"""The card's query over the record, asked of moments that carry facts of their own.

Some of what a condition reads is nowhere in the record as a fact: a lead's score, whose it is, what
the clock shows where it is. Such values come with each moment as a document, and are facts of that
moment beside those of the record. One statement asks of many leads, on both databases.
"""

# ruff: noqa: S608 - the SQL is made of quoted names and escaped literals only

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection

from leadwise.card.model import Card
from leadwise.engines.duckdb import quoted
from leadwise.plan import Each, compile_ledger, render
from leadwise.store.documents import Document
from leadwise.store.driver import run
from leadwise.store.relations import bound, clause, events_of, language, moments_of
from leadwise.store.remembering import once_per_card
from leadwise.store.typed import typed

OverlaidRow = tuple[int, int, int, int, Document]
"""`_moment`, lead_id, as_of_us, known_by_us, and the facts of the moment: a canonical document."""

_CARRIED = "\n"
"""Between the names of fields that moments carry: no name has one."""


def ask_overlaid(
    connection: Connection, card: Card, carried: Collection[str], moments: Sequence[OverlaidRow]
) -> list[tuple[Any, ...]]:
    """The rows of the card's query, one for each moment, in no order.

    `carried` are the fields of the card that are read from the moments' documents, all others are
    from the record. No two moments are of the same lead at the same instant.
    """
    if not moments:
        return []
    word = f"{connection.dialect.name}{_CARRIED}{_CARRIED.join(sorted(carried))}"
    sql = overlaid_sql(card, word)
    if connection.dialect.name == "postgresql":
        run(connection, "SET LOCAL enable_hashjoin = on", ())
    return run(connection, sql, (json.dumps(list(moments), separators=(",", ":")),))


@once_per_card
def overlaid_sql(card: Card, word: str) -> str:
    """The statement; `word` is the database and the carried fields, a line each."""
    dialect, *carried = word.split(_CARRIED)
    query = render(compile_ledger(card, Each()), language(dialect))
    if dialect == "sqlite":
        query = query.replace('FROM "events" JOIN "moments"', 'FROM "events" CROSS JOIN "moments"')
    relations = {
        "given": _given(dialect),  # bound once, read by those below
        "moments": _moments(dialect),
        "asked_leads": 'SELECT DISTINCT "lead_id" FROM "moments"',
        "facts": _facts(card, dialect, frozenset(carried)),
        "events": events_of(card, dialect),
    }
    return bound(f"{clause(relations)}, {query.removeprefix('WITH ')}", dialect)


def _given(dialect: str) -> str:
    if dialect == "sqlite":
        return "SELECT value FROM json_each(:moments)"
    return "SELECT value FROM json_array_elements(CAST(:moments AS JSON))"


def _moments(dialect: str) -> str:
    names = ("_moment", "lead_id", "as_of_us", "known_by_us")
    columns = [f"{_whole(place, dialect)} AS {quoted(name)}" for place, name in enumerate(names)]
    return f'SELECT {", ".join(columns)} FROM "given"'


def _whole(place: int, dialect: str) -> str:
    return f"value ->> {place}" if dialect == "sqlite" else f"CAST(value ->> {place} AS BIGINT)"


def _facts(card: Card, dialect: str, carried: frozenset[str]) -> str:
    """A row for each moment, of that instant alone: what the record knew then, and what it carries.

    The plan looks for the row that holds at the earlier of `as_of_us` and `known_by_us`.
    """
    lookup = moments_of(dialect)[0]
    own, theirs = lookup("m.doc"), lookup("f.doc")
    columns = ["m.lead_id", "m.then_us AS from_us", "m.then_us + 1 AS until_us"]
    columns += [
        f"{typed(field, own if field.name in carried else theirs)} AS {quoted(field.name)}"
        for field in card.fields
    ]
    as_of, known_by = _whole(2, dialect), _whole(3, dialect)
    then = f"CASE WHEN {as_of} < {known_by} THEN {as_of} ELSE {known_by} END AS then_us"
    document = "json_extract(value, '$[4]')" if dialect == "sqlite" else "CAST(value -> 4 AS jsonb)"
    moments = f'(SELECT {_whole(1, dialect)} AS lead_id, {then}, {document} AS doc FROM "given")'
    holds = "lead_id = m.lead_id AND from_us <= m.then_us AND until_us > m.then_us"
    if dialect == "sqlite":
        joined = " AND ".join(f"f.{part}" for part in holds.split(" AND "))
        record = f"LEFT JOIN lead_fact AS f ON {joined}"
    else:
        record = f"LEFT JOIN LATERAL (SELECT * FROM lead_fact WHERE {holds} OFFSET 0) AS f ON true"
    return f"SELECT {', '.join(columns)} FROM {moments} AS m {record}"
