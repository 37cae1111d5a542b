"""Why a playbook did nothing for a lead: what became of each of its starts, what was remembered,
and what would speak against a start at this instant.

All of it is looked up when somebody asks: that most leads start nothing is the usual case, and no
row is kept of it (`triggers.left_out` keeps the latest few of each reason).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from sqlalchemy import Connection

from leadwise.card.values import format_duration, format_hundredths
from leadwise.errors import UserError
from leadwise.playbooks.conditions.deciding import decide
from leadwise.playbooks.conditions.whole_lead import all_ids, kept_leads
from leadwise.playbooks.model import BandTrigger, EventTrigger, Playbook, ScoreTrigger, Trigger
from leadwise.playbooks.runs.ways import read_playbook
from leadwise.playbooks.safety.holding import answers_messages, mails_only, no_address_left
from leadwise.playbooks.safety.quiet import day_of
from leadwise.playbooks.triggers.bands import fits
from leadwise.playbooks.triggers.cursors import cursor
from leadwise.playbooks.triggers.history import history_of
from leadwise.playbooks.triggers.model import Candidate, Live, Rules, rules_of
from leadwise.playbooks.triggers.scores import is_past, spent_starts
from leadwise.playbooks.triggers.taking import since_of
from leadwise.playbooks.triggers.why_events import told_of_events
from leadwise.playbooks.words.conditions import condition_words
from leadwise.playbooks.words.describe import labels_of, trigger_words
from leadwise.settings import Settings
from leadwise.store.cards import live_version
from leadwise.store.experiments import left_alone
from leadwise.store.left_out import left_out
from leadwise.store.person import find_person
from leadwise.store.playbooks import PlaybookVersion, current_playbook, list_playbooks
from leadwise.store.runs import ACTIVE, list_runs
from leadwise.store.said import Change
from leadwise.store.schema import band_change, playbook_pending, score_history

What = Literal["playbook", "lead", "run", "waits", "start", "left out", "now"]
MOST = 20
"""Of each on one page."""


@dataclass(frozen=True, slots=True)
class Found:
    """One sentence of the answer. `against`: it speaks against a start; `at_us` is when it was."""

    what: What
    text: str
    against: bool = False
    at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """The answer for one lead (of one that was merged: for the lead that it is now)."""

    playbook: str
    number: int
    lead_id: int
    found: tuple[Found, ...]


def why_not(
    connection: Connection, settings: Settings, playbook: str, lead_id: int, now_us: int
) -> Why:
    """What there is to say. UserError (`no-such-live-playbook`, `lead-unknown`, `gone`)."""
    version = current_playbook(connection, playbook)
    if version is None:
        raise UserError(
            "no-such-live-playbook", f"No playbook {playbook} is live: it starts nothing.",
            hint="Publish it first: the list of playbooks has its versions.",
        )  # fmt: skip
    lead_id = find_person(connection, lead_id).lead_id
    own = read_playbook(version.text)
    versions = [one for one in list_playbooks(connection) if one.status != "draft"]
    asked = _Asked(
        connection, rules_of(settings), Live(version, own, since_of(version, versions)), lead_id,
        sorted(all_ids(connection, [lead_id])[lead_id]), now_us, _groups(versions),
    )  # fmt: skip
    parts = (_playbook, _lead, _runs, _waits, _starts, _left_out, _now)
    found = tuple(one for part in parts for one in part(asked))
    return Why(playbook, version.number, lead_id, found)


@dataclass(frozen=True, slots=True)
class _Asked:
    connection: Connection
    rules: Rules
    live: Live
    lead_id: int
    ids: list[int]
    now_us: int
    groups: dict[str, set[str]]

    @property
    def playbook(self) -> Playbook:
        return self.live.playbook


def _groups(versions: list[PlaybookVersion]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for version in versions:
        try:
            safety = read_playbook(version.text).safety
        except UserError:
            continue  # it cannot be read any more: it starts nothing
        if safety.group is not None:
            found.setdefault(safety.group, set()).add(version.playbook)
    return found


def _playbook(asked: _Asked) -> Iterator[Found]:
    version = asked.live.version
    if version.status == "paused":
        yield Found("playbook", "The playbook is paused: nothing starts.", True)
    text = f"Version {version.number} starts runs by what happens since it was published."
    yield Found("playbook", text, False, version.published_us)


def _lead(asked: _Asked) -> Iterator[Found]:
    if asked.lead_id not in kept_leads(asked.connection, [asked.lead_id]):
        yield Found("lead", "The lead objected to being scored: it is not followed up.", True)
    alone = left_alone(asked.connection, asked.lead_id)
    if alone and not answers_messages(asked.playbook):
        yield Found("lead", f"The experiment {alone[0]} leaves it alone.", True)
    answers = partial(asked.rules.answers, asked.connection)
    if mails_only(asked.playbook, answers) and no_address_left(asked.connection, [asked.lead_id]):
        yield Found("lead", "It wants no mails, and the playbook does nothing else.", True)


def _runs(asked: _Asked) -> Iterator[Found]:
    for lead_id in asked.ids:
        for run in list_runs(
            asked.connection, playbook=asked.playbook.id, lead_id=lead_id, limit=MOST
        ):
            if run.state in ACTIVE:
                yield Found("run", f"Run {run.id} is under way ({run.state}).", True, run.began_us)
            else:
                text = f"Run {run.id} ended ({run.state}): {run.why or 'no reason is known'}"
                yield Found("run", text, False, run.ended_us)


def _waits(asked: _Asked) -> Iterator[Found]:
    table = playbook_pending
    own = (table.c.playbook == asked.playbook.id) & table.c.lead_id.in_(asked.ids)
    rows = table.select().where(own).order_by(table.c.due_us).limit(MOST)
    words = {"settles": "for having held long enough", "full": "for a day that is not full"}
    for row in asked.connection.execute(rows):
        text = f"What started it waits {words.get(row.why, row.why)}, until this instant."
        yield Found("waits", text, True, row.due_us)


def _starts(asked: _Asked) -> Iterator[Found]:
    live = live_version(asked.connection)
    labels = labels_of(live.card if live else None)
    for place, trigger in enumerate(asked.playbook.triggers):
        words = trigger_words(trigger, labels)
        for one in _start(asked, trigger, place):
            yield Found("start", f"It starts {words}: {one.text}", one.against, one.at_us)


def _start(asked: _Asked, trigger: Trigger, place: int) -> Iterator[Found]:
    match trigger:
        case EventTrigger():
            for text, against, at_us in told_of_events(
                asked.connection, trigger, asked.live, asked.rules, asked.lead_id
            ):
                yield Found("start", text, against, at_us)
        case BandTrigger():
            yield _band(asked, trigger)
        case ScoreTrigger():
            yield _score(asked, trigger, place)
        case _:
            yield Found("start", "whether that was so is not looked up here.")


def _band(asked: _Asked, trigger: BandTrigger) -> Found:
    table = band_change
    own = table.select().where(table.c.lead_id.in_(asked.ids))
    row = asked.connection.execute(own.order_by(table.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return Found("start", "the lead was in no band yet.", True)
    change = Change(
        row.id, row.lead_id, row.card_version_id, row.at_us, row.from_band, row.to_band, row.score,
        row.cause, row.event_id,
    )  # fmt: skip
    last = f"its last change was from {change.from_band or 'none'} to {change.to_band or 'none'}"
    if not fits(trigger, change):
        return Found("start", f"{last} (by {change.cause}), which is not meant.", True, row.at_us)
    if change.at_us < asked.live.since_us:
        return Found("start", f"{last}, before the playbook was published.", True, row.at_us)
    return Found("start", f"{last}, which is meant.", False, row.at_us)


def _score(asked: _Asked, trigger: ScoreTrigger, place: int) -> Found:
    table = score_history
    own = table.select().where(table.c.lead_id.in_(asked.ids))
    row = asked.connection.execute(own.order_by(table.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return Found("start", "the lead has no score yet.", True)
    said = f"its score is {format_hundredths(row.shown_score)}"
    if not is_past(trigger, row.shown_score):
        return Found("start", f"{said}.", True, row.as_of_us)
    spent = spent_starts(asked.connection, asked.playbook.id, asked.ids)
    if any(place in places for places in spent.values()):
        return Found("start", f"{said}; it started something, and was not back since.", True,
                     row.as_of_us)  # fmt: skip
    if row.as_of_us < asked.live.since_us:
        return Found("start", f"{said} since before the playbook was published.", True,
                     row.as_of_us)  # fmt: skip
    return Found("start", f"{said}, which is meant if the lead itself caused it.", False,
                 row.as_of_us)  # fmt: skip


def _left_out(asked: _Asked) -> Iterator[Found]:
    found = left_out(asked.connection, playbook=asked.playbook.id, lead_ids=asked.ids, limit=MOST)
    for one in found:
        text = f"It was not started by the {one.by} that fitted: it {one.why}."
        yield Found("left out", text, True, one.at_us)


def _now(asked: _Asked) -> Iterator[Found]:
    playbook, connection, safety = asked.playbook, asked.connection, asked.playbook.safety
    if playbook.when is not None:
        verdict = decide(
            connection, playbook, playbook.when, asked.lead_id, asked.now_us, asked.rules.zones
        )
        live = live_version(connection)
        said = condition_words(playbook.when.tree, labels_of(live.card if live else None))
        state = {True: "is met now", False: "is not met now", None: "cannot be decided now"}
        yield Found("now", f"The condition {state[verdict]}: {said}.", not verdict)
    history = history_of(connection, playbook, [asked.lead_id], asked.groups)
    before = history.leads.get(asked.lead_id)
    one = Candidate("", "band", 0, asked.lead_id, asked.now_us)
    why = history.refuses(one, asked.now_us)
    if before is not None and why is not None:
        again_us = safety.again_after_us
        more = {
            "was in the playbook before": ("It was in it before, and goes through it once only.",
                                           before.started_us),
            "is not to begin again yet": (
                f"It may begin again only {format_duration(again_us or 0)} after this instant.",
                before.started_us),
            "cools down": (
                "A playbook of its group ended: it cools down for "
                + format_duration(safety.cool_down_us) + " from then on.", before.group_ended_us),
        }  # fmt: skip
        if why in more:
            yield Found("now", more[why][0], True, more[why][1])
    if safety.a_day is not None:
        day = f"day:{playbook.id}:{day_of(asked.rules.zones.zone, asked.now_us)}"
        if (cursor(connection, day) or 0) >= safety.a_day:
            yield Found("now", f"Today {safety.a_day} leads started, which is the most.", True)
