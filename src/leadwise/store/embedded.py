"""Files of SQLite's as a whole: copied while others write, checked, and put in another's place."""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import sqlite3
from pathlib import Path

from leadwise.errors import Place, UserError


def copy_database(source: Path, target: Path) -> None:
    """A copy of `source` as it is at one moment, by SQLite's online backup; others go on writing.

    The copy is one file without a log. Raises UserError (`backup-failed`).
    """
    try:
        with (
            contextlib.closing(sqlite3.connect(source, timeout=30)) as read,
            contextlib.closing(sqlite3.connect(target)) as written,
        ):
            # All pages in one step: in several, it begins afresh whenever another process writes.
            read.backup(written, pages=-1)
            written.execute("PRAGMA journal_mode = DELETE")
        private(target)
        synced(target)
    except (sqlite3.Error, OSError) as error:
        raise UserError(
            "backup-failed", f"The database cannot be copied: {error}.", where=Place(str(source)),
            hint="Is there room where the backup goes? `leadwise doctor` says whether it is whole.",
        ) from error  # fmt: skip


def check_file(path: Path) -> None:
    """Raise UserError (`backup-damaged`) unless SQLite finds the whole file in order."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True)) as file:
            said = [row[0] for row in file.execute("PRAGMA integrity_check(3)")]
    except sqlite3.Error as error:
        said = [str(error)]
    if said != ["ok"]:
        raise UserError(
            "backup-damaged", f"The database is damaged: {said[0]}.", where=Place(str(path)),
            hint="Take another backup, or look at the disk.",
        )  # fmt: skip


def require_unused(path: Path) -> None:
    """Raise UserError (`store-in-use`) while any process has the database open.

    Afterwards it is one file: what its log held is in it.
    """
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=2)) as file:
            # Leaving the log behind wants nobody else to be there, not even one that reads.
            (mode,) = file.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            return  # damaged: who restores wants it replaced
        mode = "wal"
    except sqlite3.DatabaseError:
        return
    if mode != "delete":
        raise UserError(
            "store-in-use", "Another process has the store open.", where=Place(str(path)),
            hint="Stop `leadwise serve` first.",
        )  # fmt: skip


def put_in_place(source: Path, target: Path, aside: str) -> Path | None:
    """Make `target` a copy of `source`, whole or not at all.

    What was there before, if it is another, is renamed, with `aside` added to its name; that is
    returned.
    """
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        private(target)
        return None
    beside = target.with_name(f"{target.name}.restoring")
    shutil.copyfile(source, beside)
    private(beside)
    synced(beside)
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.name}{aside}")
        target.rename(kept)
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    beside.rename(target)
    return kept


def private(path: Path) -> None:
    """For its owner alone: it holds personal data or a secret."""
    path.chmod(0o600)


def synced(path: Path) -> None:
    """On the disk, and not only on its way there."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
