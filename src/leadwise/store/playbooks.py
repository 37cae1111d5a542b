"""Versions of playbooks: their texts, and which of them starts runs.

A version is a playbook's content (its hash). Its status says what it does:

    draft    nothing yet
    live     starts runs; at most one of a playbook
    paused   was live; nothing starts, and runs of the playbook (of whatever version) wait
    retired  was live once; its runs finish on it

What a text means is not known here: who adds one has parsed and checked it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Row, insert, select, text, update

from leadwise.errors import UserError
from leadwise.store.schema import playbook_version

Status: TypeAlias = Literal["draft", "live", "paused", "retired"]
PLAYBOOKS_LOCK = 7011
"""PostgreSQL's advisory lock of who adds a version or changes what one does."""


@dataclass(frozen=True, slots=True)
class PlaybookVersion:
    """A row of `playbook_version`. `number` is what the playbook says of itself, `id` what tells it
    apart; `published_us` is when it last went live: nothing that happened before starts a run."""

    id: int
    playbook: str
    number: int
    hash: str
    text: str
    status: Status
    created_us: int
    created_by: str
    published_us: int | None
    published_by: str | None
    why: str | None


def add_playbook(
    connection: Connection, *, playbook: str, number: int, digest: str, text: str, by: str,
    now_us: int, why: str | None = None,
) -> PlaybookVersion:  # fmt: skip
    """A draft of this text, or the version that has its content already."""
    hold_playbooks(connection)
    table = playbook_version
    same = (table.c.playbook == playbook) & (table.c.hash == digest)
    found = connection.execute(select(table).where(same).order_by(table.c.id)).first()
    if found is not None:
        return _version(found)
    values = {
        "playbook": playbook, "number": number, "hash": digest, "text": text, "status": "draft",
        "created_us": now_us, "created_by": by, "why": why,
    }  # fmt: skip
    added = connection.execute(insert(table).values(values).returning(table))
    return _version(added.one())


def get_playbook(connection: Connection, version_id: int) -> PlaybookVersion:
    """The version of this id. UserError (`playbook-version-unknown`) where there is none."""
    table = playbook_version
    found = connection.execute(select(table).where(table.c.id == version_id)).first()
    if found is None:
        raise UserError(
            "playbook-version-unknown", f"There is no version {version_id} of a playbook.",
            hint="The list of playbooks has their ids.",
        )  # fmt: skip
    return _version(found)


def current_playbook(connection: Connection, playbook: str) -> PlaybookVersion | None:
    """The version of a playbook that is live or paused."""
    table = playbook_version
    own = (table.c.playbook == playbook) & table.c.status.in_(("live", "paused"))
    found = connection.execute(select(table).where(own)).first()
    return None if found is None else _version(found)


def live_playbooks(connection: Connection) -> tuple[PlaybookVersion, ...]:
    """The versions that start runs, by the playbook's id."""
    table = playbook_version
    rows = select(table).where(table.c.status == "live").order_by(table.c.playbook)
    return tuple(_version(row) for row in connection.execute(rows))


def paused_playbooks(connection: Connection) -> set[str]:
    """The ids of the playbooks that are paused."""
    table = playbook_version
    paused = select(table.c.playbook).where(table.c.status == "paused")
    return set(connection.scalars(paused))


def list_playbooks(
    connection: Connection, playbook: str | None = None
) -> tuple[PlaybookVersion, ...]:
    """Every version, the newest first."""
    rows = select(playbook_version).order_by(playbook_version.c.id.desc())
    if playbook is not None:
        rows = rows.where(playbook_version.c.playbook == playbook)
    return tuple(_version(row) for row in connection.execute(rows))


def set_playbook_status(
    connection: Connection, version_id: int, status: Status, **more: Any
) -> None:
    """Change a status, and with `more` other columns. Ask `hold_playbooks` first."""
    own = playbook_version.c.id == version_id
    connection.execute(update(playbook_version).where(own).values(status=status, **more))


def hold_playbooks(connection: Connection) -> None:
    """Be the only one who changes versions until the end of the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({PLAYBOOKS_LOCK})"))


def _version(row: Row[Any]) -> PlaybookVersion:
    return PlaybookVersion(
        row.id, row.playbook, row.number, row.hash, row.text, row.status, row.created_us,
        row.created_by, row.published_us, row.published_by, row.why,
    )  # fmt: skip
