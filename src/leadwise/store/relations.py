"""The plan's relations of a card, in the store's own SQL, for the leads of the moments asked.

The statement takes one parameter: the moments as a JSON list of `[_moment, lead, as_of, known_by]`.
What is read of the record is the events of the leads' identities that no mark holds back, and their
facts; both are typed by the card on the way (`leadwise.store.typed`).
"""

# ruff: noqa: S608 - the SQL is made of quoted names and escaped literals only

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from leadwise.card.model import Card, Variable
from leadwise.engines.duckdb import literal, quoted
from leadwise.plan import Each, compile_evidence, compile_ledger, render
from leadwise.plan.behind import EVENT_ID, compile_behind, selections
from leadwise.plan.relations import ALWAYS, FOREVER
from leadwise.plan.slots import properties
from leadwise.store.documents import Document
from leadwise.store.driver import run
from leadwise.store.remembering import once_per_card
from leadwise.store.typed import Lookup, PostgresLookup, SQLiteLookup, typed

MomentRow = tuple[int, int, int, int]
"""`_moment`, lead_id, as_of_us, known_by_us."""


def ask_ledgers(
    connection: Connection, card: Card, moments: Sequence[MomentRow]
) -> list[tuple[Any, ...]]:
    """The rows of the card's query with `stable_until_us`, one for each moment, in no order."""
    return _ask(connection, ledger_sql(card, connection.dialect.name), moments)


def ask_evidence(
    connection: Connection, card: Card, moments: Sequence[MomentRow]
) -> list[dict[str, object]]:
    """The rows of the card's second query: what stands behind each line."""
    sql = evidence_sql(card, connection.dialect.name)
    found = connection.exec_driver_sql(sql, (_moments(moments),))
    return [dict(row) for row in found.mappings()]


