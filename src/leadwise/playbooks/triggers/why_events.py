"""What became of the events of a lead that might have started a playbook."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from leadwise.card.values import format_duration
from leadwise.playbooks.conditions.deciding import document
from leadwise.playbooks.model import EventTrigger
from leadwise.playbooks.triggers.events import Happened, fitting
from leadwise.playbooks.triggers.model import Live, Rules
from leadwise.store.driver import ask

MOST = 5
"""Events that are looked at, the latest."""


def told_of_events(
    connection: Connection, trigger: EventTrigger, live: Live, rules: Rules, lead_id: int
) -> Iterator[tuple[str, bool, int | None]]:
    """Of each of the lead's latest events of that name: what it came to, whether that speaks
    against a start, and when it happened."""
    rows = ask(connection, _EVENTS, lead=lead_id, event=trigger.event, most=MOST)
    if not rows:
        yield "the lead never did that.", True, None
        return
    for row in rows:
        one = Happened(*(*row[:7], document(row[7])))
        text, against = _said(connection, trigger, live, rules, one, row[8])
        yield text, against, one.at_us


def _said(
    connection: Connection, trigger: EventTrigger, live: Live, rules: Rules, one: Happened,
    mark: str | None,
) -> tuple[str, bool]:  # fmt: skip
    if mark is not None:
        return f"the lead did, but it was a program's doing ({mark}).", True
    if one.at_us < live.since_us:
        return "the lead did, before the playbook was published.", True
    if one.received_us - one.at_us > rules.late_us:
        late = format_duration(rules.late_us)
        return f"the lead did, but it was reported more than {late} later.", True
    if not fitting(connection, trigger, [one]):
        return "the lead did, but not as `where` says.", True
    return "the lead did.", False


_EVENTS = """
SELECT e.id, o.lead_id, e.source, e.type, e.event, e.at_us, e.received_us, e.doc,
(SELECT min(m.reason) FROM event_mark AS m WHERE m.event_id = e.id AND m.cleared_us IS NULL)
FROM identity_lead AS o
JOIN event AS e ON e.identity_id = o.identity_id AND e.at_us >= o.from_us AND e.at_us < o.until_us
WHERE o.lead_id = :lead AND e.event = :event ORDER BY e.at_us DESC, e.id DESC LIMIT :most
"""
