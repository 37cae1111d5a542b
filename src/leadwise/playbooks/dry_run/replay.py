"""The past played again with a playbook in it: every start and every step in the order of time.

What leads did is as it was; nothing of what the playbook would have changed in them is. Tasks and
approvals are taken to be done at once. Everything else is as it would be: `when`, `again`,
settling, the day's number, hysteresis, quiet hours, caps, waits, branches, goals and `still`.

The past is played in rounds. Where a condition is not known yet it is written down, and the round
goes on as if nothing ended the run; then all that was written down is asked at once, and the next
round begins anew. The last round met nothing unknown: it is what is told.
"""

from __future__ import annotations

import heapq
import itertools
from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leadwise.errors import UserError
from leadwise.playbooks.conditions.deciding import Moment
from leadwise.playbooks.conditions.lead_zone import zone_rules
from leadwise.playbooks.dry_run.model import Begun, DryRun, Past
from leadwise.playbooks.dry_run.remembered import Remembered
from leadwise.playbooks.model import (
    Condition,
    EventTrigger,
    Goal,
    Playbook,
    ScoreTrigger,
    Step,
)
from leadwise.playbooks.safety.holding import is_marketing, room_at
from leadwise.playbooks.safety.quiet import day_of, loud_again, next_day
from leadwise.playbooks.steps.instants import instant_of
from leadwise.playbooks.triggers.history import Before, History
from leadwise.playbooks.triggers.model import Candidate
from leadwise.settings.playbooks import PlaybookSettings

MOST_STEPS = 1_000
"""Of one run: more is one that goes round and round."""
MOST_ROUNDS = 100
"""Each asks what the one before did not know; a playbook needs about as many as it has branches,
and more where a lead goes through it often."""


@dataclass(slots=True)
class _Run:
    candidate: Candidate
    lead_id: int
    begun: Begun
    place: int = 0
    steps: int = 0


@dataclass(slots=True)
class _Coming:
    """A trigger that waits. `settled`: it has held for as long as it must; `put_off`: a day was
    full before."""

    candidate: Candidate
    settled: bool = False
    put_off: bool = False


@dataclass(slots=True)
class _Play:
    playbook: Playbook
    past: Remembered
    settings: PlaybookSettings
    told: DryRun
    alone: Mapping[int, str]
    history: History
    heap: list[tuple[int, int, _Run | _Coming]] = field(default_factory=list)
    order: itertools.count[int] = field(default_factory=itertools.count)
    under_way: dict[int, int] = field(default_factory=dict)
    sent: dict[int, list[int]] = field(default_factory=dict)
    spent: dict[tuple[int, int], int] = field(default_factory=dict)
    """By lead and place: when a start by the score began something the last time."""

    def push(self, at_us: int, what: _Run | _Coming) -> None:
        """Have something looked at then."""
        heapq.heappush(self.heap, (at_us, next(self.order), what))


def replay(
    playbook: Playbook, past: Past, settings: PlaybookSettings, from_us: int, until_us: int
) -> DryRun:
    """What the playbook would have done between two instants."""
    candidates = past.candidates(playbook, from_us, until_us)
    leads = {one.lead_id for one in candidates if one.lead_id is not None}
    alone = past.left_alone(playbook, leads)
    known = Remembered(past, playbook)
    if playbook.when is not None:
        moments = (_moment(playbook, one) for one in candidates)
        known.ask(playbook.when, (one for one in moments if one is not None))
    told = DryRun(playbook.id, playbook.number, from_us, until_us)
    for _ in range(MOST_ROUNDS):
        told = DryRun(playbook.id, playbook.number, from_us, until_us)
        told.refused.update(past.refused())
        told.triggers = len(candidates) + sum(told.refused.values())
        _round(_Play(playbook, known, settings, told, alone, History(playbook.safety)), candidates)
        if not known.wanted:
            break
        known.ask_wanted()
    else:
        past.notes.append("Not all conditions could be asked: leads go through it very often.")
    told.notes = list(dict.fromkeys(past.notes))
    return told


def _round(play: _Play, candidates: Sequence[Candidate]) -> None:
    for one in candidates:
        play.push(one.at_us, _Coming(one))
    while play.heap:
        at_us, _, what = heapq.heappop(play.heap)
        if at_us >= play.told.until_us:
            continue
        if isinstance(what, _Run):
            _step(play, what, at_us)
        else:
            _come(play, what, at_us)


# Starting ----------------------------------------------------------------------------------------


