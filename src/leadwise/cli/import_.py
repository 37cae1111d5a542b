"""`leadwise import`: files of leads and events into the record."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from leadwise.cli.cards import at_most_one_stdin
from leadwise.cli.failures import NO
from leadwise.cli.options import Columns, Json
from leadwise.cli.screen import print_json
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    actor,
    now_us,
    opened_store,
    progressing,
    settings_of,
    tell,
)
from leadwise.cli.words import counted
from leadwise.errors import UserError

if TYPE_CHECKING:
    from leadwise.engines.entry.files import InputFile
    from leadwise.ingest.file_messages import Reading
    from leadwise.ingest.files import Imported
    from leadwise.ingest.gate.rules import GateRules
    from leadwise.store.opening import Store


def import_(
    leads: Annotated[
        str | None,
        typer.Option("--leads", metavar="FILE", help="Leads: CSV, JSON Lines or Parquet."),
    ] = None,
    events: Annotated[
        str | None, typer.Option("--events", metavar="FILE", help="What they did, likewise.")
    ] = None,
    identity: Annotated[
        str,
        typer.Option(
            "--identity", metavar="KIND", help="What lead_id is: crm, email, user or anonymous."
        ),
    ] = "crm",
    source: Annotated[
        str,
        typer.Option("--source", metavar="NAME", help="Where the rows come from, for the record."),
    ] = "import",
    column: Columns = None,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Record the rows of files, each once: the same file again adds nothing.

    Rows that cannot be recorded are kept with the reason and do not take the good ones with them;
    the exit code is 1 if there were any. The service may run meanwhile, and scores the leads; else
    it does when it starts.

    \b
    leadwise import --leads leads.csv --events events.csv
    leadwise import --leads crm.parquet --column lead_id=ContactId --source crm
    """
    if leads is None and events is None:
        raise UserError("usage", "There is nothing to import.", hint="--leads FILE, --events FILE")
    at_most_one_stdin(leads=leads, events=events)
    # Imported here: reading files takes half a second to import, which `--help` does not need.
    from leadwise.cli.population import columns_of
    from leadwise.engines.entry.files import input_file
    from leadwise.ingest.files import reading_of
    from leadwise.ingest.gate.rules import recording_rules

    settings = settings_of(data, database, config)
    columns = columns_of(column)
    done: dict[str, Imported] = {}
    with opened_store(settings) as store, ExitStack() as kept:
        opened: dict[str, InputFile] = {}
        for of, file in (("leads", leads), ("events", events)):
            if file is not None:  # all of them before any is recorded
                opened[of] = input_file(file)
                kept.callback(opened[of].remove)
        for of, file_ in opened.items():
            at_us = now_us()
            reading = reading_of(
                of, now_us=at_us, import_id=f"cli:{at_us}:{of}", source=source, identity=identity,
                columns=columns,
            )  # fmt: skip
            done[of] = _import(store, recording_rules(settings), file_, reading)
            if not json:
                tell(f"{file_.label}: {_said(of, done[of])}")
    if json:
        print_json({of: asdict(imported) for of, imported in done.items()})
    raise typer.Exit(NO if any(imported.refused for imported in done.values()) else 0)


def _import(store: Store, rules: GateRules, file: InputFile, reading: Reading) -> Imported:
    from leadwise.ingest.files import import_rows
    from leadwise.store.audit import audit

    with progressing(f"Importing {reading.of}") as told:

        def tell(so_far: Imported, total: int) -> None:
            told(so_far.rows, total)

        done = import_rows(store, rules, file, reading, tell)
    said = f"{done.recorded} {reading.of}"
    store.write(lambda c: audit(c, actor(), "import", "file", None, said, reading.now_us))
    return done


def _said(of: str, done: Imported) -> str:
    parts = [f"{counted(done.rows, 'row')}", f"{done.recorded:,} recorded"]
    if done.known:
        parts.append(f"{done.known:,} recorded before")
    if done.unchanged:
        parts.append(f"{done.unchanged:,} of {of} that say nothing new")
    if done.refused:
        parts.append(f"{done.refused:,} refused, kept with the reason")
    return ", ".join(parts)
