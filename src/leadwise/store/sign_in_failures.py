"""Wrong passwords of the last quarter of an hour: what guessing is held up by.

They are in the record, so that neither a restart nor another process forgets them. An attempt is
written down before its password is looked at and taken back when that is right: however many come
at once, no more are looked at than are allowed.

The e-mail address is kept as a hash: people type their passwords into the wrong field.
"""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select, text

from leadwise.store.schema import sign_in_failure as table

WINDOW_US = 15 * 60 * 1_000_000
"""For so long a failure counts."""
ATTEMPTS_LOCK = 7006
"""PostgreSQL's advisory lock of whoever begins an attempt."""
OF_ADDRESS = 3
"""From one network address so many times the failures of one member are allowed: colleagues may
share it."""


def hash_of(email: str) -> str:
    """What stands for an e-mail address: SHA-256 of it in lower case, in hex."""
    return sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()


def begin_attempt(
    connection: Connection, email: str, address: str, most: int, now_us: int
) -> int | None:
    """Write an attempt down as one that failed; or, with `most` there already, the instant until
    which nobody may try.

    Forgets failures that do not count any more. `address` is the network address.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ATTEMPTS_LOCK})"))
    connection.execute(delete(table).where(table.c.at_us <= now_us - WINDOW_US))
    until_us = locked_until(connection, email, address, most, now_us)
    if until_us is None:
        values = {"email": hash_of(email), "address": address, "at_us": now_us}
        connection.execute(insert(table).values(values))
    return until_us


def locked_until(
    connection: Connection, email: str, address: str, most: int, now_us: int
) -> int | None:
    """Until when neither this member nor anybody from this network address may try; None: now."""
    found = []
    for own, allowed in (
        (table.c.email == hash_of(email), most),
        (table.c.address == address, most * OF_ADDRESS),
    ):
        times = select(table.c.at_us).where(own, table.c.at_us > now_us - WINDOW_US)
        nth = times.order_by(table.c.at_us.desc()).offset(allowed - 1).limit(1)
        at_us = connection.execute(nth).scalar()
        if at_us is not None:
            found.append(at_us + WINDOW_US)
    return max(found, default=None)


def forget_failures(connection: Connection, email: str) -> None:
    """Let the attempts of a member count no more: the password was right, or is a new one."""
    connection.execute(delete(table).where(table.c.email == hash_of(email)))
