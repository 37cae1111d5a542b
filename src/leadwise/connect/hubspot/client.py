"""The few calls of HubSpot's CRM that are needed (API v3, associations v4), and its limits.

Searches go by the record's id: page after page of what is greater than the last id seen, so that
HubSpot's bound of 10,000 results of one search is never met. They may be asked five times a second;
all else as the headers `X-HubSpot-RateLimit-*` say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

import httpx2

from leadwise.connect.http import Http, Method
from leadwise.errors import RemoteError

Row: TypeAlias = dict[str, Any]
API = "https://api.hubapi.com"
AT_ONCE = 100
"""Records of one call, the most that HubSpot takes of nearly all."""
SEARCH_PACE_S = 0.21
LONGEST_PAUSE_S = 10.0
_BY_ID = '{"propertyName": "hs_object_id", "direction": "ASCENDING"}'
# A text, as HubSpot's description has it and its own clients send it.
CHANGED = {"contacts": "lastmodifieddate"}
"""The property that says when a record was changed last, where it is not `hs_lastmodifieddate`."""


@dataclass(slots=True)
class Client:
    """HubSpot as one token sees it."""

    http: Http
    search_pace_s: float = SEARCH_PACE_S
    _searched: float = float("-inf")

    def account(self) -> Row:
        """Whose account it is."""
        found: Row = self._ask("GET", "/account-info/v3/details")
        return found

    def search(
        self, kind: str, properties: Sequence[str], *, since_ms: int | None, until_ms: int,
        after_id: str,
    ) -> Row:  # fmt: skip
        """`results` of those changed within a span, the smallest ids first; `total` of what is
        left."""
        changed = CHANGED.get(kind, "hs_lastmodifieddate")
        filters = [{"propertyName": changed, "operator": "LT", "value": str(until_ms)}]
        if since_ms is not None:
            filters.append({"propertyName": changed, "operator": "GTE", "value": str(since_ms)})
        if after_id:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": after_id})
        return self._search(kind, filters, properties)

    def search_by(self, kind: str, name: str, value: str, properties: Sequence[str]) -> list[Row]:
        """The records of which a property has a value."""
        filters = [{"propertyName": name, "operator": "EQ", "value": value}]
        found: list[Row] = self._search(kind, filters, properties)["results"]
        return found

    def _search(
        self, kind: str, filters: Sequence[Mapping[str, str]], properties: Sequence[str]
    ) -> Row:
        early = self._searched + self.search_pace_s - self.http.monotonic()
        if early > 0:
            self.http.sleep(early)
        self._searched = self.http.monotonic()
        body = {
            "filterGroups": [{"filters": list(filters)}],
            "sorts": [_BY_ID],
            "properties": list(properties), "limit": AT_ONCE, "after": 0,
        }  # fmt: skip
        found: Row = self._ask("POST", f"/crm/v3/objects/{kind}/search", reads=True, json=body)
        return found

    def read(
        self, kind: str, ids: Sequence[str], properties: Sequence[str], by: str | None = None
    ) -> list[Row]:
        """The records of these ids (or values of the property `by`), of those that there are."""
        found: list[Row] = []
        for part in _parts(list(dict.fromkeys(ids))):
            body: Row = {
                "inputs": [{"id": one} for one in part], "properties": list(properties),
                "propertiesWithHistory": [],
            }  # fmt: skip
            body |= {"idProperty": by} if by else {}
            path = f"/crm/v3/objects/{kind}/batch/read"
            found += self._ask("POST", path, reads=True, json=body)["results"]
        return found

    def linked(self, kind: str, ids: Sequence[str], to: str) -> dict[str, list[str]]:
        """The ids of the records of another kind that these belong to, by their own."""
        found: dict[str, list[str]] = {}
        for part in _parts(list(dict.fromkeys(ids))):
            path = f"/crm/v4/associations/{kind}/{to}/batch/read"
            body = {"inputs": [{"id": one} for one in part]}
            for row in self._ask("POST", path, reads=True, json=body)["results"]:
                others = [str(one["toObjectId"]) for one in row["to"]]
                found[str(row["from"]["id"])] = list(dict.fromkeys(others))
        return found

    def update(self, kind: str, inputs: Sequence[Row]) -> tuple[set[str], dict[str, str]]:
        """Change records (`id`, `properties`) all together: the ids that were, and why others were
        not. At most AT_ONCE of them, each once."""
        path = f"/crm/v3/objects/{kind}/batch/update"
        answer = self._ask("POST", path, json={"inputs": list(inputs)})
        if self.http.dry:
            return {one["id"] for one in inputs}, {}
        done = {str(one["id"]) for one in answer.get("results", ())}
        refused: dict[str, str] = {}
        for error in answer.get("errors", ()):
            for id_ in (error.get("context") or {}).get("ids", ()):
                refused[str(id_)] = str(error.get("message") or error.get("category"))
        return done, refused

    def get(
        self, kind: str, id_: str, properties: Sequence[str], by: str | None = None
    ) -> Row | None:
        """One record, None where there is none."""
        params = {"properties": ",".join(properties)} | ({"idProperty": by} if by else {})
        try:
            path = f"/crm/v3/objects/{kind}/{quote(id_, safe='')}"
            found: Row = self._ask("GET", path, params=params)
        except RemoteError as error:
            if error.status == 404:
                return None
            raise
        return found

    def create(self, kind: str, properties: Mapping[str, Any], to: Sequence[Row] = ()) -> str:
        """Make a record; its id. `to` are its associations."""
        body = {"properties": dict(properties), "associations": list(to)}
        made = self._ask("POST", f"/crm/v3/objects/{kind}", json=body)
        return str(made.get("id", ""))

    def change(self, kind: str, id_: str, properties: Mapping[str, Any]) -> None:
        """Give properties of a record these values."""
        body = {"properties": dict(properties)}
        self._ask("PATCH", f"/crm/v3/objects/{kind}/{id_}", json=body)

    def properties(self, kind: str) -> dict[str, str]:
        """The names of all properties of a kind of record, with their types."""
        found = self._ask("GET", f"/crm/v3/properties/{kind}")["results"]
        return {one["name"]: str(one["type"]) for one in found}

    def add_properties(self, kind: str, group: Row, properties: Sequence[Row]) -> None:
        """Make properties, and their group where it is missing."""
        path = f"/crm/v3/properties/{kind}"
        groups = {one["name"] for one in self._ask("GET", f"{path}/groups")["results"]}
        if group["name"] not in groups:
            self._ask("POST", f"{path}/groups", json=group)
        self._ask("POST", f"{path}/batch/create", json={"inputs": list(properties)})

    def owners(self) -> Iterator[Row]:
        """The users whom records can belong to, archived ones too."""
        for archived in ("false", "true"):
            after = ""
            while True:
                params = {"limit": str(AT_ONCE), "archived": archived}
                params |= {"after": after} if after else {}
                page = self._ask("GET", "/crm/v3/owners/", params=params)
                yield from page["results"]
                after = str(((page.get("paging") or {}).get("next") or {}).get("after") or "")
                if not after:
                    break

    def _ask(self, method: Method, path: str, **more: Any) -> Any:
        response = self.http.send(method, path, **more)
        if response is None or not response.content:
            return {}
        self._obey(response)
        try:
            return response.json()
        except ValueError:
            raise RemoteError(
                f"{self.http.system} answered {method} {path} with something that is not JSON.",
                permanent=False, status=response.status_code,
            ) from None  # fmt: skip

    def _obey(self, response: httpx2.Response) -> None:
        """Rest where this was the last request of the current span that is let through."""
        left = response.headers.get("x-hubspot-ratelimit-remaining", "")
        span = response.headers.get("x-hubspot-ratelimit-interval-milliseconds", "")
        if left.isdecimal() and int(left) < 1 and span.isdecimal():
            self.http.sleep(min(int(span) / 1000, LONGEST_PAUSE_S))


def said(document: Any) -> str:
    """The reason in HubSpot's error document."""
    if not isinstance(document, dict):
        return ""
    errors = [error for error in document.get("errors") or () if isinstance(error, dict)]
    asked = [(error.get("context") or {}).get("requiredGranularScopes", ()) for error in errors]
    scopes = [scope for several in asked for scope in several]
    reason = str(document.get("message") or document.get("category") or "")
    return f"{reason} It wants: {', '.join(scopes)}" if scopes else reason


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
