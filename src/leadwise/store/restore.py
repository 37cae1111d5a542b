"""Restoring a backup into a store, and what has to be done to it afterwards.

People who were erased after the backup was made are in it. Where the store that is replaced can
still be read, they are erased from the restored one again, and objections are kept.

Follow-up stands still afterwards: what was sent since the backup would be sent once more, and a
restore that is only tried out would write to people. A person lets it go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, delete, func, inspect, select, update

from leadwise.errors import LeadwiseError, UserError
from leadwise.store import migrations
from leadwise.store.attachments import FOLDER as ATTACHMENTS
from leadwise.store.attachments import copy_files
from leadwise.store.audit import audit
from leadwise.store.backup import JOBS, RECORD, SECRET, Backup
from leadwise.store.dumping import undump
from leadwise.store.embedded import put_in_place, require_unused
from leadwise.store.generation import next_generation
from leadwise.store.opening import Store
from leadwise.store.playbooks import set_playbook_status
from leadwise.store.portable import read_rows, set_counters
from leadwise.store.privacy import Request, repeat_requests, requests_since
from leadwise.store.runs import PAUSED
from leadwise.store.schema import connection as connection_table
from leadwise.store.schema import meta, metadata, mirror_file, playbook_run, playbook_version

MIRROR = "mirror"
"""The key of `meta` under which the mirror says what it consists of."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to restore: the store's URL, the data folder, the file of the secret key.

    `replace`: although there is a store already; its files are kept under another name, tables on
    PostgreSQL are dropped.
    """

    url: str
    data: Path
    secret: Path
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """The files that were there before, under their new names; the version of the tables now; how
    many people were erased again, and how many objections repeated."""

    kept: tuple[Path, ...]
    tables: str
    erased: int
    objections: int
    forgotten: bool
    """Whether the replaced store could not be read: then erasures since the backup are undone."""
    playbooks: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    """What was paused by it."""
    due: int = 0
    """Runs whose time came between the backup and now: what they did then is not known here."""


def restore_backup(backup: Backup, target: Target, now_us: int, actor: str) -> Restored:
    """Put a backup that `read_backup` found whole in the place of a store, or where there is none.

    Raises UserError (`restore-target`, `restore-kind`, `store-in-use`, `store-newer`).
    """
    migrations.require_known(backup.tables)
    aside = f".before-{datetime.fromtimestamp(now_us / 1e6, UTC):%Y%m%dT%H%M%SZ}"
    with Store(target.url) as store:
        _require_kind(backup, store)
        there = _is_there(store)
        if there and not target.replace:
            raise UserError(
                "restore-target", "There is a store at the place to restore to.",
                hint="Restore to another place, or use --replace; files there are kept.",
            )  # fmt: skip
        requests, forgotten = _requests(store, backup.made_us) if there else ((), False)
    kept = _put(backup, target, aside)
    with Store(target.url) as store:
        migrations.upgrade(store)
        with store.transaction() as connection:
            # The mirror is of another time: it is made anew, and no process recalls ids.
            connection.execute(delete(mirror_file))
            connection.execute(delete(meta).where(meta.c.key == MIRROR))
            next_generation(connection)
            erased, objections = repeat_requests(connection, requests, now_us, actor)
            stands = _stand_still(connection, now_us, actor)
            detail = f"a backup of {backup.made_us} us, version {backup.tables}"
            audit(connection, actor, "restore", "store", None, detail, now_us)
    return Restored(kept, migrations.head(), erased, objections, forgotten, *stands)


def _stand_still(
    connection: Connection, now_us: int, actor: str
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Pause playbooks and connections: their names, and how many runs are due by now."""
    run, version = playbook_run, playbook_version
    live = select(version.c.id, version.c.playbook).where(version.c.status == "live")
    playbooks = connection.execute(live.order_by(version.c.playbook)).all()
    for version_id, name in playbooks:
        set_playbook_status(connection, version_id, "paused")
        audit(connection, actor, "pause", "playbook", version_id, f"{name}: restored", now_us)
    paused = select(version.c.playbook).where(version.c.status == "paused")
    due = (run.c.state == "waiting") & (run.c.due_us <= now_us) | (run.c.state == "working")
    number = connection.execute(select(func.count()).where(due)).scalar_one()
    # The jobs of their steps come with the backup: they do nothing where the run is held.
    working = (run.c.state == "working") & run.c.playbook.in_(paused)
    connection.execute(update(run).where(working).values(state="held", why=PAUSED, due_us=now_us))
    on = connection_table.c.paused_us.is_(None)
    names = select(connection_table.c.name).where(on).order_by(connection_table.c.name)
    connections = tuple(connection.scalars(names))
    connection.execute(update(connection_table).where(on).values(paused_us=now_us))
    return tuple(row.playbook for row in playbooks), connections, number


def _require_kind(backup: Backup, store: Store) -> None:
    if backup.kind == "portable" or (backup.kind == "files") == store.embedded:
        return
    other = "an embedded store" if backup.kind == "files" else "PostgreSQL"
    raise UserError(
        "restore-kind", f"The backup is of {other} and can only be restored to such a store.",
        hint="`leadwise backup --portable` makes one for any kind of store.",
    )  # fmt: skip


def _is_there(store: Store) -> bool:
    if store.path is not None:
        if not store.path.exists() or store.path.stat().st_size == 0:
            return False
        require_unused(store.path)
        return True
    with store.read() as connection:
        return bool(set(inspect(connection).get_table_names()) & set(metadata.tables))


def _requests(store: Store, since_us: int) -> tuple[tuple[Request, ...], bool]:
    try:
        with store.read() as connection:
            return requests_since(connection, since_us), False
    except LeadwiseError:  # damaged, which may be why somebody restores
        return (), True


def _put(backup: Backup, target: Target, aside: str) -> tuple[Path, ...]:
    target.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept: list[Path | None] = []
    for name, place in ((JOBS, target.data / JOBS), (SECRET, target.secret)):
        if name in backup.files:
            if name == JOBS and place.exists():
                require_unused(place)
            kept.append(put_in_place(backup.folder / name, place, aside))
    copy_files(backup.folder / ATTACHMENTS, target.data / ATTACHMENTS)
    with Store(target.url) as store:
        path = store.path
    if backup.kind == "files":
        assert path is not None
        kept.append(put_in_place(backup.folder / RECORD, path, aside))
    elif backup.kind == "dump":
        undump(target.url, backup.folder, [n for n in backup.files if n.endswith(".dump")])
    else:
        if path is not None and path.exists():
            kept.append(path.rename(path.with_name(path.name + aside)))
        _load(backup, target.url, backup.rows)
    return tuple(found for found in kept if found is not None)


def _load(backup: Backup, url: str, rows: Mapping[str, int]) -> None:
    with Store(url) as store, store.transaction() as connection:
        if not store.embedded:
            _drop_tables(connection)
        migrations.upgrade_in(connection, to=backup.tables)
        read_rows(connection, backup.folder, rows)
        set_counters(connection, backup.counters)


def _drop_tables(connection: Connection) -> None:
    names = set(inspect(connection).get_table_names())
    for name in (*metadata.tables, "alembic_version"):
        if name in names:
            connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')
