"""What is not as it would be had no process been killed, and how often each effect took place."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, select

from leadwise.connect.hubspot.push import values as pushed_values
from leadwise.connect.mail.outbox import MOST_AGAIN
from leadwise.connect.telling import tellings
from leadwise.store.cards import live_version
from leadwise.store.opening import Store
from leadwise.store.schema import (
    answer,
    conversation,
    event,
    identity,
    identity_lead,
    lead_owner,
    mail,
    playbook_run,
    playbook_step,
    score_history,
)
from tests.playbooks.calls.outside import Outside

Effects: TypeAlias = dict[str, tuple[int, int]]
SCORE = ("leadwise_score", "leadwise_band", "leadwise_grade", "leadwise_reasons", "leadwise_card")


def effects_of(store: Store, reached: Outside) -> Effects:
    """Raw and unique, of each kind: outside first, then what the record has of it."""
    with store.read() as connection:
        conversations = list(connection.scalars(select(conversation.c.identity_id)))
        answers = list(connection.execute(select(answer.c.conversation_id, answer.c.question)))
        owners = list(connection.scalars(select(lead_owner.c.lead_id)))
        sent = list(connection.scalars(
            select(event.c.identity_id).where(event.c.event == "email_sent")
        ))  # fmt: skip
    kept = {
        "conversations kept": conversations, "answers kept": answers, "leads given to somebody":
        owners, "events that a mail was sent": sent,
    }  # fmt: skip
    return reached.effects() | {name: (len(all_), len(set(all_))) for name, all_ in kept.items()}


def wrong_in(store: Store, reached: Outside, addresses: Sequence[str]) -> list[str]:
    """All that is wrong with these leads, whose runs are over, in words."""
    with store.read() as connection:
        leads = _leads(connection, addresses)
        found = [*_runs(connection, leads), *_record(connection, leads)]
        tried = {row.message_id: row for row in connection.execute(select(mail))}
    found += _contacts(reached, addresses) + _meetings(reached, addresses)
    found += _mails(reached, tried, addresses)
    return found + _scores(store, reached, leads)


def _leads(connection: Connection, addresses: Sequence[str]) -> dict[str, int]:
    query = (
        select(identity.c.value, identity_lead.c.lead_id)
        .join(identity_lead, identity_lead.c.identity_id == identity.c.id)
        .where(identity.c.kind == "email", identity.c.value.in_(addresses))
    )
    return dict(connection.execute(query).tuples().all())


def _runs(connection: Connection, leads: dict[str, int]) -> list[str]:
    query = select(playbook_run).where(playbook_run.c.lead_id.in_(leads.values()))
    runs = list(connection.execute(query))
    found = [f"run {one.id} is {one.state}: {one.why}" for one in runs if one.state != "done"]
    found += _not_once("run of lead", (one.lead_id for one in runs), leads.values())
    ids = [one.id for one in runs]
    steps = list(connection.execute(
        select(playbook_step).where(playbook_step.c.run_id.in_(ids))
    ))  # fmt: skip
    found += [f"step {one.step} of run {one.run_id} is {one.state}: {one.why}"
              for one in steps if one.state != "done"]  # fmt: skip
    taken = Counter((one.run_id, one.step) for one in steps)
    return found + [f"step twice: {one}" for one, count in taken.items() if count > 1]


def _record(connection: Connection, leads: dict[str, int]) -> list[str]:
    """A conversation, its answers, an owner and the event of a mail: one each."""
    of = select(identity_lead.c.identity_id, identity_lead.c.lead_id)
    lead_of = {row.identity_id: row.lead_id for row in connection.execute(of)}
    own = set(leads.values())
    talks = [lead_of[row] for row in connection.scalars(select(conversation.c.identity_id))]
    found = _not_once("conversation of lead", (one for one in talks if one in own), own)
    answers = Counter(
        (row.conversation_id, row.question)
        for row in connection.execute(select(answer)) if lead_of[row.identity_id] in own
    )  # fmt: skip
    found += [f"answered twice: {one}" for one, count in answers.items() if count > 1]
    sets = Counter(conversation_id for conversation_id, _ in answers)
    if len(sets) != len(own) or len(set(sets.values())) != 1:
        found.append(f"sets of answers: {len(sets)} for {len(own)} leads, {set(sets.values())}")
    sent = select(event.c.identity_id).where(event.c.event == "email_sent")
    told = (lead_of[row] for row in connection.scalars(sent))
    found += _not_once("email_sent of lead", (one for one in told if one in own), own)
    owners = connection.scalars(select(lead_owner.c.lead_id).where(lead_owner.c.lead_id.in_(own)))
    return found + _not_once("owner of lead", owners, own)


def _contacts(reached: Outside, addresses: Sequence[str]) -> list[str]:
    there = [one["properties"].get("email") for one in reached.crm.objects["contacts"].values()]
    return _not_once("contact", (one for one in there if one in addresses), addresses)


def _meetings(reached: Outside, addresses: Sequence[str]) -> list[str]:
    events = reached.google.calendars.get("primary", {}).values()
    guests = [
        (one["id"], guest["email"]) for one in events for guest in one["attendees"]
        if guest["email"] in addresses
    ]  # fmt: skip
    found = _not_once("meeting with", (guest for _, guest in guests), addresses)
    told = [what for what in reached.google.told if what[0] in {id_ for id_, _ in guests}]
    found += [f"a guest was told of a change: {one}" for one in told if one[1] != "asked"]
    return found + _not_once("invitation to", (id_ for id_, _ in told), {id_ for id_, _ in guests})


def _mails(reached: Outside, tried: dict[str, Any], addresses: Sequence[str]) -> list[str]:
    """One Message-ID for each lead. The same one twice only where it was tried twice, which is so
    where nobody could know whether it went."""
    there = [one for one in reached.inbox.mails if one[1] in addresses]
    found = _not_once("Message-ID to", (to for _, to in set(there)), addresses)
    for id_, count in Counter(id_ for id_, _ in there).items():
        row = tried.get(id_)
        if row is None or row.state != "sent":
            found.append(f"mail {id_} is {'unknown' if row is None else row.state} in the record")
        elif count > min(row.attempts, 1 + MOST_AGAIN):
            found.append(f"mail {id_} came {count} times in {row.attempts} attempts")
    return found


def _scores(store: Store, reached: Outside, leads: dict[str, int]) -> list[str]:
    """In the CRM stands what the record says, once the scorer has nothing more to do."""
    until = time.monotonic() + 10
    while True:
        found = _other_scores(store, reached, leads)
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.2)


def _other_scores(store: Store, reached: Outside, leads: dict[str, int]) -> list[str]:
    there = {one["properties"].get("email"): one["properties"]
             for one in reached.crm.objects["contacts"].values()}  # fmt: skip
    addresses = {lead_id: address for address, lead_id in leads.items()}
    with store.read() as connection:
        version = live_version(connection)
        assert version is not None
        own = tellings(connection, version, list(leads.values()), {})
        known = set(connection.scalars(select(score_history.c.lead_id)))
    found = [] if len(own) == len(leads) else [f"{len(own)} of {len(leads)} leads have a score"]
    for one in own:
        said, address = pushed_values(one.update), addresses[one.update.lead_id]
        has = there.get(address, {})
        other = {name: (said[name], has.get(name)) for name in SCORE if said[name] != has.get(name)}
        if other:
            found.append(f"score of {address}, here and in the CRM: {other}")
        if one.update.lead_id not in known:
            found.append(f"{address} has no history of scores")
    return found


def _not_once(what: str, there: Iterable[Any], wanted: Iterable[Any]) -> list[str]:
    counted = Counter(there)
    return [f"{what} {one}: {counted[one]} times" for one in wanted if counted[one] != 1]
