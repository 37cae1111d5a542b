"""`leadwise playbook new`: the playbooks that come with Leadwise, to be copied and changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import aside, grid, plain, print_json, show
from leadwise.errors import Place, UserError
from leadwise.playbooks.library import (
    NAMES,
    connections_of,
    mails_of,
    shipped_mails,
    shipped_playbook,
    shipped_text,
)


def new(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="The shipped playbook to copy; all are listed "
                       "without it."),
    ] = None,
    mails: Annotated[
        str | None,
        typer.Option("--mails", metavar="FOLDER", help="Put the mails that it sends there, too; "
                     "files that are there stay as they are."),
    ] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """List the playbooks that come with Leadwise; print one, to make your own of it.

    \b
    leadwise playbook new
    leadwise playbook new sales-call --mails mails > our-call.yaml
    """
    if name is None:
        if mails is not None:
            raise UserError("usage", "The mails of which playbook?", hint="Give its NAME.")
        _list(json=json)
        return
    text = shipped_text(name)
    if mails is not None:
        _write_mails(name, Path(mails))
    if json:
        print_json(_document(name) | {"text": text})
    else:
        sys.stdout.write(text)


def _list(*, json: bool) -> None:
    if json:
        print_json({"playbooks": [_document(name) for name in NAMES]})
        return
    table = grid()
    for column in ("playbook", "what it does", "works with"):
        table.add_column(column, overflow="fold")
    for name in NAMES:
        one = shipped_playbook(name)
        table.add_row(name, plain(one.about), ", ".join(connections_of(one)))
    show(table)


def _document(name: str) -> dict[str, object]:
    one = shipped_playbook(name)
    return {
        "playbook": one.id,
        "label": one.label,
        "about": one.about,
        "mails": list(mails_of(one)),
        "connections": list(connections_of(one)),
    }


def _write_mails(name: str, folder: Path) -> None:
    texts = shipped_mails()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for mail in mails_of(shipped_playbook(name)):
            path = folder / f"{mail}.md"
            if path.exists():
                aside().print(f"{path}: stays as it is", style="dim", soft_wrap=True)
                continue
            path.write_text(texts[mail], encoding="utf-8")
            aside().print(f"{path}: written", style="dim", soft_wrap=True)
    except OSError as error:
        raise UserError(
            "output-path", f"'{folder}' cannot be written: {(error.strerror or 'no').lower()}.",
            where=Place(str(folder)), hint="Check that you may write there.",
        ) from error  # fmt: skip
