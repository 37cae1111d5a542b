"""One page of what a system told becomes part of the record, in the caller's transaction.

Messages first, for who they are about is what outcomes and conversations are then found by.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection as Database
from sqlalchemy import update
from sqlalchemy.exc import DataError, IntegrityError, MultipleResultsFound, NoResultFound

from leadwise.connect.model import Became, Page, Talk
from leadwise.errors import LeadwiseError, UserError
from leadwise.ingest.emails import email_facts, normalised_email
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.linking import names_in
from leadwise.ingest.messages import Message, Received, Refusal
from leadwise.ingest.record import Recorded, keep_refusals, record
from leadwise.ingest.refusing import no_identity, refusal
from leadwise.ingest.texts import identifier
from leadwise.qualify.intake import opened
from leadwise.qualify.recording import keep_conversation
from leadwise.store import identities
from leadwise.store.connections import ConnectionRow
from leadwise.store.driver import ask
from leadwise.store.identities import Name
from leadwise.store.outcomes import add_outcome
from leadwise.store.schema import outcome
from leadwise.store.touching import Cause

AT_FAULT = (
    ValueError, TypeError, LookupError, OverflowError, DataError, IntegrityError,
    MultipleResultsFound, NoResultFound, LeadwiseError,
)  # fmt: skip
"""What a record of theirs may fail with; not the database."""
_IDS = (
    "user_id", "anonymous_id", "crm_id", "previous_id", "previous_crm_id", "group_id",
)  # fmt: skip
_ID_OF = {"user": "user_id", "crm": "crm_id", "email": "email", "anonymous": "anonymous_id"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a page, or of several."""

    events: int = 0
    duplicates: int = 0
    refused: int = 0
    outcomes: int = 0
    conversations: int = 0

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.events + other.events, self.duplicates + other.duplicates,
            self.refused + other.refused, self.outcomes + other.outcomes,
            self.conversations + other.conversations,
        )  # fmt: skip

    @property
    def new(self) -> int:
        """How much of it was not known."""
        return self.events + self.outcomes + self.conversations

    def __str__(self) -> str:
        parts = (
            (self.events, "new"), (self.duplicates, "known before"), (self.refused, "refused"),
            (self.outcomes, "outcomes"), (self.conversations, "conversations"),
        )  # fmt: skip
        said = ", ".join(f"{number:,} {what}" for number, what in parts if number)
        return said or "nothing new"


def take_page(
    database: Database, row: ConnectionRow, page: Page, rules: GateRules, now_us: int,
    cause: Cause | None = None,
) -> Taken:  # fmt: skip
    """Record it. What cannot be recorded is kept with the reason, and holds up nothing else."""
    refusals = list(page.refusals)
    messages = list(_sound(row.name, (*page.messages, *_of_outcomes(page.became, now_us)),
                           refusals))  # fmt: skip
    news = _news(database, messages)
    done = _recorded(database, news, rules, now_us, cause, refusals)
    became = partial(_outcome, database, row, now_us)
    outcomes = _each(database, page.became, refusals, became)
    talks = _each(database, page.talks, refusals, partial(_talk, database, row, now_us))
    if refusals:
        kept = Received((), tuple(refusals), row.name, f"connection:{row.name}")
        keep_refusals(database, kept, now_us)
    known = done.duplicates + len(messages) - len(news)
    return Taken(done.events, known, len(refusals), outcomes, talks)


def _sound(source: str, messages: Iterable[Message], refusals: list[Refusal]) -> Iterable[Message]:
    """The messages that may be recorded, each with ids as they are kept."""
    for place, message in enumerate(messages):
        try:
            email = normalised_email(message.email) if message.email else None
            who: dict[str, Any] = {name: identifier(getattr(message, name), name) for name in _IDS}
            if not (email or who["user_id"] or who["crm_id"] or who["anonymous_id"]):
                raise no_identity("an e-mail address or the record's id")
            if not identifier(message.message_id, "message_id"):
                raise UserError("missing-id", "the record has no id", hint="")
            yield replace(message, source=source, email=email, **who)
        except UserError as error:
            refusals.append(refusal(place, error, _written(message)))


def _news(database: Database, messages: Sequence[Message]) -> list[Message]:
    """Those that say something new: not what the same source last said of the same identity.

    A record there changes for much that is not pulled, our own score among it.
    """
    first = [names_in(one)[0] for one in messages]
    said = Counter(name for name, one in zip(first, messages, strict=True) if _tells(one))
    ids = identities.find(database, said)
    return [
        one for name, one in zip(first, messages, strict=True)
        if not (_tells(one) and said[name] == 1 and name in ids
                and _said_before(database, ids[name], one))
    ]  # fmt: skip


