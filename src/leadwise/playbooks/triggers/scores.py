"""Scores that rise past a line or fall below one: once, until they were on the other side again.

Past and below mean that the line itself is not enough. A score that jumps because another card went
live, or because of an import, rises past nothing: nobody did anything. That it did is written with
each score, for most scores change no band.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, update

from leadwise.asking.instants import written
from leadwise.plan.relations import FOREVER
from leadwise.playbooks.model import BandTrigger, ScoreTrigger
from leadwise.playbooks.triggers.model import Candidate, Live
from leadwise.store.bulk import as_list, listed_whole
from leadwise.store.driver import ask
from leadwise.store.schema import playbook_lead

CAUSES = BandTrigger().causes
"""What a lead's own doing is called."""
MOST_PLACES = 60
"""Starts of a playbook of which is kept whether they are spent: a bit each."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A score as it was said; `before` is the one before it under the same card, None for the
    first. `cause` is that of a change of band."""

    id: int
    lead_id: int
    card_version_id: int
    at_us: int
    score: int
    before: int | None
    cause: str | None


def scores_between(
    connection: Connection, after_id: int, up_to_id: int, limit: int
) -> list[Scored]:
    """Scores in the order of their ids."""
    rows = ask(connection, _SCORES, after=after_id, up_to=up_to_id, limit=limit)
    return [Scored(*row) for row in rows]


def score_candidates(
    live: Live, scores: Sequence[Scored], spent: Mapping[int, frozenset[int]]
) -> tuple[list[Candidate], set[tuple[int, int]]]:
    """The scores that start this playbook, and which leads are back at which of its starts.

    `spent` are, by lead, the places of starts that began something and were not back since.
    """
    found: list[Candidate] = []
    now = {lead_id: set(places) for lead_id, places in spent.items()}
    back: set[tuple[int, int]] = set()
    for one in scores:
        own = now.setdefault(one.lead_id, set())
        for place, trigger in enumerate(live.playbook.triggers):
            if not isinstance(trigger, ScoreTrigger):
                continue
            if is_back(trigger, one.score):
                own.discard(place)
                back.add((one.lead_id, place))
            if one.at_us >= live.since_us and place not in own and crosses(trigger, one):
                found.append(_candidate(one, place))
                back.discard((one.lead_id, place))
    begun = {(one.lead_id, one.place) for one in found}
    had = {(lead_id, place) for lead_id, places in spent.items() for place in places}
    return found, back & (begun | had)


def crosses(trigger: ScoreTrigger, one: Scored) -> bool:
    """Whether the score went over the trigger's line by what the lead did."""
    if one.cause is not None and one.cause not in CAUSES:
        return False
    if trigger.rises_past is not None:
        line = trigger.rises_past
        return one.score > line and (one.before is None or one.before <= line)
    assert trigger.falls_below is not None  # checked with the playbook
    return one.score < trigger.falls_below and (
        one.before is not None and one.before >= trigger.falls_below
    )


def is_past(trigger: ScoreTrigger, score: int) -> bool:
    """Whether a score is where the trigger means."""
    if trigger.rises_past is not None:
        return score > trigger.rises_past
    return trigger.falls_below is not None and score < trigger.falls_below


def is_back(trigger: ScoreTrigger, score: int) -> bool:
    """Whether a score is so far on the other side that the trigger may start something again."""
    if trigger.rises_past is not None:
        return score <= trigger.rises_past - trigger.back
    return trigger.falls_below is not None and score >= trigger.falls_below + trigger.back


def score_holds(
    connection: Connection, trigger: ScoreTrigger, one: Candidate, until_us: int = FOREVER
) -> bool:
    """Whether the score stayed past the line since."""
    asked = {"id": one.row_id, "until": until_us}  # the lead may be part of another by now
    scores = [row[0] for row in ask(connection, _SINCE, **asked)]
    return bool(scores) and all(is_past(trigger, score) for score in scores)


def spent_starts(
    connection: Connection, playbook: str, lead_ids: Sequence[int]
) -> dict[int, frozenset[int]]:
    """By lead the places of the playbook's starts that began something and were not back since."""
    sql = (
        "SELECT lead_id, armed FROM playbook_lead WHERE playbook = :playbook AND armed < 0 "  # noqa: S608 - our own SQL
        f"AND lead_id IN {listed_whole(connection)}"
    )
    rows = ask(connection, sql, playbook=playbook, list=as_list(lead_ids))
    return {lead_id: _places(value) for lead_id, value in rows}


def spend(connection: Connection, playbook: str, lead_id: int, place: int, *, spent: bool) -> None:
    """Say whether a start by score has to be back first before it begins anything again."""
    if place >= MOST_PLACES:
        return
    had = spent_starts(connection, playbook, [lead_id]).get(lead_id, frozenset())
    now = had | {place} if spent else had - {place}
    if now == had:
        return
    own = (playbook_lead.c.playbook == playbook) & (playbook_lead.c.lead_id == lead_id)
    value = -sum(1 << one for one in now) or 1
    if not connection.execute(update(playbook_lead).where(own).values(armed=value)).rowcount:
        row = {"playbook": playbook, "lead_id": lead_id, "armed": value}
        connection.execute(insert(playbook_lead).values(row))


def _places(armed: int) -> frozenset[int]:
    return frozenset(place for place in range(MOST_PLACES) if -armed >> place & 1)


def _candidate(one: Scored, place: int) -> Candidate:
    before = None if one.before is None else one.before / 100
    told = {
        "name": "score_changed", "at": written(one.at_us), "score": one.score / 100,
        "before": before,
    }  # fmt: skip
    return Candidate(
        f"score:{one.id}", "score", place, one.lead_id, one.at_us, {"event": told}, row_id=one.id
    )


_SCORES = """
SELECT id, lead_id, card_version_id, as_of_us, shown_score, shown_before, cause
FROM score_history WHERE id > :after AND id <= :up_to ORDER BY id LIMIT :limit
"""
_SINCE = (
    "SELECT shown_score FROM score_history WHERE id >= :id "
    "AND lead_id = (SELECT lead_id FROM score_history WHERE id = :id) "
    "AND as_of_us <= :until ORDER BY id"
)
