"""Drafts: cards that somebody is writing. Their texts may be wrong still.

A draft's `revision` counts its texts up: who saves says which one they began with, so that two who
write do not overwrite each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from leadwise.errors import UserError
from leadwise.store.cards import Subject
from leadwise.store.schema import card_draft, member

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """A row of `card_draft`; `member` is the name of whoever began it, None where they are gone."""

    id: int
    subject: Subject
    name: str
    text: str
    based_on: int | None
    member_id: int
    revision: int
    created_us: int
    changed_us: int
    member: str | None


def begin_draft(
    connection: Connection, subject: Subject, name: str, text: str, *, member_id: int, now_us: int,
    based_on: int | None = None,
) -> int:  # fmt: skip
    """A new draft; its id."""
    values = {
        "subject": subject, "name": name[:LONGEST_NAME], "text": text, "based_on": based_on,
        "member_id": member_id, "revision": 1, "created_us": now_us, "changed_us": now_us,
    }  # fmt: skip
    made = connection.execute(insert(card_draft).values(values).returning(card_draft.c.id))
    found: int = made.scalar_one()
    return found


def get_draft(connection: Connection, draft_id: int) -> Draft:
    """The draft. UserError (`no-such-draft`) where there is none."""
    row = connection.execute(_rows().where(card_draft.c.id == draft_id)).one_or_none()
    if row is None:
        raise UserError(
            "no-such-draft", f"There is no draft {draft_id}.",
            hint="It may have been thrown away. The studio lists all drafts.",
        )  # fmt: skip
    return _draft(row)


def list_drafts(connection: Connection) -> list[Draft]:
    """All, the one changed last first."""
    rows = _rows().order_by(card_draft.c.changed_us.desc(), card_draft.c.id.desc())
    return [_draft(row) for row in connection.execute(rows)]


def save_draft(
    connection: Connection, draft_id: int, text: str, revision: int, now_us: int
) -> int | None:
    """Save a text that was begun from `revision`. The new revision; None: another was saved since.

    A text equal to the saved one is saved already, whatever the revision.
    """
    found = get_draft(connection, draft_id)
    if found.text == text:
        return found.revision
    changed = connection.execute(
        update(card_draft)
        .where(card_draft.c.id == draft_id, card_draft.c.revision == revision)
        .values(text=text, revision=revision + 1, changed_us=now_us)
    )
    return revision + 1 if changed.rowcount else None


def rename_draft(connection: Connection, draft_id: int, name: str) -> None:
    """Another name in the list of drafts."""
    row = card_draft.c.id == draft_id
    connection.execute(update(card_draft).where(row).values(name=name[:LONGEST_NAME]))


def drop_draft(connection: Connection, draft_id: int) -> None:
    """Throw a draft away."""
    connection.execute(delete(card_draft).where(card_draft.c.id == draft_id))


def _rows() -> Any:
    return select(card_draft, member.c.name.label("member")).join_from(
        card_draft, member, member.c.id == card_draft.c.member_id, isouter=True
    )


def _draft(row: Row[Any]) -> Draft:
    return Draft(
        row.id, row.subject, row.name, row.text, row.based_on, row.member_id, row.revision,
        row.created_us, row.changed_us, row.member,
    )  # fmt: skip
