"""What Gong signs its webhooks with: a JWT (RS256) in the header Authorization.

It is that of an automation rule with "signed JWT header": its claim `body_sha256` is that of the
body, `webhook_url` the address. The rule shows the public key. Rules with a key in the address are
not taken: an address stands in logs.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from leadwise.connect.model import Request
from leadwise.errors import UserError

TOLERANCE_S = 5 * 60


def verify(public_key: str, request: Request) -> None:
    """UserError (`webhook-signature`) unless Gong signed this request, for this address, lately."""
    if not public_key.strip():
        raise _unsigned("The connection has no public key of Gong's")
    token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not token:
        raise _unsigned("Gong's signature is missing")
    try:
        key = RSAKey.import_key(_pem(public_key))
        claims: Mapping[str, Any] = jwt.decode(token, key, algorithms=["RS256"]).claims
    except (JoseError, ValueError, TypeError):
        raise _unsigned("The signature is not that of the rule") from None
    now_s = request.received_us / 1e6
    if isinstance(claims.get("exp"), int | float) and claims["exp"] < now_s - TOLERANCE_S:
        raise _unsigned("The signature has expired")
    digest = hashlib.sha256(request.body).hexdigest()
    if not hmac.compare_digest(str(claims.get("body_sha256", "")).lower(), digest):
        raise _unsigned("The signature does not fit the body")
    # A proxy may change scheme and host, not the path.
    if "webhook_url" in claims:
        meant, called = urlsplit(str(claims["webhook_url"])), urlsplit(request.url)
        if meant.path.rstrip("/") != called.path.rstrip("/"):
            raise _unsigned("The signature is for another address")


def _pem(key: str) -> str:
    """Gong shows the key with or without the lines around it."""
    plain = key.strip()
    if "-----BEGIN" in plain:
        return plain
    body = "".join(plain.split())
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


def _unsigned(why: str) -> UserError:
    return UserError(
        "webhook-signature", f"{why}.",
        hint="Copy the public key of the automation rule ('Show public key') into the connection.",
    )  # fmt: skip
