"""What Slack signs its requests with: its page "Verifying requests from Slack"."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from leadwise.errors import UserError

TOLERANCE_S = 5 * 60
"""How old a request may be, as Slack recommends: nobody can send it again later."""

LONGEST_TIMESTAMP = 20
"""Digits; a number of thousands of them is none that Python reads."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of X-Slack-Signature."""
    signed = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256)
    return "v0=" + signed.hexdigest()


def verify(secret: str, headers: Mapping[str, str], body: bytes, now_us: int) -> None:
    """UserError `webhook-signature` unless Slack signed this request, and lately."""
    timestamp = headers.get("x-slack-request-timestamp", "")
    given = headers.get("x-slack-signature", "")
    if not timestamp.isdecimal() or len(timestamp) > LONGEST_TIMESTAMP or not given:
        raise _unsigned("Slack's signature is missing")
    if abs(int(timestamp) - now_us // 1_000_000) > TOLERANCE_S:
        raise _unsigned(f"the signature is older or newer than {TOLERANCE_S // 60} minutes")
    if not hmac.compare_digest(signature(secret, timestamp, body).encode(), given.encode()):
        raise _unsigned("the signature does not fit the body")


def _unsigned(why: str) -> UserError:
    return UserError(
        "webhook-signature",
        why,
        hint="Copy the signing secret from the app's Basic Information into the connection.",
    )
