"""The tables `leads` and `facts` out of a leads file."""

# ruff: noqa: S608 - SQL is made of quoted names and our own numbers

from __future__ import annotations

from collections.abc import Mapping

from leadwise.card.model import Card
from leadwise.engines.duckdb import DuckDBEngine, quoted
from leadwise.engines.entry import findings
from leadwise.engines.entry.columns import ROW, bind, own
from leadwise.engines.entry.dataset import ARROW
from leadwise.engines.entry.delimited import SHOWN
from leadwise.engines.entry.notes import Notes
from leadwise.engines.entry.rows import ROW_COLUMN, stage, typed_rows
from leadwise.engines.entry.sources import RowSource
from leadwise.errors import InputError, Place, Problem
from leadwise.plan.relations import ALWAYS, FOREVER

STAGE = "#leads"
DUCKDB_TYPES = {"double": "DOUBLE", "string": "VARCHAR", "int64": "BIGINT"}


def load_leads(
    card: Card,
    engine: DuckDBEngine,
    source: RowSource,
    mapping: Mapping[str, str],
    *,
    strict: bool,
) -> Notes:
    """Create `leads` and `facts`; the notes on them. Raises InputError for rows that are wrong."""
    numbered = mapping.get("lead_id") == ROW
    lead = None if numbered else own(source, "lead_id", mapping, required=True)
    known_at = own(source, "known_at", mapping, required="known_at" in mapping)
    fields, missing = bind(source, [(field, None) for field in card.fields], mapping)
    bindings = [*(b for b in (lead, known_at) if b is not None), *fields]
    names = [f"v{i}" for i in range(1, len(bindings) + 1)]

    stage(engine, source, STAGE, lambda: typed_rows(source, engine.connection, bindings))
    findings.refuse_wrong(engine, STAGE, source, bindings, strict=strict)
    lead_id = f"CAST({quoted(ROW_COLUMN)} + 1 AS VARCHAR)" if numbered else names[0]
    since = "CAST(NULL AS BIGINT)" if known_at is None else names[0 if numbered else 1]
    _refuse_twice(engine, source, lead_id, since)
    found = dict(zip((b.name for b in fields), names[len(bindings) - len(fields) :], strict=True))
    values = "".join(
        f", {found.get(field.name, f'CAST(NULL AS {DUCKDB_TYPES[str(ARROW[field.type])]})')} "
        f"AS {quoted(field.name)}"
        for field in card.fields
    )
    until = f"{FOREVER}::BIGINT"
    if known_at is not None:
        ordered = f"PARTITION BY {lead_id} ORDER BY {since} NULLS FIRST"
        until = f"coalesce(lead({since}) OVER ({ordered}), {FOREVER})"
    engine.create(
        "facts",
        f"SELECT {lead_id} AS lead_id, coalesce({since}, {ALWAYS}) AS from_us, "
        f"{until} AS until_us{values} FROM {quoted(STAGE)}",
    )
    engine.create("leads", "SELECT DISTINCT lead_id FROM facts")
    counts = engine.connection.execute(
        "SELECT (SELECT count(*) FROM leads), (SELECT count(*) FROM facts)"
    ).fetchall()[0]
    unseen = findings.unseen(engine, STAGE, source, fields, list(found.values()))
    notes = Notes(
        leads=counts[0],
        lead_rows=counts[1],
        unlisted=findings.unlisted(engine, STAGE, bindings),
        nul_characters=findings.nul_characters(engine, STAGE),
        missing_columns=(*missing, *(unseen if counts[1] else ())),
    )
    engine.drop(STAGE)
    return notes


def _refuse_twice(engine: DuckDBEngine, source: RowSource, lead_id: str, since: str) -> None:
    """InputError where two rows of a lead cannot be told apart by when they became known."""
    row = quoted(ROW_COLUMN)
    twice = (
        f"SELECT {lead_id} AS lead_id, min({row}) AS first, max({row}) AS second "
        f"FROM {quoted(STAGE)} GROUP BY {lead_id}, {since} HAVING count(*) > 1"
    )
    ask = engine.connection.execute
    found = ask(f"SELECT * FROM ({twice}) ORDER BY second LIMIT {SHOWN}").fetchall()
    if not found:
        return
    total = ask(f"SELECT count(*) FROM ({twice})").fetchall()[0][0]
    lines = source.lines({row for _, *rows in found for row in rows})
    word = "lines" if lines else "rows"
    problems = []
    for lead, first, second in found:
        at = [str(lines.get(row, row + 1)) for row in (first, second)]
        problems.append(
            Problem(
                "input-lead-twice",
                f"Lead '{findings.shorten(lead)}' stands in {word} {at[0]} and {at[1]}.",
                "Leave one of them out, or say since when each holds in a column known_at.",
                Place(source.label, lines.get(second)),
            )
        )
    raise InputError(tuple(problems), total - len(problems))
