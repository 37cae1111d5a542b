"""A request of the Segment HTTP protocol as what the record takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Raw

from leadwise.errors import UserError
from leadwise.ingest.messages import Message, Received, Refusal
from leadwise.ingest.refusing import refusal
from leadwise.ingest.segment.batches import read_batch
from leadwise.ingest.segment.events import TYPES, Arrival, Given, message_of
from leadwise.ingest.segment.wire import Read, read_event

Kind: TypeAlias = Literal[
    "identify", "track", "page", "screen", "group", "alias", "batch", "import"
]
MOST_BYTES = 500 * 1024
"""Of a request, decompressed."""
MOST_EVENT_BYTES = 32 * 1024
"""Of an event; of one in an import, as much as of a request."""


def receive(kind: Kind, body: bytes, arrival: Arrival) -> Received:
    """The messages and refusals in the body of a request.

    UserError, when nothing can be made of the whole: `not-json`, `not-a-batch`, `batch-too-long`,
    `event-not-object`, `body-too-large`.
    """
    if kind not in TYPES:
        return _receive_batch(body, arrival, historic=kind == "import")
    if len(body) > MOST_EVENT_BYTES:
        raise _too_large("body-too-large", len(body))
    read = read_event(body)
    try:
        return Received((_message(read, 0, Given(arrival, type=kind)),), (), arrival.source)
    except UserError as error:
        return Received((), (refusal(0, error, _with_type(body, kind)),), arrival.source)


def receive_again(text: str, arrival: Arrival) -> Received:
    """What a refused event is when it is sent again: `text` is the body of its Refusal."""
    return _received([Raw(text.encode())], Given(arrival))


def _receive_batch(body: bytes, arrival: Arrival, *, historic: bool) -> Received:
    batch = read_batch(body)
    return _received(batch.items, Given(arrival, None, batch.context, batch.sent_us, historic))


def _received(items: Sequence[Raw], given: Given) -> Received:
    messages, refusals = list[Message](), list[Refusal]()
    for index, item in enumerate(items):
        try:
            if len(item) > MOST_EVENT_BYTES and not given.historic:
                raise _too_large("event-too-large", len(item))
            messages.append(_message(read_event(item), index, given))
        except UserError as error:
            refusals.append(refusal(index, error, bytes(item).decode("utf-8", "replace")))
    return Received(tuple(messages), tuple(refusals), given.arrival.source)


def _message(read: Read, index: int, given: Given) -> Message:
    event, problem = read
    if problem is not None:
        raise problem
    try:
        return message_of(event, index, given)
    except RecursionError:
        raise UserError(
            "event-too-deep", "the event nests too deep", hint="Send flatter properties."
        ) from None


def _with_type(body: bytes, type_: str) -> str:
    """The event with the type that its path gave it, so that it can be sent again."""
    rest = body.decode("utf-8-sig", "replace").lstrip().removeprefix("{").lstrip()
    return f'{{"type":"{type_}"' + ("" if rest.startswith("}") else ",") + rest


def _too_large(code: str, size: int) -> UserError:
    return UserError(
        code,
        f"the event has {size} bytes, more than {MOST_EVENT_BYTES}",
        hint="Send fewer or shorter properties.",
    )