def _moment(playbook: Playbook, one: Candidate) -> Moment | None:
    """When the playbook would first look at the lead of a trigger."""
    if one.lead_id is None:
        return None
    return Moment(one.lead_id, one.at_us + max(playbook.safety.settle_us, one.wait_us))


def _come(play: _Play, coming: _Coming, at_us: int) -> None:
    one, playbook, told = coming.candidate, play.playbook, play.told
    refused = play.history.refuses(one, at_us)
    wait_us = max(playbook.safety.settle_us, one.wait_us)
    if refused is None and wait_us and not coming.settled:
        play.push(one.at_us + wait_us, _Coming(one, settled=True))
        return
    refused = refused or _against(play, one, at_us)
    if refused is not None:
        told.refused[refused] += 1
        return
    zone = zone_rules(play.settings).zone
    most, day = playbook.safety.a_day, day_of(zone, at_us)
    if most is not None and told.starts[day] >= most:
        if playbook.safety.over == "wait":
            play.push(next_day(zone, at_us), _Coming(one, settled=True, put_off=True))
            told.waited["a day with room"] += not coming.put_off
        else:
            told.refused["is over the day's number"] += 1
        return
    _begin(play, one, at_us)
    told.starts[day] += 1


def _against(play: _Play, one: Candidate, at_us: int) -> str | None:
    playbook, wait_us = play.playbook, at_us - one.at_us
    if wait_us and not play.past.held(one, at_us):
        return "holds no more"
    if _is_spent(play, one):
        return "was not back since"
    if one.lead_id is None:
        return None if playbook.when is None else "`when` is unknown"
    if wait_us and _goal(play, one, one.lead_id, at_us) is not None:
        return "has reached a goal"
    moment = _moment(playbook, one)
    if playbook.when is not None and moment is not None:
        verdict = play.past.decided(playbook.when, moment)
        if not verdict:
            return "does not meet `when`" if verdict is False else "`when` is unknown"
    return play.alone.get(one.lead_id)


def _is_spent(play: _Play, one: Candidate) -> bool:
    """Whether this start by the score began something before, and the score was not back since."""
    trigger = play.playbook.triggers[one.place]
    if one.lead_id is None or not isinstance(trigger, ScoreTrigger):
        return False
    since_us = play.spent.get((one.lead_id, one.place))
    return since_us is not None and not play.past.was_back(one, since_us)


def _begin(play: _Play, one: Candidate, at_us: int) -> None:
    lead_id = one.lead_id if one.lead_id is not None else -1
    name = play.past.name(lead_id) if one.lead_id is not None else ""
    begun = Begun(name, at_us, _why(one))
    play.told.begun.append(begun)
    if one.lead_id is not None:
        play.history.began(lead_id, at_us)
        play.spent[lead_id, one.place] = one.at_us
        play.under_way[lead_id] = play.under_way.get(lead_id, 0) + 1
    play.push(at_us, _Run(one, lead_id, begun))


def _why(one: Candidate) -> str:
    event = one.doc.get("event", {})
    match one.by:
        case "band":
            return f"{event.get('from_band') or 'no band'} to {event.get('to_band')}"
        case "score":
            before = event.get("before")
            return f"score {'new' if before is None else f'{before:g}'} to {event.get('score'):g}"
        case "message":
            return f"message from {event.get('source')}"
        case "answer":
            return f"{event.get('question')} {event.get('name', '').removeprefix('answer_')}"
        case "task":
            return f"task {event.get('name', '').removeprefix('task_')}"
        case "schedule":
            return "schedule"
        case _:
            return str(event.get("name", ""))


# Steps -------------------------------------------------------------------------------------------


def _step(play: _Play, run: _Run, at_us: int) -> None:
    playbook = play.playbook
    run.steps += 1
    # A goal that was reached during the last wait ended it, and is seen here.
    goal = _goal(play, run.candidate, run.lead_id, at_us) if run.lead_id >= 0 else None
    if goal is not None:
        _end(play, run, at_us, f"goal: {goal}")
        return
    if run.place >= len(playbook.steps) or run.steps > MOST_STEPS:
        _end(play, run, at_us, "")
        return
    step, still = playbook.steps[run.place], playbook.safety.still
    moment = Moment(run.lead_id, at_us)
    if run.lead_id >= 0 and still and not play.past.decided(still, moment, unknown=True):
        _end(play, run, at_us, "does not hold any more")
        return
    match step.kind:
        case "wait":
            _wait(play, run, step, at_us)
        case "if":
            _if(play, run, step, at_us)
        case "mail":
            _mail(play, run, step, at_us)
        case "end":
            _end(play, run, at_us, str(step.settings.get("why") or "ended by the playbook"))
        case _:
            _go(play, run, step.next, at_us)


