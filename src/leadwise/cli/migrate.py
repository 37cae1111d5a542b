"""`leadwise migrate`: the store's tables brought to this version of Leadwise."""

from __future__ import annotations

from typing import Annotated

import typer

from leadwise.cli.failures import NO
from leadwise.cli.stores import Config, Database, DataFolder, opened_store, settings_of, tell


def migrate(
    data: DataFolder = None,
    database: Database = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether there is anything to do.")
    ] = False,
    config: Config = None,
) -> None:
    """Bring the store's tables to the version that this Leadwise works with: all or nothing.

    Stop the service and make a backup before. With --check the exit code is 1 where there is
    something to do.

    \b
    leadwise backup before-the-update
    leadwise migrate
    """
    from leadwise.store import migrations

    with opened_store(settings_of(data, database, config), current=False) as store:
        before = migrations.current(store)
        if before is not None:
            migrations.require_known(before)
        if before == migrations.head():
            tell(f"The tables have version {before}: there is nothing to do.")
            return
        said = f"from version {before or 'none'} to version {migrations.head()}"
        if check:
            tell(f"The tables are to be brought {said}.")
            raise typer.Exit(NO)
        migrations.upgrade(store)
        tell(f"The tables were brought {said}.")
