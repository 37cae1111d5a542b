"""`leadwise template`: mail templates, and how they look for a lead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import grid, heading, print_json, say, show
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
from leadwise.errors import CardError, InputError, Place, Problem, UserError

if TYPE_CHECKING:
    from leadwise.playbooks.mails.making import Preview
    from leadwise.settings import Settings
    from leadwise.store.opening import Store

ACTIONS = ("add", "check", "list", "show", "preview")


def template(
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help="add, check, list, show or preview.")
    ],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Files to add or check; names to show or preview."),
    ] = None,
    lead: Annotated[
        int | None, typer.Option("--lead", metavar="ID", help="The lead to preview it for.")
    ] = None,
    language: Annotated[
        str, typer.Option("--language", metavar="LANGUAGE", help="es, fi: not the lead's own.")
    ] = "",
    part: Annotated[
        str, typer.Option("--part", metavar="PART", help="Preview the text or the html alone.")
    ] = "",
    given: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="NAME=VALUE", help="A value that a step gives it."),
    ] = None,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Keep, check and look at the templates of mails (docs/mail.md). A template that is added again
    with another text is its next version; mails that were made of it keep theirs.

    \b
    leadwise template check offer.md offer.es.md
    leadwise template add offer.md offer.es.md
    leadwise template list
    leadwise template show offer
    leadwise template preview offer --lead 42
    leadwise template preview call-booked --lead 42 --with at=2026-07-01T09:00:00Z --part html
    """
    if action not in ACTIONS:
        raise UserError("usage", f"template cannot {action}.", hint=", ".join(ACTIONS))
    settings = settings_of(data, database, config)
    with opened_store(settings) as store:
        match action:
            case "list":
                _list(store, settings, json=json)
            case "add" | "check":
                _take(store, _files(names), keep=action == "add", json=json)
            case _:
                name = _one(names)
                if action == "show":
                    _show(store, settings, name, json=json)
                else:
                    values = _given(given)
                    found = _previewed(store, settings, name, lead, language, values)
                    _print(found, part, json=json)


def _files(names: list[str] | None) -> list[Path]:
    if not names:
        raise UserError("usage", "Which template?", hint="Give its file: offer.md.")
    return [Path(name) for name in names]


def _one(names: list[str] | None) -> str:
    if not names or len(names) != 1:
        raise UserError("usage", "Which template?", hint="leadwise template list shows all.")
    return names[0].removesuffix(".md")


def _given(pairs: list[str] | None) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in pairs or ():
        name, sign, value = pair.partition("=")
        if not sign:
            raise UserError("usage", f"--with is NAME=VALUE, not {pair}.")
        found[name.strip()] = value
    return found


def _take(store: Store, files: list[Path], *, keep: bool, json: bool) -> None:
    from leadwise.playbooks.mails.templates import check_template
    from leadwise.store.cards import live_version
    from leadwise.store.templates import keep_template

    with store.read() as connection:
        live = live_version(connection)
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for file in files:
        text = _read(file)
        card = live.card if live is not None else None
        # What a step gives by `with` is not known here: only misspelt facts are told.
        found = check_template(text, file.stem, str(file), card=card)
        problems += [
            one for one in found if one.severity == "error" or "lead." in one.message
        ]  # fmt: skip
        texts[file.stem] = text
    if any(one.severity == "error" for one in problems):
        raise CardError(tuple(problems))
    rows: list[dict[str, Any]] = []
    if keep:
        by, at_us = actor(), now_us()
        kept = store.write(
            lambda connection: [
                keep_template(connection, name, text, by=by, now_us=at_us)
                for name, text in texts.items()
            ]
        )
        rows = [{"name": one.name, "version": one.version} for one in kept]
    if json:
        warned = [{"code": one.code, "message": one.message, "where": str(one.where)}
                  for one in problems]  # fmt: skip
        print_json({"templates": rows or [{"name": name} for name in texts], "warnings": warned})
        return
    for one in problems:
        tell(f"{one.where}: {one.message} {one.hint}".strip())
    for row in rows:
        tell(f"{row['name']} is at version {row['version']}.")
    if not keep:
        tell(f"{len(texts)} can be used." if len(texts) > 1 else "It can be used.")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InputError(
            (Problem("mail-template", f"The file cannot be read: {said}.", "", Place(str(file))),)
        ) from None


def _list(store: Store, settings: Settings, *, json: bool) -> None:
    from leadwise.playbooks.mails.templates import list_sources, read_template

    with store.read() as connection:
        sources = list_sources(connection, settings)
    rows = []
    for one in sources:
        kind, about = "broken", ""
        try:
            made = read_template(one.text, one.name)
            kind, about = str(made.kind), made.about or made.subject
        except UserError as error:
            about = error.message
        rows.append({"name": one.name, "from": one.origin, "kind": kind, "about": about})
    if json:
        print_json({"templates": rows})
        return
    table = grid()
    for column in ("name", "from", "kind", "subject"):
        table.add_column(column)
    for row in rows:
        table.add_row(row["name"], row["from"], row["kind"], row["about"])
    show(table)


def _show(store: Store, settings: Settings, name: str, *, json: bool) -> None:
    from leadwise.playbooks.mails.templates import find_source
    from leadwise.store.templates import versions_of_template

    with store.read() as connection:
        source = find_source(connection, settings, name)
        versions = versions_of_template(connection, source.name)
    if json:
        print_json({
            "name": source.name, "from": source.origin, "text": source.text,
            "versions": [one.version for one in versions],
        })  # fmt: skip
        return
    tell(source.text.rstrip("\n"))


def _previewed(
    store: Store, settings: Settings, name: str, lead: int | None, language: str,
    given: dict[str, object],
) -> Preview:  # fmt: skip
    from leadwise.playbooks.mails.making import preview

    if lead is None:
        raise UserError("usage", "For which lead?", hint="Give --lead 42.")
    with store.read() as connection:
        return preview(
            connection, settings, name, lead, now_us(), language=language, more=given
        )  # fmt: skip


def _print(found: Preview, part: str, *, json: bool) -> None:
    if part not in ("", "text", "html"):
        raise UserError("usage", f"There is no part {part}.", hint="text or html.")
    if json:
        print_json({
            "template": found.template, "language": found.language, "subject": found.subject,
            "from": found.sender, "to": found.to, "kind": found.kind, "text": found.text,
            "html": found.html,
        })  # fmt: skip
        return
    if part:
        tell((found.html if part == "html" else found.text).rstrip("\n"))
        return
    heading(found.subject)
    say(f"from {found.sender or 'nobody: mail.sender is not set'}")
    say(f"to {found.to}")
    say()
    tell(found.text.rstrip("\n"))
