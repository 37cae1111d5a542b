"""The population of the file benchmark as an embedded store: the same leads, facts and events."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
from sqlalchemy import Connection

from bench.data import AS_OF, DAY, EVENTS, NUMBERS, TEXTS
from bench.live.loading import bulk, kind_of_store, set_up
from leadwise.plan.relations import ALWAYS, FOREVER
from leadwise.store import schema
from leadwise.store.bulk import insert_rows
from leadwise.store.documents import canonical, text_of

CHUNK = 50_000
BEGUN_US = AS_OF - 1_100 * DAY
"""Before anything was known of anybody: facts hold from here on, as they do in the files."""


def standard_store(folder: Path, files: Path) -> Path:
    """The data folder with the store, made where it is missing; `files` are those of `bench.data`.

    Minutes for a million leads. The card is live, nobody is scored yet.
    """
    made = folder / f"published-{files.name}-{kind_of_store()}"
    if not made.exists():
        unfinished = made.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        url = str(unfinished / "leadwise.db")
        set_up(url, AS_OF)
        with bulk(url) as connection:
            _leads(connection, files / "leads.parquet")
            _events(connection, files / "events.parquet")
        unfinished.rename(made)
    return made


def _leads(connection: Connection, path: Path) -> None:
    names = pq.read_schema(path).names[1:]
    number = 0
    for rows in _rows(f"SELECT * FROM '{path}' ORDER BY lead_id"):
        ids = range(number + 1, number + 1 + len(rows))
        number += len(rows)
        pairs = list(zip(ids, rows, strict=True))
        documents = [(id_, text_of(_facts(names, row[1:]))) for id_, row in pairs]
        insert_rows(connection, schema.lead, ("id", "created_us", "known"),
                    [(id_, BEGUN_US, 1) for id_ in ids])  # fmt: skip
        insert_rows(connection, schema.identity, ("id", "kind", "value", "created_us"),
                    [(id_, "crm", row[0], BEGUN_US) for id_, row in pairs])  # fmt: skip
        insert_rows(
            connection, schema.identity_lead, ("identity_id", "lead_id", "from_us", "until_us"),
            [(id_, id_, ALWAYS, FOREVER) for id_ in ids],
        )  # fmt: skip
        insert_rows(connection, schema.lead_fact, ("lead_id", "from_us", "until_us", "doc"),
                    [(id_, BEGUN_US, FOREVER, text) for id_, text in documents])  # fmt: skip


def _facts(names: list[str], values: tuple[Any, ...]) -> dict[str, Any]:
    said = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    if "created_at" in said:
        moment = datetime.fromtimestamp(said["created_at"] / 1_000_000, UTC)
        said["created_at"] = moment.isoformat()
    if "opted_in" in said:
        said["opted_in"] = bool(said["opted_in"])
    return dict(canonical(said))


def _events(connection: Connection, path: Path) -> None:
    columns = (
        "id", "message_id", "identity_id", "source", "type", "event", "at_us", "received_us", "doc",
    )  # fmt: skip
    number = 0
    # A lead's number is in its id.
    for rows in _rows(
        f"""
        SELECT CAST(lead_id[4:] AS BIGINT) + 1, 'bench',
            CASE event WHEN 'page_viewed' THEN 'page' ELSE 'track' END, event, at_us,
            received_us, CASE event {_documents()} ELSE '{{}}' END
        FROM '{path}'
        """
    ):
        # Message ids grow, so that their index is written in order.
        keyed = [
            (place, f"m-{place:012d}", *row) for place, row in enumerate(rows, start=number + 1)
        ]
        number += len(rows)
        insert_rows(connection, schema.event, columns, keyed)


def _rows(sql: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query over files, some at a time: the whole is never in memory."""
    for batch in duckdb.connect().sql(sql).to_arrow_reader(CHUNK):
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _documents() -> str:
    """The canonical document of each kind: its properties in order, without those not known."""
    branches = []
    for kind, _ in EVENTS:
        parts = {
            n: f"""'"{n}":"' || {n} || '"'""" for n, (kinds, _) in TEXTS.items() if kind in kinds
        }
        parts |= {
            n: f"""'"{n}":' || CAST({n} AS BIGINT)""" for n, (kinds, _) in NUMBERS.items()
            if kind in kinds
        }  # fmt: skip
        if parts:
            listed = ", ".join(parts[name] for name in sorted(parts))
            branches.append(f"WHEN '{kind}' THEN '{{' || concat_ws(',', {listed}) || '}}'")
    return " ".join(branches)
