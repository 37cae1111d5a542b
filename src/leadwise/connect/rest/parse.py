"""From the text of a description to what it says, with every problem found on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from leadwise.card.nearest import listing, suggestion
from leadwise.card.source import Mapping, Node, Path, Scalar, Sequence, Source, read_source
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
from leadwise.errors import CardError, Problem

_ID = re.compile(r"[a-z][a-z0-9_-]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
PLACE = re.compile(r"\{([^{}]*)\}")
_FORMATS = ("iso", "date", "unix", "unix_ms")
_PAGING = ("cursor", "page", "offset", "link", "next")
_TOP = ("rest", "about", "url", "auth", "headers", "pace", "pull", "ask", "search")
_PULL = ("path", "params", "records", "since", "paging", "id", "updated", "event", "at",
         "identity", "fields")  # fmt: skip


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


@dataclass(slots=True)
class _Reading:
    source: Source
    problems: list[Problem] = field(default_factory=list)

    def declared(self) -> Declared:
        self._keys((), _TOP)
        name = self._text(("rest",), required=True, example="rest: helpdesk")
        if name and not _ID.fullmatch(name):
            self._wrong(("rest",), "bad-id", f"'{name}' is no id", "a to z, digits, - and _")
        url = self._text(("url",), required=True, example="url: https://api.example.com/v2")
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            self._wrong(("url",), "rest-url", f"'{url[:60]}' is no address of the web",
                        "https://api.example.com/v2")  # fmt: skip
        elif parts.username or parts.password:
            self._wrong(("url",), "rest-url", "a key does not belong into the file",
                        "say auth: basic, and give the key to the connection")  # fmt: skip
        pull = self._pull() if self._has("pull") else None
        ask = self._ask() if self._has("ask") else None
        search = self._search() if self._has("search") else None
        if pull is None and ask is None and search is None:
            self._wrong((), "missing-key", "it says neither pull, ask nor search",
                        "say under pull where records are")  # fmt: skip
        return Declared(
            name, url.rstrip("/"), self._auth(), self._texts(("headers",)), self._pace(), pull, ask,
            search,
        )  # fmt: skip

    def _auth(self) -> Auth:
        node = self._node(("auth",))
        if node is None:
            return Auth()
        if isinstance(node, Scalar):
            if node.text in ("none", "bearer", "basic"):
                return Auth(cast(AuthKind, node.text))
        elif isinstance(node, Mapping) and len(node.entries) == 1:
            kind, value = node.entries[0]
            if kind.text in ("header", "query") and isinstance(value, Scalar) and value.text:
                return Auth(cast(AuthKind, kind.text), value.text)
        self._wrong(("auth",), "wrong-type", "it is no way to show a key",
                    "none, bearer, basic, {header: X-Api-Key} or {query: api_key}")  # fmt: skip
        return Auth()

    def _pace(self) -> float:
        said = self._text(("pace",))
        if not said:
            return 0.0
        match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?s(?:econds?)?", said)
        if match is None or float(match[1]) > 60:
            self._wrong(("pace",), "bad-duration", f"'{said}' is no pace",
                        "0.2 seconds: the least time between two requests")  # fmt: skip
            return 0.0
        return float(match[1])

    def _pull(self) -> Pull:
        here: Path = ("pull",)
        self._keys(here, _PULL)
        identity = self._texts((*here, "identity"))
        for kind in identity:
            if kind not in IDENTITIES:
                hint = suggestion(kind, IDENTITIES, listing(IDENTITIES))
                said = f"'{kind}' is no kind of identity"
                self._wrong((*here, "identity", kind), "unknown-key", said, hint, key=True)
        if not identity:
            self._wrong(here, "missing-key", "nothing says whose a record is",
                        "identity: {email: contact.email}")  # fmt: skip
        event = self._text((*here, "event")) or None
        at, updated = self._text((*here, "at")), self._text((*here, "updated"))
        if event and not (at or updated):
            self._wrong(here, "missing-key", "nothing says when an event happened",
                        "at: created_at")  # fmt: skip
        since = self._since()
        if since is not None and not updated:
            self._wrong((*here, "since"), "missing-key",
                        "since needs updated: what else would it be asked by",
                        "updated: updated_at")  # fmt: skip
        return Pull(
            self._path((*here, "path"), ()), self._texts((*here, "params")),
            self._text((*here, "records")), since, self._paging(),
            self._text((*here, "id")) or "id", updated, event, at, identity,
            self._fields((*here, "fields")),
        )  # fmt: skip

    def _ask(self) -> AskOne:
        here: Path = ("ask",)
        self._keys(here, ("path", "record", "fields", "unknown"))
        path = self._path((*here, "path"), None)
        if path and not PLACE.search(path):
            self._wrong((*here, "path"), "rest-place", "nothing in the path says who is asked for",
                        "/people?email={email}")  # fmt: skip
        fields = self._fields((*here, "fields"))
        if not fields:
            self._wrong(here, "missing-key", "nothing says which facts are taken",
                        "fields: {company_size: company.employees}")  # fmt: skip
        return AskOne(path, self._text((*here, "record")), fields, self._unknown())

    def _search(self) -> Search:
        here: Path = ("search",)
        self._keys(here, ("path", "records", "id", "title", "text", "link"))
        path = self._path((*here, "path"), ("about",))
        if path and "{about}" not in path:
            self._wrong((*here, "path"), "rest-place", "the path does not say what is looked for",
                        "/search?q={about}")  # fmt: skip
        said = {n: self._text((*here, n)) for n in ("records", "id", "title", "text", "link")}
        return Search(path, **{name: value for name, value in said.items() if value})

    def _unknown(self) -> tuple[int, ...]:
        node = self._node(("ask", "unknown"))
        if node is None:
            return (404,)
        items = node.items if isinstance(node, Sequence) else (node,)
        texts = [one.text for one in items if isinstance(one, Scalar)]
        if len(texts) != len(items) or not all(re.fullmatch("[245][0-9][0-9]", t) for t in texts):
            self._wrong(("ask", "unknown"), "wrong-type", "these are no statuses of HTTP",
                        "unknown: [404, 204]")  # fmt: skip
            return (404,)
        return tuple(map(int, texts))

    def _since(self) -> Since | None:
        here: Path = ("pull", "since")
        node = self._node(here)
        if node is None:
            return None
        if isinstance(node, Scalar) and node.text:
            return Since(node.text)
        self._keys(here, ("param", "format"))
        param = self._text((*here, "param"), required=True, example="param: updated_after")
        format_ = self._text((*here, "format")) or "iso"
        if format_ not in _FORMATS:
            self._wrong((*here, "format"), "wrong-type", f"'{format_}' is no way to write a time",
                        suggestion(format_, _FORMATS, listing(_FORMATS)))  # fmt: skip
        return Since(param, cast(SinceFormat, format_))

    def _paging(self) -> Paging:
        here: Path = ("pull", "paging")
        node = self._node(here)
        if node is None:
            return Paging()
        if isinstance(node, Scalar) and node.text == "link":
            return Paging("link")
        if not isinstance(node, Mapping) or len(node.entries) != 1:
            self._wrong(here, "rest-paging", "it says no one way to get to the next page",
                        "{cursor: {param: cursor, from: meta.next}}, {page: {param: page}}, "
                        "{offset: {param: offset}}, link or {next: links.next}")  # fmt: skip
            return Paging()
        kind, value = node.entries[0][0].text, node.entries[0][1]
        if kind not in _PAGING:
            self._wrong((*here, kind), "rest-paging", f"'{kind}' is no way to get to the next page",
                        suggestion(kind, _PAGING, listing(_PAGING)), key=True)  # fmt: skip
            return Paging()
        below: Path = (*here, kind)
        if isinstance(value, Scalar):
            if kind == "next":
                return Paging("next", source=value.text)
            start = 0 if kind == "offset" else 1
            return Paging(cast(PagingKind, kind), value.text, start=start)
        self._keys(below, ("param", "from", "start"))
        param, source = self._text((*below, "param")), self._text((*below, "from"))
        first = self._text((*below, "start")) or ("0" if kind == "offset" else "1")
        if (kind in ("cursor", "page", "offset") and not param) or (
            kind in ("cursor", "next") and not source
        ):
            self._wrong(below, "rest-paging", f"of {kind} it says too little",
                        "cursor has param and from, page and offset param, next from")  # fmt: skip
        if not first.isdecimal():
            self._wrong((*below, "start"), "wrong-type", "expected a whole number", "start: 1")
            first = "1"
        return Paging(cast(PagingKind, kind), param, source, int(first))

    def _path(self, path: Path, places: tuple[str, ...] | None) -> str:
        said = self._text(path, required=True, example="path: /tickets")
        if said and not said.startswith("/"):
            self._wrong(path, "rest-url", "a path begins with /", f"/{said[:40]}")
        if places is not None:
            for name in PLACE.findall(said):
                if name not in places:
                    hint = "it may have {about}" if places else "it has no places"
                    self._wrong(path, "rest-place", f"'{{{name}}}' is no place here", hint)
        return said

    def _fields(self, path: Path) -> dict[str, str]:
        found = self._texts(path)
        for name in found:
            if not _NAME.fullmatch(name):
                self._wrong((*path, name), "bad-name", f"'{name}' is no name of a field",
                            "letters, digits, - _ and .", key=True)  # fmt: skip
        return found

    def _texts(self, path: Path) -> dict[str, str]:
        node = self._node(path)
        if node is None:
            return {}
        if not isinstance(node, Mapping):
            self._wrong(
                path, "wrong-type", f"expected a mapping, this is {node.kind}", "name: value"
            )
            return {}
        found: dict[str, str] = {}
        for key, value in node.entries:
            if isinstance(value, Scalar) and not value.is_nothing:
                found[key.text] = value.text
            else:
                said = f"expected a text, this is {value.kind}"
                self._wrong((*path, key.text), "wrong-type", said, f"{key.text}: value")
        return found

    def _text(self, path: Path, *, required: bool = False, example: str = "") -> str:
        node = self._node(path)
        if node is None or (isinstance(node, Scalar) and node.is_nothing):
            if required:
                self._wrong(path[:-1], "missing-key", f"'{path[-1]}' is missing", example)
            return ""
        if not isinstance(node, Scalar):
            self._wrong(path, "wrong-type", f"expected a text, this is {node.kind}", example)
            return ""
        return node.text

    def _keys(self, path: Path, known: tuple[str, ...]) -> None:
        node = self._node(path)
        if not isinstance(node, Mapping):
            if node is not None:
                self._wrong(path, "wrong-type", f"expected a mapping, this is {node.kind}",
                            f"it has {listing(known)}")  # fmt: skip
            return
        for key, _ in node.entries:
            if key.text not in known:
                hint = suggestion(key.text, known, f"there are {listing(known, 12)}")
                said = f"'{key.text}' is not known here"
                self._wrong((*path, key.text), "unknown-key", said, hint, key=True)

    def _has(self, name: str) -> bool:
        return self._node((name,)) is not None

    def _node(self, path: Path) -> Node | None:
        here: Any = self.source.root
        for step in path:
            here = here.get(str(step)) if isinstance(here, Mapping) else None
            if here is None:
                return None
        return cast("Node | None", here)

    def _wrong(self, path: Path, code: str, said: str, hint: str, *, key: bool = False) -> None:
        where = self.source.key_place(path) if key else self.source.place(path)
        self.problems.append(Problem(code, said, hint, where))
