"""Taking marks back, by hand or by a rule that then stands: the events weigh again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.errors import UserError
from leadwise.ingest.gate.rules import ClearRule, GateRules
from leadwise.ingest.gate.suspicion import seen_of
from leadwise.store.schema import event, event_mark, identity, identity_lead, meta
from leadwise.store.touching import touch

STANDING = "gate.allow"
"""The key of `meta` under which the rules stand."""
AT_ONCE = 1_000
"""Events in one statement."""

OWNER = and_(
    identity_lead.c.identity_id == event.c.identity_id,
    event.c.at_us >= identity_lead.c.from_us,
    event.c.at_us < identity_lead.c.until_us,
)
"""Whose an event is."""


def clear(
    connection: Connection, what: Sequence[int] | ClearRule, by: str, why: str, now_us: int,
    rules: GateRules | None = None,
) -> list[int]:  # fmt: skip
    """Clear all marks of some events, or those that a rule covers; returns the leads touched.

    A rule stands from then on (`standing`): what it covers is not marked again. The leads get a row
    in `touched` each, with the cause `correction`. Marks that were cleared before stay as they are.
    Raises UserError `gate-mark` where an event of the list has no mark.
    """
    if isinstance(what, ClearRule):
        _remember(connection, what)
        ids = _covered(connection, what, rules or GateRules())
    else:
        ids = _marked(connection, what)
    done = {"cleared_us": now_us, "cleared_by": by, "cleared_why": why}
    leads: set[int] = set()
    for part in _parts(ids):
        statement = update(event_mark).values(done)
        statement = statement.where(
            event_mark.c.event_id.in_(part), event_mark.c.cleared_us.is_(None)
        )
        if isinstance(what, ClearRule) and what.reason is not None:
            statement = statement.where(event_mark.c.reason == what.reason)
        cleared = connection.execute(statement.returning(event_mark.c.event_id)).scalars()
        leads |= leads_of(connection, sorted(set(cleared)))
    touch(connection, sorted(leads), "correction", now_us)
    return sorted(leads)


def standing(connection: Connection) -> tuple[ClearRule, ...]:
    """The rules that stand, in the order in which they were given."""
    text = connection.scalar(select(meta.c.value).where(meta.c.key == STANDING))
    return tuple(ClearRule(**each) for each in json.loads(text)) if text else ()


def forget(connection: Connection, rule: ClearRule) -> bool:
    """Let a rule stand no longer; what it cleared stays cleared. False: it did not stand."""
    rules = standing(connection)
    if rule not in rules:
        return False
    _write(connection, tuple(each for each in rules if each != rule))
    return True


def leads_of(connection: Connection, event_ids: Sequence[int]) -> set[int]:
    """The leads whose events they are."""
    found: set[int] = set()
    for part in _parts(event_ids):
        owners = select(identity_lead.c.lead_id).join(event, OWNER).where(event.c.id.in_(part))
        found.update(connection.execute(owners).scalars())
    return found


def _remember(connection: Connection, rule: ClearRule) -> None:
    if connection.dialect.name == "postgresql":  # two may be given at once
        insertion: Any = postgresql.insert(meta)
    else:
        insertion = sqlite.insert(meta)
    empty = insertion.values(key=STANDING, value="[]").on_conflict_do_nothing()
    connection.execute(empty)
    connection.execute(select(meta.c.key).where(meta.c.key == STANDING).with_for_update())
    rules = standing(connection)
    if rule not in rules:
        _write(connection, (*rules, rule))


def _write(connection: Connection, rules: tuple[ClearRule, ...]) -> None:
    value = json.dumps([asdict(rule) for rule in rules], ensure_ascii=False)
    connection.execute(update(meta).where(meta.c.key == STANDING).values(value=value))


def _marked(connection: Connection, event_ids: Sequence[int]) -> list[int]:
    wanted = sorted(set(event_ids))
    known: set[int] = set()
    for part in _parts(wanted):
        marked = select(event_mark.c.event_id).where(event_mark.c.event_id.in_(part))
        known.update(connection.execute(marked).scalars())
    missing = [event_id for event_id in wanted if event_id not in known]
    if missing:
        raise UserError(
            "gate-mark", f"Event {missing[0]} has no mark that could be cleared.",
            hint="Events that are suspected are listed with their marks.",
        )  # fmt: skip
    return wanted


def _covered(connection: Connection, rule: ClearRule, rules: GateRules) -> list[int]:
    """The events with a mark that a rule covers. Read in parts: there may be millions of marks."""
    marks = (
        select(event_mark.c.id, event_mark.c.event_id, event_mark.c.reason, event.c.event,
               event.c.at_us, event.c.doc, event.c.context)
        .join(event, event.c.id == event_mark.c.event_id)
        .where(event_mark.c.cleared_us.is_(None))
    )  # fmt: skip
    if rule.reason is not None:
        marks = marks.where(event_mark.c.reason == rule.reason)
    if rule.identity is not None:
        marks = marks.join(identity_lead, OWNER).where(
            identity_lead.c.lead_id.in_(
                select(identity_lead.c.lead_id)
                .join(identity, identity.c.id == identity_lead.c.identity_id)
                .where(identity.c.value == rule.identity)
            )
        )
    names = frozenset([rule.identity or ""])
    found: list[int] = []
    after = 0
    while True:
        following = marks.where(event_mark.c.id > after).order_by(event_mark.c.id).limit(AT_ONCE)
        rows = connection.execute(following).all()
        for row in rows:
            context = json.loads(row.context) if row.context else {}
            seen = seen_of(row.event_id, row.event, row.at_us, row.doc, context, rules)
            if rule.covers(row.reason, names, seen.mail, seen.user_agent):
                found.append(row.event_id)
        if len(rows) < AT_ONCE:
            return found
        after = rows[-1].id


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
