"""Playbooks from files, from standard input, and of those that are shipped, for the commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from leadwise.card.model import Card
from leadwise.cli.cards import card_text, load_card
from leadwise.errors import CardError, Place, UserError
from leadwise.playbooks.language.parse import parse
from leadwise.playbooks.library import NAMES, shipped_text
from leadwise.playbooks.model import Playbook

_SHIPPED = re.compile(r"[a-z][a-z0-9_-]*")
PlaybookFile = Annotated[
    str,
    typer.Argument(
        metavar="PLAYBOOK",
        help="The playbook's file (YAML or JSON; - is standard input), or the name of a shipped "
        "one.",
    ),
]
PlaybookFiles = Annotated[
    list[str],
    typer.Argument(metavar="PLAYBOOK...", help="Files of playbooks; - is standard input."),
]
CardOption = Annotated[
    str | None,
    typer.Option(
        "--card", metavar="CARD", help="The card that leads are scored by: names and types are "
        "checked against it."
    ),
]  # fmt: skip
MailsOption = Annotated[
    str | None,
    typer.Option("--mails", metavar="FOLDER", help="A folder of mail templates (NAME.md)."),
]


def playbook_text(file: str) -> str:
    """The text of a playbook: of a file, of `-`, or of a shipped one by its name."""
    if file in NAMES and not Path(file).exists():
        return shipped_text(file)
    if _SHIPPED.fullmatch(file) and not Path(file).exists():
        raise UserError(
            "no-such-playbook",
            f"There is neither a file nor a shipped playbook '{file}'.",
            where=Place(file),
            hint=f"Shipped are {', '.join(NAMES)}.",
        )
    return card_text(file)


def load_playbook(file: str) -> Playbook:
    """The playbook of a file. CardError with all of its problems."""
    parsed = parse(playbook_text(file), file=file)
    if parsed.playbook is None:
        raise CardError(parsed.problems)
    return parsed.playbook


def given_card(file: str | None) -> Card | None:
    """The card of `--card`."""
    return None if file is None else load_card(file)


def templates_in(folder: str | None) -> frozenset[str] | None:
    """The names of the mail templates in a folder; those of languages count as their name's."""
    if folder is None:
        return None
    path = Path(folder)
    if not path.is_dir():
        raise UserError(
            "cannot-read", f"{folder}: not a folder", where=Place(folder), hint="check the path"
        )
    return frozenset(one.name.split(".")[0] for one in path.glob("*.md"))
