"""Which trials of cards were asked for: of a draft, and of a card's content wherever it stands.

A trial is a job; its result is the job's, kept as long as that is. Here is what finds it again:
rows of `meta`, the last few of each draft and the last of each content.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from leadwise.store.cards import Subject
from leadwise.store.schema import card_draft, meta

KEPT = 5


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial: its job, the hash of the card's content, who asked and when."""

    job_id: str
    hash: str
    at_us: int
    by: str


@dataclass(frozen=True, slots=True)
class DraftText:
    """A draft as it is tried and published: what of a row of `card_draft` matters for that."""

    id: int
    subject: Subject
    name: str
    text: str
    based_on: int | None
    revision: int
    created_us: int
    changed_us: int


def draft_text(connection: Connection, draft_id: int) -> DraftText | None:
    """The draft, None where there is none."""
    columns = (
        card_draft.c.id, card_draft.c.subject, card_draft.c.name, card_draft.c.text,
        card_draft.c.based_on, card_draft.c.revision, card_draft.c.created_us,
        card_draft.c.changed_us,
    )  # fmt: skip
    row = connection.execute(select(*columns).where(card_draft.c.id == draft_id)).one_or_none()
    return None if row is None else DraftText(*row)


def remember_trial(connection: Connection, tried: Tried, draft: DraftText | None) -> None:
    """So that it is found by its content, and by the draft whose text it was."""
    _put(connection, _of_content(tried.hash), asdict(tried))
    if draft is not None:
        before = [asdict(one) for one in trials_of_draft(connection, draft)]
        _put(connection, _of_draft(draft), [asdict(tried), *before][:KEPT])


def trials_of_draft(connection: Connection, draft: DraftText) -> list[Tried]:
    """The last few, the newest first."""
    found = _get(connection, _of_draft(draft))
    return [Tried(**one) for one in found or []]


def trial_of_content(connection: Connection, content_hash: str) -> Tried | None:
    """The last trial of a card with this content."""
    found = _get(connection, _of_content(content_hash))
    return Tried(**found) if found else None


def _of_draft(draft: DraftText) -> str:
    # With when it was made: the ids of drafts that were thrown away are used again.
    return f"trials of draft {draft.id} of {draft.created_us}"


def _of_content(content_hash: str) -> str:
    return f"trial of card {content_hash}"


def _get(connection: Connection, key: str) -> Any:
    found = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    return None if found is None else json.loads(found)


def _put(connection: Connection, key: str, value: Any) -> None:
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=json.dumps(value)))
