"""`leadwise connect`: connections to the systems where leads live."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import print_json
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
from leadwise.errors import UserError

if TYPE_CHECKING:
    from leadwise.store.connections import ConnectionRow
    from leadwise.store.opening import Store

ACTIONS = (
    "kinds", "add", "set", "list", "show", "test", "map", "pull", "push", "pause", "resume",
    "log", "remove",
)  # fmt: skip
_SETTING_UP = ("add", "set", "map", "pause", "resume", "remove")


def connect(
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION",
            help="kinds, add, set, list, show, test, map, pull, push, pause, resume, log or "
            "remove.",
        ),
    ],
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="The connection's name, chosen when it is added."),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FIELD=VALUE]...",
            help="What the kind asks for; for map their field and ours. VALUE may be "
            "env:VARIABLE for a secret, and - to read it from standard input.",
        ),
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Of add: as `kinds` lists them.")
    ] = None,
    pulls: Annotated[
        bool | None, typer.Option("--pull/--no-pull", help="Whether records are pulled from it.")
    ] = None,
    pushes: Annotated[
        bool | None, typer.Option("--push/--no-push", help="Whether scores are pushed to it.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Of pull and push: show what would be done.")
    ] = False,
    from_the_start: Annotated[
        bool, typer.Option("--from-the-start", help="Of pull: everything, not only what is new.")
    ] = False,
    everybody: Annotated[
        bool, typer.Option("--all", help="Of push: also what the system was told before.")
    ] = False,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Connect systems: pull what they know, push scores to them, take their webhooks.

    \b
    leadwise connect kinds
    leadwise connect add crm --kind hubspot token=env:HUBSPOT_TOKEN --push
    leadwise connect test crm
    leadwise connect map crm jobtitle=role city=
    leadwise connect pull crm --dry-run
    leadwise connect push crm --all
    leadwise connect log crm
    """
    if action not in ACTIONS:
        raise UserError("usage", f"connect cannot {action}.", hint=", ".join(ACTIONS))
    from leadwise.cli import connect_moving, connect_shown

    if action == "kinds":
        connect_shown.kinds(name, json=json)
        return
    settings = settings_of(data, database, config)
    with opened_store(settings) as store:
        if action == "list":
            connect_shown.listed(store, json=json)
            return
        if not name:
            raise UserError("usage", "Which connection?", hint=f"leadwise connect {action} crm")
        values = fields_of(given or [])
        if action in _SETTING_UP:
            _set_up(store, settings.public_url, action, name, values, kind, pulls, pushes,
                    json=json)  # fmt: skip
            return
        row = _row(store, name)
        match action:
            case "show":
                connect_shown.shown(store, row, settings.public_url, json=json)
            case "log":
                connect_shown.log(store, row, json=json)
            case "test":
                connect_moving.test(row, json=json)
            case "pull":
                connect_moving.pull(
                    store, settings, row, dry=dry_run, start=from_the_start, json=json
                )
            case _:
                connect_moving.push(store, row, dry=dry_run, again=everybody, json=json)


def _set_up(
    store: Store, public_url: str, action: str, name: str, values: dict[str, str],
    kind: str | None, pulls: bool | None, pushes: bool | None, *, json: bool,
) -> None:  # fmt: skip
    from leadwise.cli import connect_shown

    match action:
        case "add":
            row = _add(store, name, kind, values, pulls, pushes)
            connect_shown.shown(store, row, public_url, json=json)
        case "set":
            row = _change(store, name, values, pulls=pulls, pushes=pushes)
            connect_shown.shown(store, row, public_url, json=json)
        case "map":
            connect_shown.mapping(store, _mapped(store, name, values), json=json)
        case "remove":
            _remove(store, name)
            _say(f"The connection {name} is gone. What was pulled stays.",
                 {"name": name, "removed": True}, json=json)  # fmt: skip
        case _:
            paused = action == "pause"
            _change(store, name, {}, paused=paused)
            _say(f"The connection {name} {'rests' if paused else 'works'} now.",
                 {"name": name, "paused": paused}, json=json)  # fmt: skip


def fields_of(given: list[str]) -> dict[str, str]:
    """`a=b` as a mapping; the value `-` is read from standard input, once."""
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise UserError(
                "usage", f"{one!r} is no FIELD=VALUE.",
                hint="token=env:HUBSPOT_TOKEN; of map their field and ours: jobtitle=role",
            )  # fmt: skip
        if value == "-":
            if "-" in (each.partition("=")[2] for each in given[: given.index(one)]):
                raise UserError("usage", "Standard input can be read once only.")
            value = sys.stdin.read().strip()
        found[name] = value
    return found


def _row(store: Store, name: str) -> ConnectionRow:
    from leadwise.store.connections import get_connection

    with store.read() as database:
        return get_connection(database, name)


def _add(
    store: Store, name: str, kind: str | None, values: dict[str, str], pulls: bool | None,
    pushes: bool | None,
) -> ConnectionRow:  # fmt: skip
    from leadwise.connect.setting_up import add

    if not kind:
        raise UserError("usage", "Of which kind is it?", hint="--kind hubspot")
    at_us = now_us()
    return store.write(
        lambda c: add(c, name, kind, values, pulls=pulls is not False, pushes=bool(pushes),
                      by=actor(), now_us=at_us),
        alone=True,
    )  # fmt: skip


def _change(store: Store, name: str, values: dict[str, str], **more: Any) -> ConnectionRow:
    from leadwise.connect.setting_up import change

    at_us = now_us()
    return store.write(
        lambda c: change(c, name, values, by=actor(), now_us=at_us, **more), alone=True
    )


def _mapped(store: Store, name: str, values: dict[str, str]) -> ConnectionRow:
    """The connection with these fields added to its mapping."""
    if not values:
        return _row(store, name)
    from leadwise.connect.setting_up import change
    from leadwise.store.connections import get_connection

    def work(database: Any) -> ConnectionRow:
        mapping = {**get_connection(database, name).mapping, **values}
        return change(database, name, {}, by=actor(), now_us=now_us(), mapping=mapping)

    return store.write(work, alone=True)


def _remove(store: Store, name: str) -> None:
    from leadwise.connect.setting_up import remove

    at_us = now_us()
    store.write(lambda c: remove(c, name, by=actor(), now_us=at_us), alone=True)


def _say(line: str, document: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(document)
    else:
        tell(line)
