"""Keys: who may do what over HTTP. Only the SHA-256 of a key is kept, so it is shown once.

A key is its kind's prefix and 32 random bytes in base 62. Such a secret cannot be guessed, so a
quick hash is enough. Keys for tracking (`write`) stand in web pages for everybody to read: they can
bring events and do nothing else.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, insert, select, update

from leadwise.errors import UserError
from leadwise.store.schema import api_key

Kind: TypeAlias = Literal["api", "write"]

PREFIXES: dict[Kind, str] = {"api": "lw_", "write": "lww_"}
BYTES = 32
SHOWN = 6
"""Signs after the prefix that are kept, to tell keys apart."""
USED_EVERY_US = 60_000_000
"""How exactly it is known when a key was last used."""

SCOPES: dict[str, str] = {
    "read:leads": "Read leads, their events, scores and ledgers, accounts, outcomes, band changes.",
    "write:leads": "Overrides, outcomes, merges; conversations and answers; clear events' marks.",
    "read:cards": "Read and check cards, compare them, score what is sent.",
    "write:cards": "Add drafts, try them, let them run as shadow cards.",
    "publish:cards": "Publish a card, go back to an earlier one.",
    "write:events": "Import files; see refused events and send them again.",
    "privacy": "Export or erase a person, record an objection to scoring, read the audit trail.",
    "admin": "Keys, webhooks and jobs, and everything else.",
}
"""What a key for programs may be allowed; `admin` includes all of them."""
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Key:
    """A row of `api_key`, without its secret. `origins` empty: any."""

    id: int
    name: str
    kind: Kind
    prefix: str
    scopes: frozenset[str]
    origins: tuple[str, ...]
    created_us: int
    created_by: str
    expires_us: int | None
    revoked_us: int | None
    last_used_us: int | None

    def allows(self, scope: str) -> bool:
        """Whether the key has a scope."""
        return scope in self.scopes or "admin" in self.scopes

    def usable(self, now_us: int) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_us is None and (self.expires_us is None or now_us < self.expires_us)


def create_key(
    connection: Connection,
    name: str,
    *,
    by: str,
    now_us: int,
    kind: Kind = "api",
    scopes: frozenset[str] = frozenset(),
    origins: tuple[str, ...] = (),
    expires_us: int | None = None,
) -> tuple[Key, str]:
    """A new key and its secret, which nobody can show again.

    UserError (`key-scope`) where a scope does not exist, or a key for tracking is given any.
    """
    unknown = sorted(scopes - SCOPES.keys() if kind == "api" else scopes)
    if unknown:
        raise UserError(
            "key-scope",
            f"A key of the kind '{kind}' has no scope '{unknown[0]}'.",
            hint=f"Scopes are {', '.join(SCOPES)}." if kind == "api" else "It needs none.",
        )
    secret = PREFIXES[kind] + _base62(secrets.token_bytes(BYTES))
    values = {
        "name": name, "kind": kind, "prefix": secret[: len(PREFIXES[kind]) + SHOWN],
        "hash": _hash(secret), "scopes": " ".join(sorted(scopes)), "origins": " ".join(origins),
        "created_us": now_us, "created_by": by, "expires_us": expires_us,
    }  # fmt: skip
    row = connection.execute(insert(api_key).values(values).returning(*_columns())).one()
    return _key(row), secret


def verify_key(connection: Connection, secret: str, now_us: int, kind: Kind = "api") -> Key | None:
    """The key of this secret and kind; None where there is none, or it is revoked or expired."""
    if not secret.startswith(PREFIXES[kind]) or len(secret) > 100 or not secret.isascii():
        return None
    wanted = _hash(secret)
    row = connection.execute(
        select(*_columns(), api_key.c.hash).where(api_key.c.hash == wanted)
    ).one_or_none()
    # The index has compared already, and in no constant time, but a hash: this one is for sure.
    if row is None or not hmac.compare_digest(row.hash, wanted) or row.kind != kind:
        return None
    key = _key(row)
    return key if key.usable(now_us) else None


def get_key(connection: Connection, key_id: int) -> Key:
    """The key of this id. UserError (`no-such-key`) where there is none."""
    row = connection.execute(select(*_columns()).where(api_key.c.id == key_id)).one_or_none()
    if row is None:
        raise UserError(
            "no-such-key", f"There is no key {key_id}.", hint="GET /api/keys lists them."
        )
    return _key(row)


def list_keys(
    connection: Connection, *, before_id: int | None = None, limit: int = 50
) -> list[Key]:
    """Keys, the newest first, the revoked ones too."""
    rows = select(*_columns()).order_by(api_key.c.id.desc()).limit(limit)
    if before_id is not None:
        rows = rows.where(api_key.c.id < before_id)
    return [_key(row) for row in connection.execute(rows)]


def revoke_key(connection: Connection, key_id: int, now_us: int) -> Key:
    """Let the key be of no use from now on; one that is revoked already stays as it is."""
    key = get_key(connection, key_id)
    if key.revoked_us is None:
        here = update(api_key).where(api_key.c.id == key_id)
        connection.execute(here.values(revoked_us=now_us))
    return get_key(connection, key_id)


def key_used(connection: Connection, key_id: int, now_us: int) -> None:
    """Remember that the key was used just now."""
    connection.execute(update(api_key).where(api_key.c.id == key_id).values(last_used_us=now_us))


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _base62(given: bytes) -> str:
    """Always 43 signs for 32 bytes."""
    number, signs = int.from_bytes(given), []
    for _ in range(43):
        number, digit = divmod(number, 62)
        signs.append(_DIGITS[digit])
    return "".join(signs)


def _columns() -> tuple[Any, ...]:
    return tuple(column for column in api_key.c if column.name != "hash")


def _key(row: Any) -> Key:
    return Key(
        row.id, row.name, row.kind, row.prefix, frozenset(row.scopes.split()),
        tuple(row.origins.split()), row.created_us, row.created_by, row.expires_us,
        row.revoked_us, row.last_used_us,
    )  # fmt: skip
