"""Read leads and events: from files, standard input or frames into the tables of a dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

import duckdb

from leadwise.card.model import Card
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.engines.entry.arrow import FrameSource
from leadwise.engines.entry.columns import ROW, check_mapping
from leadwise.engines.entry.dataset import Dataset, properties, schemas
from leadwise.engines.entry.delimited import DelimitedSource
from leadwise.engines.entry.events import event_name_of, load_events
from leadwise.engines.entry.files import InputFile, input_file
from leadwise.engines.entry.jsonlines import JsonLinesSource
from leadwise.engines.entry.leads import load_leads
from leadwise.engines.entry.notes import Notes
from leadwise.engines.entry.parquet import ParquetSource
from leadwise.engines.entry.rows import known_functions
from leadwise.engines.entry.sources import RowSource
from leadwise.errors import UserError


@runtime_checkable
class ArrowStream(Protocol):
    """A frame of pyarrow, pandas, Polars or anything else that speaks the Arrow C stream."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


Source: TypeAlias = str | Path | ArrowStream


def read(
    card: Card,
    leads: Source,
    events: Source | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
    engine: DuckDBEngine | None = None,
) -> Dataset:
    """The tables `leads`, `facts` and `events` of `card`, typed by it.

    `leads` and `events` are paths, `-` (standard input, for one of them) or frames. `columns` maps
    a name (`lead_id`, `known_at`, `event`, `timestamp`, `received_at`, `message_id`, `source`, a
    field or a property) to the column that it is read from; the column `#row` numbers the leads.
    `strict` refuses choices that are not in their lists. Raises UserError (InputError for wrong
    cells, with the first few of them); the engine is then closed if it was made here.
    """
    mapping = dict(columns or {})
    check_mapping(mapping, [*(f.name for f in card.fields), *(v.name for v, _ in properties(card))])
    if isinstance(leads, str) and isinstance(events, str) and leads == events == "-":
        raise UserError(
            "input-twice", "Leads and events cannot both come from standard input.",
            hint="Give one of them as a file.",
        )  # fmt: skip
    target = engine or DuckDBEngine()
    try:
        with known_functions(target.connection, event_name_of(card)):
            return Dataset(target, _load(card, target, leads, events, mapping, strict=strict))
    except duckdb.OutOfMemoryException as error:
        _close(target, engine)
        raise UserError(
            "engine-memory",
            f"Memory ran out: {str(error).splitlines()[0]}",
            hint="Free some, or some of the disk that temporary files go to (TMPDIR).",
        ) from error
    except BaseException:
        _close(target, engine)
        raise


def _close(target: DuckDBEngine, given: DuckDBEngine | None) -> None:
    if given is None:
        target.close()


def _load(
    card: Card,
    engine: DuckDBEngine,
    leads: Source,
    events: Source | None,
    mapping: Mapping[str, str],
    *,
    strict: bool,
) -> Notes:
    with closing(open_source(leads, "leads")) as source:
        notes = load_leads(card, engine, source, mapping, strict=strict)
    if events is None:
        engine.load("events", schemas(card)["events"].empty_table())
        return notes
    own = {name: column for name, column in mapping.items() if column != ROW}
    with closing(open_source(events, "events")) as source:
        return load_events(card, engine, source, own, notes, strict=strict)


def open_source(given: Source, what: str) -> RowSource:
    """The source for a path, `-` or a frame; `what` names a frame in messages."""
    if isinstance(given, str | Path):
        file = input_file(given)
        kinds: dict[str, Callable[[InputFile], RowSource]] = {
            "parquet": ParquetSource,
            "jsonl": JsonLinesSource,
            "csv": DelimitedSource,
        }
        try:
            return kinds[file.format](file)
        except BaseException:
            file.remove()
            raise
    if hasattr(given, "__arrow_c_stream__"):
        return FrameSource(given, f"the {what} frame")
    raise UserError(
        "input-kind",
        f"The {what} are a {type(given).__name__}, which is neither a path nor a frame.",
        hint="Give a path, or a frame of pyarrow, pandas (2.2 or later) or Polars.",
    )
