"""Sessions: who is signed in where. The cookie holds a secret of which only the SHA-256 is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select, update

from leadwise.store.members import Member, get_member
from leadwise.store.schema import session

IDLE_US = 12 * 3600 * 1_000_000
"""A session that nobody uses for so long has ended."""
LONGEST_US = 14 * 24 * 3600 * 1_000_000
"""And every one after so long."""
SEEN_EVERY_US = 60_000_000
"""How exactly it is known when a session was last used."""


@dataclass(frozen=True, slots=True)
class Session:
    """A row of `session`. `token` is the secret of which forms carry proofs."""

    id: int
    member_id: int
    token: str
    created_us: int
    seen_us: int
    agent: str


def begin_session(
    connection: Connection, member_id: int, agent: str, now_us: int
) -> tuple[Session, str]:
    """A new session and the secret of its cookie."""
    secret, token = secrets.token_urlsafe(32), secrets.token_hex(32)
    values = {
        "hash": _hash(secret), "member_id": member_id, "token": token, "created_us": now_us,
        "seen_us": now_us, "agent": agent[:200],
    }  # fmt: skip
    id_ = connection.execute(insert(session).values(values).returning(session.c.id)).scalar_one()
    return Session(id_, member_id, token, now_us, now_us, agent[:200]), secret


def find_session(connection: Connection, secret: str, now_us: int) -> tuple[Session, Member] | None:
    """The session of a cookie and whose it is; None where it has ended, or the member may not."""
    row = connection.execute(select(session).where(session.c.hash == _hash(secret))).one_or_none()
    if row is None or row.seen_us + IDLE_US <= now_us or row.created_us + LONGEST_US <= now_us:
        return None
    member = get_member(connection, row.member_id)
    if member.disabled_us is not None:
        return None
    found = Session(row.id, row.member_id, row.token, row.created_us, row.seen_us, row.agent)
    return found, member


def see_session(connection: Connection, session_id: int, now_us: int) -> None:
    """Write down that it is used."""
    connection.execute(update(session).where(session.c.id == session_id).values(seen_us=now_us))


def end_session(connection: Connection, session_id: int) -> None:
    """Sign out."""
    connection.execute(delete(session).where(session.c.id == session_id))


def end_sessions(connection: Connection, member_id: int, *, but: int | None = None) -> None:
    """Sign a member out everywhere, `but` for one session."""
    own = session.c.member_id == member_id
    connection.execute(delete(session).where(own, session.c.id != (but or 0)))


def end_own_session(connection: Connection, member_id: int, session_id: int) -> None:
    """End a session of a member; nothing where it is another's."""
    own = session.c.member_id == member_id
    connection.execute(delete(session).where(own, session.c.id == session_id))


def list_sessions(connection: Connection, member_id: int, now_us: int) -> list[Session]:
    """Where a member is signed in, the last used first."""
    live = (session.c.seen_us > now_us - IDLE_US) & (session.c.created_us > now_us - LONGEST_US)
    own = select(session).where(session.c.member_id == member_id, live)
    own = own.order_by(session.c.seen_us.desc(), session.c.id.desc())
    return [
        Session(r.id, r.member_id, r.token, r.created_us, r.seen_us, r.agent)
        for r in connection.execute(own)
    ]


def drop_ended_sessions(connection: Connection, now_us: int) -> int:
    """Delete those that have ended by themselves; how many."""
    over = (session.c.seen_us <= now_us - IDLE_US) | (session.c.created_us <= now_us - LONGEST_US)
    return connection.execute(delete(session).where(over)).rowcount


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
