"""The few calls of Zoom's API (v2) that are needed, as a server-to-server OAuth app."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlsplit

from leadwise.connect.http import Http, Method
from leadwise.errors import RemoteError

API = "https://api.zoom.us/v2"
TOKEN_URL = "https://zoom.us/oauth/token"  # noqa: S105 - an address
EARLY_S = 60.0
LARGEST_TRANSCRIPT = 10_000_000
"""Bytes; a day of talk has under two million."""
HOSTS = ("zoom.us", "zoomgov.com", "zoom.com")


@dataclass(slots=True)
class ZoomClient:
    """An account, by an app of its own."""

    http: Http
    account: str
    client_id: str
    client_secret: str = field(repr=False)
    token_url: str = TOKEN_URL
    time: Callable[[], float] = time.time
    _token: str = field(default="", repr=False)
    _until: float = 0.0

    @classmethod
    def of(cls, http: Http, options: Mapping[str, str], secret: str) -> ZoomClient:
        """A client for what the app's page shows."""
        api = options.get("api") or API
        own = replace(
            http, base_url=api.rstrip("/") + "/", said=said, secrets=(*http.secrets, secret)
        )
        return cls(
            own, options.get("account_id", ""), options.get("client_id", ""), secret,
            options.get("token_url") or TOKEN_URL,
        )  # fmt: skip

    def me(self) -> Mapping[str, Any]:
        """Recordings of one day, which shows that the right is there."""
        return self.recordings("2020-01-01", "2020-01-01", "")

    def recordings(self, start: str, end: str, page: str) -> Mapping[str, Any]:
        """`meetings` with their `recording_files`, of days in UTC, at most a month of them."""
        params = {"from": start, "to": end, "page_size": "300"}
        if page:
            params["next_page_token"] = page
        found: Mapping[str, Any] = self.call("GET", "accounts/me/recordings", params=params)
        return found

    def recording(self, uuid: str) -> Mapping[str, Any] | None:
        """One meeting with its files, None where it has none (any more)."""
        try:
            found: Mapping[str, Any] = self.call("GET", f"meetings/{escaped(uuid)}/recordings")
        except RemoteError as error:
            if error.status == 404:
                return None
            raise
        return found

    def participants(self, uuid: str) -> list[Mapping[str, Any]]:
        """Who took part; Zoom tells the address of who is signed in or was asked by it."""
        people: list[Mapping[str, Any]] = []
        page = ""
        while True:
            params = {"page_size": "300", **({"next_page_token": page} if page else {})}
            try:
                part = self.call(
                    "GET", f"report/meetings/{escaped(uuid)}/participants", params=params
                )
            except RemoteError as error:
                if error.status == 404:
                    return people
                raise
            people += part.get("participants") or ()
            page = str(part.get("next_page_token") or "")
            if not page:
                return people

    def download(self, url: str, token: str = "") -> str | None:
        """A transcript; None where it is gone. Only Zoom gets our token: RemoteError for an address
        elsewhere."""
        host = urlsplit(url).hostname or ""
        own = urlsplit(self.http.base_url).hostname
        if host != own and not any(host == one or host.endswith("." + one) for one in HOSTS):
            raise RemoteError(
                f"Zoom names a transcript at {host or 'no host'}, which is not Zoom's.",
                permanent=True,
            )
        for _ in range(3):
            headers = {"Authorization": f"Bearer {token or self._held()}"}
            try:
                # Zoom sends on to where its files are; our token does not go there.
                found = self.http.send("GET", url, headers=headers, follow_redirects=True)
            except RemoteError as error:
                if error.status == 404:
                    return None
                if error.status == 401 and token:
                    token = ""  # a webhook's own token lasts a day
                    continue
                if error.status == 401:
                    self._held(anew=True)
                    continue
                raise
            if found is None or len(found.content) > LARGEST_TRANSCRIPT:
                raise RemoteError("A transcript of Zoom's is too large to be read.", permanent=True)
            return found.text
        raise RemoteError("Zoom does not let us have a transcript.", permanent=True, status=401)

    def call(self, method: Method, path: str, **more: Any) -> Any:
        """As `Http.call`; a token that Zoom no longer takes is renewed once."""
        try:
            return self.http.call(method, path, headers=self._headers(), **more)
        except RemoteError as error:
            if error.status != 401:
                raise
        self._held(anew=True)
        return self.http.call(method, path, headers=self._headers(), **more)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._held()}"}

    def _held(self, *, anew: bool = False) -> str:
        if anew or not self._token or self.time() >= self._until - EARLY_S:
            asking = replace(self.http, auth=(self.client_id, self.client_secret), _client=None)
            try:
                found = asking.call(
                    "POST", self.token_url, reads=True,
                    data={"grant_type": "account_credentials", "account_id": self.account},
                )  # fmt: skip
            finally:
                asking.close()
            self._token = str(found.get("access_token") or "")
            self._until = self.time() + float(found.get("expires_in") or 3600)
        return self._token


def escaped(uuid: str) -> str:
    """A meeting's id in a path: encoded twice where it begins with a slash or has two of them, as
    Zoom wants it."""
    once = quote(uuid, safe="")
    return quote(once, safe="") if uuid.startswith("/") or "//" in uuid else once


def said(document: Any) -> str:
    """Zoom's reasons: `message` (`reason` of its OAuth)."""
    if not isinstance(document, Mapping):
        return ""
    return str(document.get("message") or document.get("reason") or document.get("error") or "")
