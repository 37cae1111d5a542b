"""A lead's score over time: what we said then, what is true now about then, and what lies ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.asking.forecast import BandChange, forecast
from leadwise.asking.instants import DAY_US, YEAR_US
from leadwise.card.model import Card
from leadwise.errors import UserError
from leadwise.store.cards import list_versions, live_version
from leadwise.store.leads import get_scorable
from leadwise.store.population import (
    count_events,
    ledgers,
    population_of_rows,
    require_few_events,
)
from leadwise.store.relations import rows_of_leads
from leadwise.store.said import Said, events_of_lead, said_of_lead
from leadwise.web.pages.lead.asked import lead_id_of, wall_ms
from leadwise.web.pages.lead.naming import band_label, event_said, words
from leadwise.web.pages.lead.reading import gone, note_read, read_person
from leadwise.web.pages.visit import Visit

RANGES = (30, 90, 365)
"""Days back that can be chosen."""
INSTANTS = 60
"""Of what is true now about then; a third of that ahead."""
MOST_ASKED = 4_000_000
"""Events times instants that a page is worth: about two seconds."""
MOST_SAID = 400
MOST_EVENTS = 300


@dataclass(frozen=True, slots=True)
class Point:
    """A score at an instant, in hundredths, with its band."""

    at_us: int
    score: int
    band: str | None


@dataclass(frozen=True, slots=True)
class Course:
    """All that the chart shows. `changes` is None where looking ahead would take too long."""

    card: Card
    said: list[Point]
    true: list[Point]
    ahead: list[Point]
    changes: list[BandChange] | None
    events: list[tuple[int, str]]
    overridden: bool


def show_scores(visit: Visit) -> Response:
    """The part of a lead's page, or a page of its own."""
    lead_id = lead_id_of(visit)
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found
    days = chosen_days(visit)
    person = visit.read(lambda c: read_person(c, visit, lead_id))
    if not person.scorable:
        raise nothing_to_score(visit)
    with visit.site.api.heavy():
        course = read_course(visit, lead_id, days)
    note_read(visit, lead_id, "scores")
    card = course.card
    return visit.page(
        "lead/scores_part.html" if visit.partial else "lead/scores.html",
        person=person, course=course, days=days, ranges=RANGES,
        sentence=_sentence(visit, course), chart=_chart(visit, course),
        label=lambda band: band_label(card, band),
    )  # fmt: skip


def chosen_days(visit: Visit) -> int:
    """How far back the address asks for."""
    given = visit.query.get("days", "")
    return int(given) if given in {str(one) for one in RANGES} else RANGES[1]


