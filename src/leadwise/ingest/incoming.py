"""Events of any other program, by CloudEvents or Standard Webhooks: what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadwise.errors import UserError
from leadwise.ingest.messages import Message
from leadwise.ingest.naming import event_names
from leadwise.ingest.person import address_of
from leadwise.ingest.refusing import no_identity
from leadwise.ingest.texts import digest, identifier
from leadwise.ingest.times import happened_us
from leadwise.store.documents import canonical


@dataclass(frozen=True, slots=True)
class Incoming:
    """A source that posts to `/in/<name>`, and how its data is read.

    `secrets`: each request must bear a Standard Webhooks signature by one of them (several while
    one replaces another); without any, whoever knows the name may post. The tuples are keys of the
    data, dotted (`customer.email`), of which the first that holds something counts. `events`:
    names of events by the type that is sent, where the type itself is not wanted. `traits`: types
    whose data says what is known of the person, rather than what was done.
    """

    name: str
    secrets: tuple[str, ...] = ()
    user_id: tuple[str, ...] = ("user_id", "userId")
    anonymous_id: tuple[str, ...] = ("anonymous_id", "anonymousId")
    crm_id: tuple[str, ...] = ("crm_id", "crmId")
    email: tuple[str, ...] = ("email",)
    events: Mapping[str, str] = field(default_factory=dict)
    traits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Notice:
    """One event of another program, whatever it came by. `time` is ISO 8601."""

    id: str
    type: str
    data: Mapping[str, object]
    subject: str | None = None
    time: str | None = None


def notice_message(notice: Notice, incoming: Incoming, received_us: int) -> Message:
    """The message that a notice is. UserError: nothing says whose it is, or a part is wrong.

    The subject stands for the person only where the data names nobody: `order/17` is no person.
    """
    user_id = _id(notice.data, incoming.user_id)
    anonymous_id = _id(notice.data, incoming.anonymous_id)
    crm_id = _id(notice.data, incoming.crm_id)
    found = _at(notice.data, incoming.email)
    email = address_of(found) if isinstance(found, str) else None
    if not (user_id or anonymous_id or crm_id or email) and notice.subject:
        email = address_of(notice.subject)
        user_id = None if email else identifier(notice.subject, "subject")
    if not (user_id or anonymous_id or crm_id or email):
        raise no_identity("a subject, or data with an email or user_id")
    says = notice.type in incoming.traits
    plain, name = event_names(incoming.events.get(notice.type, notice.type))
    try:
        at_us = happened_us(notice.time, None, received_us)
    except ValueError as error:
        raise UserError("event-time", f"time: {error}") from None
    return Message(
        type="identify" if says else "track",
        source=incoming.name,
        message_id=bounded_id(notice.id),
        event="identify" if says else plain,
        at_us=at_us,
        received_us=received_us,
        name=None if says else name,
        user_id=user_id,
        anonymous_id=anonymous_id,
        crm_id=crm_id,
        email=email,
        document=canonical(notice.data),
    )


def bounded_id(text: str) -> str:
    """The id itself, or a digest of it where it is too long for a key."""
    try:
        return identifier(text, "id") or digest(text.encode("utf-8", "replace"))
    except UserError:
        return digest(text.encode("utf-8", "replace"))


def as_data(value: object) -> Mapping[str, object]:
    """The data of an event as an object: what is none stands under `data`."""
    if isinstance(value, Mapping):
        return value
    return {} if value is None else {"data": value}


def _id(data: Mapping[str, object], paths: tuple[str, ...]) -> str | None:
    found = _at(data, paths)
    if isinstance(found, str | int) and not isinstance(found, bool):
        return identifier(found, paths[0])
    return None


def _at(data: Mapping[str, object], paths: tuple[str, ...]) -> object:
    """The first value under one of the dotted paths that is not null or empty."""
    for path in paths:
        value: object = data
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None and value != "":
            return value
    return None
