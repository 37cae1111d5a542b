"""Batches and write keys of the Segment HTTP protocol."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Raw, Struct

from leadwise.errors import UserError
from leadwise.ingest.segment.wire import Context, loose_context
from leadwise.ingest.times import instant_or_none
from leadwise.ingest.wide_json import loose_json

MOST_EVENTS = 2_500
"""Of one batch, as Segment has it."""


class _Batch(Struct, rename="camel"):
    batch: list[Raw]
    context: Context | None = None
    sent_at: str | None = None


class _Keyed(Struct, rename="camel"):
    write_key: str | None = None
    batch: list[_Keyed] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The items as JSON, none read yet, and what goes for all of them."""

    items: Sequence[Raw]
    context: Context | None = None
    sent_us: int | None = None


_BATCH = msgspec.json.Decoder(_Batch)
_KEYED = msgspec.json.Decoder(_Keyed)


def read_batch(body: bytes) -> Batch:
    """The batch in `body`; an item is only read later. UserError: the whole cannot be read."""
    try:
        read = _BATCH.decode(body)
        batch = Batch(read.batch, read.context, instant_or_none(read.sent_at))
    except (ValueError, RecursionError):
        batch = _loose_batch(loose_json(body))
    if len(batch.items) > MOST_EVENTS:
        raise UserError(
            "batch-too-long",
            f"the batch has {len(batch.items)} events, more than {MOST_EVENTS}",
            hint="Send several batches.",
        )
    return batch


def write_key_in(body: bytes) -> str | None:
    """The write key that a body holds: its own, else that of its first event."""
    try:
        keyed = _KEYED.decode(body)
        first = keyed.batch[0] if keyed.batch else None
        return keyed.write_key or (first.write_key if first else None)
    except (ValueError, RecursionError):
        value = loose_json(body)
    for candidate in (value, _first(value)):
        key = candidate.get("writeKey") if isinstance(candidate, dict) else None
        if isinstance(key, str) and key:
            return key
    return None


def _first(value: object) -> object:
    items = value.get("batch") if isinstance(value, dict) else None
    return items[0] if isinstance(items, list) and items else None


def _loose_batch(value: object) -> Batch:
    items = value.get("batch") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(items, list):
        raise UserError(
            "not-a-batch", "the body has no list of events", hint='Send {"batch": [...]}.'
        )
    sent = value.get("sentAt")
    return Batch(
        [Raw(json.dumps(item).encode()) for item in items],
        loose_context(value.get("context")),
        instant_or_none(sent if isinstance(sent, str) else None),
    )
