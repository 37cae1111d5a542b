"""An OpenID Connect provider: the code flow with PKCE, and what it says of a person, checked.

The provider's own description is read anew at every sign-in: two short requests, and nothing that
can be out of date. All requests are bounded in time.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from leadwise.errors import RemoteError, UserError

SCOPE = "openid email profile"
SECONDS = 10.0
"""The most that a request to the provider may take."""
LEEWAY_S = 120
"""By so much the clocks may differ."""
LONGEST_SUBJECT = 255
"""Characters, as OpenID Connect has it."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "EdDSA", "Ed25519")  # fmt: skip
"""Signatures by a key that the provider alone has: never one by a shared secret, or none."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What is remembered between going to the provider and coming back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who came: `subject` is the provider's address and its id for the person. `email` is empty
    unless the provider has verified it."""

    subject: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider and how it knows us. `back` is the address to come back to."""

    issuer: str
    client_id: str
    client_secret: str
    back: str

    def go(self, flow: Flow) -> str:
        """The address to which a browser is sent. RemoteError where the provider is down."""
        with self._client() as client:
            about = self._about(client)
            address, _ = client.create_authorization_url(
                _text(about, "authorization_endpoint"), state=flow.state,
                code_verifier=flow.verifier, nonce=flow.nonce,
            )  # fmt: skip
        return str(address)

    def person(self, flow: Flow, query: Mapping[str, str]) -> Person:
        """Who came back with this query.

        UserError (`not-allowed`) where it does not fit or proves nothing, RemoteError where the
        provider does not answer as one does.
        """
        if not hmac.compare_digest(query.get("state", "").encode(), flow.state.encode()):
            raise _refused("the state is another one")
        if "error" in query:
            raise _refused(f"the provider says {query['error'][:100]}")
        with self._client() as client:
            about = self._about(client)
            if query.get("iss", about["issuer"]) != about["issuer"]:
                raise _refused("the answer is another provider's")
            token = self._token(client, about, flow, query.get("code", ""))
            keys = _document(client, _text(about, "jwks_uri"))
            claims = self._claims(about, keys, token, flow.nonce)
            if "email" not in claims and "userinfo_endpoint" in about:
                more = _document(client, _text(about, "userinfo_endpoint"),
                                 str(token.get("access_token", "")))  # fmt: skip
                claims = more | claims if more.get("sub") == claims["sub"] else claims
        if not (len(str(claims["sub"])) <= LONGEST_SUBJECT and str(claims["sub"]).isprintable()):
            raise _refused("its id for the person is none that can be kept")
        verified = claims.get("email_verified") in (True, "true")
        return Person(
            f"{self.issuer} {claims['sub']}",
            str(claims.get("email", "")) if verified else "",
            str(claims.get("name") or claims.get("preferred_username") or ""),
        )

    def _client(self) -> Any:
        return OAuth2Client(
            self.client_id, self.client_secret or None, scope=SCOPE, redirect_uri=self.back,
            code_challenge_method="S256", timeout=SECONDS, follow_redirects=False,
        )  # fmt: skip

    def _about(self, client: Any) -> dict[str, Any]:
        about = _document(client, f"{self.issuer}/.well-known/openid-configuration")
        # Some issuers end in a slash; the setting never does.
        if _text(about, "issuer").rstrip("/") != self.issuer:
            raise RemoteError(f"{self.issuer} says that it is {about['issuer']!r}", permanent=True)
        return about

    def _token(
        self, client: Any, about: dict[str, Any], flow: Flow, code: str
    ) -> Mapping[str, Any]:
        methods = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if self.client_secret and "client_secret_basic" not in methods:
            client.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 - a method
        try:
            token: Mapping[str, Any] = client.fetch_token(
                _text(about, "token_endpoint"), grant_type="authorization_code", code=code,
                redirect_uri=self.back, code_verifier=flow.verifier,
            )  # fmt: skip
        except OAuthError as error:
            raise _refused(f"the code is not taken: {error}") from None
        except (httpx2.HTTPError, ValueError) as error:
            raise RemoteError(f"{self.issuer} gives no token: {error}", permanent=False) from error
        return token

    def _claims(
        self, about: dict[str, Any], keys: dict[str, Any], token: Mapping[str, Any], nonce: str
    ) -> dict[str, Any]:
        offered = about.get("id_token_signing_alg_values_supported") or ["RS256"]
        taken = [name for name in ALGORITHMS if name in offered]
        try:
            found = jwt.decode(
                str(token.get("id_token", "")), KeySet.import_key_set(keys),  # type: ignore[arg-type]  # as it was sent
                registry=JWSRegistry(algorithms=taken, strict_check_header=False),
            )  # fmt: skip
            claims = CodeIDToken(
                found.claims, found.header,
                {
                    "iss": {"essential": True, "value": about["issuer"]},
                    "aud": {"essential": True, "value": self.client_id},
                },
                {"nonce": nonce, "client_id": self.client_id,
                 "access_token": token.get("access_token")},
            )  # fmt: skip
            claims.validate(leeway=LEEWAY_S)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _refused(
                f"the id token proves nothing: {type(error).__name__}: {error}"
            ) from None
        return dict(claims)


def new_flow() -> Flow:
    """Chance for one sign-in."""
    return Flow(*(secrets.token_urlsafe(32) for _ in range(3)))


def _document(client: Any, address: str, token: str = "") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = client.request("GET", address, headers=headers, withhold_token=True)
        answer.raise_for_status()
        found = answer.json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise RemoteError(f"{address} does not answer: {error}", permanent=False) from error
    if not isinstance(found, dict):
        raise RemoteError(f"{address} answers with no object", permanent=True)
    return found


def _text(about: dict[str, Any], name: str) -> str:
    found = about.get(name)
    if not isinstance(found, str):
        raise RemoteError(f"the provider does not say its {name}", permanent=True)
    return found


def _refused(why: str) -> UserError:
    """The person learns that it did not work; why exactly is for the log."""
    logging.getLogger("leadwise.web").warning("A sign-in through the provider is refused: %s", why)
    return UserError("not-allowed", "The provider's answer cannot be taken.")
