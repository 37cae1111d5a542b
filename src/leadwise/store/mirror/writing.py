"""One bucket's files."""

# ruff: noqa: S608 - names are quoted, texts are literals

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from leadwise.engines.duckdb import DuckDBEngine, literal
from leadwise.store.mirror.flat import flatten
from leadwise.store.mirror.manifest import File, Kind, Layout

EVENTS = ("lead_id", "event", "at_us", "received_us")
FACTS = ("lead_id", "from_us", "until_us")
_ORDER: Mapping[Kind, str] = {
    "events": "lead_id, at_us", "facts": "lead_id, from_us", "leads": "lead_id"
}  # fmt: skip


def flat_events(
    engine: DuckDBEngine, rows: str, layout: Layout, counts: Mapping[tuple[str, str], int] | None
) -> str:
    """A SELECT of the relation's events with their documents as columns."""
    return flatten(engine, rows, EVENTS, "event", layout.events, counts)


def flat_facts(
    engine: DuckDBEngine, rows: str, layout: Layout, counts: Mapping[tuple[str, str], int] | None
) -> str:
    return flatten(engine, rows, FACTS, "'facts'", layout.facts, counts)


def write_file(engine: DuckDBEngine, folder: Path, kind: Kind, bucket: int, select: str) -> File:
    """Write the rows of a SELECT under a new name, sorted by lead."""
    name = f"{kind}-{bucket:05}-{secrets.token_hex(6)}.parquet"
    ((rows,),) = engine.connection.execute(
        f"COPY (SELECT * FROM ({select}) ORDER BY {_ORDER[kind]}) TO "
        f"{literal(str(folder / name))} (FORMAT parquet, COMPRESSION snappy)"
    ).fetchall()
    return File(kind, bucket, name, int(rows))


def parquet(folder: Path, names: Sequence[str]) -> str:
    """These files as a relation of DuckDB; a column that only some have is NULL in the others."""
    listed = ", ".join(literal(str(folder / name)) for name in names)
    more = ", union_by_name = true" if len(names) > 1 else ""
    return f"read_parquet([{listed}], hive_partitioning = false{more})"
