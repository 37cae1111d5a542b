"""The timeline of a lead in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from leadwise.store.said import Happening
from leadwise.store.timeline import RANKS, Item, Kind, timeline
from leadwise.web.api.shapes import from_cursor, to_cursor
from leadwise.web.pages.lead.naming import (
    actor_said,
    band_label,
    cause_said,
    event_said,
    fact_said,
    outcome_said,
    reason_said,
    words,
)
from leadwise.web.pages.lead.reading import Person
from leadwise.web.pages.visit import Visit

PAGE = 20
MOST_VALUES = 6
FILTERS: dict[str, tuple[Kind, ...]] = {
    "events": ("event",),
    "outcomes": ("outcome",),
    "bands": ("band",),
    "people": ("override", "override end", "owner", "merge", "undo"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is shown. `event` is what is suspected or can be looked at; `sign` a class;
    `merge_id` a merge that can be undone."""

    at_us: int
    anchor: str
    sign: str
    title: str
    detail: str
    lines: tuple[tuple[str, str], ...] = ()
    event: Happening | None = None
    suspect: bool = False
    cleared: bool = False
    lead_id: int | None = None
    merge_id: int | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """Some entries, and the cursor with which the timeline goes on (None: that was all)."""

    entries: list[Entry]
    next: str | None
    kind: str


def chapter(connection: Connection, visit: Visit, person: Person) -> Chapter:
    """The part of the timeline that the address asks for (`kind`, `after`)."""
    kind = visit.query.get("kind", "")
    kinds: Collection[Kind] = FILTERS.get(kind, RANKS)
    where = from_cursor(visit.query.get("after"), int, int, int)
    before = None if where is None else (where[0], where[1], where[2])
    items = timeline(connection, person.id, kinds=kinds, before=before, limit=PAGE + 1)
    entries = [_entry(visit, person, item) for item in items[:PAGE]]
    last = to_cursor(items[PAGE - 1].cursor) if len(items) > PAGE else None
    return Chapter(entries, last, kind if kind in FILTERS else "")


def _entry(visit: Visit, person: Person, item: Item) -> Entry:
    _, texts = visit.texts.say, visit.texts
    what = item.what
    anchor = f"{item.kind.replace(' ', '-')}-{item.id}"

    def by(actor: str | None) -> str:
        return actor_said(actor, person.members, texts)

    def entry(sign: str, title: str, detail: str = "", lead_id: int | None = None) -> Entry:
        return Entry(item.at_us, anchor, sign, title, detail, lead_id=lead_id)

    if item.kind == "event":
        return _event(visit, item.at_us, anchor, what)
    if item.kind == "band":
        to = band_label(person.card, what.to_band)
        if what.from_band is None:
            title = _("First score: %(band)s", band=to)
        else:
            was = band_label(person.card, what.from_band)
            title = _("From %(was)s to %(band)s", was=was, band=to)
        score = _("%(score)s points", score=texts.points(what.score))
        return entry("band", title, f"{score}, {cause_said(what.cause, texts)}")
    if item.kind == "outcome":
        parts = [_("by %(who)s", who=by(what.actor) if what.actor else what.source)]
        if what.value is not None:
            parts.insert(0, f"{texts.number(what.value / 100)} {what.currency}")
        if what.reason:
            parts.append(reason_said(what.reason, texts))
        return entry("outcome", outcome_said(what.kind, texts), ", ".join(parts))
    return _by_people(visit, person, item, anchor)


def _by_people(visit: Visit, person: Person, item: Item, anchor: str) -> Entry:
    """What people said over the lead, whose it became, with which leads it was one."""
    _, texts, what = visit.texts.say, visit.texts, item.what

    def by(actor: str | None) -> str:
        return actor_said(actor, person.members, texts)

    def entry(title: str, detail: str, lead_id: int | None = None) -> Entry:
        return Entry(item.at_us, anchor, "people", title, detail, lead_id=lead_id)

    if item.kind in ("override", "override end"):
        amount = (
            _("band %(band)s", band=band_label(person.card, what.band))
            if what.band
            else _("%(points)s points", points=texts.points(what.points or 0, signed=True))
        )
        if item.kind == "override end":
            who = by(what.ended_by)
            return entry(_("Override ended: %(what)s", what=amount),
                         _("by %(who)s", who=who))  # fmt: skip
        said = _("by %(who)s: %(reason)s", who=by(what.actor), reason=what.reason)
        return entry(_("Override: %(what)s", what=amount), said)
    if item.kind == "owner":
        said = _("by %(who)s", who=by(what.actor))
        if what.owner is None:
            return entry(_("Given back: nobody's lead"), said)
        return entry(_("Given to %(name)s", name=by(what.owner)), said)
    if item.kind == "merge":
        made = entry(_("Merged with lead %(number)s", number=what.other_id),
                     _("by %(who)s", who=by(what.actor)), what.other_id)  # fmt: skip
        return replace(made, merge_id=what.id) if what.undone_us is None else made
    return entry(_("Merge with lead %(number)s undone", number=what.other_id),
                 _("by %(who)s", who=by(what.undone_by)), what.other_id)  # fmt: skip


def _event(visit: Visit, at_us: int, anchor: str, event: Happening) -> Entry:
    texts, _ = visit.texts, visit.texts.say
    values = tuple(
        (words(key), fact_said(value, texts)) for key, value in sorted(event.properties.items())
    )[:MOST_VALUES]
    page = event.context.get("url")
    detail = _("from %(source)s", source=event.source)
    if page:
        detail = f"{detail}, {page}"
    marked = bool(event.marks)
    suspect = any(mark.cleared_us is None for mark in event.marks)
    sign = "suspect" if suspect else "fact" if event.type in ("identify", "group") else "event"
    title = event_said(event.type, event.event, event.name, texts)
    return Entry(at_us, anchor, sign, title, detail, values, event, suspect, marked and not suspect)
