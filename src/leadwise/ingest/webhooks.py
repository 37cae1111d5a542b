"""Incoming webhooks by the Standard Webhooks specification: signature, then the message."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from leadwise.errors import UserError
from leadwise.ingest.incoming import Incoming, Notice, as_data, notice_message
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.refusing import refusal
from leadwise.ingest.texts import digest
from leadwise.ingest.wide_json import loose_json, written

TOLERANCE_S = 5 * 60
"""How far the time of a signature may be from ours, as the specification recommends: an old
request cannot be sent again by somebody who saw it."""
_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def verify(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], received_us: int
) -> None:
    """UserError `webhook-signature` unless one of the secrets signed this body, and lately.

    Names of headers are in lower case. The clock is the argument, so that a test can say what time
    it is; the package's own `verify` reads the machine's.
    """
    missing = [name for name in _HEADERS if not headers.get(name)]
    if missing:
        raise _unsigned(f"the header {missing[0]} is missing")
    try:
        sent_s = int(headers["webhook-timestamp"])
        text = body.decode("utf-8")
        moment = datetime.fromtimestamp(sent_s, UTC)
    except (ValueError, OverflowError, OSError):
        raise _unsigned("the header webhook-timestamp or the body cannot be read") from None
    if abs(sent_s - received_us // 1_000_000) > TOLERANCE_S:
        raise _unsigned(f"the signature is older or newer than {TOLERANCE_S // 60} minutes")
    given = [part[3:] for part in headers["webhook-signature"].split() if part.startswith("v1,")]
    for secret in secrets:
        signed = Webhook(secret).sign(headers["webhook-id"], moment, text)
        expected = base64.b64decode(signed.partition(",")[2])
        if any(hmac.compare_digest(expected, _decoded(each)) for each in given):
            return
    raise _unsigned("no signature fits the body")


def webhook(
    body: bytes, headers: Mapping[str, str], incoming: Incoming, received_us: int
) -> Received:
    """The message (or refusal) of a request whose signature has been checked.

    The body is `{"type": ..., "timestamp": ..., "data": {...}}`. UserError `not-json`.
    """
    value = loose_json(body)
    sent = headers.get("webhook-id") or ""
    # Without an id the same body is the same message: a sender tries again with what it has.
    return _received(value, sent or "auto-" + digest(body), incoming, received_us)


def webhook_again(text: str, incoming: Incoming, received_us: int) -> Received:
    """What a refused message is when it is sent again: `text` is the body of its Refusal."""
    return _received(
        loose_json(text.encode()), "auto-" + digest(text.encode()), incoming, received_us
    )


def _received(value: object, id_: str, incoming: Incoming, received_us: int) -> Received:
    protocol = f"webhook:{incoming.name}"
    try:
        messages = (_message(value, id_, incoming, received_us),)
    except UserError as error:
        refused = (refusal(0, error, written(value)),)
        return Received((), refused, incoming.name, protocol)
    return Received(messages, (), incoming.name, protocol)


def _message(value: object, id_: str, incoming: Incoming, received_us: int) -> Message:
    if not isinstance(value, dict):
        raise UserError("event-not-object", "a message is a JSON object", hint="Send {...}.")
    type_, time = value.get("type"), value.get("timestamp")
    if not isinstance(type_, str) or not type_:
        raise UserError("event-type", "the message has no type", hint='Send "type": "...".')
    notice = Notice(
        id=id_,
        type=type_,
        data=as_data(value.get("data")),
        time=time if isinstance(time, str) else None,
    )
    try:
        return notice_message(notice, incoming, received_us)
    except RecursionError:
        raise UserError("event-too-deep", "the message nests too deep") from None


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _unsigned(why: str) -> UserError:
    return UserError(
        "webhook-signature",
        why,
        hint="Sign the body by Standard Webhooks with this source's secret.",
    )
