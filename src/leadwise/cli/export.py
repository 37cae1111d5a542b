"""`leadwise export`: a band as an audience of an ad network, or as a dialler's list."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, cast

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import print_json
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    actor,
    now_us,
    opened_store,
    settings_of,
    tell,
)
from leadwise.errors import UserError

WHAT = ("audience", "dialler")


def export(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="audience or dialler.")],
    band: Annotated[
        list[str], typer.Option("--band", metavar="BAND", help="Whom: once for each band.")
    ],
    format_: Annotated[
        str,
        typer.Option("--format", metavar="FORM", help="google, meta, linkedin (hashed) or plain."),
    ] = "google",
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="Where to; - is standard output.")
    ] = "-",
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="CONNECTION", help="A folder on disk or S3; --out is in it."),
    ] = None,
    json: Json = False,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
) -> None:
    """Write the leads of a band to a file: an audience to advertise to, or a list to call.

    Who objected, was erased or unsubscribed is left out. Where the file is there already, what came
    and went is written beside it: hot.added.csv and hot.removed.csv.

    \b
    leadwise export audience --band hot --format meta --out hot.csv
    leadwise export dialler --band hot --out calls.csv
    leadwise export audience --band hot --to lake --out audiences/hot.csv
    """
    # These take a while to load.
    from leadwise.connect.audience.export import Exported, What, export_to
    from leadwise.connect.audience.export import export as exported
    from leadwise.connect.files.client import DiskFolder
    from leadwise.connect.model import Folder
    from leadwise.connect.opening import opener
    from leadwise.playbooks.conditions.lead_zone import zone_of, zone_rules

    if what not in WHAT:
        raise UserError("usage", f"There is no export of '{what}'.", hint=", ".join(WHAT))
    settings = settings_of(data, database, config)
    kind, at_us = cast("What", what), now_us()
    rules = zone_rules(settings.playbooks)
    with opened_store(settings) as store:
        made: Exported
        if out == "-" and to is None:
            made = exported(
                store, kind, band, format_, lambda facts: zone_of(facts, rules, at_us),
                now_us=at_us, actor=actor(),
            )  # fmt: skip
            sys.stdout.buffer.write(made.content)
            sys.stdout.buffer.flush()
            return
        folder: Folder
        path = Path(out)
        if to is not None:
            folder, name = opener(store, os.environ)(to), out
            if not isinstance(folder, Folder):
                raise UserError(
                    "cannot-do", f"The connection {to} cannot keep files.",
                    hint="Name one of files on disk or S3.",
                )  # fmt: skip
        else:
            folder, name = DiskFolder(path.resolve().parent), path.name
        made = export_to(
            store, folder, name, kind, band, format_,
            lambda facts: zone_of(facts, rules, at_us), now_us=at_us, actor=actor(),
        )  # fmt: skip
    if json:
        print_json({"rows": made.rows, "added": made.came, "removed": made.went, "file": out})
        return
    first = made.added is None
    more = "" if first else f", {made.came:,} came and {made.went:,} went since the last time"
    tell(f"{made.rows:,} rows in {out}{more}.")
