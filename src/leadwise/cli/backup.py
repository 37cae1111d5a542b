"""`leadwise backup`: the store as a folder, while it is in use."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from leadwise.cli.screen import note
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    now_us,
    opened_store,
    settings_of,
    tell,
)
from leadwise.cli.waiting import waiting
from leadwise.cli.words import counted


def backup(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="Where to; not there yet.", show_default=False),
    ] = None,
    data: DataFolder = None,
    database: Database = None,
    portable: Annotated[
        bool,
        typer.Option("--portable", help="As JSON Lines, for either kind of store, without jobs."),
    ] = False,
    config: Config = None,
) -> None:
    """Write the record, the jobs and the secret key to a folder of their own, and verify it.

    The service may run meanwhile: the backup is of one moment. It holds personal data and secrets
    and is readable by its owner alone. Without FOLDER it is `leadwise-backup-` and the time.

    \b
    leadwise backup
    leadwise backup /backups/monday --data /var/lib/leadwise
    """
    from leadwise.store.backup import make_backup

    settings = settings_of(data, database, config)
    at_us = now_us()
    where = folder or Path(
        f"leadwise-backup-{datetime.fromtimestamp(at_us / 1e6, UTC):%Y%m%dT%H%M%SZ}"
    )
    with opened_store(settings) as store, waiting("Writing the backup"):
        made = make_backup(
            store, where, at_us, data=settings.data, secret=settings.secret_key_path,
            portable=portable,
        )  # fmt: skip
    leads, events = made.rows["lead"], made.rows["event"]
    tell(
        f"{made.folder}: {counted(leads, 'lead')}, {counted(events, 'event')}, "
        f"{made.bytes / 1024**2:,.1f} MiB, version {made.tables} of the tables; verified"
    )
    if made.kind == "portable":
        why = "" if portable else "There is no pg_dump here that knows the server. "
        note([f"{why}The backup is portable: jobs that wait are not in it."])
