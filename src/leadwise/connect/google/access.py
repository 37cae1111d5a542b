"""Access tokens of Google: for a service account, or for a person who gave consent.

A service account (RFC 7523) signs with its key that it asks for a token, in the name of `subject`
where a Workspace administrator has allowed that (domain-wide delegation). A person's consent is a
refresh token (RFC 6749, section 6).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from leadwise.connect.http import Http
from leadwise.connect.model import Ask, Connection
from leadwise.errors import RemoteError, UserError

TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LASTS_S = 3600
EARLY_S = 60.0
"""A token is renewed so long before it ends."""
ASKS = (
    Ask("service_account", "Service account key", "The JSON file of a key of a service account; or "
        "a client with a refresh token, below.", required=False, secret=True),
    Ask("subject", "In the name of", "With a service account: the person of the Workspace in whose "
        "name it acts (domain-wide delegation).", required=False),
    Ask("client_id", "Client id", "Of an OAuth client, where a person gave consent.",
        required=False),
    Ask("client_secret", "Client secret", "Of the same client.", required=False, secret=True),
    Ask("refresh_token", "Refresh token", "What the person's consent gave.", required=False,
        secret=True),
    Ask("token_url", "Address of tokens", "Of such a client.", default=TOKEN_URL, required=False),
)  # fmt: skip
"""What each connection to Google asks for."""


@dataclass(frozen=True, slots=True)
class Account:
    """A service account: its address, where it asks for tokens, and its key."""

    email: str
    url: str
    key: RSAKey = field(repr=False)
    key_id: str = ""


@dataclass(slots=True)
class Access:
    """Tokens for `scopes`, each asked for once and kept in memory until shortly before it ends."""

    http: Http
    scopes: Sequence[str]
    account: Account | None = None
    subject: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    url: str = TOKEN_URL
    time: Callable[[], float] = time.time
    _token: str = field(default="", repr=False)
    _until: float = 0.0

    def token(self, *, anew: bool = False) -> str:
        """A token that holds; RemoteError where Google gives none."""
        if anew or not self._token or self.time() >= self._until - EARLY_S:
            found = self._asked()
            self._token = str(found.get("access_token") or "")
            self._until = self.time() + float(found.get("expires_in") or LASTS_S)
            if not self._token:
                raise RemoteError("Google gave no access token.", permanent=False)
        return self._token

    def _asked(self) -> Mapping[str, Any]:
        if self.account is not None:
            form = {"grant_type": GRANT, "assertion": self._assertion(self.account)}
        else:
            form = {
                "grant_type": "refresh_token", "refresh_token": self.refresh_token,
                "client_id": self.client_id, "client_secret": self.client_secret,
            }  # fmt: skip
        try:
            found = self.http.call("POST", self.url, reads=True, data=form)
        except RemoteError as error:
            if error.status not in (400, 401):
                raise
            # invalid_grant: the consent was taken back, or the clock of this machine is wrong.
            raise RemoteError(
                f"Google gave no access: {error} The key or consent was taken back, the rights "
                "are not delegated, or this machine's clock is wrong.",
                permanent=True, status=error.status,
            ) from None  # fmt: skip
        return found if isinstance(found, Mapping) else {}

    def _assertion(self, account: Account) -> str:
        now = int(self.time())
        claims: dict[str, Any] = {
            "iss": account.email, "scope": " ".join(self.scopes), "aud": self.url, "iat": now,
            "exp": now + LASTS_S,
        }  # fmt: skip
        if self.subject:
            claims["sub"] = self.subject
        header = {"alg": "RS256", "typ": "JWT", "kid": account.key_id}
        return jwt.encode(header, claims, account.key)


def access_of(connection: Connection, http: Http, scopes: Sequence[str]) -> Access:
    """What a connection's options and secrets give. UserError (`google-access`) where it is
    neither a service account's key nor a client with a refresh token."""
    options, secrets = connection.options, connection.secrets
    plain = replace(http, said=said, secrets=(*http.secrets, *filter(None, secrets.values())))
    given = secrets.get("service_account", "").strip()
    if given:
        account = _account(given)
        subject = options.get("subject", "").strip()
        return Access(plain, scopes, account, subject, url=account.url)
    client = options.get("client_id", "").strip()
    secret, refresh = secrets.get("client_secret", ""), secrets.get("refresh_token", "")
    if not (client and secret and refresh):
        raise _unusable(
            "It has neither the key of a service account nor a client with a refresh token",
            "Give service_account, or client_id, client_secret and refresh_token.",
        )
    url = options.get("token_url", "").strip() or TOKEN_URL
    return Access(
        plain, scopes, client_id=client, client_secret=secret, refresh_token=refresh, url=url
    )


def said(document: Any) -> str:
    """Google's reason out of its error documents: `rateLimitExceeded: Rate Limit Exceeded`."""
    if not isinstance(document, Mapping):
        return ""
    error = document.get("error")
    if isinstance(error, str):
        return ": ".join(filter(None, (error, str(document.get("error_description") or ""))))
    if not isinstance(error, Mapping):
        return ""
    first: Any = next(iter(error.get("errors") or ()), {})
    reason = first.get("reason") if isinstance(first, Mapping) else None
    return ": ".join(str(one) for one in (reason or error.get("status"), error.get("message"))
                     if one)  # fmt: skip


def _account(given: str) -> Account:
    try:
        found = json.loads(given)
        url = str(found.get("token_uri") or TOKEN_URL)
        if urlsplit(url).scheme not in ("https", "http"):
            raise ValueError
        key = RSAKey.import_key(found["private_key"])
        return Account(found["client_email"], url, key, str(found.get("private_key_id") or ""))
    except (ValueError, KeyError, TypeError, AttributeError, JoseError):
        # What was given is a secret: nothing of it is said.
        raise _unusable(
            "The key of the service account is not the JSON file that Google made",
            "Give the whole file: it has client_email and private_key.",
        ) from None


def _unusable(what: str, hint: str) -> UserError:
    return UserError("google-access", f"{what}.", hint=hint)
