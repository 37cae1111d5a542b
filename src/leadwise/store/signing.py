"""Which key signs links and cookies: its fingerprint, so that two servers with two keys are found.

The key itself is never in the record: whoever can read the database could sign invitations.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.store.schema import meta

_KEY = "signing-key"


def fingerprint(key: bytes) -> str:
    """What tells keys apart and tells nothing of them: half of the SHA-256, in hex."""
    return hashlib.sha256(b"leadwise signing key" + key).hexdigest()[:32]


def is_signing_key(connection: Connection, key: bytes) -> bool:
    """Whether the server that started last signs with this key, or none has started yet."""
    found = connection.execute(select(meta.c.value).where(meta.c.key == _KEY)).scalar()
    return found is None or found == fingerprint(key)


def set_signing_key(connection: Connection, key: bytes) -> None:
    """A server starts with this key; two may start at once."""
    value = fingerprint(key)
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = dialect.insert(meta).values(key=_KEY, value=value)
    connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
