"""What Zoom signs its webhooks with, and its handshake."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from leadwise.connect.model import Request
from leadwise.errors import UserError

TOLERANCE_S = 5 * 60
"""How old a request may be: nobody can send it again later."""

LONGEST_TIMESTAMP = 20
"""Digits; a number of thousands of them is none that Python reads."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of x-zm-signature."""
    return "v0=" + _digest(secret, f"v0:{timestamp}:".encode() + body)


def verify(secret: str, request: Request) -> None:
    """UserError (`webhook-signature`) unless Zoom signed this request, and lately."""
    if not secret:
        raise _unsigned("The connection has no secret token of Zoom's")
    timestamp = request.headers.get("x-zm-request-timestamp", "")
    given = request.headers.get("x-zm-signature", "")
    if not timestamp.isdecimal() or len(timestamp) > LONGEST_TIMESTAMP or not given:
        raise _unsigned("Zoom's signature is missing")
    # Zoom counts seconds; some of its events came with milliseconds.
    seconds = int(timestamp) / (1000 if len(timestamp) > 11 else 1)
    if abs(seconds - request.received_us / 1e6) > TOLERANCE_S:
        raise _unsigned(f"The signature is older or newer than {TOLERANCE_S // 60} minutes")
    wanted = signature(secret, timestamp, request.body)
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        raise _unsigned("The signature does not fit the body")


def handshake(secret: str, payload: Mapping[str, Any]) -> str:
    """What Zoom wants to read before it sends anything: its token, and the same signed."""
    plain = str(payload.get("plainToken") or "")
    return json.dumps({"plainToken": plain, "encryptedToken": _digest(secret, plain.encode())})


def _digest(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _unsigned(why: str) -> UserError:
    return UserError(
        "webhook-signature", f"{why}.",
        hint="Copy the secret token of the app's page Feature into the connection.",
    )  # fmt: skip
