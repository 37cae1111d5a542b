"""`leadwise key`: keys for programs and for tracking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import grid, print_json, show
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    actor,
    now_us,
    opened_store,
    settings_of,
    tell,
)
from leadwise.cli.words import time
from leadwise.errors import UserError

if TYPE_CHECKING:
    from leadwise.store.keys import Key
    from leadwise.store.opening import Store

DAY_US = 86_400_000_000


def key(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="create, list or revoke.")],
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="What the new key is called; the id of the one to revoke."
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="A key for tracking and forms, and nothing else.")
    ] = False,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="What it may do; as often as needed."),
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option("--origin", metavar="ORIGIN", help="Only from pages of this origin."),
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", min=1, metavar="N", help="For how long it holds.")
    ] = None,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Make, list and revoke keys. A key is shown when it is made and never again.

    \b
    leadwise key create website --write --origin https://www.example.com
    leadwise key create reports --scope read:leads --days 90
    leadwise key list
    leadwise key revoke 3
    """
    if action not in ("create", "list", "revoke"):
        raise UserError("usage", f"key cannot {action}.", hint="create, list or revoke")
    with opened_store(settings_of(data, database, config)) as store:
        if action == "list":
            _list(store, json=json)
        elif action == "revoke":
            _revoke(store, name)
        else:
            if not name:
                raise UserError("usage", "The key has no name.", hint="leadwise key create website")
            _create(store, name, write, scope or [], origin or [], days, json=json)


def _create(
    store: Store, name: str, write: bool, scopes: list[str], origins: list[str],
    days: int | None, *, json: bool,
) -> None:  # fmt: skip
    from leadwise.store.audit import audit
    from leadwise.store.keys import create_key

    at_us = now_us()
    if not write and not scopes:
        raise UserError(
            "usage", "The key may do nothing.",
            hint="Give --scope read:leads (or others), or --write for tracking.",
        )  # fmt: skip

    def work(connection: Any) -> tuple[Key, str]:
        made, secret = create_key(
            connection, name, by=actor(), now_us=at_us, kind="write" if write else "api",
            scopes=frozenset(scopes), origins=tuple(origins),
            expires_us=None if days is None else at_us + days * DAY_US,
        )  # fmt: skip
        audit(connection, actor(), "create", "key", made.id, name, at_us)
        return made, secret

    made, secret = store.write(work, alone=True)
    if json:
        print_json({**_document(made), "key": secret})
    else:
        tell(f"{secret}\nKeep it: it is not shown again. Its id is {made.id}.")


def _list(store: Store, *, json: bool) -> None:
    from leadwise.store.keys import list_keys

    with store.read() as connection:
        keys = list_keys(connection, limit=1000)
    if json:
        print_json({"keys": [_document(one) for one in keys]})
        return
    if not keys:
        tell("There are no keys.")
        return
    table = grid()
    for column in ("id", "name", "begins", "may", "origins", "state", "last used"):
        table.add_column(column)
    for one in keys:
        may = "tracking" if one.kind == "write" else " ".join(sorted(one.scopes))
        table.add_row(
            str(one.id), one.name, f"{one.prefix}…", may, " ".join(one.origins) or "any",
            _state(one), time(one.last_used_us) or "never",
        )  # fmt: skip
    show(table)


def _revoke(store: Store, name: str | None) -> None:
    from leadwise.store.audit import audit
    from leadwise.store.keys import revoke_key

    if name is None or not name.isdecimal():
        raise UserError("usage", "Which key?", hint="leadwise key list shows their ids.")
    at_us = now_us()

    def work(connection: Any) -> Key:
        revoked = revoke_key(connection, int(name), at_us)
        audit(connection, actor(), "revoke", "key", revoked.id, revoked.name, at_us)
        return revoked

    revoked = store.write(work, alone=True)
    tell(f"Key {revoked.id} ({revoked.name}) is of no use any more.")


def _state(one: Key) -> str:
    if one.revoked_us is not None:
        return "revoked"
    if one.expires_us is None:
        return "usable"
    return f"until {time(one.expires_us)}" if one.usable(now_us()) else "expired"


def _document(one: Key) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "kind": one.kind, "prefix": one.prefix,
        "scopes": sorted(one.scopes), "origins": list(one.origins),
        "created": time(one.created_us), "expires": time(one.expires_us),
        "revoked": time(one.revoked_us), "last_used": time(one.last_used_us),
    }  # fmt: skip
