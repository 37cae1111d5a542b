"""`leadwise history`: what is true now about then."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Any

import typer
from rich.text import Text

from leadwise.asking.history import history as history_of
from leadwise.asking.history import instants
from leadwise.asking.instants import microseconds, now_us
from leadwise.asking.summary import points_table
from leadwise.card import Card
from leadwise.cli import options
from leadwise.cli.cards import at_most_one_stdin, card_document, load_card
from leadwise.cli.durations import span
from leadwise.cli.files import require_output, write_rows
from leadwise.cli.population import Data, asking, chosen_leads, columns_of, moment, opened
from leadwise.cli.screen import bar, grid, plain, print_json, say, show, sparkline
from leadwise.cli.words import band_label, counted, points, points_number, time
from leadwise.plan.lines import total_name

DETAILED, LISTED = 1, 30  # leads shown instant by instant, leads shown at all


def history(
    card: options.CardFile,
    leads: options.Leads,
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="The first instant.")],
    lead: options.LeadIds = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="The last. Now if not given.")
    ] = None,
    every: Annotated[
        str, typer.Option("--every", metavar="DURATION", help="The step: '12 hours', '1 week'.")
    ] = "1 week",
    events: options.Events = None,
    known_by: Annotated[
        str | None,
        typer.Option("--known-by", metavar="TIME", help="Use only what had reached us by then."),
    ] = None,
    column: options.Columns = None,
    engine: options.EngineName = "duckdb",
    out: options.Out = None,
    format: options.Format = None,  # noqa: A002 - the name of the option
    json: options.Json = False,
) -> None:
    """Show how scores moved: the card asked of leads at many instants.

    It says what is true now about then: events that were reported late count from when they
    happened. Files have the columns lead_id, as_of, score, band, grade, one for each dimension.

    \b
    leadwise history card.yaml --leads leads.csv --events events.csv --lead 42 \\
      --from 2026-01-01 --to 2026-06-30 --every '1 week'
    """
    require_output(out, format, json=json)
    at_most_one_stdin(card=card, leads=leads, events=events)
    chosen = load_card(card)
    at = instants(
        microseconds(start, "--from"), moment(end, option="--to").as_of_us, span(every, "--every")
    )
    known = now_us() if known_by is None else microseconds(known_by, "--known-by")
    with opened(chosen, Data(leads, events, columns_of(column), engine)) as of:
        wanted = chosen_leads(of, lead)
        with asking(of, f"Asking at {counted(len(at), 'instant')}"):
            ledgers = history_of(of, wanted, at, known_by_us=known)
        if out is not None:
            write_rows(points_table(chosen, ledgers), out, format)
        rows = ledgers.to_pylist() if json or out is None else []
        if json:
            print_json({"card": card_document(chosen), "leads": _document(chosen, rows)})
        elif out is None:
            _show(chosen, rows)


def _by_lead(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(lead, list(own)) for lead, own in groupby(rows, lambda row: row["lead_id"])]


def _show(card: Card, rows: list[dict[str, Any]]) -> None:
    leads = _by_lead(rows)
    say(f"{card.id}, version {card.version} · {counted(len(leads), 'lead')}")
    if not rows:
        return
    first, last = rows[0]["as_of_us"], rows[-1]["as_of_us"]
    say(f"{time(first)} to {time(last)}", "dim")
    say()
    if len(leads) <= DETAILED:
        _show_one(card, *leads[0])
    else:
        _show_several(card, leads[:LISTED])
        if len(leads) > LISTED:
            say(
                f"{counted(len(leads) - LISTED, 'more lead')}; "
                "--lead ID picks, --out FILE writes all.",
                "dim",
            )


def _show_one(card: Card, lead: str, rows: list[dict[str, Any]]) -> None:
    table = grid()
    table.add_column(Text(plain(lead), "bold"), no_wrap=True, style="dim")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    table.add_column("band", overflow="fold")
    if card.grade:
        table.add_column("grade", no_wrap=True)
    highest = max(row["score"] for row in rows)
    before: str | None = None
    for row in rows:
        band = band_label(card, row["band"]) if row["band"] else ""
        style = "" if row["band"] == before else "bold"
        before = row["band"]
        drawn = bar(row["score"] / highest, 30) if highest > 0 else ""
        cells: list[str | Text] = [
            time(row["as_of_us"]) or "",
            points(row["score"]),
            drawn,
            Text(plain(band), style),
        ]
        if card.grade:
            cells.append(plain(row["grade"]))
        table.add_row(*cells)
    show(table)


def _show_several(card: Card, leads: list[tuple[str, list[dict[str, Any]]]]) -> None:
    table = grid()
    table.add_column("lead", overflow="fold", style="bold", max_width=32)
    table.add_column("first", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    table.add_column("last", justify="right", no_wrap=True)
    table.add_column("band", overflow="fold")
    every = [row["score"] for _, rows in leads for row in rows]
    for lead, rows in leads:
        line = sparkline([row["score"] for row in rows], min(every), max(every), 40)
        bands = [band for band, _ in groupby(band_label(card, row["band"]) for row in rows)]
        path = " → ".join(bands if len(bands) <= 4 else [bands[0], "…", *bands[-2:]])
        ends = points(rows[0]["score"]), points(rows[-1]["score"])
        table.add_row(plain(lead), ends[0], line, ends[1], plain(path) if card.bands else "")
    show(table)


def _document(card: Card, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "lead_id": lead,
            "scores": [
                {
                    "as_of": time(row["as_of_us"]),
                    "score": points_number(row["score"]),
                    "band": row["band"],
                    "grade": row["grade"],
                    "dimensions": {
                        d.id: points_number(row[total_name(d.id)]) for d in card.dimensions
                    },
                }
                for row in own
            ],
        }
        for lead, own in _by_lead(rows)
    ]
