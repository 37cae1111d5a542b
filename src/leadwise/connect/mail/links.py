"""Signed addresses in mails: what is opened, clicked and unsubscribed from.

    <public_url>/m/o/TOKEN.SIGN.gif        the picture of one pixel
    <public_url>/m/c/TOKEN.SIGN?u=URL      goes on to URL, which is signed with it
    <public_url>/m/u/TOKEN.SIGN            unsubscribing

TOKEN is the mail's own, the left part of its Message-ID. SIGN is the first half of an HMAC-SHA256:
whoever has not the key can send nobody anywhere by our name, and nothing is kept for an address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import quote, urlsplit

from leadwise.errors import Place, UserError

What: TypeAlias = Literal["o", "c", "u"]
SIGN_BYTES = 16
LONGEST_URL = 1_800
"""Of what is tracked: a longer address goes into the mail as it is, for some programs cut links."""


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the addresses. `site` is the settings' `public_url`, `secret` the secret key."""

    site: str
    secret: bytes

    def opened(self, token: str) -> str:
        return f"{self.site}/m/o/{token}.{self.sign('o', token)}.gif"

    def clicked(self, token: str, url: str) -> str:
        """The address that goes on to `url`; that itself where it is too long or no web address."""
        if len(url) > LONGEST_URL or not is_web(url):
            return url
        return f"{self.site}/m/c/{token}.{self.sign('c', token, url)}?u={quote(url, safe='')}"

    def unsubscribe(self, token: str) -> str:
        return f"{self.site}/m/u/{token}.{self.sign('u', token)}"

    def sign(self, what: What, token: str, url: str = "") -> str:
        return _sign(self.secret, what, token, url)

    def is_signed(self, what: What, token: str, sign: str, url: str = "") -> bool:
        """Whether the address was made with this key."""
        return hmac.compare_digest(self.sign(what, token, url).encode(), sign.encode())

    def token(self, key: str) -> str:
        """The token of a mail with that key: the same however often it is asked for."""
        return _digest(self.secret, f"mail\n{key}")[:16].hex()


def is_web(url: str) -> bool:
    """Whether an address is a page's, and one that can be gone to."""
    if not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)


def mail_key(path: Path) -> bytes:
    """The secret key that the service made. UserError (`secret-key`) where there is none."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii", errors="replace").strip())
    except (OSError, ValueError):
        key = b""
    if len(key) < 32:
        raise UserError(
            "secret-key", "There is no secret key to sign the links of mails with.",
            where=Place(str(path)), hint="leadwise serve makes it when it starts first.",
        )  # fmt: skip
    return key


def _sign(secret: bytes, what: str, token: str, url: str) -> str:
    digest = _digest(secret, f"{what}\n{token}\n{url}")[:SIGN_BYTES]
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def _digest(secret: bytes, text: str) -> bytes:
    # A key of its own, so that nothing signed elsewhere with the secret is ever an address here.
    own = hmac.digest(secret, b"leadwise mail links", hashlib.sha256)
    return hmac.digest(own, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
