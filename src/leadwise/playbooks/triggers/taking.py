"""What happened is taken, once: playbooks begin by it, runs are woken by it.

Each kind of happening is followed by a cursor in the record, moved on in the very transaction that
starts the runs: killed at any instant, nothing is missed and nothing is taken twice. Ids that
PostgreSQL hands out before their rows are committed are waited for (`following.Horizon`). Of
several processes one takes at a time. Nothing begins for what happened before its playbook went
live.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, Table

from leadwise.errors import LeadwiseError
from leadwise.playbooks.model import (
    AnswerTrigger,
    BandTrigger,
    EventTrigger,
    MessageTrigger,
    Playbook,
    ScoreTrigger,
    TaskTrigger,
    Trigger,
)
from leadwise.playbooks.triggers import schedules, scores, waking
from leadwise.playbooks.triggers.answers import answer_candidates, readings_between
from leadwise.playbooks.triggers.bands import band_candidates, changes_between
from leadwise.playbooks.triggers.cursors import (
    cursor,
    cursors,
    move,
    only_taker,
    start_after,
)
from leadwise.playbooks.triggers.events import event_candidates, events_between
from leadwise.playbooks.triggers.model import TAKE_OVER_US, Live, Taken, rules_of
from leadwise.playbooks.triggers.pending import is_pending_due, take_pending
from leadwise.playbooks.triggers.starting import Desk, consider
from leadwise.playbooks.triggers.tasks import SETTLED_US, task_candidates, tasks_between
from leadwise.playbooks.triggers.waking import Wanted
from leadwise.settings import Settings
from leadwise.store.driver import ask
from leadwise.store.following import Horizon
from leadwise.store.opening import Store
from leadwise.store.playbooks import PlaybookVersion, list_playbooks
from leadwise.store.runs import ACTIVE
from leadwise.store.schema import (
    answer,
    band_change,
    event,
    outcome,
    score_history,
)

log = logging.getLogger("leadwise.playbooks")

AT_ONCE = 500
"""Rows of one transaction."""
IDS_AT_ONCE = 20_000
"""Ids of one transaction of which most are not wanted."""
TASKS = "tasks"


@dataclass(frozen=True, slots=True)
class Source:
    """A table that is only added to. `came` is the instant at which a row came in."""

    name: str
    table: Table
    came: str
    starts: tuple[type[Trigger], ...] = ()


SOURCES = (
    Source("events", event, "received_us", (EventTrigger, MessageTrigger)),
    Source("bands", band_change, "at_us", (BandTrigger,)),
    Source("scores", score_history, "as_of_us", (ScoreTrigger,)),
    Source("answers", answer, "said_us", (AnswerTrigger,)),
    Source("outcomes", outcome, "received_us"),
)


@dataclass(frozen=True, slots=True)
class View:
    """What there is to take for: the playbooks that are live, and what runs under way want."""

    lives: tuple[Live, ...]
    wanted: Wanted
    groups: dict[str, set[str]]
    active: bool

    def with_(self, *kinds: type[Trigger]) -> list[Live]:
        """The live playbooks that a trigger of these kinds starts."""
        return [
            live
            for live in self.lives
            if any(isinstance(trigger, kinds) for trigger in live.playbook.triggers)
        ]

    def needs(self, source: Source) -> bool:
        """Whether anybody wants to know of the rows of a source."""
        if source.name == "events" and (self.wanted.awaited or self.wanted.events):
            return True
        if source.name == "outcomes":
            return bool(self.wanted.outcomes)
        return bool(self.with_(*source.starts)) if source.starts else False


class Taker:
    """Takes what happened for the playbooks of a store; one for each process. `take` as often as
    there may be something."""

    def __init__(self, store: Store, settings: Settings, read: Callable[[str], Playbook]) -> None:
        self.total = Taken()
        self._store, self._read = store, read
        self._rules = rules_of(settings)
        self._horizons = {source.name: Horizon(source.table) for source in SOURCES}
        self._unreadable: set[int] = set()

    def take(self, now_us: int) -> bool:
        """One round; whether there was anything to do."""
        with self._store.read() as connection:
            view = self.view(connection)
            tops = self._tops(connection, view)
            if not self._is_due(connection, view, tops, now_us):
                return False
        work = partial(self._take, view=view, tops=tops, now_us=now_us)
        taken = self._store.write(work, "playbooks", alone=True)
        if taken is None:
            return False  # another process takes
        self.total.add(taken)
        return True

    def view(self, connection: Connection) -> View:
        """The playbooks that count now."""
        versions = [one for one in list_playbooks(connection) if one.status != "draft"]
        read = {one.id: playbook for one in versions if (playbook := self._playbook(one))}
        lives = tuple(
            Live(one, read[one.id], since_of(one, versions))
            for one in reversed(versions)
            if one.status == "live" and one.id in read
        )
        under_way = sorted(_active(connection) & read.keys())
        groups: dict[str, set[str]] = {}
        for playbook in read.values():
            if playbook.safety.group is not None:
                groups.setdefault(playbook.safety.group, set()).add(playbook.id)
        wanted = waking.wanted_by(read[id_] for id_ in under_way)
        return View(lives, wanted, groups, bool(under_way))

    def _playbook(self, version: PlaybookVersion) -> Playbook | None:
        try:
            return self._read(version.text)
        except LeadwiseError as error:
            if version.id not in self._unreadable:
                self._unreadable.add(version.id)
                log.warning("playbook version %d cannot be read: %s", version.id, error)
            return None

    def _tops(self, connection: Connection, view: View) -> dict[str, int]:
        """Up to which id nothing can come any more, of each source that anybody wants."""
        return {
            source.name: self._horizons[source.name].look(connection)
            for source in SOURCES
            if view.needs(source)
        }

    def _is_due(
        self, connection: Connection, view: View, tops: dict[str, int], now_us: int
    ) -> bool:
        if not view.lives and not view.active:
            return False
        looked = cursors(connection)
        if any(looked.get(name, -1) < top for name, top in tops.items()):
            return True
        if view.with_(TaskTrigger) and _tasks_waiting(connection, looked.get(TASKS), now_us):
            return True
        if is_pending_due(connection, now_us):
            return True
        return any(schedules.rounds(connection, live, now_us) for live in view.lives)

    def _take(
        self, connection: Connection, view: View, tops: dict[str, int], now_us: int
    ) -> Taken | None:
        if not only_taker(connection):
            return None
        # Looked at again: a playbook may have been paused, or a run begun, since.
        view = self.view(connection)
        desk = Desk(connection, self._rules, now_us, view.groups)
        taken = take_pending(desk, view.lives)
        for source in SOURCES:
            if source.name in tops and view.needs(source):
                taken.add(self._follow(desk, view, source, tops[source.name]))
        taken.add(_take_tasks(desk, view))
        taken.add(_take_rounds(desk, view))
        return taken

    def _follow(self, desk: Desk, view: View, source: Source, top: int) -> Taken:
        had = cursor(desk.connection, source.name)
        after = had or 0
        if not view.active:
            since_us = min((live.since_us for live in view.lives), default=desk.now_us)
            after = start_after(desk.connection, source.table, source.came, had, top, since_us)
        up_to = min(top, after + IDS_AT_ONCE)
        if after >= up_to:
            if had != after:
                move(desk.connection, source.name, after)
            return Taken()
        taken, last = _PARTS[source.name](desk, view, after, up_to)
        move(desk.connection, source.name, last)
        return taken


def since_of(version: PlaybookVersion, versions: Sequence[PlaybookVersion]) -> int:
    """From when on what happens begins a version. One that took the place of another has what that
    one had not come to yet."""
    published_us = version.published_us or 0
    before = any(
        one.playbook == version.playbook and one.id != version.id and one.published_us is not None
        for one in versions
    )
    return published_us - TAKE_OVER_US if before else published_us


def _active(connection: Connection) -> set[int]:
    """The versions that have runs under way."""
    return {row[0] for row in ask(connection, _ACTIVE)}


# The least place of each state is one look at an index. Asked whether there is any run, PostgreSQL
# goes through a million of them for the version that has none.
_LEAST = (
    "(SELECT min(r.at) FROM playbook_run AS r WHERE r.version_id = v.id AND r.state = '{}') "
    "IS NOT NULL"
)
_ACTIVE = (
    "SELECT v.id FROM playbook_version AS v WHERE v.status <> 'draft' AND ("  # noqa: S608 - our own SQL
    f"{' OR '.join(_LEAST.format(state) for state in ACTIVE)})"
)


def _take_events(desk: Desk, view: View, after: int, up_to: int) -> tuple[Taken, int]:
    lives = view.with_(EventTrigger, MessageTrigger)
    triggers = [trigger for live in lives for trigger in live.playbook.triggers]
    names = {one.event for one in triggers if isinstance(one, EventTrigger)}
    names |= view.wanted.awaited | view.wanted.events
    sources = {one.source for one in triggers if isinstance(one, MessageTrigger)}
    found = events_between(desk.connection, after, up_to, names, sources, AT_ONCE)
    taken = Taken(len(found))
    taken.woken = waking.wake_by_events(desk.connection, view.wanted, found, desk.now_us)
    for live in lives:
        made = event_candidates(desk.connection, live, found, desk.rules)
        taken.add(consider(desk, live, made))
    return taken, found[-1].id if len(found) == AT_ONCE else up_to


def _take_bands(desk: Desk, view: View, after: int, up_to: int) -> tuple[Taken, int]:
    found = changes_between(desk.connection, after, up_to, AT_ONCE)
    taken = Taken(len(found))
    for live in view.with_(BandTrigger):
        taken.add(consider(desk, live, band_candidates(live, found)))
    return taken, found[-1].id if len(found) == AT_ONCE else up_to


def _take_scores(desk: Desk, view: View, after: int, up_to: int) -> tuple[Taken, int]:
    found = scores.scores_between(desk.connection, after, up_to, AT_ONCE)
    taken = Taken(len(found))
    leads = sorted({one.lead_id for one in found})
    for live in view.with_(ScoreTrigger):
        name = live.playbook.id
        spent = scores.spent_starts(desk.connection, name, leads)
        made, back = scores.score_candidates(live, found, spent)
        taken.add(consider(desk, live, made))
        for lead_id, place in sorted(back):
            scores.spend(desk.connection, name, lead_id, place, spent=False)
    return taken, found[-1].id if len(found) == AT_ONCE else up_to


def _take_answers(desk: Desk, view: View, after: int, up_to: int) -> tuple[Taken, int]:
    found, last = readings_between(desk.connection, after, up_to, AT_ONCE)
    taken = Taken(len(found))
    for live in view.with_(AnswerTrigger):
        made = answer_candidates(desk.connection, live, found, desk.now_us)
        taken.add(consider(desk, live, made))
    return taken, last


def _take_outcomes(desk: Desk, view: View, after: int, up_to: int) -> tuple[Taken, int]:
    number, woken, last = waking.wake_by_outcomes(
        desk.connection, view.wanted, after, up_to, AT_ONCE, desk.now_us
    )
    return Taken(number, woken=woken), last


def _take_tasks(desk: Desk, view: View) -> Taken:
    lives = view.with_(TaskTrigger)
    up_to_us = desk.now_us - SETTLED_US
    if not lives:
        return Taken()
    had = cursor(desk.connection, TASKS)
    after_us = max(had or 0, min(live.since_us for live in lives) - 1)
    if after_us >= up_to_us:
        return Taken()
    found, last_us = tasks_between(desk.connection, after_us, up_to_us, AT_ONCE)
    taken = Taken(len(found))
    for live in lives:
        taken.add(consider(desk, live, task_candidates(live, found)))
    move(desk.connection, TASKS, last_us)
    return taken


def _tasks_waiting(connection: Connection, after_us: int | None, now_us: int) -> bool:
    if after_us is None:
        return True
    return bool(tasks_between(connection, after_us, now_us - SETTLED_US, 1)[0])


def _take_rounds(desk: Desk, view: View) -> Taken:
    taken = Taken()
    for live in view.lives:
        for round_ in schedules.rounds(desk.connection, live, desk.now_us):
            found, then = schedules.schedule_candidates(desk.connection, round_)
            taken.add(consider(desk, live, found))
            schedules.keep_round(desk.connection, live, then)
    return taken


_PARTS: dict[str, Callable[[Desk, View, int, int], tuple[Taken, int]]] = {
    "events": _take_events, "bands": _take_bands, "scores": _take_scores,
    "answers": _take_answers, "outcomes": _take_outcomes,
}  # fmt: skip
