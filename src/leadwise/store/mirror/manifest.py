"""Which files the mirror consists of: rows of `mirror_file`, and `meta` under `mirror`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sqlalchemy import Connection, delete, insert, select

from leadwise.store.schema import meta, mirror_file

Kind: TypeAlias = Literal["events", "facts", "leads"]
KINDS: tuple[Kind, ...] = ("events", "facts", "leads")
FORMAT = 1
"""Of the files; a mirror of another one is built anew."""
_KEY = "mirror"


@dataclass(frozen=True, slots=True)
class File:
    """`name` is within the mirror's folder."""

    kind: Kind
    bucket: int
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What all files agree on: the number of buckets, and which keys of the documents have columns,
    each in its place. A key without a column is in the whole document of its row (column `doc`).
    """

    buckets: int
    events: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    layout: Layout
    files: tuple[File, ...]

    def names(self, kind: Kind, bucket: int | None = None) -> list[str]:
        """The files of one kind, of one bucket or of all."""
        return [
            file.name for file in self.files if file.kind == kind and bucket in (None, file.bucket)
        ]

    @property
    def leads(self) -> int:
        return sum(file.rows for file in self.files if file.kind == "leads")


def read_manifest(connection: Connection) -> Manifest | None:
    """What is there; None where there is no mirror, or one of another format."""
    found = connection.execute(select(meta.c.value).where(meta.c.key == _KEY)).scalar()
    said = json.loads(found) if found else {}
    if said.get("format") != FORMAT:
        return None
    layout = Layout(said["buckets"], tuple(said["events"]), tuple(said["facts"]))
    rows = connection.execute(
        select(mirror_file).order_by(mirror_file.c.kind, mirror_file.c.bucket)
    )
    files = tuple(File(row.kind, row.bucket, row.path, row.rows) for row in rows)
    return Manifest(layout, files)


def swap(
    connection: Connection, layout: Layout, files: Sequence[File], now_us: int, *, whole: bool
) -> None:
    """List these files in place of those of their kinds and buckets (`whole`: of all)."""
    said = {
        "format": FORMAT, "buckets": layout.buckets, "events": layout.events, "facts": layout.facts
    }  # fmt: skip
    connection.execute(delete(meta).where(meta.c.key == _KEY))
    value = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    connection.execute(insert(meta).values(key=_KEY, value=value))
    if whole:
        connection.execute(delete(mirror_file))
    for file in files:
        same = (mirror_file.c.kind == file.kind) & (mirror_file.c.bucket == file.bucket)
        connection.execute(delete(mirror_file).where(same))
        connection.execute(
            insert(mirror_file).values(
                kind=file.kind, bucket=file.bucket, path=file.name, rows=file.rows,
                written_us=now_us,
            )
        )  # fmt: skip
