"""One Pipedrive company: pages by cursor, custom fields by their codes, limits of rate held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx2

from leadwise.connect.http import Http, Method
from leadwise.errors import RemoteError

Row: TypeAlias = dict[str, Any]
API = "/api/v2"
PAGE = 500
LONGEST_REST_S = 10.0
"""Pauses that a used-up rate asks for are made here up to so long."""
TOO_MANY_S = 60.0
NOUNS = {"person": "persons", "organization": "organizations", "deal": "deals",
         "activity": "activities"}  # fmt: skip


@dataclass(slots=True)
class Client:
    """A company, as the user whose token it is."""

    http: Http
    token: str = field(repr=False)
    _rest_s: float = 0.0
    _fields: dict[str, dict[str, Row]] = field(default_factory=dict)
    _stages: list[Row] | None = None
    _owners: dict[int, str] | None = None

    def call(self, method: Method, path: str, **more: Any) -> Any:
        """The answer's document; {} where a dry run left it out."""
        if self._rest_s:
            self.http.sleep(self._rest_s)
            self._rest_s = 0.0
        try:
            response = self.http.send(method, path, headers={"x-api-token": self.token}, **more)
        except RemoteError as error:
            if error.status != 429 or error.after_s is not None:
                raise
            raise RemoteError(str(error), permanent=False, status=429, after_s=TOO_MANY_S) from None
        if response is None:
            return {}
        self._rest_s = _rest(response)
        try:
            return response.json()
        except ValueError:
            raise RemoteError(f"Pipedrive answered {path} with no JSON.", permanent=False) from None

    def pages(self, path: str, cursor: str = "", **params: str) -> Iterator[tuple[list[Row], str]]:
        """The records of a list, each part with the cursor after it (empty with the last)."""
        while True:
            asked = {**params, "limit": params.get("limit", str(PAGE))}
            said = self.call(
                "GET", API + path, params=asked | ({"cursor": cursor} if cursor else {})
            )
            cursor = str((said.get("additional_data") or {}).get("next_cursor") or "")
            yield said.get("data") or [], cursor
            if not cursor:
                return

    def rows(self, path: str, **params: str) -> list[Row]:
        """All records of a list."""
        return [row for rows, _ in self.pages(path, **params) for row in rows]

    def by_ids(self, noun: str, ids: list[int], **params: str) -> dict[int, Row]:
        """Those of these records that there are."""
        found: dict[int, Row] = {}
        for start in range(0, len(ids), 100):
            some = ",".join(str(id_) for id_ in ids[start : start + 100])
            found.update(
                (row["id"], row) for row in self.rows(f"/{NOUNS[noun]}", ids=some, **params)
            )
        return found

    def one(self, noun: str, id_: str) -> Row | None:
        """A record; None where it is not there."""
        params = {} if noun == "activity" else {"include_option_labels": "true"}
        try:
            said = self.call("GET", f"{API}/{NOUNS[noun]}/{id_}", params=params)
        except RemoteError as error:
            if error.status in (404, 410):
                return None
            raise
        row: Row | None = said.get("data")
        return None if row is None or row.get("is_deleted") else row

    def found(self, noun: str, term: str, where: str) -> list[Row]:
        """What an exact search says: `where` is `email` or `custom_fields`."""
        said = self.call(
            "GET", f"{API}/{NOUNS[noun]}/search",
            params={"term": term, "fields": where, "exact_match": "true"},
        )  # fmt: skip
        return [one["item"] for one in (said.get("data") or {}).get("items") or ()]

    def fields(self, noun: str) -> dict[str, Row]:
        """The fields of a kind of record by their codes (custom ones: 40 signs). Asked once."""
        if noun not in self._fields:
            rows = self.rows(f"/{noun}Fields")
            self._fields[noun] = {row["field_code"]: row for row in rows}
        return self._fields[noun]

    def code(self, noun: str, name: str) -> str | None:
        """The code of a field that is said by its code, or a custom one by what people read."""
        fields = self.fields(noun)
        if name in fields:
            return name
        plain = name.strip().lower()
        custom = (c for c, one in fields.items() if one["is_custom_field"])
        return next((c for c in custom if fields[c]["field_name"].strip().lower() == plain), None)

    def forget_fields(self) -> None:
        """After fields were made."""
        self._fields.clear()

    def stages(self) -> list[Row]:
        """All stages of all pipelines. Asked once."""
        if self._stages is None:
            self._stages = self.rows("/stages")
        return self._stages

    def owners(self) -> Mapping[int, str]:
        """The e-mail addresses of the users. Asked once."""
        if self._owners is None:
            said = self.call("GET", "/v1/users")
            self._owners = {one["id"]: one["email"] for one in said.get("data") or ()}
        return self._owners


def said(document: Any) -> str:
    """The reason in an error of Pipedrive's."""
    if not isinstance(document, Mapping):
        return ""
    parts = (document.get("error"), document.get("error_info"), document.get("message"))
    return "; ".join(str(part) for part in parts if part)


def _rest(response: httpx2.Response) -> float:
    """How long to rest before the next call: where none is left of this span of seconds."""
    headers = response.headers
    if headers.get("x-ratelimit-remaining") != "0":
        return 0.0
    try:
        return min(max(float(headers.get("x-ratelimit-reset") or 0), 0.0), LONGEST_REST_S)
    except ValueError:
        return 0.0
