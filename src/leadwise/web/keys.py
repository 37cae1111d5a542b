"""Who calls: the key of a request to `/api`, and whether it allows what is asked.

    Authorization: Bearer lw_...

An operation says its scope with `needs("read:leads")`; the description of the API lists them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from leadwise.errors import UserError
from leadwise.store.keys import SCOPES, USED_EVERY_US, Key, key_used, verify_key
from leadwise.store.opening import Store
from leadwise.web.problems import Refused

BEARER = HTTPBearer(
    scheme_name="key",
    description="A key made by `leadwise key create` or `POST /api/keys`. Its scopes: "
    + " ".join(f"`{scope}` {text}" for scope, text in SCOPES.items()),
    auto_error=False,
)
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="leadwise"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a key."""

    key: Key

    @property
    def actor(self) -> str:
        """As the audit trail names it."""
        return f"key:{self.key.id} {self.key.name}"


class LastUsed:
    """Writes down when keys are used, each at most once a minute."""

    def __init__(self) -> None:
        self._told: dict[int, int] = {}
        self._lock = threading.Lock()

    def note(self, store: Store, key: Key, now_us: int) -> None:
        """Remember the use, without waiting for it to be written."""
        with self._lock:
            last = self._told.get(key.id, key.last_used_us or 0)
            if now_us - last < USED_EVERY_US:
                return
            self._told[key.id] = now_us
        store.submit(lambda connection: key_used(connection, key.id, now_us))


def caller(
    request: Request,
    scopes: SecurityScopes,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
) -> Caller:
    """The caller, who has all the scopes. Refused with 401 or 403 otherwise."""
    api = request.state.api
    if given is None:
        raise Refused(
            401,
            UserError("no-key", "There is no key.", hint="Send Authorization: Bearer lw_..."),
            CHALLENGE,
        )
    key = check_key(api.store, given.credentials, api.clock())
    if key is None:
        raise Refused(
            401,
            UserError(
                "no-key",
                "The key does not exist, is revoked or has expired.",
                hint="Keys for this API begin with lw_; those with lww_ are for tracking.",
            ),
            CHALLENGE,
        )
    missing = [scope for scope in scopes.scopes if not key.allows(scope)]
    if missing:
        raise Refused(
            403,
            UserError(
                "not-allowed",
                f"The key '{key.name}' does not have the scope {missing[0]}.",
                hint="Scopes are given when a key is made; make another one.",
            ),
        )
    api.last_used.note(api.store, key, api.clock())
    return Caller(key)


def check_key(store: Store, secret: str, now_us: int) -> Key | None:
    """The usable key of this secret."""
    with store.read() as connection:
        return verify_key(connection, secret, now_us)
