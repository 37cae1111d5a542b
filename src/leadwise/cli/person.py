"""`leadwise person`: what somebody may ask for who is in the record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadwise.cli.screen import note
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    actor,
    jobs_place,
    mirror_folder,
    now_us,
    opened_store,
    settings_of,
    tell,
)
from leadwise.cli.words import counted
from leadwise.errors import UserError

if TYPE_CHECKING:
    from leadwise.settings import Settings
    from leadwise.store.opening import Store

ACTIONS = ("export", "erase", "object", "withdraw")


def person(
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help="export, erase, object or withdraw.")
    ],
    who: Annotated[
        str,
        typer.Argument(
            metavar="WHO", help="The lead's number, an e-mail address, user:ID or crm:ID."
        ),
    ],
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="Write the export there.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking again.")] = False,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
) -> None:
    """Do what a person asks for: a copy of everything, erasure, no scores (and scores again).

    Erasure reaches the record, the jobs and the columnar mirror. Backups keep the person until
    they are thrown away. The audit trail keeps that it was done, and not for whom.

    \b
    leadwise person export ann@acme.example --out ann.json
    leadwise person erase ann@acme.example
    leadwise person object crm:4711
    """
    if action not in ACTIONS:
        raise UserError("usage", f"person cannot {action}.", hint=", ".join(ACTIONS))
    from leadwise.store.privacy import object_to_scoring, withdraw_objection

    settings = settings_of(data, database, config)
    with opened_store(settings) as store:
        with store.read() as connection:
            lead_id = lead_of(connection, who)
        if action == "export":
            _export(store, lead_id, out)
        elif action == "erase":
            _erase(settings, store, lead_id, yes=yes)
        elif action == "object":
            store.write(lambda c: object_to_scoring(c, lead_id, now_us(), actor()), alone=True)
            tell(f"Lead {lead_id} is not scored any more, and has no scores.")
        else:
            store.write(lambda c: withdraw_objection(c, lead_id, now_us(), actor()), alone=True)
            tell(f"Lead {lead_id} is scored again, as soon as the service runs.")


def lead_of(connection: Any, who: str) -> int:
    """The lead that is meant: by its number, an e-mail address, `user:ID` or `crm:ID`."""
    from leadwise.ingest.emails import normalised_email
    from leadwise.store.person import KINDS, find_person, lead_called

    if who.isdecimal():
        return find_person(connection, int(who)).lead_id
    kind, colon, value = who.partition(":")
    if not colon or kind not in KINDS:
        kind, value = "email", normalised_email(who) or who
    return lead_called(connection, kind, value)


def _export(store: Store, lead_id: int, out: str | None) -> None:
    from leadwise.cli.files import require_writable
    from leadwise.store.embedded import private
    from leadwise.store.export import export_person, text_of_export

    require_writable(out)
    text = text_of_export(
        store.write(lambda c: export_person(c, lead_id, now_us(), actor()), alone=True)
    )
    if out is None or out == "-":
        typer.echo(text, nl=False)
        return
    path = Path(out)
    path.touch(mode=0o600)
    private(path)
    path.write_text(text, encoding="utf-8")
    note([f"{out} holds everything that is known of lead {lead_id}: keep it safe."])


def _erase(settings: Settings, store: Store, lead_id: int, *, yes: bool) -> None:
    from leadwise.connect.mail.attachments import sweep
    from leadwise.jobs.forgetting import forget_names
    from leadwise.store.attachments import FOLDER
    from leadwise.store.mirror import update
    from leadwise.store.privacy import erase_person

    if not yes:
        typer.confirm(f"Erase lead {lead_id} for ever?", abort=True, err=True)
    erased = store.write(lambda c: erase_person(c, lead_id, now_us(), actor()), alone=True)
    store.empty_log()
    sweep(store, settings.data / FOLDER)
    if not settings.embedded or (settings.data / "jobs.db").is_file():
        # Ids are in jobs by design, and may be any text: only addresses are looked for.
        forget_names(str(jobs_place(settings)), list(erased.names))
    folder = mirror_folder(settings)
    if folder.is_dir():
        update(store, folder, now_us(), lambda *_: None)
    leads = counted(len(erased.lead_ids), "lead")
    tell(f"Erased: {leads}, {counted(erased.events, 'event')}, {erased.refused:,} refused.")
    note(["Backups that were made before still hold the person."])
