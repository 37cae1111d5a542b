"""What a description of a REST interface says (docs/connectors/rest.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

AuthKind: TypeAlias = Literal["none", "bearer", "basic", "header", "query"]
PagingKind: TypeAlias = Literal["none", "cursor", "page", "offset", "link", "next"]
SinceFormat: TypeAlias = Literal["iso", "date", "unix", "unix_ms"]
IDENTITIES = ("email", "user", "crm", "anonymous")


@dataclass(frozen=True, slots=True)
class Auth:
    """How the key is sent; `name` is the header's or parameter's."""

    kind: AuthKind = "none"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """How one gets to the next page.

    `cursor`: the answer has a text at `source`, sent as `param`. `page`: `param` counts from
    `start`. `offset`: `param` counts records. `link`: the header Link says `rel="next"`. `next`:
    the answer has the next address at `source`.
    """

    kind: PagingKind = "none"
    param: str = ""
    source: str = ""
    start: int = 1


@dataclass(frozen=True, slots=True)
class Since:
    """The parameter by which only what changed since is asked for."""

    param: str
    format: SinceFormat = "iso"


@dataclass(frozen=True, slots=True)
class Pull:
    """Where records are, and what they are to us. Paths lead into a record: `contact.email`.

    `event` is the name of an event, None where a record is what is known of somebody.
    """

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    records: str = ""
    since: Since | None = None
    paging: Paging = Paging()
    id: str = "id"
    updated: str = ""
    event: str | None = None
    at: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    """Ours to theirs; without any all of a record is taken."""


@dataclass(frozen=True, slots=True)
class AskOne:
    """How one person or company is asked for: `path` has places such as `{email}`."""

    path: str
    record: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[int, ...] = (404,)


@dataclass(frozen=True, slots=True)
class Search:
    """How texts are looked for: `path` has the place `{about}`."""

    path: str
    records: str = ""
    id: str = "id"
    title: str = "title"
    text: str = "text"
    link: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """The whole description. `pace_s` is the least time between two requests."""

    name: str
    url: str
    auth: Auth = Auth()
    headers: Mapping[str, str] = field(default_factory=dict)
    pace_s: float = 0.0
    pull: Pull | None = None
    ask: AskOne | None = None
    search: Search | None = None
