"""What the commands that read conversations share: options, files, the reader, the frame."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadwise.cli.screen import note
from leadwise.errors import Place, UserError

if TYPE_CHECKING:
    from leadwise.qualify.conversation.opening import Opened
    from leadwise.qualify.frame.model import Frame
    from leadwise.qualify.reading import Reader

STDIN = "-"
_CODE = re.compile("[a-z]{2}")
READERS = ("embedded", "model")
_MOST = 30_000_000
"""Bytes read of a file: over what any format may have, so that the opening says what is wrong."""

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="Conversations: text, WebVTT, SRT, JSON, mails, chats; - is standard input.",
    ),
]
Asked = Annotated[
    str, typer.Option("--question", metavar="TEXT", help="What is asked, as one would ask it.")
]
Field = Annotated[
    str | None,
    typer.Option("--field", metavar="NAME", help="The field that the answer would write."),
]
Held = Annotated[
    str | None,
    typer.Option("--held", metavar="DAY", help="The day it was held, such as 2026-03-04."),
]
Sellers = Annotated[
    list[str] | None,
    typer.Option(
        "--seller", metavar="NAME",
        help="Who sells: a name, a company or a mail domain; as often as needed.",
    ),
]  # fmt: skip
Buyers = Annotated[
    list[str] | None,
    typer.Option("--buyer", metavar="NAME", help="Who buys, likewise; all others then sell."),
]
Product = Annotated[
    str | None,
    typer.Option(
        "--product", metavar="TEXT",
        help="What is sold and what it solves: 'StockBridge: syncs stock. Solves: overselling.'",
    ),
]  # fmt: skip
Language = Annotated[
    str | None,
    typer.Option("--language", metavar="CODE", help="en, es, de, fr or fi; told if not given."),
]
Thread = Annotated[
    bool, typer.Option("--thread", help="The files are mails of one thread, in any order.")
]
ReaderName = Annotated[
    str,
    typer.Option(
        "--reader", metavar="READER",
        help="embedded (without a network), or model: the one that the settings name.",
    ),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """How the files of a command are to be opened, as its options say it."""

    held: str | None = None
    seller: Sequence[str] = ()
    buyer: Sequence[str] = ()
    product: str | None = None
    language: str | None = None


def conversations(
    files: Sequence[str], said: Said, *, thread: bool
) -> tuple[tuple[str, Opened], ...]:
    """Each file opened, with its name; all of them as one with `thread`. An undated one is taken
    for today's, and that is said."""
    from leadwise.qualify.conversation.opening import opened_file, opened_thread

    if list(files).count(STDIN) > 1:
        raise UserError("input-twice", "Standard input can be named only once.",
                        hint="Give all but one of them as files.")  # fmt: skip
    if said.language is not None and not _CODE.fullmatch(said.language):
        raise UserError("usage", f"--language: '{said.language}' is no code of two letters.",
                        hint="Write it as --language de.")  # fmt: skip
    read = [(_bytes(file), file) for file in files]
    held_on = day_of(said.held)
    found: tuple[tuple[str, Opened], ...]
    if thread:
        one = opened_thread(
            read, held_on=held_on, seller=said.seller, buyer=said.buyer, product=said.product,
            language=said.language,
        )  # fmt: skip
        found = ((files[0], one),)
    else:
        found = tuple(
            (
                name,
                opened_file(
                    data, name, held_on=held_on, seller=said.seller, buyer=said.buyer,
                    product=said.product, language=said.language, today=date.today(),  # noqa: DTZ011 - the day where the command is run
                ),
            )
            for data, name in read
        )  # fmt: skip
    note(_doubts(found))
    return found


def _doubts(found: Sequence[tuple[str, Opened]]) -> list[str]:
    from leadwise.qualify.conversation.sides import untold

    doubts = []
    for name, one in found:
        if not one.is_dated:
            doubts.append(
                f"{name} does not say when it was held: today is taken. --held says the day."
            )
        if why := untold(one.conversation):
            doubts.append(f"{name}: {why} --seller and --buyer name them.")
    return doubts


def day_of(text: str | None) -> date | None:
    """A day of an option; UserError (`usage`) for what is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(
            "usage", f"--held: '{text}' is no day.", hint="Write it as --held 2026-03-04."
        ) from None


def _bytes(file: str) -> bytes:
    if file == STDIN:
        return sys.stdin.buffer.read(_MOST)
    try:
        with Path(file).open("rb") as opened:
            data = opened.read(_MOST)
            if len(data) == _MOST:
                from leadwise.qualify.conversation.decoding import too_large

                raise too_large(file, f"has over {_MOST / 1e6:.0f} MB; at most 25 MB are read")
            return data
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise UserError(
            "cannot-read", f"{file} cannot be read: {why}.", where=Place(file),
            hint="Check the path and its rights.",
        ) from error  # fmt: skip


def chosen_reader(name: str) -> Reader:
    """The reader of a name, with the settings of the service's file and the environment."""
    if name not in READERS:
        raise UserError(
            "no-such-reader",
            f"There is no reader '{name}'.",
            hint=f"There is {', '.join(READERS)}.",
        )
    if name == "embedded":
        from leadwise.qualify.embedded.reader import embedded_reader

        return embedded_reader()
    from leadwise.qualify.provider.reader import ModelReader
    from leadwise.settings import read_settings

    return ModelReader(read_settings(os.environ, {}, None).model)


def chosen_frame(name: str) -> Frame:
    """A shipped frame by its name, or one of your own by its file (it ends in .yaml or .yml)."""
    from leadwise.qualify.frame.parse import frame_of
    from leadwise.qualify.frame.shipped import shipped_frame

    if name.endswith((".yaml", ".yml")):
        return frame_of(frame_text(name), name)
    return shipped_frame(name)


def frame_text(file: str) -> str:
    """The text of a frame's file. UserError as for a card's."""
    from leadwise.cli.cards import card_text

    return card_text(file)
