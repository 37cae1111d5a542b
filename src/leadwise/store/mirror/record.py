"""Reading the record in batches of Arrow: everybody in one pass, or some leads by index.

    events   lead_id, event, at_us, received_us, doc     of everybody: id, identity_id for lead_id
    facts    lead_id, from_us, until_us, doc

`doc` is the canonical document as JSON text. The connection must see one state of the record
throughout (`leadwise.store.doctor.snapshot`). A lead that was merged away, erased, or that objected
to being scored has no rows.
"""

# ruff: noqa: S608 - the SQL is our own

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
from sqlalchemy import Connection

ACTIVE = "merged_into IS NULL AND erased_us IS NULL AND objected_us IS NULL"
"""A condition on a row of `lead`: its bearer is scored."""

_ROWS = 100_000
_KEYS = 20_000
_BYTES = 16 * 1024 * 1024
_TYPES = {"event": pa.string(), "doc": pa.string()}

EVENTS = ("id", "identity_id", "event", "at_us", "received_us", "doc")
EVENTS_OF_LEADS = ("lead_id", "event", "at_us", "received_us", "doc")
FACTS = ("lead_id", "from_us", "until_us", "doc")


def all_events(connection: Connection) -> pa.RecordBatchReader:
    """Every event as it stands in the table, in no order: whose it is and marks are not applied."""
    return _whole(connection, "event", "id", EVENTS)


def all_facts(connection: Connection) -> pa.RecordBatchReader:
    return _whole(connection, "lead_fact", "lead_id", FACTS)


def owners(connection: Connection) -> pa.RecordBatchReader:
    """Whose each identity is, and from when until when."""
    columns = ("identity_id", "lead_id", "from_us", "until_us")
    return _whole(connection, "identity_lead", "identity_id", columns)


def marked(connection: Connection) -> pa.RecordBatchReader:
    """The events that weigh nothing."""
    sql = "SELECT DISTINCT event_id AS id FROM event_mark WHERE cleared_us IS NULL"
    return _batches(connection, sql, ("id",))


def active_leads(connection: Connection) -> pa.RecordBatchReader:
    return _batches(connection, f"SELECT id AS lead_id FROM lead WHERE {ACTIVE}", ("lead_id",))


