"""Refused events read again, by the protocol that they came by."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.ingest.cloudevents import cloudevent_again
from leadwise.ingest.forms import Form, Posting, form_again
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.incoming import Incoming
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import Recorded, record
from leadwise.ingest.segment import Arrival, receive_again
from leadwise.ingest.sources import load_form, load_incoming
from leadwise.ingest.webhooks import webhook_again
from leadwise.store.audit import audit
from leadwise.store.refusals import Refused, get_refused, mark_sent_again


def send_again(
    connection: Connection, refused_id: int, body: str | None, rules: GateRules, *,
    by: str, now_us: int,
) -> Recorded:  # fmt: skip
    """Record a refused event as it was, or with a `body` that was put right.

    UserError where there is none (`no-such-refused`), or with the code and reason for which it is
    refused again; it stays in the list then.
    """
    old = get_refused(connection, refused_id)
    received = read_again(connection, old, old.body if body is None else body)
    if received.refusals:
        again = received.refusals[0]
        raise UserError(again.code, again.reason, hint="Send it with a body that was put right.")
    found = record(connection, received, rules, now_us)
    mark_sent_again(connection, refused_id, now_us)
    audit(connection, by, "resend", "refused", refused_id, None, now_us)
    return found


def read_again(connection: Connection, refused: Refused, text: str) -> Received:
    """What `text` (the body as it was, or put right) holds, as received when it was refused.

    Raises UserError where it cannot be read by its protocol.
    """
    kind, _, name = refused.protocol.partition(":")
    match kind:
        case "form":
            posting = Posting((), f"again-{refused.id}", refused.received_us)
            return form_again(_form(connection, name), text, posting)
        case "cloudevent":
            return cloudevent_again(text, _incoming(connection, name), refused.received_us)
        case "webhook":
            return webhook_again(text, _incoming(connection, name), refused.received_us)
        case "message":
            return Received((_message(text),), (), refused.source, "message")
        case "file":
            raise UserError(
                "refused-file",
                f"Line {refused.place} is a row of the file {refused.source}.",
                hint="Put the file right and import it again: other rows stay as they are.",
            )
        case "connection":
            raise UserError(
                "refused-record",
                f"That was a record of the connection {name}.",
                hint="Put it right there: it is pulled again when it has changed.",
            )
        case _:
            return receive_again(text, Arrival(refused.source, refused.received_us))


def _form(connection: Connection, name: str) -> Form:
    found = load_form(connection, name)
    if found is None:
        raise UserError("no-such-form", f"There is no form {name!r} any more.")
    return found


def _incoming(connection: Connection, name: str) -> Incoming:
    found = load_incoming(connection, name)
    if found is None:
        raise UserError("no-such-source", f"There is no source {name!r} any more.")
    return found


def _message(text: str) -> Message:
    try:
        return msgspec.json.decode(text, type=Message)
    except (msgspec.DecodeError, ValueError) as error:
        raise UserError("not-json", f"That is no message: {error}") from None
