"""Trying a card on everybody: a job, how far it is, and its result."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from leadwise.card import Card
from leadwise.errors import InternalError, UserError
from leadwise.jobs import Job
from leadwise.store.audit import audit
from leadwise.store.cards import get_version, live_version
from leadwise.store.leads import names_of_leads
from leadwise.store.trials import Tried, remember_trial
from leadwise.web.pages.studio.candidates import Candidate, candidate_of, read_card, trials_of
from leadwise.web.pages.studio.drawn import bands_chart, days_chart, gains_chart
from leadwise.web.pages.studio.people import named
from leadwise.web.pages.studio.results import Result, Shown, is_few, shown, verdict
from leadwise.web.pages.studio.running import find_job, is_over, over, running
from leadwise.web.pages.studio.tables import csv_answer
from leadwise.web.pages.visit import Visit

DAYS = 90
"""Looked back on for the hot leads of a day."""


@dataclass(frozen=True, slots=True)
class LastTrial:
    """The newest trial that is over and its result, and the one that is under way or went wrong."""

    done: tuple[Tried, Job] | None
    now: tuple[Tried, Job] | None
    forgotten: bool


def last_trial(visit: Visit, candidate: Candidate) -> LastTrial:
    """What is known of the trials of a card."""
    done = now = None
    known = trials_of(visit, candidate)
    for place, tried in enumerate(known):
        job = find_job(visit, tried.job_id)
        if job is None:
            continue
        if place == 0 and (not is_over(job) or job.state in ("failed", "cancelled")):
            now = (tried, job)
        elif job.state == "done" and job.result is not None:
            done = (tried, job)
            break
    return LastTrial(done, now, bool(known) and done is None and now is None)


def show_try(visit: Visit) -> Response:
    """The page: the last result, what is under way, and the button."""
    candidate = candidate_of(visit)
    last = last_trial(visit, candidate)
    live = visit.read(lambda c: live_version(c, candidate.subject))
    values: dict[str, Any] = {}
    if last.done is not None:
        tried, job = last.done
        assert isinstance(job.result, dict)
        values = result_values(visit, candidate, tried_card(job, candidate), job.result)
        values |= {
            "tried": tried, "took_ms": job.result.get("took_ms"),
            "stale": tried.hash != candidate.hash,
            "other_live": job.result["live_id"] != (live.id if live else None),
        }  # fmt: skip
    now = running(visit.texts, last.now[1]) if last.now else None
    failed = last.now[1] if last.now is not None and now is None else None
    return visit.page(
        "studio/try.html", candidate=candidate, live=live, now=now, failed=failed,
        forgotten=last.forgotten, named=named(visit), has_jobs=visit.site.api.jobs is not None,
        **({"shown": None} | values),
    )  # fmt: skip


def result_values(visit: Visit, candidate: Candidate, card: Card, result: Result) -> dict[str, Any]:
    """What `studio/try_result.html` wants, of a trial of `card`, which may be an earlier text of
    the candidate. That leads are shown is written down."""
    live_id = result["live_id"]
    old = visit.read(lambda c: get_version(c, live_id)) if live_id is not None else None
    found = shown(result, old, card)
    ids = [mover.lead_id for mover in found.movers]
    names = visit.read(lambda c: names_of_leads(c, ids))
    if ids:
        _note(visit, "read", candidate, f"trial: {len(ids)} leads")
    calls = visit.site.settings.team.calls_a_day
    return {
        "shown": found, "calls_a_day": calls,
        "names": {lead_id: said[0][1] for lead_id, said in names.items() if said},
        "bands_chart": bands_chart(visit.texts, found),
        "days_chart": days_chart(visit.texts, found, calls),
        "goals": [
            (goal, verdict(goal["auc_gain"]), is_few(goal), gains_chart(visit.texts, found, goal))
            for goal in found.judged
        ],
        "tables": f"{candidate.address}/try",
    }  # fmt: skip


def tried_card(job: Job, candidate: Candidate) -> Card:
    """The card as it was when the trial was asked for."""
    card = read_card(str(job.arguments.get("text", ""))).card or candidate.card
    if card is None:
        raise InternalError(f"{job.id} was made of a text with errors")
    return card


def start_try(visit: Visit) -> Response:
    """Put the job in."""
    _ = visit.texts.say
    candidate = candidate_of(visit)
    require_for_leads(visit, candidate)
    if candidate.card is None:
        return visit.go(f"{candidate.address}/try")  # which lists the problems
    jobs = visit.site.api.with_jobs()
    before = last_trial(visit, candidate).now
    if before is not None and not is_over(before[1]) and before[0].hash == candidate.hash:
        return visit.go(f"{candidate.address}/try", _("It is being tried already."))
    job_id = f"try:{candidate.kind}-{candidate.id}:{uuid.uuid4().hex}"
    tried = Tried(job_id, candidate.hash, visit.now_us, visit.who.actor)
    jobs.enqueue("try", {"text": candidate.text, "by": visit.who.actor, "days": DAYS}, id=job_id)

    def work(connection: Any) -> None:
        remember_trial(connection, tried, candidate.draft)
        audit(connection, visit.who.actor, "try", _subject(candidate), candidate.id, None,
              visit.now_us)  # fmt: skip

    visit.write(work)
    return visit.go(f"{candidate.address}/try")


def show_progress(visit: Visit) -> Response:
    """The part that says how far it is; the page is loaded again when that is over."""
    candidate = candidate_of(visit)
    now = last_trial(visit, candidate).now
    told = running(visit.texts, now[1]) if now is not None else None
    if told is None:
        return over(visit, f"{candidate.address}/try")
    return visit.page(
        "studio/try_progress.html", now=told, progress_at=f"{candidate.address}/try/progress"
    )


def cancel_try(visit: Visit) -> Response:
    """End it: it changes nothing, so there is nothing to take back."""
    _ = visit.texts.say
    candidate = candidate_of(visit)
    now = last_trial(visit, candidate).now
    if now is not None and not is_over(now[1]):
        visit.site.api.with_jobs().cancel(now[1].id)
        _note(visit, "cancel", candidate, "trial")
    return visit.go(f"{candidate.address}/try", _("The trial is ended."))


def try_table(visit: Visit) -> Response:
    """A table of the last result as CSV."""
    _ = visit.texts.say
    candidate = candidate_of(visit)
    done = last_trial(visit, candidate).done
    if done is None or not isinstance(done[1].result, dict):
        raise UserError("no-such-trial", _("This card was not tried yet."), hint=_("Try it first."))
    job, result = done[1], done[1].result
    return table_answer(visit, candidate, tried_card(job, candidate), result)


def table_answer(visit: Visit, candidate: Candidate, card: Card, result: Result) -> Response:
    """The table that the address names."""
    table = visit.request.path_params["table"]
    found: Shown = result_values(visit, candidate, card, result)["shown"]
    if table == "leads":
        _note(visit, "export", candidate, f"trial: {len(found.movers)} leads")
    return csv_answer(found, table, f"trial-{candidate.kind}-{candidate.id}")


def require_for_leads(visit: Visit, candidate: Candidate) -> None:
    """UserError (`not-for-leads`) for a card for accounts, of which there is no mirror."""
    _ = visit.texts.say
    if candidate.subject != "lead":
        raise UserError(
            "not-for-leads", _("This is a card for companies, which cannot be tried on everybody."),
            hint=_("Publish it; one can go back to the card before."),
        )  # fmt: skip


def _note(visit: Visit, action: str, candidate: Candidate, detail: str) -> None:
    visit.write(
        lambda c: audit(
            c, visit.who.actor, action, _subject(candidate), candidate.id, detail, visit.now_us
        )
    )


def _subject(candidate: Candidate) -> str:
    return "card" if candidate.kind == "version" else "draft"
