"""`leadwise serve`: the service, in one process."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadwise.cli.screen import say
from leadwise.cli.stores import opened_store, tell

if TYPE_CHECKING:
    from leadwise.settings import Settings

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


def serve(
    data: DataFolder = None,
    database: Database = None,
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="The address to listen on.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", metavar="N", help="The port; 0: any that is free.")
    ] = None,
    config: Config = None,
) -> None:
    """Run the service: tracking, scores true to the second, the HTTP API.

    Without options it keeps everything in ./leadwise-data and listens on 127.0.0.1, port 8000. All
    settings may stand in leadwise.toml or in the environment. Ctrl-C or SIGTERM stop it once what
    was begun is finished.

    \b
    leadwise serve
    leadwise serve --data /var/lib/leadwise --port 8080
    leadwise serve --database postgresql://leadwise@db/leadwise
    """
    # Imported here: what a service needs takes seconds that other commands do not.
    from leadwise.settings import read_settings
    from leadwise.web.starting import require_unserved

    options = {"data": data, "database": database, "host": host, "port": port}
    settings = read_settings(os.environ, options, config)
    require_unserved(settings.store_file)
    from leadwise.web.serving import serve as run

    run(settings, _where_to_look)


def _where_to_look(settings: Settings, address: str) -> None:
    kept = "SQLite" if settings.embedded else "PostgreSQL"
    durability = settings.durability or ("process" if settings.embedded else "power")
    survives = "a killed process" if durability == "process" else "a power cut"
    address = settings.public_url or address
    say(
        f"Leadwise {version('leadwise')} runs at {address}\n"
        f"  data      {settings.data.absolute()} (store: {kept}; acknowledged events survive "
        f"{survives})\n"
        f"  ready?    {address}/readyz\n"
        f"  metrics   {address}/metrics\n"
        f"  API       {address}/api/openapi.json\n"
        "Ctrl-C stops it."
    )
    link = _first_start(settings, address)
    if link is not None:
        tell(f"Nobody can sign in yet. Become the administrator at\n  {link}")


def _first_start(settings: Settings, address: str) -> str | None:
    """The link by which the first administrator is made, while there is no member."""
    from leadwise.web.pages.signin.links import start_link
    from leadwise.web.secret import secret_key

    with opened_store(settings) as store, store.read() as connection:
        return start_link(connection, secret_key(settings.secret_key_path), address)
