"""Values that a browser or a link carries and nobody else can make: JSON, a time, an HMAC.

Each use has a purpose of its own, so that what is signed for one is worth nothing for another.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from hashlib import sha256
from typing import Any

LONGEST = 4_000


def signed(secret: bytes, purpose: str, value: dict[str, Any], until_us: int) -> str:
    """`value` as text that holds until an instant; safe in an address and in a cookie."""
    body = json.dumps({**value, "until_us": until_us}, separators=(",", ":")).encode()
    text = base64.urlsafe_b64encode(body).decode().rstrip("=")
    return f"{text}.{seal(secret, purpose, text)}"


def unsigned(secret: bytes, purpose: str, text: str, now_us: int) -> dict[str, Any] | None:
    """The value again; None where it is not ours, for something else, or over."""
    body, _, given = text.partition(".")
    if len(text) > LONGEST or not text.isascii():
        return None
    if not hmac.compare_digest(seal(secret, purpose, body), given):
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError):
        return None
    if not isinstance(found, dict) or found.pop("until_us", 0) <= now_us:
        return None
    return found


def seal(secret: bytes, purpose: str, text: str) -> str:
    """The HMAC (SHA-256, hex) of a text for a purpose."""
    return hmac.new(secret, f"{purpose}\0{text}".encode(), sha256).hexdigest()
