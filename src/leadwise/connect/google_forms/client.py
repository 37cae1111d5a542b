"""The two calls of the Google Forms API (v1) that are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from leadwise.connect.google.client import Google

API = "https://forms.googleapis.com"
SCOPES = (
    "https://www.googleapis.com/auth/forms.body.readonly",
    "https://www.googleapis.com/auth/forms.responses.readonly",
)
PAGE = "1000"


@dataclass(frozen=True, slots=True)
class FormClient:
    """One form, by the id in its address."""

    google: Google
    form: str

    def about(self) -> Mapping[str, Any]:
        """The form with its questions."""
        found: Mapping[str, Any] = self.google.call("GET", self._path())
        return found

    def responses(self, since: str, page: str) -> Mapping[str, Any]:
        """One page of what was sent at `since` or later (empty: ever)."""
        params = {"pageSize": PAGE}
        if since:
            params["filter"] = f"timestamp >= {since}"
        if page:
            params["pageToken"] = page
        found: Mapping[str, Any] = self.google.call("GET", self._path("/responses"), params=params)
        return found

    def _path(self, rest: str = "") -> str:
        return f"v1/forms/{quote(self.form, safe='')}{rest}"
