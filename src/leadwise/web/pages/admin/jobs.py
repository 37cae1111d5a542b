"""/admin/jobs: what is being done, how far it is, what has failed."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.jobs import State
from leadwise.store.audit import audit
from leadwise.web.pages.admin.tabs import PAGE_SIZE, show
from leadwise.web.pages.admin.wording import state_names
from leadwise.web.pages.signin.fields import sent
from leadwise.web.pages.visit import Visit


def jobs_page(visit: Visit) -> Response:
    """Jobs, the newest first, of one state where it is named."""
    names = state_names(visit.texts)
    state: State | None = next((one for one in names if one == visit.query.get("state")), None)
    after = visit.query.get("after") or None
    jobs = visit.site.api.with_jobs()
    rows = jobs.list(None, state, after=_cursor(after), limit=PAGE_SIZE)
    asked = {"state": state or "", "after": rows[-1].cursor if len(rows) == PAGE_SIZE else ""}
    more = urlencode({name: value for name, value in asked.items() if value})
    return show(
        visit, "jobs", rows=rows, names=names, state=state, first=after is None,
        more=more if asked["after"] else None,
        moving=any(job.state in ("running", "waiting") for job in rows),
        here=urlencode({"state": state or "", "after": after or ""}),
    )  # fmt: skip


def cancel(visit: Visit) -> Response:
    """Let a job not begin, or end at its next step."""
    _ = visit.texts.say
    did = visit.site.api.with_jobs().cancel(_job(visit, "cancel"))
    return visit.go("/admin/jobs", _("The job ends.") if did else _("The job was over already."))


def retry(visit: Visit) -> Response:
    """Try a failed job again, from the step at which it failed."""
    _ = visit.texts.say
    did = visit.site.api.with_jobs().retry(_job(visit, "retry"))
    return visit.go(
        "/admin/jobs", _("The job is tried again.") if did else _("There was nothing to try again.")
    )


def _job(visit: Visit, action: str) -> str:
    job_id, who, now_us = sent(visit, "job")[:400], visit.who, visit.now_us
    try:
        visit.site.api.with_jobs().get(job_id)
    except UserError as error:
        _ = visit.texts.say
        raise UserError(
            "no-such-job", _("There is no such job."),
            hint=_("Finished jobs are forgotten after some days."),
        ) from error  # fmt: skip
    visit.write(lambda c: audit(c, who.actor, action, "job", job_id, None, now_us))
    return job_id


def _cursor(given: str | None) -> str | None:
    """Where the listing goes on; from the start where that says nothing."""
    head = (given or "").partition(":")[0]
    return given if head.isdecimal() and len(head) < 19 else None
