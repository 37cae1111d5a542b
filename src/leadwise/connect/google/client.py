"""Requests to Google's services: with a token, and with what their refusals mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from leadwise.connect.google.access import Access, access_of, said
from leadwise.connect.http import Http, Method
from leadwise.connect.model import Connection
from leadwise.errors import RemoteError

LIMITS = ("ateLimitExceeded", "quotaExceeded", "RESOURCE_EXHAUSTED", "backendError")
"""Reasons of a 403 that pass (Calendar API, handle API errors)."""
RATE_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class Google:
    """One service. A token that Google no longer takes is renewed once."""

    http: Http
    access: Access

    @classmethod
    def of(cls, connection: Connection, http: Http, api: str, scopes: Sequence[str]) -> Google:
        """The service at `api`. UserError (`google-access`)."""
        hidden = (*http.secrets, *filter(None, connection.secrets.values()))
        own = replace(http, base_url=api.rstrip("/") + "/", said=said, secrets=hidden)
        return cls(own, access_of(connection, http, scopes))

    def call(self, method: Method, path: str, *, reads: bool | None = None, **more: Any) -> Any:
        """As `Http.call`."""
        try:
            return self._once(method, path, self.access.token(), reads, more)
        except RemoteError as error:
            if error.status == 401:
                return self._once(method, path, self.access.token(anew=True), reads, more)
            if error.status == 403 and any(one in str(error) for one in LIMITS):
                raise RemoteError(
                    str(error), permanent=False, status=403, after_s=error.after_s or RATE_PAUSE_S
                ) from None
            raise

    def _once(self, method: Method, path: str, token: str, reads: bool | None, more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        try:
            return self.http.call(method, path, reads=reads, headers=headers, **more)
        except RemoteError as error:
            # The token is no secret that Http knows of: it is new each hour.
            if token in str(error):
                raise RemoteError(
                    str(error).replace(token, "(secret)"), permanent=error.permanent,
                    status=error.status, after_s=error.after_s,
                ) from None  # fmt: skip
            raise
