"""One event of the Segment HTTP protocol as a message of the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from leadwise.errors import UserError
from leadwise.ingest.messages import Message, MessageType
from leadwise.ingest.naming import event_names
from leadwise.ingest.person import address_in
from leadwise.ingest.refusing import no_identity
from leadwise.ingest.segment.wire import Context, Event
from leadwise.ingest.texts import digest, identifier, one_line
from leadwise.ingest.times import happened_us, instant_or_none
from leadwise.store.documents import Document, canonical

TYPES: dict[str, MessageType] = {
    "identify": "identify", "track": "track", "page": "page",
    "screen": "screen", "group": "group", "alias": "alias",
}  # fmt: skip
_VIEWS = {"page": "page_viewed", "screen": "screen_viewed"}
_EMPTY = Context()


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a request besides its body.

    `source` is the name of the write key; `ip` and `user_agent` are the peer's. They stand in for
    what an event does not say only where a browser sent it: else they are those of a server.
    """

    source: str
    received_us: int
    ip: str | None = None
    user_agent: str | None = None

    @property
    def by_browser(self) -> bool:
        """Whether the peer is the person's own browser (or says so)."""
        return self.user_agent is not None and self.user_agent.startswith("Mozilla/")


@dataclass(frozen=True, slots=True)
class Given:
    """What goes for all events of a request.

    `historic` times are taken as they stand, without correction of the sender's clock.
    """

    arrival: Arrival
    type: str | None = None
    context: Context | None = None
    sent_us: int | None = None
    historic: bool = False


def message_of(event: Event, index: int, given: Given) -> Message:
    """The message that an event is; `index` is its place in the request. UserError: it is none."""
    type_ = _type(given.type or event.type)
    arrival, context = given.arrival, event.context or _EMPTY
    if given.context is not None:
        context = _merged(context, given.context)
    user_id = identifier(event.user_id, "userId")
    anonymous_id = identifier(event.anonymous_id, "anonymousId")
    email = _email(type_, event, context)
    if user_id is None and anonymous_id is None and email is None:
        raise no_identity("userId, anonymousId or an e-mail address")
    previous_id = group_id = None
    if type_ == "alias":
        previous_id = _required(event.previous_id, "previousId")
        if user_id is None:
            raise UserError("missing-id", "an alias has no userId", hint="Send userId.")
    elif type_ == "group":
        group_id = _required(event.group_id, "groupId")
    plain, name = _names(type_, event)
    sent_us = given.sent_us
    if sent_us is None:
        sent_us = instant_or_none(event.sent_at)
    return Message(
        type=type_,
        source=arrival.source,
        message_id=_message_id(event, index, arrival),
        event=plain,
        at_us=_at_us(event, sent_us, given),
        received_us=arrival.received_us,
        name=name,
        user_id=user_id,
        anonymous_id=anonymous_id,
        email=email,
        previous_id=previous_id,
        group_id=group_id,
        sent_us=sent_us,
        document=_document(type_, event, context),
        context=_context(type_, event, context, arrival),
    )


def _type(sent: str | None) -> MessageType:
    found = TYPES.get(sent or "") or TYPES.get((sent or "").strip().lower())
    if found is None:
        said = "no type" if not sent else f"the type '{one_line(sent, 40)}'"
        raise UserError(
            "event-type", f"the event has {said}", hint=f"Send one of {', '.join(TYPES)}."
        )
    return found


def _names(type_: MessageType, event: Event) -> tuple[str, str | None]:
    if type_ == "track":
        return event_names(event.event or "")
    return _VIEWS.get(type_, type_), None


def _email(type_: MessageType, event: Event, context: Context) -> str | None:
    # The traits of a group are a company's: its e-mail address is not the person's.
    own = event.traits if type_ == "identify" else None if type_ == "group" else event.properties
    return address_in(own, context.traits) if own or context.traits else None


def _at_us(event: Event, sent_us: int | None, given: Given) -> int:
    # With receivedAt another collector had it before, which has corrected the time already.
    corrected = given.historic or event.received_at is not None
    text = event.timestamp or event.original_timestamp
    try:
        return happened_us(text, None if corrected else sent_us, given.arrival.received_us)
    except ValueError as error:
        raise UserError("event-time", f"timestamp: {error}") from None


def _message_id(event: Event, index: int, arrival: Arrival) -> str:
    """What was sent; else made of the event, so that the same request again gives the same id.

    Without a time of its own an event cannot be told from the next alike, so each is a new one.
    """
    sent = identifier(event.message_id, "messageId")
    if sent is not None:
        return sent
    timed = event.timestamp or event.original_timestamp
    moment = "" if timed else str(arrival.received_us)
    written = repr(msgspec.to_builtins(event)).encode("utf-8", "replace")
    return "auto-" + digest(written, f"{index} {moment}".encode())


def _required(value: str | int | None, what: str) -> str:
    found = identifier(value, what)
    if found is None:
        raise UserError("missing-id", f"{what} is missing", hint=f"Send {what}.")
    return found


def _document(type_: MessageType, event: Event, context: Context) -> Document:
    if type_ == "identify":
        # RudderStack's clients write the traits of an identify into the context.
        return canonical((context.traits or {}) | (event.traits or {}))
    if type_ == "group":
        return canonical(event.traits or {})
    if type_ == "alias":
        return {}
    document = canonical(event.properties) if event.properties else {}
    if type_ != "track":
        _add(document, {"name": event.name, "category": event.category})
    if context.campaign:
        _add(document, {"campaign": context.campaign})
    return document


def _add(document: Document, values: Mapping[str, object]) -> None:
    """Put what the document does not say itself."""
    own = set(document)
    for key, value in canonical(values).items():
        if value is not None and key.partition("#")[0] not in own:
            document[key] = value


def _context(
    type_: MessageType, event: Event, context: Context, arrival: Arrival
) -> Mapping[str, str]:
    page, library = context.page, context.library
    url = page.url if page else None
    if url is None and type_ == "page" and event.properties:
        sent = event.properties.get("url")
        url = sent if isinstance(sent, str) else None
    browser = arrival.by_browser
    kept: dict[str, str] = {}
    _keep(kept, "ip", context.ip or (arrival.ip if browser else None), 100)
    _keep(
        kept, "user_agent", context.user_agent or (arrival.user_agent if browser else None), 1_000
    )
    _keep(kept, "url", url, 2_000)
    if page:
        _keep(kept, "referrer", page.referrer, 2_000)
    if library:
        version = f"/{library.version}" if library.version else ""
        _keep(kept, "library", f"{library.name or ''}{version}", 200)
    return kept


def _keep(kept: dict[str, str], key: str, sent: str | None, most: int) -> None:
    if sent and (text := one_line(sent, most)):
        kept[key] = text


def _merged(own: Context, of_all: Context) -> Context:
    """The item's context, with that of the batch where it says nothing."""
    return Context(
        own.ip or of_all.ip,
        own.user_agent or of_all.user_agent,
        own.page or of_all.page,
        own.campaign or of_all.campaign,
        own.library or of_all.library,
        own.traits or of_all.traits,
    )
