"""A list as a file in a folder, with what came and went since the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.connect.audience.formats import (
    AUDIENCES,
    Zone,
    audience,
    changed,
    dialler,
    read,
    written,
)
from leadwise.connect.audience.people import people
from leadwise.connect.model import Folder
from leadwise.errors import UserError
from leadwise.store.audit import audit
from leadwise.store.opening import Store

What: TypeAlias = Literal["audience", "dialler"]


@dataclass(frozen=True, slots=True)
class Exported:
    """A list: its file, the files of what came and went (None: there was no list before)."""

    content: bytes
    rows: int
    added: bytes | None = None
    removed: bytes | None = None
    came: int = 0
    went: int = 0


def export(
    store: Store, what: What, bands: Sequence[str], format_: str, zone_of: Zone, *, now_us: int,
    actor: str, before: bytes | None = None,
) -> Exported:  # fmt: skip
    """The list of some bands. `before` is the last file of it. That it was made is written into
    the audit trail. UserError `no-live-card`, `unknown-band`, `export-format`."""
    if what == "audience" and format_ not in AUDIENCES:
        raise UserError(
            "export-format", f"There is no audience of the form '{format_[:40]}'.",
            hint=", ".join(AUDIENCES),
        )  # fmt: skip
    found = people(store, bands)
    columns, rows = (
        audience(found, format_) if what == "audience" else dialler(found, zone_of, now_us)
    )
    said = f"{what} {' '.join(bands)}: {len(rows)} rows"
    store.write(lambda c: audit(c, actor, "export", "leads", None, said, now_us))
    content = written(columns, rows)
    if before is None:
        return Exported(content, len(rows))
    had_columns, had = read(before)
    if had_columns != columns:
        return Exported(content, len(rows))  # a list of another form is no earlier one of this
    came, went = changed(had, rows, 0 if what == "dialler" or format_ == "plain" else None)
    return Exported(
        content, len(rows), written(columns, came), written(columns, went), len(came), len(went)
    )


def export_to(
    store: Store, folder: Folder, name: str, what: What, bands: Sequence[str], format_: str,
    zone_of: Zone, *, now_us: int, actor: str,
) -> Exported:  # fmt: skip
    """The same into a folder: NAME.csv, and beside it NAME.added.csv and NAME.removed.csv. The
    list itself is written last, so that what was cut short is made again in full."""
    stem = name.removesuffix(".csv")
    try:
        before = folder.read(f"{stem}.csv")
    except UserError as error:
        if error.code != "no-such-file":
            raise
        before = None
    made = export(store, what, bands, format_, zone_of, now_us=now_us, actor=actor, before=before)
    if made.added is not None and made.removed is not None:
        folder.write(f"{stem}.added.csv", made.added)
        folder.write(f"{stem}.removed.csv", made.removed)
    folder.write(f"{stem}.csv", made.content)
    return made
