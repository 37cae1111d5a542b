"""`leadwise playbook why`: why a playbook did nothing for a lead."""

from __future__ import annotations

from typing import Annotated

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import grid, print_json, show
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    now_us,
    opened_store,
    settings_of,
    tell,
)
from leadwise.cli.words import time

SIGNS = {True: "no", False: ""}


def why(
    playbook: Annotated[str, typer.Argument(metavar="PLAYBOOK", help="The playbook's id.")],
    lead: Annotated[
        str,
        typer.Option(
            "--lead", metavar="WHO", help="A lead's number, an address, user:ID or crm:ID."
        ),
    ],
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Say why a playbook did nothing for a lead: what became of each of its starts, why the lead
    was left out, and what would speak against a start now.

    \b
    leadwise playbook why call-back --lead ann@acme.example
    """
    from leadwise.cli.person import lead_of
    from leadwise.playbooks.triggers.why import why_not

    settings = settings_of(data, database, config)
    with opened_store(settings) as store, store.read() as connection:
        found = why_not(connection, settings, playbook, lead_of(connection, lead), now_us())
    if json:
        print_json({
            "playbook": found.playbook, "version": found.number, "lead": found.lead_id,
            "found": [
                {"what": one.what, "text": one.text, "against": one.against, "at": time(one.at_us)}
                for one in found.found
            ],
        })  # fmt: skip
        return
    tell(f"{found.playbook}, version {found.number}, and lead {found.lead_id}:")
    table = grid()
    for column in ("", "at", ""):
        table.add_column(column)
    for one in found.found:
        table.add_row(SIGNS[one.against], time(one.at_us) or "", one.text)
    show(table)
    if not any(one.against for one in found.found):
        tell("Nothing that is known here speaks against a start.")
