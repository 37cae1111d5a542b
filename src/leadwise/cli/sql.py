"""`leadwise sql`: the query of a card, to be read and run elsewhere."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from leadwise.asking.instants import written
from leadwise.card import Card, content_hash
from leadwise.cli import options
from leadwise.cli.cards import load_card
from leadwise.cli.population import moment
from leadwise.errors import UserError
from leadwise.plan import (
    DIALECTS,
    RENDERED,
    Asked,
    Each,
    compile_evidence,
    compile_ledger,
    readable,
)

NAMES = {
    "duckdb": "DuckDB",
    "sqlite": "SQLite",
    "postgres": "PostgreSQL",
    "spark": "Apache Spark",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
    "databricks": "Databricks",
}


def sql(
    card: options.CardFile,
    engine: Annotated[
        str, typer.Option("--engine", metavar="NAME", help=f"One of {', '.join(DIALECTS)}.")
    ] = "duckdb",
    as_of: options.AsOf = None,
    known_by: options.KnownBy = None,
    moments: Annotated[
        bool,
        typer.Option(
            "--moments", help="Ask of each row of a table `moments` instead of one instant."
        ),
    ] = False,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="The second query: what stands behind the ledger.")
    ] = False,
    stable: Annotated[
        bool, typer.Option("--stable", help="Also until when a band cannot change by itself.")
    ] = False,
) -> None:
    """Print the card's query, step by step, for an engine.

    It is the very query that score, explain and history ask, laid out for reading: one named step
    after the other, each with a line that says what it does.

    \b
    leadwise sql card.yaml --engine postgres --as-of 2026-06-30
    leadwise sql card.yaml --engine snowflake --moments > ledger.sql
    """
    name = {"postgresql": "postgres"}.get(engine, engine)
    if name not in DIALECTS:
        raise UserError(
            "engine-unknown",
            f"There is no SQL for an engine called '{engine}'.",
            hint=f"Use one of {', '.join(DIALECTS)}.",
        )
    if moments and (as_of or known_by):
        raise UserError(
            "usage", "--moments says itself which instants: leave --as-of and --known-by."
        )
    if evidence and stable:
        raise UserError("usage", "--stable is for the ledger, not for its evidence.")
    chosen = load_card(card)
    asked: Asked = Each() if moments else moment(as_of, known_by)
    tree = (
        compile_evidence(chosen, asked)
        if evidence
        else compile_ledger(chosen, asked, stable=stable)
    )
    head = _head(chosen, name, asked, evidence=evidence)
    sys.stdout.write(head + readable(tree, name) + ";\n")


def _head(card: Card, engine: str, asked: Asked, *, evidence: bool) -> str:
    what = "the evidence behind the ledger" if evidence else "the ledger"
    named = f"{card.id}, version {card.version} ({content_hash(card)[:12]})"
    said = [f"{named}: {what}, for {NAMES[engine]}."]
    if engine in RENDERED:
        said.append(
            f"Leadwise writes this query for {NAMES[engine]} and checks its grammar, "
            "but does not run it there."
        )
    if isinstance(asked, Each):
        said.append("Asked of every row of moments(_moment, lead_id, as_of_us, known_by_us).")
    else:
        until = (
            ""
            if asked.known_by_us == asked.as_of_us
            else f", known by {written(asked.known_by_us)}"
        )
        said.append(f"Asked of every lead as of {written(asked.as_of_us)}{until}.")
    said += _tables(card)
    said.append("Times are microseconds since 1970 UTC, points are hundredths.")
    return "".join(f"-- {line}\n" for line in said) + "\n"


def _tables(card: Card) -> list[str]:
    fields = "".join(f", {field.name}" for field in card.fields)
    found = [f"Reads leads(lead_id), facts(lead_id, from_us, until_us{fields})"]
    properties = dict.fromkeys(p.name for event in card.events for p in event.properties)
    if card.events:
        names = "".join(f", {name}" for name in properties)
        found.append(f"and events(lead_id, event, at_us, received_us{names}).")
    else:
        found[0] += "."
    return found
