"""What the commands that work on a store share: where it is, who asks, progress."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from leadwise.cli.screen import answer, plain
from leadwise.cli.waiting import waiting

if TYPE_CHECKING:
    from leadwise.settings import Settings
    from leadwise.store.opening import Store

Database = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="URL", help="postgresql://user@host/database, or sqlite:///file."
    ),
]
DataFolder = Annotated[
    Path | None,
    typer.Option("--data", metavar="FOLDER", help="The data folder.", show_default=False),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The settings' file, else leadwise.toml."),
]


def settings_of(data: Path | None, database: str | None, config: Path | None) -> Settings:
    """The settings as the service would have them."""
    from leadwise.settings import read_settings

    return read_settings(os.environ, {"data": data, "database": database}, config)


@contextmanager
def opened_store(settings: Settings, *, current: bool = True) -> Iterator[Store]:
    """The store of the settings; UserError (`store-missing`, `store-version`) where there is none
    or, with `current`, its tables are not those that this Leadwise works with."""
    from leadwise.errors import Place, UserError
    from leadwise.store import migrations
    from leadwise.store.opening import Store

    with Store(settings.database_url, durability=settings.durability) as store:
        if store.path is not None and not store.path.is_file():
            raise UserError(
                "store-missing", "There is no store.", where=Place(str(store.path)),
                hint="leadwise init makes one; --data and --database say where it is.",
            )  # fmt: skip
        if current:
            migrations.require_current(store)
        yield store


def mirror_folder(settings: Settings) -> Path:
    """Where the columnar mirror is."""
    return settings.data / "mirror"


def jobs_place(settings: Settings) -> Path | str:
    """Where jobs are kept: beside an embedded store, in PostgreSQL with the record."""
    return settings.data if settings.embedded else settings.database_url


def actor() -> str:
    """Who asks, for the audit trail: whoever may run commands here."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError, ImportError):  # a container without a name for its user
        return f"cli:{os.getuid()}"


def tell(line: str) -> None:
    """A line of the answer, in one piece however long: it may hold a path or a key."""
    answer().print(Text(plain(line, keep="\n")), soft_wrap=True)


def now_us() -> int:
    """The clock."""
    return time.time_ns() // 1000


@contextmanager
def progressing(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal for what takes long; told how much of how much is done."""
    state = [0, 0]

    def told(done: int, total: int) -> None:
        state[:] = [done, total]

    with waiting(what, lambda: state[0] / state[1] if state[1] else None):
        yield told
