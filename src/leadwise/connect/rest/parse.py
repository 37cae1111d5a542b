"""From the text of a description to what it says, with every problem found on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from leadwise.card.nearest import listing, suggestion
from leadwise.card.source import Mapping, Path, Scalar, Sequence, read_source
from leadwise.connect.rest.declared import (
    IDENTITIES,
    AskOne,
    Auth,
    AuthKind,
    Declared,
    Paging,
    PagingKind,
    Pull,
    Search,
    Since,
    SinceFormat,
)
from leadwise.connect.rest.reading import PLACE, Reading, fault_at
from leadwise.errors import CardError, Problem

_ID = re.compile(r"[a-z][a-z0-9_-]*")
_FORMATS = ("iso", "date", "unix", "unix_ms")
_PAGING = ("cursor", "page", "offset", "link", "next")
_TOP = ("rest", "about", "url", "auth", "headers", "pace", "pull", "ask", "search")
_PULL = (
    "path",
    "params",
    "records",
    "since",
    "paging",
    "id",
    "updated",
    "event",
    "at",
    "identity",
    "fields",
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A description where its text has no error, and all problems, in the order of the file."""

    declared: Declared | None
    problems: tuple[Problem, ...]


def parse(text: str, file: str = "rest.yaml") -> Parsed:
    """Reads and checks a description. Never raises; `file` is only named in problems."""
    source, faults = read_source(text, file, "rest")
    if source is None:
        return Parsed(None, faults)
    reading = _Reading(source, list(faults))
    declared = reading.declared()
    found = sorted(
        dict.fromkeys(reading.problems), key=lambda p: (p.where.line or 0, p.where.column or 0)
    )
    broken = any(one.severity == "error" for one in found)
    return Parsed(None if broken else declared, tuple(found))


def declared_of(text: str, file: str = "rest.yaml") -> Declared:
    """The description of a text. CardError with all problems where it has an error."""
    parsed = parse(text, file)
    if parsed.declared is None:
        raise CardError(parsed.problems)
    return parsed.declared


