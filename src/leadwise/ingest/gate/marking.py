"""Marking events as they are recorded, in the same transaction."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.ingest.gate.clearing import AT_ONCE, OWNER, leads_of, standing
from leadwise.ingest.gate.rules import GateRules, Seen
from leadwise.ingest.gate.suspicion import (
    as_seen,
    beside_others,
    concerns,
    names_of,
    seen_of,
    suspicions,
)
from leadwise.ingest.messages import Message
from leadwise.store.bulk import as_list, listed, listed_whole
from leadwise.store.driver import ask
from leadwise.store.schema import event, event_mark, identity, identity_lead

NEAREST = 100
"""Events before and after one that it is judged beside: a flood of clicks costs no more."""
GATE_LOCK = 0x6C77_6761_7465
"""The number of PostgreSQL's advisory lock that whoever marks events of mails holds."""


@dataclass(frozen=True, slots=True)
class _Found:
    seen: Seen
    reason: str
    detail: str


def mark(
    connection: Connection, recorded: Sequence[tuple[int, Message]], rules: GateRules, now_us: int
) -> list[int]:
    """Mark what is suspicious among events just inserted, and among earlier ones beside them.

    `recorded` are the ids of the new rows of `event` with their messages, whose identities belong
    to leads already. Returns the leads of whose *earlier* events one got a mark: they have to be
    touched with the cause `correction`. Asks nothing where no message can be suspicious.
    """
    found: list[_Found] = []
    mails: dict[int, Message] = {}
    for event_id, message in recorded:
        if not concerns(message, rules):
            continue
        if beside_others(message, rules):
            mails[event_id] = message
        elif marks := suspicions(message, (), rules):
            own = as_seen(event_id, message, rules)
            found += [_Found(own, each.reason, each.detail) for each in marks]
    ids = sorted(mails)
    for start in range(0, len(ids), AT_ONCE):
        found += _among_mails(
            connection, {i: mails[i] for i in ids[start : start + AT_ONCE]}, rules
        )
    found = _not_cleared(connection, _recorded(connection, found), dict(recorded), rules)
    new = {event_id for event_id, _ in recorded}
    earlier = _write(connection, found, now_us) - new
    return sorted(leads_of(connection, sorted(earlier)))


def _among_mails(
    connection: Connection, mails: dict[int, Message], rules: GateRules
) -> list[_Found]:
    found: list[_Found] = []
    for events in _nearby(connection, mails, rules).values():
        times = [each.at_us for each in events]
        for place, own in enumerate(events):
            if own.event_id in mails:
                first = bisect_left(times, own.at_us - rules.reach_us)
                last = bisect_right(times, own.at_us + rules.reach_us)
                before = events[max(first, place - NEAREST) : place]
                after = events[place + 1 : min(last, place + 1 + NEAREST)]
                near = {each.event_id: each for each in (own, *before, *after)}
                for each in suspicions(mails[own.event_id], (*before, *after), rules):
                    of = near[each.event_id or own.event_id]
                    found.append(_Found(of, each.reason, each.detail))
    return found


def _nearby(
    connection: Connection, mails: dict[int, Message], rules: GateRules
) -> dict[int, list[Seen]]:
    """By lead, in order of time: its mail events about those given, they among them."""
    if connection.dialect.name == "postgresql":
        # Another server may be recording the other clicks of a burst: whoever comes second sees
        # what the first one wrote. One lock and not one a lead: those of an import would be more
        # than a server of default settings has room for.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (GATE_LOCK,))
    asked = _nearby_sql(listed(connection), listed_whole(connection))
    rows = ask(
        connection, asked, list=as_list(mails), reach_us=rules.reach_us,
        names=as_list(sorted(rules.mail_events)),
    )  # fmt: skip
    found: dict[int, list[Seen]] = {}
    for lead_id, event_id, name, at_us, doc, context in rows:
        own = mails.get(event_id)
        if own is not None:  # no need to read what we have just written
            seen = as_seen(event_id, own, rules)
        else:
            document = doc if isinstance(doc, dict) else msgspec.json.decode(doc)
            around = msgspec.json.decode(context) if context else {}
            seen = seen_of(event_id, name, at_us, document, around, rules)
        found.setdefault(lead_id, []).append(seen)
    return found