def rows_of(connection: Connection, lead_ids: Sequence[int]) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Events, facts and leads among these."""
    doc = _doc(connection)
    asked = (
        "json_each(:asked)" if connection.dialect.name == "sqlite"
        else "json_array_elements_text(CAST(:asked AS json))"
    )  # fmt: skip
    leads = (
        f"SELECT l.id AS lead_id FROM (SELECT CAST(value AS BIGINT) AS id FROM {asked}) AS a "
        f"CROSS JOIN lead AS l WHERE l.id = a.id AND {ACTIVE}"
    )
    facts = (
        f"WITH a AS MATERIALIZED ({leads}) "
        f"SELECT f.lead_id, f.from_us, f.until_us, {doc('f')} FROM a "
        "CROSS JOIN lead_fact AS f WHERE f.lead_id = a.lead_id"
    )
    events = (
        f"WITH a AS MATERIALIZED ({leads}) "
        f"SELECT a.lead_id, e.event, e.at_us, e.received_us, {doc('e')} FROM a "
        "CROSS JOIN identity_lead AS i CROSS JOIN event AS e "
        "WHERE i.lead_id = a.lead_id AND e.identity_id = i.identity_id "
        "AND e.at_us >= i.from_us AND e.at_us < i.until_us AND NOT EXISTS "
        "(SELECT 1 FROM event_mark AS m WHERE m.event_id = e.id AND m.cleared_us IS NULL)"
    )
    given = json.dumps(list(lead_ids))
    return (
        _table(connection, events, EVENTS_OF_LEADS, given),
        _table(connection, facts, FACTS, given),
        _table(connection, leads, ("lead_id",), given),
    )


def _doc(connection: Connection) -> Any:
    if connection.dialect.name == "sqlite":
        return lambda table: f"{table}.doc"
    return lambda table: f"CAST({table}.doc AS text)"


def _whole(
    connection: Connection, table: str, key: str, columns: Sequence[str]
) -> pa.RecordBatchReader:
    """A whole table; `key` is the first column of its primary key."""
    if connection.dialect.name == "sqlite":
        batches = _as_text(connection, table, key, columns)
        return pa.RecordBatchReader.from_batches(_schema(columns), batches)
    doc = _doc(connection)
    read = [doc("t") if name == "doc" else f"t.{name}" for name in columns]
    return _batches(connection, f"SELECT {', '.join(read)} FROM {table} AS t", columns)


def _table(connection: Connection, sql: str, columns: Sequence[str], asked: str) -> pa.Table:
    sign = "?" if connection.dialect.name == "sqlite" else "%s"
    found = connection.exec_driver_sql(sql.replace(":asked", sign), (asked,))
    return pa.Table.from_batches([_batch([tuple(row) for row in found], columns)])


def _batches(connection: Connection, sql: str, columns: Sequence[str]) -> pa.RecordBatchReader:
    read = _from_sqlite if connection.dialect.name == "sqlite" else _from_postgres
    return pa.RecordBatchReader.from_batches(_schema(columns), read(connection, sql, columns))


def _from_sqlite(
    connection: Connection, sql: str, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    # The driver's own cursor: a row of SQLAlchemy costs as much again as reading it.
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql)
        while rows := cursor.fetchmany(_ROWS):
            yield _batch(rows, columns)
    finally:
        cursor.close()


def _from_postgres(
    connection: Connection, sql: str, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """COPY as CSV, read by Arrow. No value has a line break: JSON text escapes it."""
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)") as copied:
        pieces: list[bytes] = []
        size = 0
        for piece in copied:
            pieces.append(bytes(piece))
            size += len(piece)
            if size >= _BYTES:
                block, _, rest = b"".join(pieces).rpartition(b"\n")
                yield from _from_csv(block, columns)
                pieces, size = [rest], len(rest)
        yield from _from_csv(b"".join(pieces), columns)


def _as_text(
    connection: Connection, table: str, key: str, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """SQLite writes lines of text, read by Arrow: half the cost of a Python object a value.

    No value has a control character: JSON text escapes them.
    """
    cursor = connection.connection.cursor()
    line = " || char(31) || ".join(columns)
    sql = (
        f"SELECT CAST(group_concat({line}, char(10)) AS BLOB) FROM {table} "
        f"WHERE {key} >= ? AND {key} < ?"
    )
    try:
        ((low, high),) = cursor.execute(f"SELECT min({key}), max({key}) FROM {table}").fetchall()
        for start in range(low or 0, (high or 0) + 1, _KEYS):
            ((block,),) = cursor.execute(sql, (start, start + _KEYS)).fetchall()
            if block:
                yield from _from_csv(block, columns, "\x1f")
    finally:
        cursor.close()


def _from_csv(block: bytes, columns: Sequence[str], sign: str = ",") -> list[pa.RecordBatch]:
    """Lines with a sign between values; where that is a comma, texts may be quoted."""
    if not block:
        return []
    schema = _schema(columns)
    table = pc.read_csv(
        io.BytesIO(block),
        pc.ReadOptions(column_names=list(columns), block_size=len(block) + 1),
        pc.ParseOptions(
            delimiter=sign, quote_char='"' if sign == "," else False, newlines_in_values=False
        ),
        pc.ConvertOptions(column_types=schema, strings_can_be_null=False),
    )
    return list(table.to_batches())


def _batch(rows: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> pa.RecordBatch:
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    schema = _schema(columns)
    arrays = [pa.array(of, field.type) for of, field in zip(values, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _schema(columns: Sequence[str]) -> pa.Schema:
    return pa.schema([(name, _TYPES.get(name, pa.int64())) for name in columns])
