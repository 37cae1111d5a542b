"""One version, drawn: what starts it, its steps one inside another with how many runs stand at
each, what ends it and holds it back; and its publishing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.playbooks import versions
from leadwise.playbooks.language.tree import Branch, branches_of
from leadwise.playbooks.library import mails_of
from leadwise.playbooks.model import Playbook
from leadwise.playbooks.words.describe import goal_words, labels_of, safety_words, start_words
from leadwise.playbooks.words.steps import step_words
from leadwise.store.cards import live_version
from leadwise.store.failed_runs import failure_tasks
from leadwise.store.left_out import counted as counted_left
from leadwise.store.left_out import left_out
from leadwise.store.playbooks import PlaybookVersion, list_playbooks
from leadwise.store.tasks import Task, find_task
from leadwise.web.pages.playbooks.parts import (
    Counts,
    branch_words,
    counted,
    playbook_in,
    status_words,
    version_of,
)
from leadwise.web.pages.studio.people import named
from leadwise.web.pages.visit import Visit

FEW = 10
"""Leads that were left out, on the page."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A step in words, its place among all, how many runs stand at it, and its branches with what
    each is for."""

    id: str
    place: int
    kind: str
    words: str
    at: int
    branches: tuple[tuple[str, tuple[Drawn, ...]], ...]


def playbook_page(visit: Visit) -> Response:
    """The page."""
    version = version_of(visit)
    return _page(visit, version)


def _page(visit: Visit, version: PlaybookVersion) -> Response:
    playbook = playbook_in(visit, version)
    live = visit.read(live_version)
    labels = labels_of(live.card if live else None)
    others = [
        one for one in visit.read(list_playbooks)
        if one.playbook == version.playbook and one.id != version.id
    ]  # fmt: skip
    counts = counted(visit, [version, *others])
    return visit.page(
        "playbooks/playbook.html", version=version, playbook=playbook,
        starts=start_words(playbook, labels), goals=goal_words(playbook, labels),
        safety=safety_words(playbook.safety, playbook.triggers, labels),
        steps=_drawn(visit, playbook, counts[version.id], labels), counts=counts[version.id],
        others=[(one, counts[one.id]) for one in others], statuses=status_words(visit),
        named=named(visit), problems=visit.read(_problems(version.text)),
        mails=mails_of(playbook), needs=_needs(visit, version.playbook),
        left_out=visit.read(lambda c: left_out(c, playbook=version.playbook, limit=FEW)),
        left=visit.read(lambda c: counted_left(c, version.playbook)),
    )  # fmt: skip


def _needs(visit: Visit, playbook: str) -> list[Task]:
    """The open tasks that tell of failed runs of the playbook."""

    def look(connection: Connection) -> list[Task]:
        found = (find_task(connection, one) for one in failure_tasks(connection, playbook))
        return [one for one in found if one is not None and one.state == "open"]

    return visit.read(look)


def _problems(text: str) -> Callable[[Connection], list[Any]]:
    return lambda connection: list(versions.check_playbook(connection, text).problems)[:100]


def _drawn(
    visit: Visit, playbook: Playbook, counts: Counts, labels: Mapping[str, str]
) -> tuple[Drawn, ...]:
    places = {step.id: place for place, step in enumerate(playbook.steps)}
    names = branch_words(visit)

    def draw(branch: Branch) -> Drawn:
        step = branch.step
        inner = tuple(
            (names.get(name, name), tuple(draw(one) for one in row))
            for name, row in branch.branches.items()
        )
        words = step.label or step_words(step, labels)
        place = places[step.id]
        return Drawn(step.id, place, step.kind, words, counts.at.get(place, 0), inner)

    return tuple(draw(branch) for branch in branches_of(playbook))


def publish(visit: Visit) -> Response:
    """Let it start runs."""
    _ = visit.texts.say
    version = version_of(visit)
    why = str(visit.form.get("why", "")).strip()[:1_000] or None
    visit.write(
        lambda c: versions.publish(
            c,
            version.id,
            actor=visit.who.actor,
            now_us=visit.now_us,
            why=why,
            settings=visit.site.api.settings,
        )
    )
    return visit.go(_address(version), _("It is live. What happened before starts nothing."))


def _current(visit: Visit) -> PlaybookVersion:
    """The version of the address, if it is the one that counts: a page that was opened before
    another was published pauses or retires nothing. UserError (`no-such-live-playbook`)."""
    version = version_of(visit)
    if version.status not in ("live", "paused"):
        raise UserError(
            "no-such-live-playbook",
            f"Version {version.number} of {version.playbook} is {version.status}, not live.",
            hint="Look again, then decide.",
        )
    return version


def pause(visit: Visit) -> Response:
    """Nothing starts, and runs wait."""
    version = _current(visit)
    visit.write(
        lambda c: versions.pause(c, version.playbook, actor=visit.who.actor, now_us=visit.now_us)
    )
    return visit.go(_address(version), visit.texts.say("It is paused, and its runs wait."))


def resume(visit: Visit) -> Response:
    """Go on."""
    version = _current(visit)
    visit.write(
        lambda c: versions.resume(c, version.playbook, actor=visit.who.actor, now_us=visit.now_us)
    )
    return visit.go(_address(version), visit.texts.say("It goes on."))


def retire(visit: Visit) -> Response:
    """Nothing starts any more; `stop` ends its runs too."""
    _ = visit.texts.say
    version, stop = _current(visit), visit.form.get("stop") == "1"
    stopped = visit.write(
        lambda c: versions.retire(
            c, version.playbook, actor=visit.who.actor, now_us=visit.now_us, stop=stop
        )
    )
    said = visit.texts.count("%(num)s run was stopped.", "%(num)s runs were stopped.", stopped)
    return visit.go(_address(version), _("It is retired.") + (f" {said}" if stop else ""))


def move(visit: Visit) -> Response:
    """Let the runs of another version go on with this one."""
    version, other = version_of(visit), str(visit.form.get("from", ""))
    number = int(other) if other.isdecimal() and len(other) < 18 else 0
    if number == version.id:
        raise UserError("another-playbook", "Runs are moved from another version than this one.",
                        hint="Look again, then decide.")  # fmt: skip
    done = visit.write(
        lambda c: versions.move_runs(
            c, number, version.id, actor=visit.who.actor, now_us=visit.now_us
        )
    )
    told = visit.texts.count("%(num)s run was moved.", "%(num)s runs were moved.", done.moved)
    left = sum(done.missing.values()) + done.busy
    if left:
        told += " " + visit.texts.count(
            "%(num)s stays: its step is not in this version, or it is just at work.",
            "%(num)s stay: their steps are not in this version, or they are just at work.", left,
        )  # fmt: skip
    return visit.go(_address(version), told)


def _address(version: PlaybookVersion) -> str:
    return f"/playbooks/{version.id}"
