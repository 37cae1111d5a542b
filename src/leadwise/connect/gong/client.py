"""The two calls of Gong's API (v2) that are needed, within its limits: 3 a second, 10,000 a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from leadwise.connect.http import Http
from leadwise.errors import RemoteError

API = "https://api.gong.io"
PACE_S = 0.34
SELECTED = {"exposedFields": {"parties": True}}


@dataclass(frozen=True, slots=True)
class GongClient:
    """A company's Gong, by an access key."""

    http: Http
    workspace: str = ""

    @classmethod
    def of(cls, http: Http, api: str, key: str, secret: str, workspace: str = "") -> GongClient:
        """A client for an access key and its secret."""
        own = replace(
            http, base_url=api.rstrip("/") + "/", auth=(key, secret), pace_s=PACE_S, said=said,
            secrets=(*http.secrets, key, secret),
        )  # fmt: skip
        return cls(own, workspace)

    def calls(
        self, *, start: str = "", end: str = "", ids: Sequence[str] = (), cursor: str = ""
    ) -> Mapping[str, Any]:
        """`calls` with their parties, and `records` with the cursor of the next page; by when they
        began or by their ids. None there is an empty list."""
        wanted: dict[str, Any] = {"callIds": list(ids)} if ids else {
            "fromDateTime": start, "toDateTime": end,
        }  # fmt: skip
        return self._asked("v2/calls/extensive", wanted, cursor, {"contentSelector": SELECTED})

    def transcripts(self, ids: Sequence[str], cursor: str = "") -> Mapping[str, Any]:
        """`callTranscripts` of these calls, as far as they are there."""
        return self._asked("v2/calls/transcript", {"callIds": list(ids)}, cursor, {})

    def _asked(
        self, path: str, wanted: dict[str, Any], cursor: str, more: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        if self.workspace and "callIds" not in wanted:
            wanted["workspaceId"] = self.workspace
        body = {"filter": wanted, **more, **({"cursor": cursor} if cursor else {})}
        try:
            found = self.http.call("POST", path, reads=True, json=body)
        except RemoteError as error:
            # Gong answers 404 where nothing fits a filter.
            if error.status == 404:
                return {}
            raise
        return found if isinstance(found, Mapping) else {}


def said(document: Any) -> str:
    """Gong's reasons: `errors` is a list of texts."""
    errors = document.get("errors") if isinstance(document, Mapping) else None
    return "; ".join(str(one) for one in errors) if isinstance(errors, list) else ""
