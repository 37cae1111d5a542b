"""`leadwise init`: a data folder, a store, keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadwise.cli.cards import card_text
from leadwise.cli.options import Json
from leadwise.cli.screen import print_json
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    actor,
    mirror_folder,
    now_us,
    settings_of,
    tell,
)

if TYPE_CHECKING:
    from leadwise.settings import Settings
    from leadwise.store.opening import Store


def init(
    data: DataFolder = None,
    database: Database = None,
    card: Annotated[
        str | None,
        typer.Option("--card", metavar="CARD", help="Publish this card if none is live yet."),
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Make a store: the data folder, the tables, the secret key, two keys for programs.

    What is there already stays as it is. Keys are shown this once and cannot be shown again; more
    of them are made by `leadwise key create`.

    \b
    leadwise init
    leadwise init --data /var/lib/leadwise --card card.yaml
    leadwise init --database postgresql://leadwise@db/leadwise
    """
    from leadwise.store.opening import Store
    from leadwise.web.secret import make_secret_key, secret_key
    from leadwise.web.starting import prepare_folder

    text = card_text(card) if card is not None else None
    settings = settings_of(data, database, config)
    made: list[tuple[str, str]] = []
    there = settings.data.is_dir()
    prepare_folder(settings.data)
    made.append(("data folder", f"{_was(there)} {settings.data.absolute()}"))
    there = settings.secret_key_path.exists()
    if not there:
        make_secret_key(settings.secret_key_path)
    secret_key(settings.secret_key_path)
    made.append(("secret key", f"{_was(there)} {settings.secret_key_path}"))
    with Store(settings.database_url, durability=settings.durability) as store:
        made.append(("store", _tables(store)))
        keys = _keys(store)
        if text is not None:
            made.append(("card", _card(settings, store, text, card or "")))
    if json:
        print_json({**{name.replace(" ", "_"): said for name, said in made}, "keys": keys})
        return
    for name, said in made:
        tell(f"{name:<12} {said}")
    _show_keys(keys)


def _was(there: bool) -> str:
    return "was there:" if there else "made:"


def _tables(store: Store) -> str:
    from leadwise.store import migrations
    from leadwise.store.embedded import private

    there = migrations.current(store) is not None
    if there:
        migrations.require_current(store)
    else:
        migrations.upgrade(store)
    if store.path is not None:
        private(store.path)
    what = "SQLite" if store.embedded else "PostgreSQL"
    return f"{_was(there)} {what}, version {migrations.head()} of the tables"


def _keys(store: Store) -> dict[str, str]:
    """The secrets of the keys that were made; none for a kind of which there is one."""
    from leadwise.store.keys import create_key, list_keys

    def work(connection: Any) -> dict[str, str]:
        at_us = now_us()
        usable = {key.kind for key in list_keys(connection, limit=1000) if key.usable(at_us)}
        made: dict[str, str] = {}
        if "write" not in usable:
            _, made["write"] = create_key(
                connection, "tracking", by=actor(), now_us=at_us, kind="write"
            )
        if "api" not in usable:
            _, made["api"] = create_key(
                connection, "admin", by=actor(), now_us=at_us, scopes=frozenset({"admin"})
            )
        return made

    return store.write(work, alone=True)


def _card(settings: Settings, store: Store, text: str, file: str) -> str:
    from leadwise.card import parse
    from leadwise.errors import CardError
    from leadwise.live.publish import publish
    from leadwise.store.cards import add_version, live_version

    parsed = parse(text, file)
    if parsed.card is None:
        raise CardError(parsed.problems)
    with store.read() as connection:
        live = live_version(connection)
    if live is not None:
        return f"was there: {live.name}, version {live.number}, is live"
    by = actor()
    version = store.write(
        lambda c: add_version(c, text, subject="lead", by=by, now_us=now_us()), alone=True
    )
    folder: Path = mirror_folder(settings)
    publish(store, folder, version.id, by, "the first card", now_us, lambda *_: None)
    return f"published: {version.name}, version {version.number}"


def _show_keys(keys: dict[str, str]) -> None:
    if not keys:
        tell("keys         were there; `leadwise key create` makes more")
        return
    tell("\nKeep these keys: they are not shown again.")
    if "write" in keys:
        tell(f"  {keys['write']}  for tracking and forms; may stand in web pages")
    if "api" in keys:
        tell(f"  {keys['api']}   for programs; may do everything: keep it secret")
    tell("\n`leadwise serve` starts the service.")