def rows_of_leads(
    connection: Connection, card: Card, lead_ids: Iterable[int]
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """The typed facts and events of some leads, as the plan's relations have them."""
    dialect = connection.dialect.name
    asked = _moments([(place, lead_id, 0, 0) for place, lead_id in enumerate(lead_ids)])
    answers = []
    for name in ("facts", "events"):
        sql = bound(f'{_with(card, dialect)} SELECT * FROM "{name}"', dialect)
        found = connection.exec_driver_sql(sql, (asked,))
        answers.append([dict(row) for row in found.mappings()])
    return answers[0], answers[1]


def ask_behind(
    connection: Connection, card: Card, moments: Sequence[MomentRow]
) -> list[tuple[Any, ...]]:
    """The rows of the card's third query: the events that its selections look at."""
    return _ask(connection, behind_sql(card, connection.dialect.name), moments)


def ask_documents(
    connection: Connection, card: Card, documents: Sequence[tuple[int, int, Document]]
) -> list[tuple[Any, ...]]:
    """The same of subjects without events, whose facts are given: id, as_of_us, document."""
    rows = [(n, id_, at_us, at_us, doc) for n, (id_, at_us, doc) in enumerate(documents)]
    sql = documents_sql(card, connection.dialect.name)
    found = connection.exec_driver_sql(sql, (json.dumps(rows, separators=(",", ":")),))
    return [tuple(row) for row in found]


@once_per_card
def documents_sql(card: Card, dialect: str) -> str:
    """The card's query over documents that are given with the moments."""
    query = render(compile_ledger(card, Each(), stable=True), language(dialect))
    lookup, moments = moments_of(dialect)
    if dialect == "sqlite":
        number, given = "value ->> 1", "json_each((SELECT doc FROM given))"
        doc, parameter = "json_extract(value, '$[4]')", ":moments"
    else:
        number = "CAST(value ->> 1 AS BIGINT)"
        given = "json_array_elements(CAST((SELECT doc FROM given) AS JSON))"
        doc, parameter = "CAST(value -> 4 AS jsonb)", "CAST(:moments AS TEXT)"
    fields = [f"{typed(field, lookup('doc'))} AS {quoted(field.name)}" for field in card.fields]
    facts = [f"lead_id, {ALWAYS} AS from_us, {FOREVER} AS until_us", *fields]
    nothing = ["CAST(NULL AS BIGINT) AS lead_id", "CAST(NULL AS TEXT) AS event"]
    nothing += [f"CAST(NULL AS BIGINT) AS {name}" for name in ("at_us", "received_us")]
    nothing += [
        f"CAST(NULL AS {_SQL_TYPES.get(v.type, 'TEXT')}) AS {quoted(v.name)}"
        for v in properties(card).values()
    ]
    relations = {
        "given": f"SELECT {parameter} AS doc",  # bound once, read twice
        "moments": moments.replace(":moments", "(SELECT doc FROM given)"),
        "documents": f"SELECT {number} AS lead_id, {doc} AS doc FROM {given} AS one",
        "facts": f"SELECT {', '.join(facts)} FROM documents",
        "events": f"SELECT {', '.join(nothing)} WHERE 1 = 0",
    }
    return bound(f"{clause(relations)}, {query.removeprefix('WITH ')}", dialect)


@once_per_card
def ledger_sql(card: Card, dialect: str) -> str:
    """The card's query over the record, ready for the driver of `dialect`."""
    return _over_record(
        card, dialect, render(compile_ledger(card, Each(), stable=True), language(dialect))
    )


@once_per_card
def evidence_sql(card: Card, dialect: str) -> str:
    """The card's second query over the record."""
    return _over_record(card, dialect, render(compile_evidence(card, Each()), language(dialect)))


@once_per_card
def behind_sql(card: Card, dialect: str) -> str:
    """The card's third query over the record, whose events have their ids."""
    wanted = list(dict.fromkeys(selections(card).values()))
    query = render(compile_behind(card, wanted, Each()), language(dialect))
    if dialect == "sqlite":
        query = query.replace('FROM "events" JOIN "moments"', 'FROM "events" CROSS JOIN "moments"')
    relations = {
        "moments": moments_of(dialect)[1],
        "asked_leads": 'SELECT DISTINCT "lead_id" FROM "moments"',
        "events": events_of(card, dialect, f"e.id AS {quoted(EVENT_ID)}"),
    }
    return bound(f"{clause(relations)} {query}", dialect)


def _over_record(card: Card, dialect: str, query: str) -> str:
    assert query.startswith("WITH ")  # every plan has steps
    if dialect == "sqlite":
        # SQLite keeps the order of a CROSS JOIN: through the events once, each to its few moments.
        query = query.replace('FROM "events" JOIN "moments"', 'FROM "events" CROSS JOIN "moments"')
    return bound(f"{_with(card, dialect)}, {query.removeprefix('WITH ')}", dialect)


def bound(sql: str, dialect: str) -> str:
    """With the driver's own sign for the parameter, of which there is one."""
    if dialect == "sqlite":
        return sql.replace(":moments", "?", 1)
    return sql.replace("%", "%%").replace(":moments", "%s", 1)


def language(dialect: str) -> str:
    """SQLGlot's name of the language that a store's database speaks."""
    return "sqlite" if dialect == "sqlite" else "postgres"


def _ask(connection: Connection, sql: str, moments: Sequence[MomentRow]) -> list[tuple[Any, ...]]:
    if connection.dialect.name == "postgresql":
        # The plan joins small results of its own; the record is read by index (see `opening`).
        run(connection, "SET LOCAL enable_hashjoin = on", ())
    return run(connection, sql, (_moments(moments),))


def _moments(moments: Iterable[MomentRow]) -> str:
    return json.dumps(list(moments), separators=(",", ":"))


def _with(card: Card, dialect: str) -> str:
    relations = {
        "moments": moments_of(dialect)[1],
        "asked_leads": 'SELECT DISTINCT "lead_id" FROM "moments"',
        "facts": _facts(card, dialect),
        "events": events_of(card, dialect),
    }
    return clause(relations)


def clause(relations: Mapping[str, str]) -> str:
    """The relations as the beginning of a statement, each worked out once."""
    parts = ", ".join(f'"{name}" AS MATERIALIZED ({sql})' for name, sql in relations.items())
    return f"WITH {parts}"


def moments_of(dialect: str) -> tuple[type[SQLiteLookup] | type[PostgresLookup], str]:
    """How a database looks into documents, and the relation of the moments given as JSON."""
    if dialect == "sqlite":
        return SQLiteLookup, _SQLITE_MOMENTS
    return PostgresLookup, _POSTGRES_MOMENTS


_SQL_TYPES = {"number": "DOUBLE PRECISION", "boolean": "BIGINT", "time": "BIGINT"}
_SQLITE_MOMENTS = (
    'SELECT "value" ->> 0 AS "_moment", "value" ->> 1 AS "lead_id", "value" ->> 2 AS "as_of_us", '
    '"value" ->> 3 AS "known_by_us" FROM json_each(:moments)'
)
_POSTGRES_MOMENTS = (
    'SELECT CAST("value" ->> 0 AS BIGINT) AS "_moment", '
    'CAST("value" ->> 1 AS BIGINT) AS "lead_id", CAST("value" ->> 2 AS BIGINT) AS "as_of_us", '
    'CAST("value" ->> 3 AS BIGINT) AS "known_by_us" '
    "FROM json_array_elements(CAST(:moments AS JSON))"
)


def _facts(card: Card, dialect: str) -> str:
    of = moments_of(dialect)[0]("f.doc")
    columns = ["f.lead_id", "f.from_us", "f.until_us"]
    columns += [f"{typed(field, of)} AS {quoted(field.name)}" for field in card.fields]
    theirs = _each(dialect, "lead_fact", "f", "lead_id = a.lead_id")
    return f'SELECT {", ".join(columns)} FROM "asked_leads" AS a {theirs}'


def events_of(card: Card, dialect: str, *more: str) -> str:
    """The relation `events`: those of the leads asked about that no mark holds back."""
    of = moments_of(dialect)[0]("e.doc")
    columns = ["a.lead_id", "e.event", "e.at_us", "e.received_us", *more]
    columns += [_property(card, variable, of) for variable in properties(card).values()]
    kinds = ", ".join(literal(event.name) for event in card.events) or "NULL"
    owned = _each(dialect, "identity_lead", "i", "lead_id = a.lead_id")
    theirs = _each(dialect, "event", "e", "identity_id = i.identity_id")
    return (
        f'SELECT {", ".join(columns)} FROM "asked_leads" AS a {owned} {theirs} '
        f"WHERE e.at_us >= i.from_us AND e.at_us < i.until_us AND e.event IN ({kinds}) "
        # Not as NOT EXISTS, of which PostgreSQL would make a join with all marks there are.
        "AND (SELECT 1 FROM event_mark AS m "
        "WHERE m.event_id = e.id AND m.cleared_us IS NULL LIMIT 1) IS NULL"
    )


def _each(dialect: str, table: str, name: str, condition: str) -> str:
    """A join that goes from each row before it to its rows of `table`, by index.

    Neither planner is left another way: it would be the better one only where nearly everybody is
    asked of, and they take it when their statistics are old, as they are of a table that grows.
    SQLite keeps the order of a CROSS JOIN, PostgreSQL that of a sub-select with an OFFSET.
    """
    if dialect == "sqlite":
        return f"CROSS JOIN {table} AS {name} ON {name}.{condition}"
    return f"CROSS JOIN LATERAL (SELECT * FROM {table} WHERE {condition} OFFSET 0) AS {name}"


def _property(card: Card, variable: Variable, of: Lookup) -> str:
    """Looked up only for the kinds that declare it: looking into a document is the dear part."""
    kinds = [
        literal(event.name)
        for event in card.events
        if any(own.name == variable.name for own in event.properties)
    ]
    value = typed(variable, of)
    return f"CASE WHEN e.event IN ({', '.join(kinds)}) THEN {value} END AS {quoted(variable.name)}"