@cache
def _nearby_sql(texts: str, wholes: str) -> str:
    """One statement for any number of events. CROSS JOIN keeps SQLite to the order of indexes."""
    return f"""
        WITH span AS MATERIALIZED (
            SELECT i.lead_id, min(e.at_us) - :reach_us AS from_us,
                max(e.at_us) + :reach_us AS until_us
            FROM event AS e CROSS JOIN identity_lead AS i
            WHERE e.id IN {wholes} AND i.identity_id = e.identity_id
                AND e.at_us >= i.from_us AND e.at_us < i.until_us
            GROUP BY i.lead_id
        )
        SELECT s.lead_id, e.id, e.event, e.at_us, e.doc, e.context
        FROM span AS s CROSS JOIN identity_lead AS i CROSS JOIN event AS e
        WHERE i.lead_id = s.lead_id AND e.identity_id = i.identity_id
            AND e.at_us >= i.from_us AND e.at_us < i.until_us
            AND e.at_us BETWEEN s.from_us AND s.until_us
            AND (e.event IN {texts.replace(":list", ":names")} OR e.id IN {wholes} OR EXISTS (
                SELECT 1 FROM event_mark AS m
                WHERE m.event_id = e.id AND m.reason = 'honeypot' AND m.cleared_us IS NULL
            ))
        ORDER BY s.lead_id, e.at_us, e.id
        """  # noqa: S608 - our own SQL


def _recorded(connection: Connection, found: list[_Found]) -> list[_Found]:
    """Without those of events that another server recorded first, under an id of its own."""
    ids = sorted({each.seen.event_id for each in found})
    there: set[int] = set()
    for start in range(0, len(ids), AT_ONCE):
        asked = select(event.c.id).where(event.c.id.in_(ids[start : start + AT_ONCE]))
        there.update(connection.execute(asked).scalars())
    return [each for each in found if each.seen.event_id in there]


def _not_cleared(
    connection: Connection, found: list[_Found], recorded: dict[int, Message], rules: GateRules
) -> list[_Found]:
    """Without what a rule clears: one of the settings, or one that stands."""
    if not found:
        return []
    allow = rules.allow + standing(connection)
    if not allow:
        return found
    names: dict[int, frozenset[str]] = {}
    if any(rule.identity is not None for rule in allow):
        names = _names(connection, sorted({each.seen.event_id for each in found}))
        for event_id, message in recorded.items():
            names[event_id] = names.get(event_id, frozenset()) | names_of(message)
    nobody: frozenset[str] = frozenset()
    return [
        each
        for each in found
        if not any(
            rule.covers(
                each.reason, names.get(each.seen.event_id, nobody), each.seen.mail,
                each.seen.user_agent,
            )
            for rule in allow
        )
    ]  # fmt: skip


def _names(connection: Connection, event_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """All identities of the leads whose events they are."""
    theirs = identity_lead.alias("theirs")
    names: dict[int, set[str]] = {}
    for start in range(0, len(event_ids), AT_ONCE):
        asked = (
            select(event.c.id, identity.c.value)
            .join(identity_lead, OWNER)
            .join(theirs, theirs.c.lead_id == identity_lead.c.lead_id)
            .join(identity, identity.c.id == theirs.c.identity_id)
            .where(event.c.id.in_(event_ids[start : start + AT_ONCE]))
        )
        for event_id, value in connection.execute(asked):
            names.setdefault(event_id, set()).add(value)
    return {event_id: frozenset(values) for event_id, values in names.items()}


def _write(connection: Connection, found: Sequence[_Found], now_us: int) -> set[int]:
    """Insert the marks that are not there yet; returns the events that got one."""
    rows = {
        (each.seen.event_id, each.reason): {
            "event_id": each.seen.event_id, "reason": each.reason, "detail": each.detail,
            "marked_us": now_us,
        }
        for each in found
    }  # fmt: skip
    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    wanted = [rows[key] for key in sorted(rows)]
    marked: set[int] = set()
    for start in range(0, len(wanted), AT_ONCE):
        statement = insert(event_mark).values(wanted[start : start + AT_ONCE])
        statement = statement.on_conflict_do_nothing().returning(event_mark.c.event_id)
        marked.update(connection.execute(statement).scalars())
    return marked
