"""Everything that the record holds of one person, as one JSON document.

Instants are texts in UTC, points are numbers with hundredths, keys are those of the HTTP API where
it has them. That somebody exported it is written into the audit trail.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, select, text

from leadwise.asking.instants import written
from leadwise.errors import UserError
from leadwise.plan.lines import lines
from leadwise.plan.relations import ALWAYS, FOREVER
from leadwise.store.audit import audit
from leadwise.store.cards import get_version
from leadwise.store.documents import values_of
from leadwise.store.followed_export import export_followed
from leadwise.store.person import Person, events_of, find_person, found_in
from leadwise.store.schema import (
    account,
    answer,
    band_change,
    conversation,
    event_mark,
    lead,
    lead_fact,
    merge,
    outcome,
    override,
    refused,
    score,
    score_history,
)
from leadwise.store.schema import audit as audit_table

FORMAT = "leadwise person 1"


def export_person(connection: Connection, lead_id: int, now_us: int, actor: str) -> dict[str, Any]:
    """The document. Raises UserError where there is no such lead, or it was erased."""
    person = find_person(connection, lead_id)
    audit(connection, actor, "export", "lead", person.lead_id, None, now_us)
    own = connection.execute(select(lead).where(lead.c.id == person.lead_id)).one()
    return {
        "format": FORMAT,
        "made": written(now_us),
        "lead": {
            "id": own.id, "created": written(own.created_us), "known": bool(own.known),
            "objected_to_scoring": _time(own.objected_us),
            "merged_from": list(person.lead_ids[1:]),
        },
        "identities": [
            {"kind": s.kind, "value": s.value, "from": _time(s.from_us), "until": _time(s.until_us)}
            for s in person.spans
        ],
        "account": _account(connection, own.account_id),
        "facts": [
            {"from": _time(r.from_us), "until": _time(r.until_us), "values": values_of(r.doc)}
            for r in _of(connection, lead_fact, person, "from_us")
        ],
        "events": _events(connection, person),
        "conversations": [
            {**_plain(row), "turns": row.turns} for row in _said(connection, conversation, person)
        ],
        "answers": [_plain(row) for row in _said(connection, answer, person)],
        "outcomes": [_plain(row) for row in _of(connection, outcome, person, "at_us")],
        "scores": [_score(connection, row) for row in _of(connection, score, person, "as_of_us")],
        "score_history": [
            _points(row) for row in _of(connection, score_history, person, "as_of_us")
        ],
        "band_changes": [_points(row) for row in _of(connection, band_change, person, "at_us")],
        "overrides": [_points(row) for row in _of(connection, override, person, "from_us")],
        "merges": _merges(connection, person),
        **_followed(connection, person),
        "refused": _refused(connection, person.names),
        "audit": [
            {"at": written(r.at_us), "actor": r.actor, "action": r.action}
            for r in connection.execute(
                select(audit_table)
                .where(audit_table.c.subject == "lead")
                .where(audit_table.c.subject_id.in_([str(i) for i in person.lead_ids]))
                .order_by(audit_table.c.id)
            )
        ],
    }  # fmt: skip


def text_of_export(document: dict[str, Any]) -> str:
    """The document as it is written to a file."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _account(connection: Connection, account_id: int | None) -> dict[str, Any] | None:
    row = connection.execute(select(account).where(account.c.id == account_id)).one_or_none()
    if row is None:
        return None
    return {"id": row.id, "name": row.name, "values": values_of(row.doc)}


def _of(connection: Connection, table: Table, person: Person, order: str) -> Sequence[Any]:
    rows = select(table).where(table.c.lead_id.in_(person.lead_ids)).order_by(table.c[order])
    return connection.execute(rows).all()


def _said(connection: Connection, table: Table, person: Person) -> list[Any]:
    """Rows of conversations or answers: those of an identity within its spans, by time."""
    at = "held_us" if table is conversation else "at_us"
    found = [
        row
        for span in person.spans
        for row in connection.execute(
            select(table).where(
                table.c.identity_id == span.identity_id,
                table.c[at] >= span.from_us,
                table.c[at] < span.until_us,
            )
        )
    ]
    return sorted(found, key=lambda row: (getattr(row, at), row.id))


def _events(connection: Connection, person: Person) -> list[dict[str, Any]]:
    rows = events_of(connection, person.spans)
    marks: dict[int, list[dict[str, Any]]] = {}
    ids = [row.id for row in rows]
    for start in range(0, len(ids), 500):
        chosen = event_mark.c.event_id.in_(ids[start : start + 500])
        for mark in connection.execute(select(event_mark).where(chosen)):
            marks.setdefault(mark.event_id, []).append(
                {"reason": mark.reason, "detail": mark.detail, "cleared": _time(mark.cleared_us)}
            )
    identities = {span.identity_id: {span.kind: span.value} for span in person.spans}
    return [
        {
            "id": row.id, "event": row.event, "name": row.name, "type": row.type,
            "timestamp": written(row.at_us), "sent_at": _time(row.sent_us),
            "received_at": written(row.received_us), "source": row.source,
            "message_id": row.message_id, "identity": identities[row.identity_id],
            "properties": values_of(_decoded(row.doc)), "context": _decoded(row.context),
            "suspect": marks.get(row.id, []),
        }
        for row in rows
    ]  # fmt: skip


def _score(connection: Connection, row: Any) -> dict[str, Any]:
    said = _points(row)
    try:
        card = get_version(connection, row.card_version_id).card
    except UserError:
        return said
    amounts = zip(lines(card), json.loads(row.ledger), strict=False)
    said["ledger"] = {line.label: amount / 100 for line, amount in amounts if amount}
    said["card"] = f"{card.id}, version {card.version}"
    del said["totals"]
    return said


def _points(row: Any) -> dict[str, Any]:
    """With points in place of hundredths."""
    said = _plain(row)
    for name in ("score", "shown_score", "shown_before", "points"):
        if isinstance(said.get(name), int):
            said[name] = said[name] / 100
    return said


def _plain(row: Any) -> dict[str, Any]:
    """A row with instants as texts."""
    return {
        name.removesuffix("_us"): _time(value) if name.endswith("_us") else value
        for name, value in row._mapping.items()
    }


def _followed(connection: Connection, person: Person) -> dict[str, Any]:
    """What follow-up keeps of the person (`followed_export`)."""

    def told(row: dict[str, Any]) -> dict[str, Any]:
        return {
            name.removesuffix("_us"): [told(one) for one in value] if name == "steps"
            else _time(value) if name.endswith("_us") else value
            for name, value in row.items()
        }  # fmt: skip

    found = export_followed(connection, person)
    return {name: [told(row) for row in rows] for name, rows in found.items()}


def _merges(connection: Connection, person: Person) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(merge)
        .where(merge.c.kept_id.in_(person.lead_ids) | merge.c.other_id.in_(person.lead_ids))
        .order_by(merge.c.id)
    )
    return [
        {"at": written(r.at_us), "kept": r.kept_id, "other": r.other_id, "cause": r.cause,
         "actor": r.actor, "undone": _time(r.undone_us)}
        for r in rows
    ]  # fmt: skip


def _refused(connection: Connection, names: Sequence[str]) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    holds = select(refused).where(text(found_in(connection, "body")))
    for name in names:
        for row in connection.execute(holds, {"name": name}):
            found[row.id] = {
                "received_at": written(row.received_us), "source": row.source,
                "reason": row.reason, "body": row.body,
            }  # fmt: skip
    return list(found.values())


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _time(us: int | None) -> str | None:
    return None if us is None or us in (ALWAYS, FOREVER) else written(us)
