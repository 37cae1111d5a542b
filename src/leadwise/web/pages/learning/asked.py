"""Which study a page is about: of which version, for which goal, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from leadwise.jobs import Job
from leadwise.store.cards import CardVersion, list_versions, live_version
from leadwise.store.studies import Goal, Kind, Study, latest_study, list_studies, open_study
from leadwise.web.pages.studio.running import find_job, is_over
from leadwise.web.pages.visit import Visit

NEVER = ("draft",)
"""Versions of this status that were never published are offered last."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`version` is None where no card for leads was ever added."""

    kind: Kind
    version: CardVersion | None
    goal: Goal
    versions: tuple[CardVersion, ...]
    live: CardVersion | None

    @property
    def query(self) -> str:
        """What follows the question mark."""
        given: dict[str, str] = {"goal": self.goal} if self.goal != "won" else {}
        if self.version is not None and (self.live is None or self.version.id != self.live.id):
            given = {"version": str(self.version.id), **given}
        return f"?{urlencode(given)}" if given else ""

    @property
    def address(self) -> str:
        """The page's own address."""
        if self.kind == "gate":
            return "/learning/experiments"
        return f"/learning/{PATHS[self.kind]}{self.query}"

    def at(self, below: str) -> str:
        """An address below the page's."""
        return f"/learning/{PATHS[self.kind]}/{below}{self.query}"


PATHS: dict[Kind, str] = {
    "backtest": "backtest", "learn": "card", "refine": "refine", "calibrate": "calibration",
    "drift": "drift", "gate": "gate",
}  # fmt: skip
"""What each kind of study is called in addresses."""


@dataclass(frozen=True, slots=True)
class State:
    """The newest study with an answer; the one under way with its job (None: it is forgotten or
    there are no jobs here); the newest one where it found no answer."""

    done: Study | None
    now: tuple[Study, Job | None] | None
    failed: Study | None


def asked_of(visit: Visit, kind: Kind) -> Asked:
    """What the address asks for: the live version and deals won where it says nothing."""
    versions = visit.read(lambda c: list_versions(c, "lead"))
    live = visit.read(lambda c: live_version(c, "lead"))
    wanted = visit.query.get("version", "")
    found = next((one for one in versions if str(one.id) == wanted), None)
    goal: Goal = "sales_qualified" if visit.query.get("goal") == "sales_qualified" else "won"
    first = found or live or (versions[0] if versions else None)
    ordered = sorted(versions, key=lambda one: (one.status != "live", one.status in NEVER, -one.id))
    return Asked(kind, first, goal, tuple(ordered), live)


def state_of(visit: Visit, asked: Asked) -> State:
    """How far what is asked is."""
    version, kind, goal = asked.version, asked.kind, asked.goal
    if version is None:
        return State(None, None, None)
    done = visit.read(lambda c: latest_study(c, kind, version.id, goal))
    under = visit.read(lambda c: open_study(c, kind, version.id, goal))
    now = None
    failed = None
    if under is not None:
        job = find_job(visit, under.job_id)
        if job is None or not is_over(job):
            now = (under, job)
        else:
            failed = under
    else:
        newest = visit.read(lambda c: list_studies(c, kind, version.id, limit=10))
        mine = next((one for one in newest if one.goal == goal), None)
        failed = mine if mine is not None and mine.problem else None
    return State(done, now, failed)
