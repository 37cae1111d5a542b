"""Files that came with incoming mail: whose they are, and under which hash they are kept."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.store.schema import event, mail_attachment

FOLDER = "attachments"
"""Where the files lie, in the data folder."""
DIGEST = re.compile(r"[0-9a-f]{64}")


def file_path(folder: Path, digest: str) -> Path:
    """Where the file with this SHA-256 lies. ValueError where it is none."""
    if not DIGEST.fullmatch(digest):
        raise ValueError("no digest")
    return folder / digest[:2] / digest


def copy_files(source: Path, target: Path) -> None:
    """Copy what is kept to another folder. What is there already is the same, and stays; what is
    deleted meanwhile is named by no row any more."""
    for path in source.glob("??/*"):
        if not DIGEST.fullmatch(path.name):
            continue  # not yet whole
        place = file_path(target, path.name)
        if not place.exists():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            half = place.with_suffix(".half")
            with suppress(FileNotFoundError):
                shutil.copyfile(path, half)
                half.chmod(0o600)
                half.replace(place)


@dataclass(frozen=True, slots=True)
class Kept:
    """A row: the mail is known by the source and id of its event."""

    name: str
    type: str
    bytes: int
    digest: str
    at_us: int


def note_attachment(
    connection: Connection, *, source: str, message_id: str, sender: str, name: str, type_: str,
    size: int, digest: str, at_us: int,
) -> None:  # fmt: skip
    """Write down a file of a mail; of the same mail each once."""
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = into(mail_attachment).values(
        source=source, message_id=message_id, sender=sender, name=name, type=type_, bytes=size,
        digest=digest, at_us=at_us,
    )  # fmt: skip
    connection.execute(row.on_conflict_do_nothing())


def attachment_of_event(connection: Connection, event_id: int, digest: str) -> Kept | None:
    """The file with that hash, if it came with the mail that this event is."""
    table = mail_attachment
    columns = (table.c.name, table.c.type, table.c.bytes, table.c.digest, table.c.at_us)
    row = connection.execute(
        select(*columns)
        .join(
            event, (event.c.source == table.c.source) & (event.c.message_id == table.c.message_id)
        )
        .where(event.c.id == event_id, table.c.digest == digest)
    ).first()
    return None if row is None else Kept(*row)


def kept_digests(connection: Connection, digests: Iterable[str]) -> set[str]:
    """Of these hashes those that a row has."""
    own = select(mail_attachment.c.digest).where(mail_attachment.c.digest.in_(list(digests)))
    return set(connection.scalars(own))


def forget_attachments(connection: Connection, before_us: int, limit: int) -> int:
    """Forget what came before; at most so many. How many. Their files go when they are swept."""
    table = mail_attachment
    old = select(table.c.id).where(table.c.at_us < before_us).order_by(table.c.at_us).limit(limit)
    ids = list(connection.scalars(old))
    connection.execute(delete(table).where(table.c.id.in_(ids)))
    return len(ids)


def forget_attachments_of(connection: Connection, addresses: Sequence[str]) -> int:
    """Forget what these people sent; how many."""
    own = mail_attachment.c.sender.in_(list(addresses))
    return connection.execute(delete(mail_attachment).where(own)).rowcount
