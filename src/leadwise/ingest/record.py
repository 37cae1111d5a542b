"""Messages become the record: whose they are, each once, with the facts that follow.

All of it is one transaction, the caller's: identities and their leads, the events, merges, facts
over time, marks of the bot gate, and the rows of `touched` that have the leads scored again. The
same message twice, in one batch or years apart, is recorded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from leadwise.ingest.emails import account_domain, email_facts
from leadwise.ingest.gate.marking import mark
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.linking import Linking, names_in, previous_names
from leadwise.ingest.messages import Message, Received
from leadwise.store import identities
from leadwise.store.accounts import account_of, account_of_group, describe, join
from leadwise.store.bulk import as_list, insert_rows, listed, next_ids
from leadwise.store.documents import Document, text_of
from leadwise.store.driver import ask
from leadwise.store.facts import learn
from leadwise.store.generation import generation
from leadwise.store.identities import Name
from leadwise.store.schema import event, refused
from leadwise.store.touching import CAUSES, Cause, touch, touch_accounts, touch_each

MOST_RECALLED = 500_000
"""Identities whose ids a process recalls: about 100 MB."""

_COLUMNS = (
    "id", "identity_id", "source", "message_id", "type", "event", "name", "at_us", "sent_us",
    "received_us", "account_id", "doc", "context",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch."""

    events: int = 0
    duplicates: int = 0
    refused: int = 0


@dataclass(slots=True)
class Recalled:
    """The ids of identities seen lately: they never change, so looking them up once is enough.

    Only ids that were found in the record are kept, never such as the running transaction made.
    """

    generation: int = -1
    ids: dict[Name, int] = field(default_factory=dict)

    def refresh(self, connection: Connection) -> None:
        """Forget everything where identities have been removed meanwhile."""
        now = generation(connection)
        if now != self.generation or len(self.ids) > MOST_RECALLED:
            self.ids.clear()
            self.generation = now


def record(
    connection: Connection,
    received: Received,
    rules: GateRules,
    now_us: int,
    *,
    recalled: Recalled | None = None,
    cause: Cause | None = None,
) -> Recorded:
    """Record a batch. `cause` is told of the leads' changes where it is not event and fact.

    Of several processes that record at the same time each waits for the others' transactions.
    """
    keep_refusals(connection, received, now_us)
    identities.hold_record(connection)
    messages = _unseen(connection, received.messages)
    duplicates = len(received.messages) - len(messages)
    if not messages:
        return Recorded(0, duplicates, len(received.refusals))
    messages = [_with_email_facts(message) for message in messages]
    stated = [names_in(message) for message in messages]
    ids = _identity_ids(connection, messages, stated, recalled or Recalled(), now_us)
    linking = Linking(connection, ids, now_us)
    linking.start()
    linking.found_leads(
        [names[0] for names, message in zip(stated, messages, strict=True)
         if message.type not in ("identify", "alias")]
    )  # fmt: skip
    keyed = list(zip(next_ids(connection, event, len(messages)), messages, strict=True))
    first = [ids[names[0]] for names in stated]
    accounts = _accounts(connection, messages, now_us)
    rows = [
        _row(event_id, message, identity_id, accounts)
        for (event_id, message), identity_id in zip(keyed, first, strict=True)
    ]
    insert_rows(connection, event, _COLUMNS, rows, conflict="ON CONFLICT DO NOTHING")
    learned = _follow(linking, keyed, accounts)
    corrected = mark(connection, keyed, rules, now_us)
    late = {id_ for id_, one in keyed if one.received_us - one.at_us > rules.late_us}
    _touch(linking, keyed, first, learned, cause, late)
    touch(connection, corrected, "correction", now_us)
    return Recorded(len(messages), duplicates, len(received.refusals))


def keep_refusals(connection: Connection, received: Received, now_us: int) -> None:
    """Keep what could not be recorded, with the reason, to be looked at and sent again."""
    source = received.source or next((m.source for m in received.messages), "")
    insert_rows(
        connection,
        refused,
        ("received_us", "source", "place", "code", "reason", "body", "protocol"),
        [
            (now_us, source, r.index, r.code, r.reason, r.body, received.protocol)
            for r in received.refusals
        ],
    )


def _unseen(connection: Connection, messages: Sequence[Message]) -> list[Message]:
    """Those that are not recorded yet, each once: the first of equal ones stays."""
    first: dict[tuple[str, str], Message] = {}
    for message in messages:
        first.setdefault((message.source, message.message_id), message)
    by_source: dict[str, list[str]] = {}
    for source, message_id in first:
        by_source.setdefault(source, []).append(message_id)
    sql = (
        "SELECT message_id FROM event WHERE source = :source "  # noqa: S608 - our own SQL
        f"AND message_id IN {listed(connection)}"
    )
    for source, message_ids in by_source.items():
        for (message_id,) in ask(connection, sql, source=source, list=as_list(message_ids)):
            del first[source, message_id]
    return list(first.values())


def _with_email_facts(message: Message) -> Message:
    """An identify with an address also says what the address tells."""
    if message.type != "identify" or not message.email:
        return message
    facts: Document = {**message.document, **email_facts(message.email)}
    return replace(message, document=facts)