class _Reading(Reading):
    def declared(self) -> Declared:
        self.keys((), _TOP)
        name = self.text(("rest",), required=True, example="rest: helpdesk")
        if name and not _ID.fullmatch(name):
            fault_at(self, ("rest",), "bad-id", f"'{name}' is no id", "a to z, digits, - and _")
        url = self.text(("url",), required=True, example="url: https://api.example.com/v2")
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            fault_at(
                self,
                ("url",),
                "rest-url",
                f"'{url[:60]}' is no address of the web",
                "https://api.example.com/v2",
            )
        elif parts.username or parts.password:
            fault_at(
                self,
                ("url",),
                "rest-url",
                "a key does not belong into the file",
                "say auth: basic, and give the key to the connection",
            )
        pull = self._pull() if self.has("pull") else None
        ask = self._ask() if self.has("ask") else None
        search = self._search() if self.has("search") else None
        if pull is None and ask is None and search is None:
            fault_at(
                self,
                (),
                "missing-key",
                "it says neither pull, ask nor search",
                "say under pull where records are",
            )
        return Declared(
            name,
            url.rstrip("/"),
            self._auth(),
            self.texts(("headers",)),
            self._pace(),
            pull,
            ask,
            search,
        )

    def _auth(self) -> Auth:
        node = self.node(("auth",))
        if node is None:
            return Auth()
        if isinstance(node, Scalar):
            if node.text in ("none", "bearer", "basic"):
                return Auth(cast(AuthKind, node.text))
        elif isinstance(node, Mapping) and len(node.entries) == 1:
            kind, value = node.entries[0]
            if kind.text in ("header", "query") and isinstance(value, Scalar) and value.text:
                return Auth(cast(AuthKind, kind.text), value.text)
        fault_at(
            self,
            ("auth",),
            "wrong-type",
            "it is no way to show a key",
            "none, bearer, basic, {header: X-Api-Key} or {query: api_key}",
        )
        return Auth()

    def _pace(self) -> float:
        said = self.text(("pace",))
        if not said:
            return 0.0
        match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?s(?:econds?)?", said)
        if match is None or float(match[1]) > 60:
            fault_at(
                self,
                ("pace",),
                "bad-duration",
                f"'{said}' is no pace",
                "0.2 seconds: the least time between two requests",
            )
            return 0.0
        return float(match[1])

    def _pull(self) -> Pull:
        here: Path = ("pull",)
        self.keys(here, _PULL)
        identity = self.texts((*here, "identity"))
        for kind in identity:
            if kind not in IDENTITIES:
                hint = suggestion(kind, IDENTITIES, listing(IDENTITIES))
                said = f"'{kind}' is no kind of identity"
                fault_at(self, (*here, "identity", kind), "unknown-key", said, hint, key=True)
        if not identity:
            fault_at(
                self,
                here,
                "missing-key",
                "nothing says whose a record is",
                "identity: {email: contact.email}",
            )
        event = self.text((*here, "event")) or None
        at, updated = self.text((*here, "at")), self.text((*here, "updated"))
        if event and not (at or updated):
            fault_at(
                self, here, "missing-key", "nothing says when an event happened", "at: created_at"
            )
        since = self._since()
        if since is not None and not updated:
            fault_at(
                self,
                (*here, "since"),
                "missing-key",
                "since needs updated: what else would it be asked by",
                "updated: updated_at",
            )
        return Pull(
            self.path((*here, "path"), ()),
            self.texts((*here, "params")),
            self.text((*here, "records")),
            since,
            self._paging(),
            self.text((*here, "id")) or "id",
            updated,
            event,
            at,
            identity,
            self.fields((*here, "fields")),
        )

    def _ask(self) -> AskOne:
        here: Path = ("ask",)
        self.keys(here, ("path", "record", "fields", "unknown"))
        path = self.path((*here, "path"), None)
        if path and not PLACE.search(path):
            fault_at(
                self,
                (*here, "path"),
                "rest-place",
                "nothing in the path says who is asked for",
                "/people?email={email}",
            )
        fields = self.fields((*here, "fields"))
        if not fields:
            fault_at(
                self,
                here,
                "missing-key",
                "nothing says which facts are taken",
                "fields: {company_size: company.employees}",
            )
        return AskOne(path, self.text((*here, "record")), fields, self._unknown())

    def _search(self) -> Search:
        here: Path = ("search",)
        self.keys(here, ("path", "records", "id", "title", "text", "link"))
        path = self.path((*here, "path"), ("about",))
        if path and "{about}" not in path:
            fault_at(
                self,
                (*here, "path"),
                "rest-place",
                "the path does not say what is looked for",
                "/search?q={about}",
            )
        said = {n: self.text((*here, n)) for n in ("records", "id", "title", "text", "link")}
        return Search(path, **{name: value for name, value in said.items() if value})

    def _unknown(self) -> tuple[int, ...]:
        node = self.node(("ask", "unknown"))
        if node is None:
            return (404,)
        items = node.items if isinstance(node, Sequence) else (node,)
        texts = [one.text for one in items if isinstance(one, Scalar)]
        if len(texts) != len(items) or not all(re.fullmatch("[245][0-9][0-9]", t) for t in texts):
            fault_at(
                self,
                ("ask", "unknown"),
                "wrong-type",
                "these are no statuses of HTTP",
                "unknown: [404, 204]",
            )
            return (404,)
        return tuple(map(int, texts))

    def _since(self) -> Since | None:
        here: Path = ("pull", "since")
        node = self.node(here)
        if node is None:
            return None
        if isinstance(node, Scalar) and node.text:
            return Since(node.text)
        self.keys(here, ("param", "format"))
        param = self.text((*here, "param"), required=True, example="param: updated_after")
        format_ = self.text((*here, "format")) or "iso"
        if format_ not in _FORMATS:
            fault_at(
                self,
                (*here, "format"),
                "wrong-type",
                f"'{format_}' is no way to write a time",
                suggestion(format_, _FORMATS, listing(_FORMATS)),
            )
        return Since(param, cast(SinceFormat, format_))

    def _paging(self) -> Paging:
        here: Path = ("pull", "paging")
        node = self.node(here)
        if node is None:
            return Paging()
        if isinstance(node, Scalar) and node.text == "link":
            return Paging("link")
        if not isinstance(node, Mapping) or len(node.entries) != 1:
            fault_at(
                self,
                here,
                "rest-paging",
                "it says no one way to get to the next page",
                "{cursor: {param: cursor, from: meta.next}}, {page: {param: page}}, "
                "{offset: {param: offset}}, link or {next: links.next}",
            )
            return Paging()
        kind, value = node.entries[0][0].text, node.entries[0][1]
        if kind not in _PAGING:
            fault_at(
                self,
                (*here, kind),
                "rest-paging",
                f"'{kind}' is no way to get to the next page",
                suggestion(kind, _PAGING, listing(_PAGING)),
                key=True,
            )
            return Paging()
        below: Path = (*here, kind)
        if isinstance(value, Scalar):
            if kind == "next":
                return Paging("next", source=value.text)
            start = 0 if kind == "offset" else 1
            return Paging(cast(PagingKind, kind), value.text, start=start)
        self.keys(below, ("param", "from", "start"))
        param, source = self.text((*below, "param")), self.text((*below, "from"))
        first = self.text((*below, "start")) or ("0" if kind == "offset" else "1")
        if (kind in ("cursor", "page", "offset") and not param) or (
            kind in ("cursor", "next") and not source
        ):
            fault_at(
                self,
                below,
                "rest-paging",
                f"of {kind} it says too little",
                "cursor has param and from, page and offset param, next from",
            )
        if not first.isdecimal():
            fault_at(self, (*below, "start"), "wrong-type", "expected a whole number", "start: 1")
            first = "1"
        return Paging(cast(PagingKind, kind), param, source, int(first))
