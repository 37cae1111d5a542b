"""Arguments and options that several commands share, each declared once."""

from __future__ import annotations

from typing import Annotated

import typer

DATA, MOMENT, OUTPUT = "Leads and events", "Moment", "Output"

CardFile = Annotated[
    str, typer.Argument(metavar="CARD", help="The card's file (YAML or JSON; - is standard input).")
]
CardFiles = Annotated[
    list[str], typer.Argument(metavar="CARD...", help="Files of cards; - is standard input.")
]
OldCard = Annotated[str, typer.Argument(metavar="OLD", help="The card as it was.")]
NewCard = Annotated[str, typer.Argument(metavar="NEW", help="The card as it might be.")]

Leads = Annotated[
    str,
    typer.Option(
        "--leads", metavar="FILE", help="Leads: CSV, JSON Lines or Parquet, - is standard input."
    ),
]
Events = Annotated[
    str | None, typer.Option("--events", metavar="FILE", help="What the leads did, likewise.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="NAME=COLUMN",
        help="Which column of the file is meant by a name, as often as needed. "
        "lead_id=#row numbers the rows.",
    ),
]
Outcomes = Annotated[
    str,
    typer.Option(
        "--outcomes",
        metavar="FILE",
        help="What became of leads: lead_id, outcome and, where it is known, decided_at.",
    ),
]
Won = Annotated[
    list[str] | None,
    typer.Option(
        "--won",
        metavar="VALUE",
        help="An outcome that is a conversion, as often as needed. "
        "yes, true, 1, won and converted if not given.",
    ),
]
EngineName = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="duckdb, sqlite, postgresql://USER@HOST/DATABASE or spark.",
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse choices that are not in their lists.")
]
LeadIds = Annotated[
    list[str] | None,
    typer.Option("--lead", metavar="ID", help="Only this lead; as often as needed."),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        help="The instant to score at: 2026-06-30 or 2026-06-30T12:00:00+02:00. Now if not given.",
    ),
]
KnownBy = Annotated[
    str | None,
    typer.Option(
        "--known-by",
        metavar="TIME",
        help="Use only what had reached us by then. The same as --as-of if not given.",
    ),
]
Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write the rows there: .csv, .parquet or .jsonl; - is standard output.",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORMAT", help="csv, parquet or jsonl, where --out does not say it."
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, for programs.")
]
