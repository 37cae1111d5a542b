"""`leadwise classify`: which of a few choices conversations speak for."""

from __future__ import annotations

from typing import Annotated

import typer

from leadwise.cli.asked import show_asked
from leadwise.cli.conversing import (
    Asked,
    Buyers,
    Field,
    Files,
    Held,
    Language,
    Product,
    ReaderName,
    Said,
    Sellers,
)
from leadwise.cli.options import Json


def classify(
    files: Files,
    question: Asked,
    choice: Annotated[
        list[str],
        typer.Option("--choice", metavar="TEXT", help="What it can be; twice at least."),
    ],
    field: Field = None,
    held: Held = None,
    seller: Sellers = None,
    buyer: Buyers = None,
    product: Product = None,
    language: Language = None,
    reader: ReaderName = "embedded",
    json: Json = False,
) -> None:
    """Ask conversations a question of your own that has one of a few answers.

    It is a frame of one question: the same quotes and statuses as those of qualify.

    \b
    leadwise classify call.vtt --question "Is it a new deal?" --choice new --choice renewal
    """
    from leadwise.qualify.own import classify as framed

    said = Said(held, seller or (), buyer or (), product, language)
    show_asked(files, framed(question, choice, field), said, reader, json=json)
