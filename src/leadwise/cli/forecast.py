"""`leadwise forecast`: when bands change by themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from leadwise.asking.forecast import BandChange, end_of
from leadwise.asking.forecast import forecast as forecast_of
from leadwise.asking.summary import changes_table
from leadwise.card import Card
from leadwise.cli import options
from leadwise.cli.cards import at_most_one_stdin, card_document, load_card
from leadwise.cli.durations import span
from leadwise.cli.files import require_output, write_rows
from leadwise.cli.population import Data, asking, chosen_leads, columns_of, moment, opened
from leadwise.cli.screen import grid, plain, print_json, say, show
from leadwise.cli.words import band_label, counted, elapsed, points, points_number, time

LISTED = 40


def forecast(
    card: options.CardFile,
    leads: options.Leads,
    lead: options.LeadIds = None,
    events: options.Events = None,
    as_of: options.AsOf = None,
    horizon: Annotated[
        str, typer.Option("--horizon", metavar="DURATION", help="How far to look ahead.")
    ] = "365 days",
    column: options.Columns = None,
    engine: options.EngineName = "duckdb",
    out: options.Out = None,
    format: options.Format = None,  # noqa: A002 - the name of the option
    json: options.Json = False,
) -> None:
    """Show every second at which a band changes with no new event.

    Points that age, windows that are left and silence move leads though nothing happens. Files have
    the columns lead_id, change_at, from_band, to_band, score. Without --lead all leads are looked
    at.

    \b
    leadwise forecast card.yaml --leads leads.csv --events events.csv --horizon '90 days'
    """
    require_output(out, format, json=json)
    at_most_one_stdin(card=card, leads=leads, events=events)
    chosen, at, ahead = load_card(card), moment(as_of), span(horizon, "--horizon")
    with opened(chosen, Data(leads, events, columns_of(column), engine)) as of:
        wanted = chosen_leads(of, lead)
        with asking(of, "Looking ahead"):
            changes = forecast_of(of, wanted, at.as_of_us, horizon_us=ahead)
        if out is not None:
            write_rows(changes_table(changes), out, format)
        if json:
            print_json(
                {
                    "card": card_document(chosen),
                    "as_of": time(at.as_of_us),
                    "until": time(end_of(at.as_of_us, ahead)),
                    "changes": [_document(change) for change in changes],
                }
            )
        elif out is None:
            say(f"{chosen.id}, version {chosen.version} · {counted(len(wanted), 'lead')}")
            say(f"{time(at.as_of_us)} to {time(end_of(at.as_of_us, ahead))}, nothing new", "dim")
            say()
            _show(chosen, changes, at.as_of_us)


def _show(card: Card, changes: list[BandChange], start_us: int) -> None:
    if not changes:
        say("No band changes." if card.bands else "The card has no bands.")
        return
    table = grid()
    table.add_column("lead", overflow="fold", style="bold", max_width=32)
    table.add_column("when", no_wrap=True)
    table.add_column("in", style="dim")
    table.add_column("from", overflow="fold")
    table.add_column("to", overflow="fold")
    table.add_column("score", justify="right", no_wrap=True)
    for change in sorted(changes, key=lambda change: change.at_us)[:LISTED]:
        table.add_row(
            plain(change.lead_id),
            time(change.at_us),
            elapsed(change.at_us - start_us),
            plain(band_label(card, change.from_band)),
            plain(band_label(card, change.to_band)),
            points(change.score),
        )
    show(table)
    if len(changes) > LISTED:
        say(f"{counted(len(changes) - LISTED, 'more change')}; --out FILE writes all.", "dim")


def _document(change: BandChange) -> dict[str, object]:
    return {
        "lead_id": change.lead_id,
        "at": time(change.at_us),
        "from_band": change.from_band,
        "to_band": change.to_band,
        "score": points_number(change.score),
    }
