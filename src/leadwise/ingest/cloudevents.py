"""CloudEvents 1.0 over HTTP: structured, binary and batched."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import unquote

from leadwise.errors import UserError
from leadwise.ingest.incoming import Incoming, Notice, as_data, notice_message
from leadwise.ingest.messages import Message, Received, Refusal
from leadwise.ingest.refusing import refusal
from leadwise.ingest.texts import one_line
from leadwise.ingest.wide_json import loose_json, written

MOST_EVENTS = 2_500
"""Of one batch."""
_ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "datacontenttype")


def is_cloudevent(headers: Mapping[str, str]) -> bool:
    """Whether a request with these headers (names in lower case) bears CloudEvents."""
    return _content_type(headers).startswith("application/cloudevents") or (
        "ce-specversion" in headers
    )


def cloudevents(
    body: bytes, headers: Mapping[str, str], incoming: Incoming, received_us: int
) -> Received:
    """The messages and refusals of a request. UserError `not-json`, `not-cloudevents`, ..."""
    kind = _content_type(headers)
    if not kind.startswith("application/cloudevents"):
        return _received([_binary(body, headers)], incoming, received_us)
    if not kind.endswith("+json"):
        raise UserError(
            "not-cloudevents", f"events as {one_line(kind, 80)} cannot be read", hint="Send JSON."
        )
    value = loose_json(body)
    batched = kind.startswith("application/cloudevents-batch")
    if batched != isinstance(value, list) or not isinstance(value, list | dict):
        expected = "a list of events" if batched else "one event, a JSON object"
        raise UserError("not-cloudevents", f"the body is not {expected}")
    items: list[object] = value if isinstance(value, list) else [value]
    if len(items) > MOST_EVENTS:
        raise UserError("batch-too-long", f"the batch has more than {MOST_EVENTS} events")
    return _received(items, incoming, received_us)


def cloudevent_again(text: str, incoming: Incoming, received_us: int) -> Received:
    """What a refused event is when it is sent again: `text` is the body of its Refusal."""
    return _received([loose_json(text.encode())], incoming, received_us)


def _received(items: list[object], incoming: Incoming, received_us: int) -> Received:
    messages, refusals = list[Message](), list[Refusal]()
    for index, item in enumerate(items):
        try:
            messages.append(_message(item, incoming, received_us))
        except UserError as error:
            refusals.append(refusal(index, error, written(item)))
    protocol = f"cloudevent:{incoming.name}"
    return Received(tuple(messages), tuple(refusals), incoming.name, protocol)


def _message(item: object, incoming: Incoming, received_us: int) -> Message:
    if not isinstance(item, dict):
        raise UserError("event-not-object", "an event is a JSON object", hint="Send {...}.")
    for name in ("id", "source", "type"):
        if not isinstance(item.get(name), str) or not item[name]:
            raise UserError("cloudevent-attribute", f"the attribute {name} is missing or no text")
    if not str(item.get("specversion", "")).startswith("1."):
        raise UserError("cloudevent-attribute", "specversion is not 1.0")
    notice = Notice(
        # An id is unique within its source.
        id=f"{item['source']} {item['id']}",
        type=item["type"],
        data=as_data(_data(item)),
        subject=_optional(item, "subject"),
        time=_optional(item, "time"),
    )
    try:
        return notice_message(notice, incoming, received_us)
    except RecursionError:
        raise UserError("event-too-deep", "the event nests too deep") from None


def _data(item: Mapping[str, object]) -> object:
    encoded = item.get("data_base64")
    if not isinstance(encoded, str):
        return item.get("data")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise UserError("cloudevent-attribute", "data_base64 is not base64") from None
    try:
        return loose_json(raw)
    except UserError:
        return None  # bytes of another kind say nothing about a person


def _binary(body: bytes, headers: Mapping[str, str]) -> dict[str, object]:
    """The event of headers `ce-*` and a body, in the structured form."""
    event: dict[str, object] = {
        name: unquote(headers[f"ce-{name}"], errors="replace")
        for name in _ATTRIBUTES
        if f"ce-{name}" in headers
    }
    kind = _content_type(headers)
    if not body:
        return event
    if "json" in kind or not kind:
        event["data"] = loose_json(body)
    else:
        event["data_base64"] = base64.b64encode(body).decode("ascii")
    return event


def _optional(item: Mapping[str, object], name: str) -> str | None:
    found = item.get(name)
    return found if isinstance(found, str) and found else None


def _content_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()
