"""`leadwise restore`: a store out of a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leadwise.asking.instants import written
from leadwise.cli.screen import note
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    actor,
    jobs_place,
    now_us,
    settings_of,
    tell,
)
from leadwise.cli.waiting import waiting
from leadwise.cli.words import counted, elapsed


def restore(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `backup` wrote.")],
    data: DataFolder = None,
    database: Database = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Although there is a store; its files are kept aside."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only verify the backup and say how old it is.")
    ] = False,
    config: Config = None,
) -> None:
    """Verify a backup and put it in the place of a store, with its jobs and its secret key.

    Stop the service before. People who were erased since the backup was made are erased again,
    where the store that is replaced can still be read. Playbooks and connections are paused: what
    was sent since the backup would be sent again.

    \b
    leadwise restore backup --check
    leadwise restore backup --data /var/lib/leadwise --replace
    """
    from leadwise.store.backup import read_backup
    from leadwise.store.restore import Target, restore_backup

    at_us = now_us()
    with waiting("Verifying the backup"):
        backup = read_backup(folder)
    tell(
        f"{folder}: made {written(backup.made_us)}, {elapsed(max(0, at_us - backup.made_us))} ago; "
        f"{counted(backup.rows['lead'], 'lead')}, {counted(backup.rows['event'], 'event')}, "
        f"version {backup.tables} of the tables; every file is whole"
    )
    if check:
        return
    settings = settings_of(data, database, config)
    target = Target(settings.database_url, settings.data, settings.secret_key_path, replace)
    with waiting("Restoring"):
        if settings.embedded and settings.data.is_dir():
            # Nobody works on the jobs meanwhile; a running service does.
            from leadwise.jobs.place import hold

            with hold(jobs_place(settings), "restore"):
                done = restore_backup(backup, target, at_us, actor())
        else:
            done = restore_backup(backup, target, at_us, actor())
    tell(f"Restored; the tables have version {done.tables}.")
    for path in done.kept:
        tell(f"What was there before is kept as {path}")
    if done.erased or done.objections:
        tell(
            f"Done again, for they came after the backup: {counted(done.erased, 'erasure')}, "
            f"{counted(done.objections, 'objection')} to scoring"
        )
    if done.playbooks or done.connections:
        tell(
            "Paused, so that nothing is done twice: "
            + ", ".join((*(f"playbook {one}" for one in done.playbooks),
                         *(f"connection {one}" for one in done.connections)))
        )  # fmt: skip
    if done.due:
        said = f"{counted(done.due, 'run')} of playbooks came due since the backup"
        note([
            f"{said}: their steps were most likely done already.",
            "`leadwise playbook stop` ends runs, `leadwise playbook resume` does them again.",
        ])  # fmt: skip
    if done.forgotten:
        said = "The store that was replaced could not be read: "
        note([f"{said}whoever was erased since the backup is in the store again."])
