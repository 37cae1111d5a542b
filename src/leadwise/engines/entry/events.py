"""The table `events` out of an events file."""

# ruff: noqa: S608 - SQL is made of quoted names and escaped literals

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from leadwise.card.model import Card
from leadwise.engines.duckdb import DuckDBEngine, literal, quoted
from leadwise.engines.entry import findings
from leadwise.engines.entry.columns import Binding, bind, own
from leadwise.engines.entry.dataset import ARROW, properties
from leadwise.engines.entry.leads import DUCKDB_TYPES
from leadwise.engines.entry.notes import Notes
from leadwise.engines.entry.rows import EventNames, stage, typed_rows
from leadwise.engines.entry.sources import RowSource

OURS = ("lead_id", "event", "timestamp", "received_at", "message_id", "source")
REQUIRED = ("lead_id", "event", "timestamp")


def load_events(
    card: Card,
    engine: DuckDBEngine,
    source: RowSource,
    mapping: Mapping[str, str],
    notes: Notes,
    *,
    strict: bool,
) -> Notes:
    """Create `events` (after `leads`); `notes` with what there is to say about them added."""
    declared = tuple(event.name for event in card.events)
    found = {
        name: binding
        for name in OURS
        if (binding := own(source, name, mapping, required=name in REQUIRED)) is not None
    }
    # The time of an event that the card does not declare is nobody's business.
    for name in ("timestamp", "received_at"):
        if name in found:
            found[name] = replace(found[name], events=declared)
    values, missing = bind(source, properties(card), mapping)
    bindings: list[Binding] = [*found.values(), *values]
    names = EventNames(list(found).index("event") + 1, declared)
    first = len(found) + 1

    def select() -> str:
        return _columns(
            card, found, values, first, typed_rows(source, engine.connection, bindings, names)
        )

    stage(engine, source, "events", select)
    findings.refuse_wrong(engine, "events", source, bindings, strict=strict)
    duplicates = _drop_duplicates(engine) if "message_id" in found else 0
    undeclared = _drop_undeclared(engine, declared)
    unlisted = findings.unlisted(engine, "events", bindings)
    nuls = findings.nul_characters(engine, "events")
    for column in ("#row", "#problem", "#message", "#source"):
        engine.connection.execute(f"ALTER TABLE events DROP COLUMN IF EXISTS {quoted(column)}")
    count, orphans = engine.connection.execute(
        "SELECT count(*), count(*) FILTER (lead_id NOT IN (SELECT lead_id FROM leads)) FROM events"
    ).fetchall()[0]
    unseen = (
        findings.unseen(engine, "events", source, values, [quoted(b.name) for b in values])
        if count
        else ()
    )
    return replace(
        notes,
        events=count,
        undeclared=undeclared,
        duplicates=duplicates,
        orphans=orphans,
        unlisted=(*notes.unlisted, *unlisted),
        nul_characters=notes.nul_characters + nuls,
        missing_columns=(*notes.missing_columns, *missing, *unseen),
    )


def _columns(
    card: Card, found: Mapping[str, Binding], values: list[Binding], first: int, rows: str
) -> str:
    """The typed rows under their final names, with what is needed until they are checked."""
    at = {name: f"v{number}" for number, name in enumerate(found, start=1)}
    here = {binding.name: f"v{number}" for number, binding in enumerate(values, start=first)}
    received = f"coalesce({at['received_at']}, {at['timestamp']})" if "received_at" in at else None
    kept = [
        f"{at['lead_id']} AS lead_id",
        f"{at['event']} AS event",
        f"{at['timestamp']} AS at_us",
        f"{received or at['timestamp']} AS received_us",
    ]
    for variable, _ in properties(card):
        nothing = f"CAST(NULL AS {DUCKDB_TYPES[str(ARROW[variable.type])]})"
        kept.append(f"{here.get(variable.name, nothing)} AS {quoted(variable.name)}")
    # The number of a row is kept only where something is wrong in it.
    kept.append('CASE WHEN "#problem" IS NOT NULL THEN "#row" END AS "#row"')
    kept.append('"#problem"')
    if "message_id" in at:
        kept.append(f'{at["message_id"]} AS "#message"')
        kept.append(f"coalesce({at.get('source', 'NULL')}, '') AS \"#source\"")
    return f"SELECT {', '.join(kept)} FROM ({rows})"


def _drop_duplicates(engine: DuckDBEngine) -> int:
    """Of events with one (source, message_id) only the first in the file stays.

    Equal hashes are found first, which holds 8 bytes an event rather than its ids; rows are in the
    order of the file (DuckDB keeps it), so `rowid` is too.
    """
    ask = engine.connection.execute
    key = 'hash("#source", "#message")'
    ask(
        f'CREATE TEMP TABLE "#twice" AS SELECT {key} AS key FROM events '
        'WHERE "#message" IS NOT NULL GROUP BY key HAVING count(*) > 1'
    )
    later = (
        'SELECT rowid AS id, row_number() OVER (PARTITION BY "#source", "#message" ORDER BY rowid) '
        f'AS n FROM events WHERE "#message" IS NOT NULL AND {key} IN (SELECT key FROM "#twice")'
    )
    dropped = ask(f"DELETE FROM events WHERE rowid IN (SELECT id FROM ({later}) WHERE n > 1)")
    count = int(dropped.fetchall()[0][0])
    ask('DROP TABLE "#twice"')
    return count


def _drop_undeclared(
    engine: DuckDBEngine, declared: tuple[str, ...]
) -> tuple[tuple[str, int], ...]:
    """Remove events that the card does not declare; their names and numbers, most first."""
    names = ", ".join(literal(name) for name in declared) or "NULL"
    other = f"event NOT IN ({names})" if declared else "true"
    ask = engine.connection.execute
    found = ask(
        f"SELECT event, count(*) AS n FROM events WHERE {other} "
        "GROUP BY event ORDER BY n DESC, event"
    ).fetchall()
    if found:
        ask(f"DELETE FROM events WHERE {other}").fetchall()
    return tuple((findings.shorten(name), count) for name, count in found)


def event_name_of(card: Card) -> Callable[[str], str]:
    """The card's name for an event that a file calls otherwise; that name where it has none.

    Compared after trimming, in lower case, with every run of other signs than a-z and 0-9 as one
    `_` and none at the ends: `O_Sent (online only)` is `o_sent_online_only`.
    """
    names: dict[str, str] = {}
    for event in card.events:
        names.setdefault(plain_name(event.name), event.name)
    return lambda name: names.get(plain_name(name), name)


def plain_name(name: str) -> str:
    """How names of events are compared: lower case, runs of other signs than a-z, 0-9 one `_`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
