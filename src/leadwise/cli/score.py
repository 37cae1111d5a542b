"""`leadwise score`: every lead's score, best first."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from leadwise.asking.population import Population
from leadwise.asking.summary import summarise
from leadwise.asking.tallies import scored_rows, tally
from leadwise.cli import options
from leadwise.cli.cards import at_most_one_stdin, load_card
from leadwise.cli.files import require_output, write_rows
from leadwise.cli.histogram import show_tally
from leadwise.cli.population import Data, asking, columns_of, moment, opened
from leadwise.cli.score_json import write_document
from leadwise.cli.score_table import show_top
from leadwise.cli.screen import say
from leadwise.cli.words import counted, time
from leadwise.errors import UserError
from leadwise.plan import At

SHOWN = 10


def score(
    card: options.CardFile,
    leads: options.Leads,
    events: options.Events = None,
    as_of: options.AsOf = None,
    known_by: options.KnownBy = None,
    column: options.Columns = None,
    strict: options.Strict = False,
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            min=1,
            metavar="N",
            help=f"Only the best N leads. The table shows {SHOWN} if not given, files hold all.",
        ),
    ] = None,
    out: options.Out = None,
    format: options.Format = None,  # noqa: A002 - the name of the option
    ledger: Annotated[
        bool, typer.Option("--ledger", help="Write every line of the ledger (with --out).")
    ] = False,
    engine: options.EngineName = "duckdb",
    json: options.Json = False,
) -> None:
    """Score leads, best first, with reasons that add up to the score.

    Files have the columns lead_id, as_of, score, band, grade, one for each dimension, reasons,
    unknown. Without --out the best leads are shown, and how many leads there are in each band.

    \b
    leadwise score card.yaml --leads leads.csv --events events.csv
    leadwise score card.yaml --leads leads.csv --as-of 2026-06-30 --out scores.parquet
    leadwise score card.yaml --leads - --out - < leads.csv | head
    """
    at_most_one_stdin(card=card, leads=leads, events=events)
    require_output(out, format, json=json)
    if ledger and out is None and not json:
        raise UserError(
            "usage",
            "--ledger is for --out: it has too many columns for a terminal.",
            hint="--ledger --out ledger.csv; `leadwise explain` shows the ledger of one lead",
        )
    chosen = load_card(card)
    at = moment(as_of, known_by)
    data = Data(leads, events, columns_of(column), engine, strict)
    with opened(chosen, data) as of:
        with asking(of, "Scoring"):
            summarise(of, at)
        if out is not None:
            with asking(of, "Writing"):
                write_rows(scored_rows(of, ledger=ledger, top=top), out, format)
        if json:
            write_document(sys.stdout, of, at, top=top, rows=out is None, ledger=ledger)
        elif out is None:
            _show_all(of, at, top or SHOWN)
        elif out != "-":
            show_tally(of.card, tally(of))


def _show_all(of: Population, at: At, top: int) -> None:
    number = of.read.notes.leads
    card = of.card
    say(
        f"{card.id}, version {card.version} · {counted(number, 'lead')} · as of {time(at.as_of_us)}"
    )
    if not number:
        say("\nThere is nobody to score: the leads have no rows.")
        return
    say()
    show_top(of, top)
    if number > top:
        say(f"{number - top:,} more; --top N shows more of them, --out FILE writes all.", "dim")
    show_tally(of.card, tally(of))
