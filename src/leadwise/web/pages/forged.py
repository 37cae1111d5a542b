"""Against requests that other sites have a member's browser send (CSRF).

A request that changes something must come from our own pages, by the browser's word
(`Sec-Fetch-Site`, else `Origin`), and carry a proof of the session's token. The proof is another
one on every page, so that it cannot be told from the size of a compressed answer.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.requests import Request

FIELD, HEADER = "_proof", "x-proof"
SAFE = frozenset({"GET", "HEAD"})
OURS = frozenset({"same-origin", "none"})


def proof(token: str) -> str:
    """A proof of a session's token, for one page."""
    salt = secrets.token_hex(8)
    return f"{salt}.{_signed(token, salt)}"


def proves(token: str, given: str | None) -> bool:
    """Whether what a request carries is a proof of the token."""
    salt, _, signature = (given or "").partition(".")
    return hmac.compare_digest(signature.encode(), _signed(token, salt).encode())


def is_ours(request: Request) -> bool:
    """Whether the browser says that one of our own pages sent the request.

    A client that says neither is no browser with a cookie of ours; its proof decides.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in OURS
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _signed(token: str, salt: str) -> str:
    return hmac.new(token.encode(), salt.encode(), sha256).hexdigest()