def _tells(message: Message) -> bool:
    return message.type == "identify"


def _said_before(database: Database, identity_id: int, message: Message) -> bool:
    rows = ask(
        database,
        "SELECT doc FROM event WHERE identity_id = :id AND source = :source AND type = 'identify' "
        "AND at_us <= :at ORDER BY at_us DESC, id DESC LIMIT 1",
        id=identity_id, source=message.source, at=message.at_us,
    )  # fmt: skip
    if not rows:
        return False
    had = json.loads(rows[0][0]) if isinstance(rows[0][0], str) else rows[0][0]
    email = email_facts(message.email) if message.email else {}
    return bool(had == {**message.document, **email})


def _of_outcomes(became: Iterable[Became], now_us: int) -> Iterable[Message]:
    """That there is somebody of whom something became: a lead, if none is known by that name."""
    for one in became:
        kind, value = one.name
        who: dict[str, Any] = {_ID_OF[kind]: value}
        yield Message("identify", "", f"{one.message_id}:who", "identify", one.at_us, now_us, **who)


def _recorded(
    database: Database, messages: list[Message], rules: GateRules, now_us: int,
    cause: Cause | None, refusals: list[Refusal],
) -> Recorded:  # fmt: skip
    """All of them together, or where that fails each by itself."""
    if not messages:
        return Recorded()
    try:
        with database.begin_nested():
            return record(database, Received(tuple(messages)), rules, now_us, cause=cause)
    except AT_FAULT:
        pass
    done = Recorded()
    for place, message in enumerate(messages):
        try:
            with database.begin_nested():
                one = record(database, Received((message,)), rules, now_us, cause=cause)
            done = Recorded(done.events + one.events, done.duplicates + one.duplicates)
        except AT_FAULT as error:
            refusals.append(refusal(place, _unrecordable(error), _written(message)))
    return done


def _each(
    database: Database, given: Iterable[Any], refusals: list[Refusal], take: Callable[[Any], bool]
) -> int:
    """How many were new."""
    new = 0
    for place, one in enumerate(given):
        try:
            with database.begin_nested():
                new += take(one)
        except AT_FAULT as error:
            said = _told_of(one)
            known = error if isinstance(error, UserError) else _unrecordable(error)
            refusals.append(refusal(place, known, said))
    return new


def _outcome(database: Database, row: ConnectionRow, now_us: int, one: Became) -> bool:
    """Whether it is new. What the system says of the same one later counts in its place."""
    found, new = add_outcome(
        database, _lead(database, (one.name,)), one.kind, at_us=min(one.at_us, now_us),
        now_us=now_us, source=row.name, message_id=one.message_id, value=one.value,
        currency=one.currency, reason=one.reason,
    )  # fmt: skip
    told = (one.value, one.currency, one.reason)
    if not new and (found.value, found.currency, found.reason) != told:
        database.execute(
            update(outcome).where(outcome.c.id == found.id)
            .values(value=one.value, currency=one.currency, reason=one.reason)
        )  # fmt: skip
    return new


def _talk(database: Database, row: ConnectionRow, now_us: int, one: Talk) -> bool:
    conversation, held_us = opened(one.sent, now_us)
    lead_id = _lead(database, one.names)
    return keep_conversation(
        database, lead_id, conversation, held_us=held_us, source=row.name,
        actor=f"connection:{row.name}", now_us=now_us,
    )[1]  # fmt: skip


def _lead(database: Database, names: Iterable[Name]) -> int:
    """The lead that goes by the first of these names that somebody has."""
    wanted = [
        (kind, normalised_email(value) or value if kind == "email" else value)
        for kind, value in names
    ]
    ids = identities.find(database, wanted)
    owned = identities.owners(database, ids.values())
    for name in wanted:
        if name in ids and ids[name] in owned:
            return owned[ids[name]].lead_id
    raise UserError(
        "record-of-nobody", "nobody of those that it names is a lead",
        hint="Pull the people first; with their e-mail addresses they are found",
    )  # fmt: skip


def _unrecordable(error: BaseException) -> UserError:
    if isinstance(error, UserError):
        return error
    return UserError("not-recorded", f"it could not be recorded ({type(error).__name__})")


def _told_of(one: Became | Talk) -> str:
    """What is kept of an outcome or a conversation that was refused; not what was said in it."""
    if isinstance(one, Talk):
        return _written({"conversation": one.id, "names": one.names})
    return _written(one)


def _written(value: object) -> str:
    return msgspec.json.encode(value).decode()