def _go(play: _Play, run: _Run, place: int, at_us: int) -> None:
    run.place = place
    play.push(at_us, run)


def _end(play: _Play, run: _Run, at_us: int, why: str) -> None:
    run.begun.ended_us, run.begun.ended = at_us, why or "done"
    if why:
        play.told.left[why] += 1
    if run.lead_id < 0:
        return
    left = play.under_way.get(run.lead_id, 1) - 1
    play.under_way[run.lead_id] = left
    before = play.history.leads.setdefault(run.lead_id, Before())
    before.under_way = left > 0
    before.group_ended_us = at_us


def _wait(play: _Play, run: _Run, step: Step, at_us: int) -> None:
    settings = step.settings
    length = settings.get("for") or settings.get("at_most")
    deadline_us = at_us + length if isinstance(length, int) else None
    event = settings.get("event")
    if isinstance(event, EventTrigger):
        last_us = play.told.until_us if deadline_us is None else deadline_us
        found = None
        if run.lead_id >= 0:
            but = run.candidate.event_id  # what began it is not what it waits for
            found = play.past.first_event(run.lead_id, event, at_us, last_us, but)
        if found is not None:
            _go(play, run, step.next, max(at_us, found))
        elif deadline_us is not None:
            late = settings.get("late")
            _go(play, run, late if isinstance(late, int) else step.next, deadline_us)
        return  # without a deadline it waits on
    if deadline_us is None:
        deadline_us = _until(play, run, str(settings.get("until") or ""), at_us)
    _go(play, run, step.next, max(at_us, deadline_us))


def _until(play: _Play, run: _Run, text: str, at_us: int) -> int:
    try:
        zone = play.past.zone(Moment(run.lead_id, at_us))
        return instant_of(text, zone, at_us)
    except UserError:
        play.past.notes.append("What waits until an instant of a template goes on at once here.")
        return at_us


def _if(play: _Play, run: _Run, step: Step, at_us: int) -> None:
    condition, verdict = step.settings.get("condition"), None
    if not isinstance(condition, Condition):
        play.past.notes.append("Branches by what an earlier step gave went the other way here.")
    elif run.lead_id >= 0:
        verdict = play.past.decided(condition, Moment(run.lead_id, at_us), unknown=True)
    place = step.settings.get("then" if verdict else "otherwise")
    _go(play, run, place if isinstance(place, int) else step.next, at_us)


def _mail(play: _Play, run: _Run, step: Step, at_us: int) -> None:
    safety = play.playbook.safety
    if is_marketing(step, play.past.answers) and run.lead_id >= 0:
        zone = play.past.zone(Moment(run.lead_id, at_us))
        loud_us = loud_again(play.settings, zone, at_us) if safety.quiet else at_us
        if loud_us > at_us:
            play.told.waited["quiet hours"] += 1
            play.push(loud_us, run)
            return
        if safety.caps:
            sent = play.sent.get(run.lead_id)
            if sent is None:
                sent = play.sent[run.lead_id] = list(play.past.sent(run.lead_id))
            latest = [one for one in reversed(sent) if one <= at_us]
            free_us = room_at(latest, play.settings, at_us)
            if free_us > at_us:
                play.told.waited["the caps on mails"] += 1
                play.push(free_us, run)
                return
            insort(sent, at_us)
    run.begun.mails += 1
    play.told.mails[day_of(zone_rules(play.settings).zone, at_us)] += 1
    _go(play, run, step.next, at_us)


def _goal(play: _Play, one: Candidate, lead_id: int, at_us: int) -> str | None:
    for goal in play.playbook.goals:
        if _reached(play, goal, one, lead_id, at_us):
            return goal.label
    return None


def _reached(play: _Play, goal: Goal, one: Candidate, lead_id: int, at_us: int) -> bool:
    past = play.past
    if goal.event is not None:
        return past.first_event(lead_id, goal.event, one.at_us, at_us, one.event_id) is not None
    if goal.outcome is not None:
        return past.became(lead_id, goal.outcome, one.at_us, at_us)
    if goal.condition is None:
        return False
    return past.decided(goal.condition, Moment(lead_id, at_us)) is True
