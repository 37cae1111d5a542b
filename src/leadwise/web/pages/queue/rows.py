"""The rows of the queue as they are shown: everything is read for all of them at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from leadwise.plan import lines
from leadwise.qualify.asking import asks_of_frames
from leadwise.qualify.library import all_frames
from leadwise.store.cards import CardVersion
from leadwise.store.lead_pages import (
    Owner,
    facts_of_leads,
    member_names,
    owners_of_leads,
)
from leadwise.store.leads import names_of_leads
from leadwise.store.outcomes import ANSWERS, CLOSING, UNDO_US, Outcome, outcomes_of_leads
from leadwise.store.queue import Level, Place, levels_of
from leadwise.store.queue_rows import DAY_US, QueueRow, queue_rows, told_scores
from leadwise.web.pages.lead.likely import Likely, calibration_for, likely
from leadwise.web.pages.lead.naming import (
    account_name,
    actor_said,
    band_label,
    band_level,
    lead_name,
    outcome_said,
)
from leadwise.web.pages.queue.asked import written
from leadwise.web.pages.queue.wording import (
    TREND_DAYS,
    Asking,
    Clock,
    Reason,
    Trend,
    asking_of,
    clock_of,
    reasons_of,
    short_time,
    trend_of,
)
from leadwise.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Contact:
    """An outcome: what, when, by whom. `undo` is its id while its maker may take it back, which is
    until `gone_us`."""

    said: str
    at_us: int
    by: str
    undo: int | None
    gone_us: int


@dataclass(frozen=True, slots=True)
class Row:
    """A lead of the queue. `place` is where it stands; `closed`: there is nobody to call any more.

    `token` tells the forms of this row from those of any other time it is shown.
    """

    id: int
    place: str
    name: str
    address: str | None
    company: str | None
    score: str
    computed: str | None
    likely: Likely | None
    band: str
    level: int
    since_us: int
    since: str
    clock: Clock
    trend: Trend
    reasons: tuple[Reason, ...]
    asking: tuple[Asking, ...]
    contact: Contact | None
    owner: Owner | None
    closed: bool
    token: str


def rows_of(
    connection: Connection, visit: Visit, version: CardVersion, lead_ids: Sequence[int]
) -> list[Row]:
    """The rows of these leads in the order given; those without a score are left out."""
    card, now_us = version.card, visit.now_us
    ledger = lines(card)
    means = calibration_for(connection, visit, version)
    asks = asks_of_frames(all_frames(connection), visit.texts.language)
    levels = {level.band: level for level in levels_for(visit, version)}
    rows = queue_rows(connection, version.id, lead_ids)
    ids = [lead_id for lead_id in lead_ids if lead_id in rows]
    names, facts = names_of_leads(connection, ids), facts_of_leads(connection, ids)
    told = told_scores(connection, ids, now_us - TREND_DAYS * DAY_US)
    outcomes, owners = outcomes_of_leads(connection, ids), owners_of_leads(connection, ids)
    members = member_names(connection) if outcomes else {}
    found = []
    for lead_id in ids:
        row, own = rows[lead_id], facts.get(lead_id, {})
        name = lead_name(lead_id, names[lead_id], own, visit.texts)
        mail = next((value for kind, value in names[lead_id] if kind == "email"), None)
        since = [one for one in outcomes.get(lead_id, []) if one.at_us >= row.band_since_us]
        answered = any(one.kind in ANSWERS for one in since)
        level = levels.get(row.shown_band)
        found.append(
            Row(
                lead_id, written(_place(row, level, answered=answered)), name,
                mail if mail != name else None,
                account_name(row.account_id, row.account_name, visit.texts),
                visit.texts.points(row.shown_score),
                visit.texts.points(row.score) if row.score != row.shown_score else None,
                likely(visit, means, row.score),
                band_label(card, row.shown_band), band_level(card, row.shown_band),
                row.band_since_us, short_time(now_us - row.band_since_us, visit.texts),
                clock_of(row.band_since_us, level.allowed_us if level else None, answered=answered,
                         now_us=now_us, texts=visit.texts),
                trend_of(told.get(lead_id, []), row.shown_score, now_us, visit.texts),
                reasons_of(ledger, row, visit.texts),
                asking_of(card, ledger, row, own, visit.texts, asks),
                _contact(visit, outcomes.get(lead_id, []), members), owners.get(lead_id),
                any(one.kind in CLOSING for one in since), uuid.uuid4().hex,
            )
        )  # fmt: skip
    return found


def levels_for(visit: Visit, version: CardVersion) -> tuple[Level, ...]:
    """The bands of a card with the times that the team allows."""
    return levels_of(version.card, visit.site.settings.team.first_answer_minutes)


def _place(row: QueueRow, level: Level | None, *, answered: bool) -> Place:
    return Place(level.place if level else -1, int(not answered), row.shown_score, row.lead_id)


def _contact(visit: Visit, outcomes: Sequence[Outcome], members: dict[str, str]) -> Contact | None:
    """The last time that somebody dealt with the lead."""
    last = next((one for one in outcomes if one.kind in ANSWERS), None)
    if last is None:
        return None
    mine = visit.member is not None and last.actor == visit.member.actor
    fresh = mine and visit.now_us - last.received_us < UNDO_US
    by = visit.texts.say("you") if mine else actor_said(last.actor, members, visit.texts)
    said = outcome_said(last.kind, visit.texts)
    return Contact(said, last.at_us, by, last.id if fresh else None, last.received_us + UNDO_US)
