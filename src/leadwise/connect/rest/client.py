"""Asking a described interface: its key, its pages."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from leadwise.connect.http import Http
from leadwise.connect.rest.declared import Declared, Paging, Pull
from leadwise.connect.rest.map import at
from leadwise.errors import RemoteError, UserError

MOST_PAGES = 100_000
_NEXT = re.compile(r"<([^>]*)>[^,]*?;\s*rel=\"?[^\",;]*\bnext\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Got:
    """A page of records, and where the next is (None: this was the last)."""

    records: list[Any]
    then: str | None


@dataclass(frozen=True, slots=True)
class RestClient:
    """Speaks to the interface of a description."""

    declared: Declared
    http: Http
    params: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, declared: Declared, http: Http, secret: str) -> RestClient:
        """With its key. UserError `connection-secret` where one is needed and there is none."""
        auth, headers, params = declared.auth, dict(declared.headers), {}
        if auth.kind != "none" and not secret:
            raise UserError(
                "connection-secret", f"{declared.name} has no key.",
                hint=f"Its auth is {auth.kind}: give the connection its secret.",
            )  # fmt: skip
        if auth.kind == "bearer":
            headers["Authorization"] = f"Bearer {secret}"
        elif auth.kind == "basic":
            headers["Authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
        elif auth.kind == "header":
            headers[auth.name] = secret
        elif auth.kind == "query":
            params[auth.name] = secret
        secrets = (*http.secrets, secret, secret.partition(":")[2]) if secret else http.secrets
        made = replace(
            http, base_url=declared.url + "/", headers={**http.headers, **headers},
            pace_s=max(http.pace_s, declared.pace_s), secrets=secrets,
        )  # fmt: skip
        return cls(declared, made, params)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The decoded answer at a path of the interface (its own parameters stay)."""
        return self._document(self._send(path, params or {}))

    def pages(self, pull: Pull, params: Mapping[str, str], start: str | None) -> Iterator[Got]:
        """The pages of records from `start` on (None: the first)."""
        place, seen, before = start, set[str](), ""
        for _ in range(MOST_PAGES):
            path, given = pull.path, {**pull.params, **params}
            if place is not None and pull.paging.kind in ("link", "next"):
                path, given = self._own(place), {}
            elif place is not None:
                given[pull.paging.param] = place
            elif pull.paging.kind == "page":
                given[pull.paging.param] = str(pull.paging.start)
            response = self._send(path, given)
            document = self._document(response)
            records = at(document, pull.records)
            if records is None and not pull.records:
                records = []
            if isinstance(records, Mapping):
                records = [records]
            if not isinstance(records, list):
                raise RemoteError(
                    f"{self.http.system} has no list of records at '{pull.records}'.",
                    permanent=True,
                )
            link = "" if response is None else response.headers.get("link", "")
            place = self._kept(_after(pull.paging, place, records, document, link))
            same = _digest(records)
            if records and (same == before or place in seen):
                raise RemoteError(
                    f"{self.http.system} gives the same page again and again: its paging is not "
                    f"as the description has it ({pull.paging.kind}).", permanent=True,
                )  # fmt: skip
            if place in seen:
                place = None  # nothing more, and the same again would be for ever
            yield Got(records, place)
            if place is None:
                return
            seen.add(place)
            before = same

    def _kept(self, place: str | None) -> str | None:
        """Where the next page is as cursors keep it: without the key, which some interfaces write
        into the address of it."""
        name = self.declared.auth.name if self.declared.auth.kind == "query" else ""
        if place is None or not name or "?" not in place:
            return place
        path, _, query = place.partition("?")
        kept = [(n, v) for n, v in parse_qsl(query, keep_blank_values=True) if n != name]
        return f"{path}?{urlencode(kept)}" if kept else path

    def _own(self, address: str) -> str:
        """The address of a next page; RemoteError where it leads to another host: our key is not
        theirs."""
        whole = urljoin(self.declared.url + "/", address)
        own, found = urlsplit(self.declared.url), urlsplit(whole)
        if (found.scheme, found.netloc) != (own.scheme, own.netloc):
            raise RemoteError(
                f"{self.http.system} names a next page on another host, {found.hostname}.",
                permanent=True,
            )
        return whole

    def _send(self, path: str, params: Mapping[str, str]) -> Any:
        own = parse_qsl(urlsplit(path).query, keep_blank_values=True)
        given = [*own, *params.items(), *self.params.items()]
        address = path if path.startswith(("http://", "https://")) else self.declared.url + path
        return self.http.send("GET", address.partition("?")[0], params=given)

    def _document(self, response: Any) -> Any:
        if response is None or not response.content:
            return None
        try:
            return response.json()
        except (ValueError, RecursionError):
            raise RemoteError(
                f"{self.http.system} answered with something that is not JSON.", permanent=False
            ) from None


def _digest(records: list[Any]) -> str:
    text = json.dumps(records, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _after(
    paging: Paging, place: str | None, records: list[Any], document: Any, link: str
) -> str | None:
    if paging.kind == "link":
        found = _NEXT.search(link)
        return found[1] if found else None
    if paging.kind in ("cursor", "next"):
        value = at(document, paging.source)
        return str(value) if value not in (None, "", False) else None
    if paging.kind == "none" or not records:
        return None
    before = int(place) if place is not None else paging.start
    return str(before + (1 if paging.kind == "page" else len(records)))
