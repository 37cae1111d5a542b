"""Jobs of cards as pages show them: how far one is, in words."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.jobs import Job
from leadwise.jobs.model import FINISHED
from leadwise.web.pages.texts import Texts
from leadwise.web.pages.visit import Visit

LOOKED_AT = 50
"""The newest jobs of a kind, among which that of a version is looked for."""


@dataclass(frozen=True, slots=True)
class Running:
    """A job that is not over: `share` 0 to 1, None where nobody can say; `words` what it is at."""

    job: Job
    share: float | None
    words: str


def find_job(visit: Visit, job_id: str) -> Job | None:
    """The job; None where it was forgotten, or this process has no jobs."""
    jobs = visit.site.api.jobs
    if jobs is None:
        return None
    try:
        return jobs.get(job_id)
    except UserError:
        return None


def is_over(job: Job) -> bool:
    return job.state in FINISHED


def running(texts: Texts, job: Job | None) -> Running | None:
    """How far it is, None where it is over."""
    if job is None or is_over(job):
        return None
    share = min(1.0, job.done / job.total) if job.done is not None and job.total else None
    return Running(job, share, _words(texts, job))


def over(visit: Visit, address: str) -> Response:
    """What a part that shows progress becomes when there is none: its page is loaded anew."""
    if not visit.partial:
        return visit.go(address)
    return Response(status_code=204, headers={"HX-Refresh": "true", "Cache-Control": "no-store"})


def last_job(visit: Visit, kind: str, version_id: int) -> Job | None:
    """The newest job of this kind for a version. Jobs for many versions are not among them."""
    jobs = visit.site.api.jobs
    if jobs is None:
        return None
    for job in jobs.list(kind, limit=LOOKED_AT):
        if job.arguments.get("version_id") == version_id:
            return job
    return None


def _words(texts: Texts, job: Job) -> str:
    _ = texts.say
    if job.state == "waiting" and job.error is not None:
        return _("It did not work and is tried again: %(why)s", why=job.error.message)
    if job.state == "waiting":
        return _("Waits for its turn: one piece of work on all leads is done at a time.")
    known = {
        "reading events": _("Reading events"),
        "reading facts": _("Reading what is known of leads"),
        "reading changed leads": _("Reading the leads that changed"),
        "writing the mirror": _("Getting ready to ask everybody"),
        "comparing": _("Asking every lead under both cards"),
        "looking back": _("Looking at past outcomes"),
        "scoring": _("Scoring every lead under the new card"),
        "scoring accounts": _("Scoring every company under the new card"),
        "writing history": _("Writing the history of scores"),
        "clearing up": _("The card is live. Clearing up"),
        "asking another card": _("Asking every lead under both cards"),
        "looking for what gives the outcome away": _("Looking for what gives the outcome away"),
        "drawing again and again to see what is chance": _("Drawing lots to see what is chance"),
        "fitting probabilities": _("Working out probabilities"),
        "learning": _("Learning points"),
        "learning again from earlier leads, to see what later ones say":
            _("Trying learned points on later leads"),
        "learned": _("Trying learned points on later leads"),
        "leaving out each criterion in turn": _("Leaving out each criterion in turn"),
        "proposing points": _("Proposing points"),
        "comparing the latest leads with those before":
            _("Comparing the latest leads with those before"),
    }  # fmt: skip
    return known.get(job.message, job.message or _("Begins"))
