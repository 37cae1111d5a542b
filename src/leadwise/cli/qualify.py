"""`leadwise qualify`: what conversations say to the questions of a frame, with quotes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leadwise.cli.conversing import (
    Buyers,
    Held,
    Language,
    Product,
    ReaderName,
    Said,
    Sellers,
    Thread,
    chosen_frame,
    chosen_reader,
    conversations,
)
from leadwise.cli.options import Json
from leadwise.cli.screen import print_json, say
from leadwise.cli.waiting import waiting
from leadwise.cli.words import counted
from leadwise.errors import UserError

PROMISING = 60.0


def qualify(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE...]",
            help="Conversations: text, WebVTT, SRT, JSON, mails, chats; - is standard input.",
        ),
    ] = None,
    frame: Annotated[
        str,
        typer.Option(
            "--frame", metavar="FRAME", help="bant, anum, champ, meddic, or a frame's file."
        ),
    ] = "bant",
    held: Held = None,
    seller: Sellers = None,
    buyer: Buyers = None,
    product: Product = None,
    language: Language = None,
    thread: Thread = False,
    reader: ReaderName = "embedded",
    lead: Annotated[
        str | None,
        typer.Option(
            "--lead",
            metavar="WHO",
            help="Record it with this lead: its number, an e-mail address, user:ID or crm:ID.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FOLDER", help="The data folder of the record."),
    ] = None,
    evaluate: Annotated[
        str | None,
        typer.Option(
            "--evaluate",
            metavar="FOLDER",
            help="How right the reader is on the labelled conversations of a folder; `reviews`: "
            "on what people decided in the record.",
        ),
    ] = None,
    card: Annotated[
        str | None,
        typer.Option("--card", metavar="CARD", help="With --evaluate: the card that gives points."),
    ] = None,
    promising: Annotated[
        float,
        typer.Option(
            "--promising", metavar="POINTS", help="With --evaluate: from when a lead is promising."
        ),
    ] = PROMISING,
    json: Json = False,
) -> None:
    """Read conversations: what the buyer's side says to the questions of a frame.

    Every answer has a status (stated, there is none, contradicted, not discussed), a confidence,
    and quotes that are in the conversation letter by letter.

    \b
    leadwise qualify call.vtt --held 2026-03-04 --seller "Bob Stone"
    leadwise qualify thread.eml --frame meddic --json
    leadwise qualify call.txt --held 2026-03-04 --lead ana@acme.example --data leadwise-data
    leadwise qualify --evaluate labelled/
    leadwise qualify --evaluate reviews --data leadwise-data
    """  # fmt: skip
    if evaluate is not None:
        from leadwise.cli.qualify_evaluation import show_evaluation
        from leadwise.cli.qualify_labelled import labelled_of

        if files or lead is not None:
            raise UserError("usage", "--evaluate takes neither other files nor --lead.",
                            hint=f"leadwise qualify --evaluate {evaluate}")  # fmt: skip
        asked, labelled = labelled_of(evaluate, frame, data)
        show_evaluation(labelled, asked, chosen_reader(reader), card, promising, json=json)
        return
    if card is not None or promising != PROMISING:
        raise UserError("usage", "--card and --promising go with --evaluate.",
                        hint="leadwise qualify --evaluate labelled/ --card card.yaml")  # fmt: skip
    if data is not None and lead is None:
        raise UserError("usage", "--data says where to record, but not with which lead.",
                        hint="Name it with --lead, or leave --data out.")  # fmt: skip
    chosen = chosen_frame(frame)
    if not files:
        raise UserError("usage", "There is no file to read.", hint="leadwise qualify call.vtt")
    from leadwise.qualify.reading import read

    said = Said(held, seller or (), buyer or (), product, language)
    opened = conversations(files, said, thread=thread)
    if lead is not None:
        from leadwise.cli.qualify_record import record

        if len(opened) > 1:
            raise UserError("usage", "Only one conversation can be recorded at a time.",
                            hint="Call the command for each, or --thread for mails.")  # fmt: skip
        found = [(*opened[0], record(*opened[0], chosen, chosen_reader(reader), lead, data))]
    else:
        works = chosen_reader(reader)
        with waiting("Reading"):
            found = [(name, one, read(one.conversation, chosen, works)) for name, one in opened]
    if json:
        from leadwise.cli.qualify_words import qualified_document

        rows = [qualified_document(name, one, chosen, reading) for name, one, reading in found]
        print_json(
            {"frame": {"name": chosen.name, "version": chosen.version}, "conversations": rows}
        )
        return
    from leadwise.cli.qualify_table import show_all

    show_all(found, chosen)
    if lead is not None:
        count = sum(one.status != "not_discussed" for one in found[0][2].answers)
        say(f"Recorded with {lead}: {counted(count, 'answer')}.")
