"""The Segment HTTP protocol as it is on the wire: its JSON as typed values.

What has the right types is read by msgspec in one go. What has not, or is JSON only by a wide
reading (a half of a surrogate pair, NaN: real clients send both), is read once more part by part:
a wrong part that may be missing is left out, any other is the event's problem, and only its own.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from leadwise.errors import UserError
from leadwise.ingest.wide_json import loose_json

Id: TypeAlias = str | int | None
Object: TypeAlias = dict[str, Any]


class Library(Struct):
    """`context.library`: the client that wrote the event."""

    name: str | None = None
    version: str | None = None


class Page(Struct):
    """`context.page`: where it happened."""

    url: str | None = None
    referrer: str | None = None


class Context(Struct, rename="camel"):
    """What is used of `context`."""

    ip: str | None = None
    user_agent: str | None = None
    page: Page | None = None
    campaign: Object | None = None
    library: Library | None = None
    traits: Object | None = None


class Event(Struct, rename="camel"):
    """One call of any type."""

    type: str | None = None
    event: str | None = None
    user_id: Id = None
    anonymous_id: Id = None
    previous_id: Id = None
    group_id: Id = None
    message_id: Id = None
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: str | None = None
    received_at: str | None = None
    name: str | None = None
    category: str | None = None
    properties: Object | None = None
    traits: Object | None = None
    context: Context | None = None


Read: TypeAlias = tuple[Event, UserError | None]
"""An event, and what is wrong with it if anything is."""

_EVENT = msgspec.json.Decoder(Event)
_NOT_JSON = (ValueError, RecursionError)
"""What reading raises: msgspec's errors and UnicodeDecodeError are ValueErrors."""
_IDS = ("user_id", "anonymous_id", "previous_id", "group_id", "message_id")
_NEEDED = ("type", "event", "timestamp")
_TEXTS = ("original_timestamp", "sent_at", "received_at", "name", "category")


def read_event(raw: bytes | msgspec.Raw) -> Read:
    """The event in `raw`. UserError `not-json`, `event-not-object`: there is none."""
    try:
        return _EVENT.decode(raw), None
    except _NOT_JSON:
        return loose_event(loose_json(bytes(raw)))


def loose_event(value: object) -> Read:
    """The event that decoded JSON is, with the first problem of its parts."""
    if not isinstance(value, dict):
        raise UserError("event-not-object", "an event is a JSON object", hint="Send {...}.")
    event, problems = Event(), list[UserError]()
    for name in (*_IDS, *_NEEDED, *_TEXTS):
        found = value.get(_camel(name))
        numbers = isinstance(found, int) and not isinstance(found, bool) and name in _IDS
        if found is None or isinstance(found, str) or numbers:
            setattr(event, name, found)
        elif name not in _TEXTS:
            problems.append(_wrong(_camel(name), "a text"))
    for name in ("properties", "traits"):
        found = value.get(name)
        if found is None or isinstance(found, dict):
            setattr(event, name, found)
        elif found != []:  # PHP writes an object without members as []
            problems.append(_wrong(name, "a JSON object"))
    event.context = loose_context(value.get("context"))
    return event, problems[0] if problems else None


def loose_context(value: object) -> Context | None:
    """What can be used of a context."""
    if not isinstance(value, dict):
        return None
    page, library = value.get("page"), value.get("library")
    campaign, traits = value.get("campaign"), value.get("traits")
    return Context(
        ip=_text(value, "ip"),
        user_agent=_text(value, "userAgent"),
        page=Page(_text(page, "url"), _text(page, "referrer")),
        campaign=campaign if isinstance(campaign, dict) else None,
        library=Library(_text(library, "name"), _text(library, "version")),
        traits=traits if isinstance(traits, dict) else None,
    )


def _text(value: object, key: str) -> str | None:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _wrong(name: str, expected: str) -> UserError:
    return UserError("event-wrong-type", f"{name} is not {expected}")
