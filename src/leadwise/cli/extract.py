"""`leadwise extract`: a figure, an amount or words that conversations name."""

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


def extract(
    files: Files,
    question: Asked,
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="text, number, money, yes_no, timeline, authority or need.",
        ),
    ] = "text",
    field: Field = None,
    held: Held = None,
    seller: Sellers = None,
    buyer: Buyers = None,
    product: Product = None,
    language: Language = None,
    reader: ReaderName = "embedded",
    json: Json = False,
) -> None:
    """Ask conversations a question of your own for a figure, an amount, a time or some words.

    It is a frame of one question: the same quotes and statuses as those of qualify.

    \b
    leadwise extract call.vtt --question "How many users do you have?" --kind number
    """  # fmt: skip
    from leadwise.qualify.own import extract as framed

    said = Said(held, seller or (), buyer or (), product, language)
    show_asked(files, framed(question, kind, field), said, reader, json=json)
