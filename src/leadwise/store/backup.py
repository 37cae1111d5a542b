"""A backup: a folder with the record, the jobs, the secret key, what came along with mails, and
`backup.json`, which says what is in it, how old it is, and the SHA-256 of each file.

Three kinds: `files` (a copy of an embedded store, made while it is in use), `dump` (PostgreSQL's
own) and `portable` (JSON Lines, which both kinds of store can be restored from; without the jobs).
A backup holds personal data and secrets: it is readable by its owner alone, and as old as it says.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection

from leadwise.asking.instants import written
from leadwise.errors import Place, UserError
from leadwise.store import migrations
from leadwise.store.attachments import FOLDER as ATTACHMENTS
from leadwise.store.attachments import copy_files
from leadwise.store.doctor import snapshot
from leadwise.store.dumping import can_dump, check_dump, dump
from leadwise.store.embedded import check_file, copy_database, private
from leadwise.store.opening import Store
from leadwise.store.portable import counters, write_rows
from leadwise.store.schema import metadata

Kind: TypeAlias = Literal["files", "dump", "portable"]
MANIFEST, RECORD, JOBS, SECRET = "backup.json", "leadwise.db", "jobs.db", "secret.key"


@dataclass(frozen=True, slots=True)
class Backup:
    """What `backup.json` says. `tables` is the version of the tables, `rows` how many each holds,
    `counters` how far keys were counted up, `files` the SHA-256 of each file."""

    folder: Path
    kind: Kind
    made_us: int
    leadwise: str
    tables: str
    rows: Mapping[str, int]
    counters: Mapping[str, int]
    files: Mapping[str, str]

    def age(self, now_us: int) -> timedelta:
        """How old it is, to the second."""
        return timedelta(seconds=max(0, now_us - self.made_us) // 1_000_000)

    @property
    def bytes(self) -> int:
        """What its files take."""
        return sum((self.folder / name).stat().st_size for name in self.files)


def make_backup(
    store: Store,
    folder: Path,
    now_us: int,
    *,
    data: Path | None = None,
    secret: Path | None = None,
    portable: bool = False,
) -> Backup:
    """Write a backup to `folder`, which must not be there yet, and read it again to verify it.

    `data` is the folder of `jobs.db` and the attachments, `secret` the file of the key. Where
    PostgreSQL's own programs are missing or too old, the kind is `portable`. Raises UserError
    (`backup-exists`, `backup-failed`, `backup-damaged`, `store-version`); then there is no folder.
    """
    migrations.require_current(store)
    with _new(folder) as building:
        for source, name in ((secret, SECRET), (data and not portable and data / JOBS, JOBS)):
            if source and source.is_file():
                _keep(source, building / name)
        with snapshot(store) as connection:
            kind = _kind(connection, portable=portable)
            counted: dict[str, int] = {}
            if kind == "files":
                assert store.path is not None
                copy_database(store.path, building / RECORD)
                rows = _counts_of_file(building / RECORD)
            elif kind == "dump":
                rows = _counts(connection)
                dump(connection, store.url, building)
            else:
                rows, counted = write_rows(connection, building), counters(connection)
        if data is not None:
            # After the record: a file is there before the row that names it.
            copy_files(data / ATTACHMENTS, building / ATTACHMENTS)
        files = sorted(path for path in building.rglob("*") if path.is_file())
        for path in files:
            private(path)
        made = Backup(
            building, kind, now_us, version("leadwise"), migrations.head(), rows, counted,
            {path.relative_to(building).as_posix(): _sha256(path) for path in files},
        )  # fmt: skip
        _write(made)
        read_backup(building)
    return read_backup(folder, thorough=False)


def read_backup(folder: Path, *, thorough: bool = True) -> Backup:
    """The backup in `folder`; `thorough`: after every file was found whole.

    Raises UserError (`backup-missing`, `backup-damaged`).
    """
    backup = _described(folder)
    for name, digest in backup.files.items() if thorough else ():
        path = folder / name
        if not path.is_file() or _sha256(path) != digest:
            said = "has changed" if path.is_file() else "is missing"
            raise UserError(
                "backup-damaged", f"The file {name} of the backup {said} since it was made.",
                where=Place(str(folder)), hint="Take another backup.",
            )  # fmt: skip
        if name in (RECORD, JOBS):
            check_file(path)
    if thorough and backup.kind == "dump":
        check_dump(folder, [name for name in backup.files if name.endswith(".dump")])
    return backup


def _described(folder: Path) -> Backup:
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        del said["made"]  # the same as made_us, for people
        return Backup(folder=folder, **said)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UserError(
            "backup-missing", f"There is no backup here: {MANIFEST} cannot be read.",
            where=Place(str(folder)), hint="Give the folder that `leadwise backup` wrote.",
        ) from error  # fmt: skip


def _write(backup: Backup) -> None:
    said = asdict(backup)
    del said["folder"]
    said = {"made": written(backup.made_us), **said}
    path = backup.folder / MANIFEST
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    private(path)


def _kind(connection: Connection, *, portable: bool) -> Kind:
    if portable:
        return "portable"
    if connection.dialect.name == "sqlite":
        return "files"
    return "dump" if can_dump(connection) else "portable"


@contextmanager
def _new(folder: Path) -> Iterator[Path]:
    """A folder beside, which gets the name at the end: there is never half a backup."""
    if folder.exists():
        raise UserError(
            "backup-exists", "There is something of this name already.", where=Place(str(folder)),
            hint="Give a folder that is not there yet: each backup has its own.",
        )  # fmt: skip
    building = folder.with_name(f"{folder.name}.unfinished")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(mode=0o700)
        yield building
        building.rename(folder)
    except OSError as error:
        raise UserError(
            "backup-failed", f"The backup cannot be written: {error.strerror or error}.",
            where=Place(str(folder)), hint="Is there room, and may you write there?",
        ) from error  # fmt: skip
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _keep(source: Path, target: Path) -> None:
    if target.name == JOBS:
        copy_database(source, target)
    else:
        shutil.copyfile(source, target)


def _counts(connection: Connection) -> dict[str, int]:
    return {
        name: int(connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one())  # noqa: S608 - names of the schema
        for name in metadata.tables
    }


def _counts_of_file(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as file:
        return {
            name: file.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - names of the schema
            for name in metadata.tables
        }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
