"""Records of a REST interface as ours: paths into them, messages, facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from leadwise.asking.instants import moment_of
from leadwise.card.values import FIRST_US, parse_time
from leadwise.connect.mapping import mapped
from leadwise.connect.rest.declared import Pull, SinceFormat
from leadwise.connect.rest.reading import PLACE
from leadwise.errors import UserError
from leadwise.ingest.emails import normalised_email
from leadwise.ingest.messages import Message, Refusal
from leadwise.ingest.naming import event_names
from leadwise.ingest.refusing import no_identity, refusal
from leadwise.ingest.texts import digest, identifier
from leadwise.store.documents import canonical

_MILLISECONDS = 10**11
"""Unix times above this are in milliseconds: in seconds they would be after the year 5100."""


def at(document: Any, path: str) -> Any:
    """What stands at a path: `data.items`, `0.name`; None where nothing does. The empty path is the
    document. A key that has a full stop itself is found, too."""
    if not path:
        return document
    if isinstance(document, Mapping):
        if path in document:
            return document[path]
        key, _, rest = path.partition(".")
        return at(document.get(key), rest) if rest else document.get(key)
    if isinstance(document, list):
        key, _, rest = path.partition(".")
        if key.isdecimal() and int(key) < len(document):
            return at(document[int(key)], rest)
    return None


def instant(value: Any) -> int | None:
    """Microseconds of a time as interfaces write it: ISO 8601, Unix seconds or milliseconds."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        try:
            return parse_time(str(value).strip())
        except ValueError:
            return None
    if not abs(number) < 10**14:
        return None
    return int(number * (1_000 if abs(number) >= _MILLISECONDS else 1_000_000))


def written_as(at_us: int, format_: SinceFormat) -> str:
    """An instant as the interface wants it: never after it, for what is asked again is known."""
    if format_ == "unix":
        return str(at_us // 1_000_000)
    if format_ == "unix_ms":
        return str(at_us // 1_000)
    moment = moment_of(at_us)
    return moment.strftime("%Y-%m-%d" if format_ == "date" else "%Y-%m-%dT%H:%M:%SZ")


def message_of(
    record: Any, pull: Pull, source: str, team: Mapping[str, str], now_us: int
) -> Message | Refusal:
    """A record as a message, or why it cannot be one."""
    try:
        return _message(record, pull, source, team, now_us)
    except UserError as error:
        return refusal(0, error, json.dumps(record, ensure_ascii=False, default=str))


def _message(record: Any, pull: Pull, source: str, team: Mapping[str, str], now_us: int) -> Message:
    if not isinstance(record, Mapping):
        raise UserError("event-not-object", "the record is no JSON object", hint="Check records.")
    names = _names(record, pull)
    id_ = identifier(_plain(at(record, pull.id)), "the record's id") or ""
    updated = at(record, pull.updated) if pull.updated else None
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, default=str)
    version = str(updated) if updated is not None else digest(text.encode("utf-8", "replace"))
    changed_us = instant(updated) or now_us
    happened = instant(at(record, pull.at)) if pull.at else None
    values = (
        {ours: at(record, theirs) for ours, theirs in pull.fields.items()}
        if pull.fields else dict(record)
    )  # fmt: skip
    document = canonical(mapped(values, {}, team) if team else values)
    if pull.event is None:
        return Message(
            "identify", source, f"{id_}:{version}"[:500], "identify",
            max(FIRST_US, min(changed_us, now_us)), now_us, document=document, **names,
        )  # fmt: skip
    plain, name = event_names(pull.event)
    # An event is one however often its record changes.
    return Message(
        "track", source, id_ or version, plain,
        max(FIRST_US, min(happened if happened is not None else changed_us, now_us)), now_us, name,
        document=document, **names,
    )  # fmt: skip


def _names(record: Mapping[str, Any], pull: Pull) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind, path in pull.identity.items():
        value = identifier(_plain(at(record, path)), path)
        if value is not None and kind == "email":
            value = normalised_email(value)
        if value is not None:
            found["email" if kind == "email" else f"{kind}_id"] = value
    if not found:
        raise no_identity(" or ".join(pull.identity.values()))
    return found


def _plain(value: Any) -> str | int | None:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def filled(path: str, known: Mapping[str, Any]) -> str | None:
    """A path with its places filled in, each as one piece; None where something is not known."""
    # A dot or two would lead to another path.
    missing = [name for name in PLACE.findall(path) if known.get(name) in (None, "", ".", "..")]
    if missing:
        return None
    return PLACE.sub(lambda match: quote(str(known[match[1]]), safe=""), path)
