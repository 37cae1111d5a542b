"""What outer steps share: whose run it is, the connection that a step names, earlier files.

A file is handed from step to step as a reference, `file:CONNECTION/NAME`; one that came with a mail
as `mail:HASH/NAME`. Texts come from anybody,
so a text is taken for a reference only where the playbook's author asked for one (`.ref` stands in
the template), and what started the run or an earlier step gave that very reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import select

from leadwise.asking.instants import moment_of
from leadwise.connect.files.map import text_in
from leadwise.connect.mail.asked import REF
from leadwise.connect.mail.attachments import read_file
from leadwise.connect.model import JSON, Folder
from leadwise.errors import UserError
from leadwise.playbooks.runs.acting import Here, House
from leadwise.qualify.readers import reader_named
from leadwise.qualify.reading import Reader
from leadwise.store.attachments import FOLDER, attachment_of_event
from leadwise.store.identities import Name, names_of
from leadwise.store.schema import lead

_REF = re.compile(r"\bref(?:_[0-9])?\b")
_FILE = "file:"


@dataclass(frozen=True, slots=True)
class File:
    """A file of an earlier step."""

    name: str
    content: bytes


def lead_of(here: Here) -> int:
    """The lead of the run. UserError `no-lead` where it is of a message that is no lead's."""
    if here.run.lead_id is None:
        raise UserError(
            "no-lead", f"The step {here.step.id} needs a lead, and this run has none.",
            hint="Runs that a message started have no lead: use other steps there.",
        )  # fmt: skip
    return here.run.lead_id


def names(database: Database, lead_id: int) -> tuple[Name, ...]:
    """All identities of a lead, the ones that say who it is first."""
    order = {"email": 0, "crm": 1, "user": 2, "anonymous": 3}
    found = [(kind, value) for _, kind, value in names_of(database, lead_id)]
    return tuple(sorted(found, key=lambda name: (order.get(name[0], 9), name[1])))


def own_lead(database: Database, lead_id: int) -> int:
    """The lead that it is part of now: itself, unless it was merged."""
    for _ in range(20):
        into = database.execute(select(lead.c.merged_into).where(lead.c.id == lead_id)).scalar()
        if into is None:
            return lead_id
        lead_id = into
    return lead_id


def opened(house: House, here: Here, setting: str, does: Any, what: str) -> Any:
    """What talks to the connection that a setting names, by a Protocol. UserError `cannot-do` where
    it cannot do what the step needs."""
    name = here.words(setting)
    found = house.open(name)
    if not isinstance(found, does):
        raise UserError(
            "cannot-do", f"The connection {name} cannot {what}.",
            hint="Name another one: each connector's page says what it can do.",
        )  # fmt: skip
    return found


def values_of(here: Here, setting: str = "values") -> dict[str, JSON]:
    """A setting of names and templates, filled in; what comes to nothing is left out."""
    given = here.step.settings.get(setting)
    if not isinstance(given, Mapping):
        return {}
    filled = {str(name): here.text(str(value)) for name, value in given.items()}
    return {name: value for name, value in filled.items() if value != ""}


def text_of(house: House, here: Here, setting: str = "text") -> str:
    """A setting's text, or that of the file it refers to."""
    found = file_of(house, here, setting)
    return here.words(setting) if found is None else text_in(found.content, found.name)


def file_of(house: House, here: Here, setting: str = "text") -> File | None:
    """The file that a setting refers to; None where it is a text."""
    template, text = str(here.step.settings.get(setting) or ""), here.words(setting).strip()
    if not _REF.search(template):
        return None
    if text.startswith(REF):
        return _attached(house, here, text)
    if not text.startswith(_FILE):
        return None
    if text not in set(_references(here.run.doc)):
        return None
    connection, _, name = text.removeprefix(_FILE).partition("/")
    folder = house.open(connection)
    if not isinstance(folder, Folder):
        raise UserError(
            "cannot-do", f"The connection {connection} cannot read files.",
            hint="Only files on disk or S3 are read again.",
        )  # fmt: skip
    return File(name, folder.read(name))


def _attached(house: House, here: Here, text: str) -> File | None:
    """The file of a mail that the text refers to, if it came with the mail that started the run:
    the record says what did."""
    digest = text.removeprefix(REF).partition("/")[0]
    said = here.run.doc.get("message")
    event_id = said.get("id") if isinstance(said, Mapping) else None
    if not isinstance(event_id, int):
        return None
    with house.store.read() as database:
        kept = attachment_of_event(database, event_id, digest)
    if kept is None:
        return None
    content = read_file(house.settings.data / FOLDER, kept.digest, kept.name)
    return File(kept.name, content)


def _references(doc: Mapping[str, Any]) -> Iterator[str]:
    """The references that this run was given: by a connection of its own files, or by a step."""
    for part in ("event", "message"):
        said = doc.get(part)
        if not isinstance(said, Mapping):
            continue
        ref = said.get("ref")
        # Events may say anything; one of a folder speaks of that folder's files.
        if isinstance(ref, str) and ref.startswith(f"{_FILE}{said.get('source')}/"):
            yield ref
    steps = doc.get("step")
    for result in steps.values() if isinstance(steps, Mapping) else ():
        if isinstance(result, Mapping) and isinstance(result.get("ref"), str):
            yield result["ref"]


def choices(here: Here, setting: str) -> dict[str, str]:
    """A setting of names and what they mean."""
    given = here.step.settings.get(setting)
    if not isinstance(given, Mapping):
        return {}
    return {str(name): str(meaning or name) for name, meaning in given.items()}


def day_of(here: Here) -> date:
    """The day from which "next Friday" counts: that on which the run began."""
    return moment_of(here.run.began_us).date()


def model_reader(house: House) -> Reader | None:
    """The reader that asks the model provider; None where none is set."""
    if not house.settings.model.name:
        return None
    return reader_named("model", house.store, house.settings)
