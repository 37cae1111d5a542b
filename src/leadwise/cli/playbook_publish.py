"""`leadwise playbook publish`, `versions`, `pause`, `resume`, `retire`: which playbooks run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import grid, note, print_json, show
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
from leadwise.cli.whose import MOST_ID
from leadwise.cli.words import counted, time

if TYPE_CHECKING:
    from leadwise.store.opening import Store
    from leadwise.store.playbooks import PlaybookVersion

Name = Annotated[str, typer.Argument(metavar="PLAYBOOK", help="The playbook's id.")]


def publish(
    playbook: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A playbook's file, the name of a shipped one, or a version's number.",
        ),
    ],
    draft: Annotated[
        bool, typer.Option("--draft", help="Keep it, and let it start nothing yet.")
    ] = False,
    why: Annotated[
        str | None, typer.Option("--why", metavar="TEXT", help="Why, for those who come after.")
    ] = None,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Let a playbook start runs from now on. What happened before starts nothing; runs of the
    version before finish on it (`leadwise playbook move` moves them).

    \b
    leadwise playbook publish hand-over.yaml --why "sales asked for it"
    leadwise playbook publish 3
    """
    from leadwise.playbooks import versions

    settings = settings_of(data, database, config)
    with opened_store(settings) as store:
        warnings: tuple[Any, ...] = ()
        file = None if playbook.isdecimal() else playbook
        if file is None:
            version_id = min(int(playbook[:20]), MOST_ID)
        else:
            from leadwise.cli.playbooks import playbook_text

            text = playbook_text(playbook)
            added = store.write(
                lambda c: versions.add(
                    c, text, actor=actor(), now_us=now_us(), why=why, file=file, settings=settings
                ),
                alone=True,
            )
            version_id, warnings = added.version.id, added.warnings
        if not draft:
            store.write(
                lambda c: versions.publish(
                    c,
                    version_id,
                    actor=actor(),
                    now_us=now_us(),
                    why=why,
                    file=file,
                    settings=settings,
                ),
                alone=True,
            )
        found = _version(store, version_id)
    if json:
        print_json(document(found))
        return
    note([f"{one.where}: {one.message}; {one.hint}".removeprefix(": ") for one in warnings])
    tell(f"Version {found.id}: {found.playbook} {found.number} is {found.status}.")


def versions(
    playbook: Annotated[
        str | None, typer.Argument(metavar="[PLAYBOOK]", help="Of this one only.")
    ] = None,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """List the versions of playbooks in the record, with how many runs each has under way.

    \b
    leadwise playbook versions
    """
    from leadwise.store.playbooks import list_playbooks
    from leadwise.store.runs import ACTIVE, count_runs

    with opened_store(settings_of(data, database, config)) as store, store.read() as connection:
        found = list_playbooks(connection, playbook)
        active: dict[int, int] = {}
        for (version_id, state, _), n in count_runs(connection, [v.id for v in found]).items():
            if state in ACTIVE:
                active[version_id] = active.get(version_id, 0) + n
    if json:
        print_json({"playbooks": [document(v) | {"active": active.get(v.id, 0)} for v in found]})
        return
    if not found:
        tell("There are no playbooks: leadwise playbook publish FILE")
        return
    table = grid()
    for column in ("version", "playbook", "says", "status", "runs", "published", "by", "why"):
        table.add_column(column)
    for one in found:
        table.add_row(
            str(one.id), one.playbook, str(one.number), one.status, f"{active.get(one.id, 0):,}",
            time(one.published_us) or "", one.published_by or one.created_by, one.why or "",
        )  # fmt: skip
    show(table)


def pause(
    playbook: Name,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Let a playbook start nothing more, and its runs wait, until it is resumed.

    \b
    leadwise playbook pause hand-over
    """
    from leadwise.playbooks import versions

    with opened_store(settings_of(data, database, config)) as store:
        found = store.write(
            lambda c: versions.pause(c, playbook, actor=actor(), now_us=now_us()), alone=True
        )
    _tell(found, f"{playbook} is paused: nothing starts, and its runs wait.", json=json)


def resume(
    playbook: Name,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Let a playbook that was paused go on. What happened meanwhile starts nothing; runs whose time
    has come go on at once.

    \b
    leadwise playbook resume hand-over
    """
    from leadwise.playbooks import versions

    with opened_store(settings_of(data, database, config)) as store:
        found = store.write(
            lambda c: versions.resume(c, playbook, actor=actor(), now_us=now_us()), alone=True
        )
    _tell(found, f"{playbook} goes on.", json=json)


def retire(
    playbook: Name,
    stop: Annotated[
        bool, typer.Option("--stop", help="End its runs now; else they finish.")
    ] = False,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Let a playbook start nothing more, for good. Publish a version of it to have it back.

    \b
    leadwise playbook retire hand-over --stop
    """
    from leadwise.playbooks import versions

    with opened_store(settings_of(data, database, config)) as store:
        stopped = store.write(
            lambda c: versions.retire(c, playbook, actor=actor(), now_us=now_us(), stop=stop),
            alone=True,
        )
    if json:
        print_json({"playbook": playbook, "stopped": stopped})
        return
    ended = f" {counted(stopped, 'run')} stopped." if stop else " Its runs finish."
    tell(f"{playbook} is retired.{ended}")


def document(one: PlaybookVersion) -> dict[str, Any]:
    """A version as JSON."""
    return {
        "version": one.id, "playbook": one.playbook, "number": one.number, "status": one.status,
        "hash": one.hash, "added": time(one.created_us), "added_by": one.created_by,
        "published": time(one.published_us), "published_by": one.published_by, "why": one.why,
    }  # fmt: skip


def _version(store: Store, version_id: int) -> PlaybookVersion:
    from leadwise.store.playbooks import get_playbook

    with store.read() as connection:
        return get_playbook(connection, version_id)


def _tell(found: PlaybookVersion, said: str, *, json: bool) -> None:
    if json:
        print_json(document(found))
    else:
        tell(said)
