"""The record's tables, brought to the version that this Leadwise knows.

`versions/` holds the steps (`first_tables/` the tables of the first); each is run once, in order,
and all of them in one transaction. Which was the last is kept in the table `alembic_version`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from leadwise.errors import UserError
from leadwise.store.opening import Store
from leadwise.store.schema import metadata

LOCK = 0x1EAD_5C0E
"""PostgreSQL's advisory lock that one process at a time migrates under. Any number would do."""


def upgrade(store: Store) -> None:
    """Bring the tables to `head()`; nothing where they are there already.

    Several processes may call it at once. Raises UserError (`store-newer`) for a store of a newer
    Leadwise, (`store-foreign`) for a database with tables of another kind; then nothing is changed.
    """
    with store.transaction() as connection:
        upgrade_in(connection)


def upgrade_in(connection: Connection, to: str | None = None) -> None:
    """The same in the transaction of `connection`; `to` an older version, for old rows."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    version = current_in(connection)
    if version is not None:
        require_known(version)
    wanted = to or head()
    if version == wanted:
        return
    if version is None:
        _refuse_foreign(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, wanted)


def current(store: Store) -> str | None:
    """The version of the store's tables; None where it has none yet."""
    with store.read() as connection:
        return current_in(connection)


def current_in(connection: Connection) -> str | None:
    """The same over a connection."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The version that this Leadwise makes and works with."""
    return versions()[-1]


@cache
def versions() -> tuple[str, ...]:
    """Every version that this Leadwise knows, oldest first."""
    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(step.revision for step in steps)[::-1]


def require_current(store: Store) -> None:
    """Raise UserError unless the store has the version that this Leadwise works with."""
    version = current(store)
    if version is not None:
        require_known(version)
    if version != head():
        said = "has no tables yet" if version is None else f"has version {version} of its tables"
        raise UserError(
            "store-version",
            f"The store {said}; this Leadwise works with version {head()}.",
            hint="leadwise init" if version is None else "leadwise backup, then leadwise migrate",
        )


def require_known(version: str) -> None:
    """Raise UserError (`store-newer`) for tables of a version that this Leadwise does not know."""
    if version not in versions():
        raise UserError(
            "store-newer",
            f"The store has version {version} of its tables; this Leadwise knows them up to "
            f"{head()}.",
            hint="It was made by a newer Leadwise: install that one. Nothing was changed.",
        )


def _refuse_foreign(connection: Connection) -> None:
    ours = sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))
    if ours:
        raise UserError(
            "store-foreign",
            f"The database has a table '{ours[0]}' already, and it is not of a store of Leadwise.",
            hint="Give Leadwise a database, or on PostgreSQL a schema, of its own.",
        )


def _config() -> Config:
    config = Config()
    # A percent sign in the path would be taken for a reference.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
