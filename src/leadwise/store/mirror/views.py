"""The plan's relations of a card over the mirror's files."""

# ruff: noqa: S608 - names are quoted, texts are literals

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from leadwise.card.model import Card
from leadwise.engines.duckdb import DuckDBEngine, quoted
from leadwise.errors import UserError
from leadwise.store.mirror.building import LEADS_IN_BUCKET
from leadwise.store.mirror.folder import held
from leadwise.store.mirror.lookup import DuckDBLookup, event_columns, lookup_of, typed_column
from leadwise.store.mirror.manifest import Kind, Manifest, read_manifest
from leadwise.store.mirror.writing import parquet
from leadwise.store.opening import Store


@dataclass(frozen=True, slots=True)
class Mirror:
    """The files as they are listed; they stay there for as long as it is open."""

    folder: Path
    manifest: Manifest

    @property
    def buckets(self) -> int:
        return self.manifest.layout.buckets

    @property
    def parts(self) -> tuple[int | None, ...]:
        """What to ask of at once: each bucket, or everybody (None) where that is no more."""
        if self.manifest.leads <= LEADS_IN_BUCKET:
            return (None,)
        return tuple(range(self.buckets))

    @contextmanager
    def engine(self, memory_limit: str | None = None) -> Iterator[DuckDBEngine]:
        """An engine that spills into the folder, where a crash leaves nothing for long."""
        spill = self.folder / f"spill-{secrets.token_hex(6)}"
        spill.mkdir()
        try:
            with DuckDBEngine(memory_limit=memory_limit, temp_directory=spill) as engine:
                yield engine
        finally:
            shutil.rmtree(spill, ignore_errors=True)

    def newest_us(self) -> int:
        """When the last event was received; 0 where there is none."""
        events = parquet(self.folder, self.manifest.names("events"))
        with self.engine() as engine:
            asked = engine.connection.execute(f"SELECT max(received_us) FROM {events}")
            ((newest,),) = asked.fetchall()
        return int(newest or 0)

    def leads_sql(self, bucket: int | None = None) -> str:
        """A SELECT of the leads' ids."""
        return f"SELECT lead_id FROM {parquet(self.folder, self.manifest.names('leads', bucket))}"

    def relate(self, engine: DuckDBEngine, card: Card, bucket: int | None = None) -> None:
        """Make the card's `leads`, `facts` and `events` views of a bucket, or of everybody."""
        engine.create("leads", self.leads_sql(bucket), view=True)
        of = self._lookup(engine, "facts", bucket)
        fields = [f"{typed_column(field, of)} AS {quoted(field.name)}" for field in card.fields]
        self._view(engine, "facts", bucket, ["lead_id", "from_us", "until_us", *fields])
        of = self._lookup(engine, "events", bucket)
        own = ["lead_id", "event", "at_us", "received_us", *event_columns(card, of)]
        self._view(engine, "events", bucket, own)

    def _view(
        self, engine: DuckDBEngine, kind: Kind, bucket: int | None, columns: list[str]
    ) -> None:
        files = parquet(self.folder, self.manifest.names(kind, bucket))
        engine.create(kind, f"SELECT {', '.join(columns)} FROM {files}", view=True)

    def _lookup(self, engine: DuckDBEngine, kind: Kind, bucket: int | None) -> DuckDBLookup:
        files = parquet(self.folder, self.manifest.names(kind, bucket))
        found = engine.connection.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()
        layout = self.manifest.layout
        placed = layout.events if kind == "events" else layout.facts
        return lookup_of([row[0] for row in found], placed)


@contextmanager
def reading(store: Store, folder: Path) -> Iterator[Mirror]:
    """The mirror as it is, kept from being written meanwhile. `update` it first.

    Raises UserError where there is none.
    """
    with held(folder, alone=False):
        with store.read() as connection:
            manifest = read_manifest(connection)
        if manifest is None:
            raise UserError(
                "mirror-missing",
                "There is no columnar mirror of this record yet.",
                hint="It is made by the job that follows the record, or by publishing a card.",
            )
        yield Mirror(folder, manifest)
