"""From what fits a playbook's start to a run: everything that may speak against it is asked here.

In this order: the lead is there and did not object; this trigger has started nothing yet; the lead
is not in the playbook, not again too soon, not in the group's cool-down; the trigger has held for
long enough (`settle`); no goal was reached meanwhile; `when` is met; no experiment leaves the lead
alone; the day's number is not full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from leadwise.playbooks.conditions.deciding import Moment, ask
from leadwise.playbooks.conditions.goals import reached_since
from leadwise.playbooks.conditions.whole_lead import kept_leads
from leadwise.playbooks.safety.holding import answers_messages, mails_only, no_address_left
from leadwise.playbooks.safety.quiet import day_of, next_day
from leadwise.playbooks.triggers.cursors import cursor, forget, move
from leadwise.playbooks.triggers.history import History, history_of
from leadwise.playbooks.triggers.left_out import NOT_MET, UNKNOWN, remember
from leadwise.playbooks.triggers.model import Candidate, Live, Rules, Taken
from leadwise.playbooks.triggers.scores import spend
from leadwise.store.bulk import as_list, insert_rows, listed
from leadwise.store.documents import text_of
from leadwise.store.driver import ask as ask_rows
from leadwise.store.experiments import leave_alone
from leadwise.store.runs import start_run
from leadwise.store.schema import playbook_pending

SETTLES, FULL = "settles", "full"


@dataclass(frozen=True, slots=True)
class Desk:
    """What starting works with: a transaction that writes, the rules, the instant, and the ids of
    the playbooks of each group."""

    connection: Connection
    rules: Rules
    now_us: int
    groups: dict[str, set[str]]


def consider(
    desk: Desk, live: Live, candidates: Sequence[Candidate], *, held: bool = False
) -> Taken:
    """Start runs for those of the candidates that nothing speaks against. `held`: they have waited
    for as long as they had to."""
    taken, playbook = Taken(looked=len(candidates)), live.playbook
    wanted = _leads(desk, live, candidates, taken)
    history = history_of(desk.connection, playbook, [one.lead_id for one in wanted], desk.groups)
    wanted = [one for one in wanted if not _refused(taken, one, history.refuses(one, desk.now_us))]
    if not held:
        wanted = _settled(desk, live, wanted, taken)
    elif playbook.goals:
        wanted = [one for one in wanted if not _refused(taken, one, _goal(desk, live, one))]
    wanted = _met(desk, live, wanted, taken)
    if not answers_messages(playbook):
        wanted = _followed_up(desk, live, wanted, taken)
    for one in wanted:
        # Of one lead several may have come at once: what the first began speaks against the second.
        if not _refused(taken, one, history.refuses(one, desk.now_us)):
            _start(desk, live, one, history, taken)
    remember(desk.connection, playbook.id, taken.left_out, taken.refused, desk.now_us)
    return taken


def _refused(taken: Taken, one: Candidate, why: str | None) -> bool:
    if why is not None:
        taken.refuse(one, why)
    return why is not None


def _leads(
    desk: Desk, live: Live, candidates: Sequence[Candidate], taken: Taken
) -> list[Candidate]:
    """Those of leads that are there, as the leads they are now, in the order in which they came,
    without those that began something already."""
    wanted = [one for one in candidates if one.lead_id is not None]
    kept = kept_leads(desk.connection, {one.lead_id for one in wanted if one.lead_id is not None})
    found: list[Candidate] = []
    known = _known(desk.connection, live.playbook.id, [one.key for one in candidates])
    for one in sorted(candidates, key=lambda one: one.at_us):
        if one.key in known:
            taken.refused["was taken before"] += 1
        elif one.lead_id is None:
            found.append(one)
        elif one.lead_id in kept:
            known.add(one.key)
            found.append(_of_lead(one, kept[one.lead_id]))
        else:
            taken.refused["is no lead to follow up"] += 1
    return found


def _of_lead(one: Candidate, lead_id: int) -> Candidate:
    if one.lead_id == lead_id:
        return one
    return Candidate(
        one.key, one.by, one.place, lead_id, one.at_us, one.doc, one.event_id, one.row_id,
        one.wait_us,
    )  # fmt: skip


def _known(connection: Connection, playbook: str, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for table in ("playbook_run", "playbook_pending"):
        sql = (
            f"SELECT trigger FROM {table} WHERE playbook = :playbook "  # noqa: S608 - our own SQL
            f"AND trigger IN {listed(connection)}"
        )
        rows = ask_rows(connection, sql, playbook=playbook, list=as_list(keys))
        found |= {row[0] for row in rows}
    return found


def _settled(desk: Desk, live: Live, wanted: Sequence[Candidate], taken: Taken) -> list[Candidate]:
    """Those that need not wait; the others do from now on."""
    own_us = live.playbook.safety.settle_us
    ready = []
    for one in wanted:
        wait_us = max(own_us, one.wait_us)
        if wait_us:
            _wait(desk, live, one, SETTLES, max(desk.now_us, one.at_us + wait_us))
            taken.waiting += 1
        else:
            ready.append(one)
    return ready


def _wait(desk: Desk, live: Live, one: Candidate, why: str, due_us: int) -> None:
    insert_rows(
        desk.connection, playbook_pending,
        ("playbook", "trigger", "lead_id", "why", "since_us", "due_us", "doc"),
        [(live.playbook.id, one.key, one.lead_id, why, one.at_us, due_us, text_of(one.document))],
        conflict="ON CONFLICT (playbook, trigger) DO UPDATE SET "
        "why = excluded.why, due_us = excluded.due_us",
    )  # fmt: skip


def _goal(desk: Desk, live: Live, one: Candidate) -> str | None:
    if one.lead_id is None:
        return None
    document = one.document
    label = reached_since(
        desk.connection, live.playbook, one.lead_id, document, one.at_us, desk.now_us
    )
    return None if label is None else "has reached a goal"


def _met(desk: Desk, live: Live, wanted: Sequence[Candidate], taken: Taken) -> list[Candidate]:
    """Those whose lead meets `when` now."""
    condition = live.playbook.when
    if condition is None or not wanted:
        return list(wanted)
    moments = {
        one.lead_id: Moment(one.lead_id, desk.now_us) for one in wanted if one.lead_id is not None
    }
    found = ask(
        desk.connection, live.playbook, moments.values(), rules=desk.rules.zones, only=[condition]
    )
    met = []
    for one in wanted:
        verdict = None
        if one.lead_id is not None:
            verdict = found[moments[one.lead_id]][condition.text]
        if verdict:
            met.append(one)
        else:
            taken.refuse(one, NOT_MET if verdict is False else UNKNOWN)
    return met


def _followed_up(
    desk: Desk, live: Live, wanted: Sequence[Candidate], taken: Taken
) -> list[Candidate]:
    """Without those who are left alone by lot, and those who want no mails where there is nothing
    else to do."""
    ids = [one.lead_id for one in wanted if one.lead_id is not None]
    if not ids:
        return list(wanted)
    from leadwise.learn.refinement.uplift import is_held_out  # it brings numpy

    alone = leave_alone(desk.connection, ids, is_held_out)
    answers = partial(desk.rules.answers, desk.connection)
    silent = no_address_left(desk.connection, ids) if mails_only(live.playbook, answers) else set()
    found = []
    for one in wanted:
        if one.lead_id in alone:
            taken.refuse(one, "is left alone by an experiment")
        elif one.lead_id in silent:
            taken.refuse(one, "wants no mails")
        else:
            found.append(one)
    return found


def _start(desk: Desk, live: Live, one: Candidate, history: History, taken: Taken) -> None:
    zone, playbook = desk.rules.zones.zone, live.playbook
    day = f"day:{playbook.id}:{day_of(zone, desk.now_us)}"
    most = playbook.safety.a_day
    today = 0 if most is None else cursor(desk.connection, day) or 0
    if most is not None and today >= most:
        if playbook.safety.over == "wait":
            _wait(desk, live, one, FULL, next_day(zone, desk.now_us))
            taken.waiting += 1
        else:
            taken.refuse(one, "is over the day's number")
        return
    made = start_run(desk.connection, live.version, one.lead_id, one.key, one.document, desk.now_us)
    if made is None:
        taken.refused["was taken before"] += 1
        return
    if most is not None:
        forget(desk.connection, f"day:{playbook.id}:", day)
        move(desk.connection, day, today + 1)
    if one.lead_id is not None:
        history.began(one.lead_id, desk.now_us)
        if one.by == "score":
            spend(desk.connection, playbook.id, one.lead_id, one.place, spent=True)
    taken.started += 1
