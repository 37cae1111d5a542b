"""Versions of cards: their texts, and which of them scores.

A version is a card's content (its hash) under one subject. Its status says what it does:

    draft        nothing yet
    shadow       scored over the mirror, and compared with the live one
    publishing   being worked out for everybody; what is touched meanwhile is scored under it too
    live         what is shown; at most one for each subject
    retired      was live once

Who changes a status holds `change_statuses` and who scores holds `hold_statuses`, so that no scorer
at work on PostgreSQL misses a version that begins to count (SQLite has one writer anyway).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Row, insert, select, text, update

from leadwise.card import Card, content_hash, parse
from leadwise.errors import CardError, UserError
from leadwise.store.driver import ask
from leadwise.store.schema import card_version

Status: TypeAlias = Literal["draft", "shadow", "publishing", "live", "retired"]
Subject: TypeAlias = Literal["lead", "account"]

STATUSES_LOCK = 7001
"""PostgreSQL's advisory lock of all statuses: shared by scorers, alone for who changes one."""
ADDING_LOCK = 7002
"""The same for who adds a version: equal contents become one row."""


@dataclass(frozen=True, slots=True)
class CardVersion:
    """A row of `card_version`. `number` is what the card says of itself, `id` what tells it apart.

    `published_us` and `published_by` are of the last time that it went live.
    """

    id: int
    subject: Subject
    name: str
    number: int
    hash: str
    text: str
    status: Status
    created_us: int
    created_by: str
    published_us: int | None
    published_by: str | None
    why: str | None

    @property
    def card(self) -> Card:
        """The card of the text, parsed once a process."""
        return _parsed(self.text)


def add_version(
    connection: Connection, text_: str, *, subject: Subject, by: str, now_us: int,
    why: str | None = None,
) -> CardVersion:  # fmt: skip
    """A draft of the card `text_`, or the version that has its content already.

    Raises CardError with all problems of the text.
    """
    card = _parsed(text_)
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ADDING_LOCK})"))
    digest = content_hash(card)
    same = (card_version.c.subject == subject) & (card_version.c.hash == digest)
    found = connection.execute(select(card_version).where(same)).first()
    if found is not None:
        return _version(found)
    values = {
        "subject": subject, "card": card.id, "number": card.version, "hash": digest, "text": text_,
        "status": "draft", "created_us": now_us, "created_by": by, "why": why,
    }  # fmt: skip
    added = connection.execute(insert(card_version).values(values).returning(card_version))
    return _version(added.one())


def get_version(connection: Connection, version_id: int) -> CardVersion:
    """The version of this id. Raises UserError where there is none."""
    found = connection.execute(select(card_version).where(card_version.c.id == version_id)).first()
    if found is None:
        raise UserError(
            "card-version-unknown",
            f"There is no version {version_id} of a card.",
            hint="The list of versions has their ids.",
        )
    return _version(found)


def list_versions(
    connection: Connection, subject: Subject | None = None
) -> tuple[CardVersion, ...]:
    """Every version, the newest first."""
    rows = select(card_version).order_by(card_version.c.id.desc())
    if subject is not None:
        rows = rows.where(card_version.c.subject == subject)
    return tuple(_version(row) for row in connection.execute(rows))


def with_status(
    connection: Connection, subject: Subject, *statuses: Status
) -> tuple[CardVersion, ...]:
    """The versions of one of these statuses, the live one first, then by id."""
    rows = select(card_version).where(
        card_version.c.subject == subject, card_version.c.status.in_(statuses)
    )
    found = [_version(row) for row in connection.execute(rows.order_by(card_version.c.id))]
    return tuple(sorted(found, key=lambda version: version.status != "live"))


def live_version(connection: Connection, subject: Subject = "lead") -> CardVersion | None:
    """The version that is shown, where one was published."""
    found = with_status(connection, subject, "live")
    return found[0] if found else None


def versions_to_score(connection: Connection, subject: Subject = "lead") -> tuple[CardVersion, ...]:
    """The live version, then those being published: what every touched lead is scored under.

    Ask it after `hold_statuses`, in the transaction that writes the scores.
    """
    return tuple(CardVersion(*row) for row in ask(connection, _SCORING, subject=subject))


def set_status(connection: Connection, version_id: int, status: Status, **more: Any) -> None:
    """Change a status, and with `more` other columns of the row.

    Ask `change_statuses` first wherever the version begins or ends to count.
    """
    row = card_version.c.id == version_id
    connection.execute(update(card_version).where(row).values(status=status, **more))


def hold_statuses(connection: Connection) -> None:
    """Until this transaction's end no status changes; others may hold them as well."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock_shared({STATUSES_LOCK})"))


def change_statuses(connection: Connection) -> None:
    """Wait until nobody holds the statuses; until this transaction's end nobody can."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({STATUSES_LOCK})"))


_SCORING = """
SELECT id, subject, card, number, hash, text, status, created_us, created_by, published_us,
    published_by, why
FROM card_version WHERE subject = :subject AND status IN ('live', 'publishing')
ORDER BY status <> 'live', id
"""


def _version(row: Row[Any]) -> CardVersion:
    return CardVersion(
        row.id, row.subject, row.card, row.number, row.hash, row.text, row.status, row.created_us,
        row.created_by, row.published_us, row.published_by, row.why,
    )  # fmt: skip


@lru_cache(maxsize=64)
def _parsed(text_: str) -> Card:
    parsed = parse(text_)
    if parsed.card is None:
        raise CardError(parsed.problems)
    return parsed.card