def _identity_ids(
    connection: Connection,
    messages: Sequence[Message],
    stated: Sequence[tuple[Name, ...]],
    recalled: Recalled,
    now_us: int,
) -> dict[Name, int]:
    """The ids of all identities that the messages state, made where they are new."""
    recalled.refresh(connection)
    wanted = {name for names in stated for name in names}
    aliases = [message for message in messages if message.type == "alias"]
    maybe = {name for message in aliases for name in previous_names(message)}
    ids = {name: recalled.ids[name] for name in wanted | maybe if name in recalled.ids}
    if len(ids) < len(wanted) + len(maybe):
        found = identities.find(connection, (wanted | maybe) - ids.keys())
        recalled.ids.update(found)
        ids.update(found)
    for message in aliases:
        previous = previous_names(message)
        if previous and not any(name in ids for name in previous):
            wanted.add(previous[-1])
    missing = wanted - ids.keys()
    if missing:
        ids.update(identities.create(connection, list(missing), now_us))
    return ids


def _accounts(connection: Connection, messages: Iterable[Message], now_us: int) -> dict[str, int]:
    """The accounts that group calls name, by the id that the sender has for them."""
    domains: dict[str, str | None] = {}
    for message in messages:
        if message.type == "group" and message.group_id:
            said = message.document.get("domain")
            domain = said.lower() if isinstance(said, str) else None
            domains[message.group_id] = domain or domains.get(message.group_id)
    return {
        group_id: account_of_group(connection, group_id, domain, now_us)
        for group_id, domain in sorted(domains.items())
    }


def _row(
    event_id: int, message: Message, identity_id: int, accounts: dict[str, int]
) -> tuple[object, ...]:
    group = message.group_id if message.type == "group" else None
    return (
        event_id, identity_id, message.source, message.message_id, message.type, message.event,
        message.name, message.at_us, message.sent_us, message.received_us,
        accounts.get(group) if group else None, text_of(message.document),
        text_of(message.context) if message.context else None,
    )  # fmt: skip


def _follow(
    linking: Linking, keyed: Sequence[tuple[int, Message]], accounts: dict[str, int]
) -> dict[int, int]:
    """What identify, alias and group calls mean, in their order: event id by lead that learned."""
    learned: dict[int, int] = {}
    for event_id, message in keyed:
        if message.type == "identify":
            lead_id = linking.identify(names_in(message), message.at_us)
            learn(linking.connection, lead_id, message.at_us, message.document, event_id)
            _join_by_domain(linking, lead_id, message)
            learned[lead_id] = event_id
        elif message.type == "alias":
            learned[linking.alias(previous_names(message), names_in(message)[0])] = event_id
        elif message.type == "group" and message.group_id:
            lead_id = linking.owner[linking.ids[names_in(message)[0]]].lead_id
            account_id = accounts[message.group_id]
            for other in _join_by_group(linking, lead_id, message, account_id, event_id):
                learned[other] = event_id
    return learned


def _join_by_domain(linking: Linking, lead_id: int, message: Message) -> None:
    domain = account_domain(message.email) if message.email else None
    if domain:
        account_id = account_of(linking.connection, "domain", domain, linking.now_us, name=domain)
        changed = join(linking.connection, lead_id, account_id, instead=False)
        touch_accounts(linking.connection, changed)


def _join_by_group(
    linking: Linking, lead_id: int, message: Message, account_id: int, event_id: int
) -> Iterable[int]:
    """The leads that learned something of their company."""
    connection = linking.connection
    changed = join(connection, lead_id, account_id, instead=True)
    touch_accounts(connection, {account_id, *changed})
    told = describe(connection, account_id, message.at_us, message.document, event_id)
    return {lead_id, *told}


def _touch(
    linking: Linking,
    keyed: Sequence[tuple[int, Message]],
    first: Sequence[int],
    learned: dict[int, int],
    cause: Cause | None,
    late: set[int],
) -> None:
    """One row for each lead concerned, for the cause that counts most. What `late` events say is of
    the past, as an import is: it is no reason to write to anybody today."""
    rows: dict[int, tuple[Cause, int | None, int]] = {}

    def add(lead_id: int, why: Cause, event_id: int | None, at_us: int) -> None:
        had = rows.get(lead_id)
        if had is not None:
            why = why if why == had[0] else min(had[0], why, key=CAUSES.index)
            event_id = max(event_id or 0, had[1] or 0) or None
            at_us = max(at_us, had[2])
        rows[lead_id] = (why, event_id, at_us)

    of = identities.leads_of(linking.connection, set(first))
    for (event_id, message), identity_id in zip(keyed, first, strict=True):
        does = message.type in ("track", "page", "screen")
        why: Cause = cause or ("event" if does else "fact")
        if event_id in late:
            why = "import"
        for lead_id in of.get(identity_id, ()):
            add(lead_id, why, event_id, message.received_us)
    for lead_id, event_id in learned.items():
        add(lead_id, "import" if event_id in late else cause or "fact", event_id, linking.now_us)
    all_late = len(late) == len(keyed)
    for lead_id in linking.touched:
        add(lead_id, "import" if all_late else cause or "fact", None, linking.now_us)
    touch_each(
        linking.connection,
        [(lead_id, why, event_id, at_us) for lead_id, (why, event_id, at_us) in rows.items()],
    )
