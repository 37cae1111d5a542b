"""Conversations with leads: kept once, under an identity, and whose they are at their instant."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, null, select, update

from leadwise.errors import UserError
from leadwise.store.model_replies import forget_replies
from leadwise.store.schema import answer, conversation, identity, identity_lead

_STABLE = ("user", "crm", "email", "anonymous")
"""Kinds of identities, the one that stays with a person the longest first."""
FUTURE_US = 60_000_000
"""How far a clock may be wrong: what is held later than that was not held."""


@dataclass(frozen=True, slots=True)
class NewConversation:
    """What there is to keep. `turns` are [speaker, side, text, start_s, said_on] (the last two and
    side may be None); `held_on` is the day where it was held, `held_us` its instant."""

    channel: str
    held_us: int
    held_on: str
    turns: Sequence[Sequence[Any]]
    title: str | None = None
    language: str | None = None
    product: str | None = None

    @property
    def digest(self) -> str:
        """What tells it from others: its words and its day."""
        said = json.dumps([self.held_on, [list(turn[:3]) for turn in self.turns]])
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation that is kept. `lead_id` is whose it is now; `turns` is None where they were
    not asked for, or are kept no longer (`aged`)."""

    id: int
    lead_id: int
    identity_id: int
    channel: str
    title: str | None
    held_us: int
    held_on: str
    language: str | None
    product: str | None
    received_us: int
    source: str
    actor: str
    aged: bool
    turns: tuple[tuple[Any, ...], ...] | None = None


def identity_at(connection: Connection, lead_id: int, at_us: int) -> int:
    """The identity under which something of an instant is kept for a lead, the most stable one.

    UserError (`lead-unknown`) where the lead has none, as after an erasure or a merge.
    """
    rows = connection.execute(
        select(identity.c.kind, identity.c.id)
        .join(identity_lead, identity_lead.c.identity_id == identity.c.id)
        .where(
            identity_lead.c.lead_id == lead_id,
            identity_lead.c.from_us <= at_us,
            identity_lead.c.until_us > at_us,
        )
    ).all()
    if not rows:
        raise UserError(
            "lead-unknown", f"Lead {lead_id} has nothing that it was known by at that time.",
            hint="Is it part of another lead, or was it erased?",
        )  # fmt: skip
    found: int = min((_STABLE.index(row.kind), row.id) for row in rows)[1]
    return found


def lead_of(connection: Connection, identity_id: int, at_us: int) -> int | None:
    """Whose an identity was at an instant."""
    found: int | None = connection.execute(
        select(identity_lead.c.lead_id).where(
            identity_lead.c.identity_id == identity_id,
            identity_lead.c.from_us <= at_us,
            identity_lead.c.until_us > at_us,
        )
    ).scalar()
    return found


def require_past(held_us: int, now_us: int) -> None:
    """UserError (`held-in-future`, `held-too-early`) for an instant at which nobody can have said
    anything that is known now."""
    if held_us < 0:
        raise UserError(
            "held-too-early", "The conversation is said to be held before 1970.",
            hint="Give the year with its four digits.",
        )  # fmt: skip
    if held_us > now_us + FUTURE_US:
        raise UserError(
            "held-in-future", "The conversation is said to be held in the future.",
            hint="Give the time at which it was held.",
        )  # fmt: skip


def add_conversation(
    connection: Connection,
    lead_id: int,
    new: NewConversation,
    *,
    source: str,
    actor: str,
    now_us: int,
) -> tuple[int, bool]:
    """Keep a conversation with a lead; its id, and whether it is new.

    The same words of the same day are kept once for a lead. UserError (`held-in-future`,
    `held-too-early`, `lead-unknown`).
    """
    require_past(new.held_us, now_us)
    identity_id = identity_at(connection, lead_id, new.held_us)
    known: int | None = connection.execute(
        _of(select(conversation.c.id), lead_id).where(conversation.c.digest == new.digest)
    ).scalar()
    if known is not None:
        return known, False
    made: int = connection.execute(
        insert(conversation)
        .values(
            identity_id=identity_id, channel=new.channel, title=new.title, held_us=new.held_us,
            held_on=new.held_on, language=new.language, product=new.product, digest=new.digest,
            turns=[list(turn) for turn in new.turns], received_us=now_us, source=source,
            actor=actor,
        )
        .returning(conversation.c.id)
    ).scalar_one()  # fmt: skip
    return made, True


def get_conversation(connection: Connection, conversation_id: int) -> Held:
    """A conversation with its turns. UserError (`no-such-conversation`)."""
    row = connection.execute(
        select(conversation, identity_lead.c.lead_id, conversation.c.turns.is_(None).label("aged"))
        .join(identity_lead, _OWNED)
        .where(conversation.c.id == conversation_id)
    ).one_or_none()
    if row is None:
        raise UserError(
            "no-such-conversation", f"There is no conversation {conversation_id}.",
            hint="It was deleted, or the person was erased.",
        )  # fmt: skip
    return _held(row, None if row.turns is None else tuple(map(tuple, row.turns)))


def list_conversations(
    connection: Connection,
    lead_id: int,
    *,
    before: tuple[int, int] | None = None,
    limit: int = 50,
) -> list[Held]:
    """A lead's conversations without their turns, the latest first; `before` is (held_us, id)."""
    columns = [column for column in conversation.c if column.name != "turns"]
    rows = _of(
        select(*columns, identity_lead.c.lead_id, conversation.c.turns.is_(None).label("aged")),
        lead_id,
    )
    if before is not None:
        held_us, last_id = before
        at, id_ = conversation.c.held_us, conversation.c.id
        rows = rows.where((at < held_us) | ((at == held_us) & (id_ < last_id)))
    rows = rows.order_by(conversation.c.held_us.desc(), conversation.c.id.desc()).limit(limit)
    return [_held(row, None) for row in connection.execute(rows)]


def count_conversations(connection: Connection, lead_id: int) -> int:
    """How many conversations with a lead there are."""
    found: int = connection.execute(_of(select(func.count()), lead_id)).scalar_one()
    return found


def remove_rows(connection: Connection, conversation_id: int) -> None:
    """Take a conversation and its answers out of their tables; facts are the caller's."""
    forget_replies(connection)
    connection.execute(delete(answer).where(answer.c.conversation_id == conversation_id))
    connection.execute(delete(conversation).where(conversation.c.id == conversation_id))


def forget_texts(connection: Connection, before_us: int, limit: int) -> int:
    """Forget what was said in conversations held before, but for the quotes of their answers; at
    most so many. Returns how many."""
    old = (
        select(conversation.c.id)
        .where(conversation.c.held_us < before_us, conversation.c.turns.is_not(None))
        .order_by(conversation.c.id)
        .limit(limit)
    )
    ids = connection.scalars(old).all()
    connection.execute(update(conversation).where(conversation.c.id.in_(ids)).values(turns=null()))
    return len(ids)


_OWNED = and_(
    identity_lead.c.identity_id == conversation.c.identity_id,
    identity_lead.c.from_us <= conversation.c.held_us,
    identity_lead.c.until_us > conversation.c.held_us,
)


def _of(rows: Select[Any], lead_id: int) -> Select[Any]:
    joined = conversation.join(identity_lead, _OWNED)
    return rows.select_from(joined).where(identity_lead.c.lead_id == lead_id)


def _held(row: Any, turns: tuple[tuple[Any, ...], ...] | None) -> Held:
    return Held(
        row.id, row.lead_id, row.identity_id, row.channel, row.title, row.held_us, row.held_on,
        row.language, row.product, row.received_us, row.source, row.actor, bool(row.aged), turns,
    )  # fmt: skip