def read_course(visit: Visit, lead_id: int, days: int) -> Course:
    """What the record says and answers. UserError where the lead cannot be scored."""
    now_us = visit.now_us
    start_us = now_us - days * DAY_US
    changes: list[BandChange] | None = None
    with visit.site.store.read() as connection:
        head = get_scorable(connection, lead_id)
        version = live_version(connection)
        if version is None:
            raise nothing_to_score(visit)
        card = version.card
        stored = _said(connection, lead_id, start_us)
        true, events = [], _events(connection, visit, lead_id, start_us)
        begin = max(start_us, min([head.created_us, *(at for at, _ in events)], default=start_us))
        most = MOST_ASKED // INSTANTS
        few = count_events(connection, [lead_id], most + 1) <= most
        if few:
            true = _points(connection, card, lead_id, _steps(begin, now_us, INSTANTS), now_us)
        try:
            require_few_events(connection, [lead_id])
            facts, known = rows_of_leads(connection, card, [lead_id])
        except UserError:
            facts, known, few = [], [], False
        if few:
            key = str(lead_id)
            with population_of_rows(card, [key], facts, known) as of:
                changes = forecast(of, [key], now_us, horizon_us=YEAR_US)
        ahead: list[Point] = []
        if few:
            end = now_us + _ahead(days, changes, now_us)
            at = {*_steps(now_us, end, INSTANTS // 3), *(c.at_us for c in changes or ())}
            inside = sorted(one for one in at if one <= end)
            ahead = _points(connection, card, lead_id, inside, now_us)
    overridden = any(one.score != one.shown_score for one in stored[:1])
    said = [Point(one.as_of_us, one.shown_score, one.shown_band) for one in reversed(stored)]
    return Course(card, said, true, ahead, changes, events, overridden)


def _said(connection: Connection, lead_id: int, start_us: int) -> list[Said]:
    """The stored scores since then and the one that held then, the latest first."""
    # One that is being published is scored already, but nobody has been told of it yet.
    told = {one.id for one in list_versions(connection, "lead") if one.published_us is not None}
    rows = said_of_lead(connection, lead_id, limit=MOST_SAID)
    rows = [row for row in rows if row.card_version_id in told]
    inside = [row for row in rows if row.as_of_us >= start_us]
    return rows[: len(inside) + 1]


def _events(
    connection: Connection, visit: Visit, lead_id: int, start_us: int
) -> list[tuple[int, str]]:
    rows = events_of_lead(connection, lead_id, limit=MOST_EVENTS)
    return [
        (row.at_us, event_said(row.type, row.event, row.name, visit.texts))
        for row in rows
        if start_us <= row.at_us <= visit.now_us
    ]


def _points(
    connection: Connection, card: Card, lead_id: int, at: Sequence[int], known_us: int
) -> list[Point]:
    rows = ledgers(connection, card, [(n, lead_id, us, known_us) for n, us in enumerate(at)])
    return [Point(row["as_of_us"], row["score"], row["band"]) for row in rows]


def _steps(start_us: int, end_us: int, number: int) -> list[int]:
    step = max((end_us - start_us) // number, 1)
    return [*range(start_us, end_us, step)][:number] + [end_us]


def _ahead(days: int, changes: list[BandChange] | None, now_us: int) -> int:
    """So far that the next change is to be seen, and not so far that the past cannot be."""
    least, most = max(days // 3, 7) * DAY_US, days * DAY_US
    first = (changes[0].at_us - now_us) * 5 // 4 if changes else 0
    return min(max(least, first), most)


def _sentence(visit: Visit, course: Course) -> str:
    """The next change in words."""
    _, texts = visit.texts.say, visit.texts
    if course.changes is None:
        return _("This lead has too many events to look ahead.")
    if not course.changes:
        return _("Stays in its band for a year if nothing happens.")
    change = course.changes[0]
    order = [band.id for band in course.card.bands]
    day = texts.weekday(change.at_us, visit.zone)
    when = texts.moment(change.at_us, visit.zone)
    band = band_label(course.card, change.to_band)
    if order.index(change.to_band) < order.index(change.from_band):
        return _("Falls to %(band)s on %(day)s, %(when)s, if nothing happens.",
                 band=band, day=day, when=when)  # fmt: skip
    return _("Rises to %(band)s on %(day)s, %(when)s, if nothing happens.",
             band=band, day=day, when=when)  # fmt: skip


def _chart(visit: Visit, course: Course) -> dict[str, Any]:
    _ = visit.texts.say

    def line(points: Sequence[Point]) -> list[list[float]]:
        return [[wall_ms(one.at_us, visit.zone), one.score / 100] for one in points]

    return {
        "said": line(course.said),
        "true": line(course.true),
        "ahead": line(course.ahead),
        "events": [[wall_ms(at, visit.zone), name] for at, name in course.events],
        "now": wall_ms(visit.now_us, visit.zone),
        "bands": [
            {"label": band.label or words(band.id), "at": band.threshold / 100}
            for band in course.card.bands
            if band.threshold is not None
        ],
        "words": {"now": _("now")},
    }  # fmt: skip


def nothing_to_score(visit: Visit) -> UserError:
    """What is said where there is no score to be shown."""
    _ = visit.texts.say
    return UserError(
        "no-such-live-card", _("This lead has no score."),
        hint=_("A card has to be published, and the person must not have objected."),
    )  # fmt: skip
