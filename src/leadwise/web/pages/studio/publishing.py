"""Publishing a card, and going back to an earlier one: what it changes, why, and how far it is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.card import diff
from leadwise.errors import UserError
from leadwise.jobs import JSON, Job
from leadwise.live.publish import abandon
from leadwise.live.shadow import switch_shadow
from leadwise.store.audit import audit
from leadwise.store.cards import (
    CardVersion,
    add_version,
    change_statuses,
    get_version,
    live_version,
    with_status,
)
from leadwise.store.studies import gate_is_open
from leadwise.store.trials import draft_text
from leadwise.web.pages.studio.candidates import Candidate, candidate_of
from leadwise.web.pages.studio.people import named
from leadwise.web.pages.studio.results import shown, verdict
from leadwise.web.pages.studio.running import is_over, last_job, over, running
from leadwise.web.pages.studio.trying import last_trial
from leadwise.web.pages.visit import Visit

LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form was sent with, and what is wrong with it; `""` is of the form as a whole."""

    why: str = ""
    faults: dict[str, str] = field(default_factory=dict)


def show_publish(visit: Visit) -> Response:
    """What would change, what the last trial said, and the form."""
    return _form(visit, candidate_of(visit), Typed(), 200)


def _form(visit: Visit, candidate: Candidate, typed: Typed, status: int) -> Response:
    live = visit.read(lambda c: live_version(c, candidate.subject))
    others = _others(visit, candidate)
    changes: tuple[str, ...] | None = None
    if live is not None and candidate.card is not None:
        changes = diff(live.card, candidate.card)
    return visit.page(
        "studio/publish.html", status=status, candidate=candidate, live=live, typed=typed,
        changes=changes, others=others, named=named(visit), longest=LONGEST_WHY,
        same=live is not None and live.hash == candidate.hash,
        back=is_back(candidate.version), trial=_summary(visit, candidate),
        gate_shut=gate_shut(visit, candidate, live),
        has_jobs=visit.site.api.jobs is not None,
    )  # fmt: skip


def is_back(version: CardVersion | None) -> bool:
    """Whether publishing this version is going back to it."""
    return version is not None and version.status == "retired" and version.published_us is not None


def gate_shut(visit: Visit, candidate: Candidate, live: CardVersion | None) -> bool:
    """Whether the settings want the gate and nothing shows yet that the card is better. Going
    back needs none."""
    wanted = visit.site.settings.learning.gate == "on" and candidate.subject == "lead"
    version = candidate.version
    if not wanted or live is None or is_back(version):
        return False
    return version is None or not visit.read(lambda c: gate_is_open(c, version.id, live.id))


def _summary(visit: Visit, candidate: Candidate) -> dict[str, Any] | None:
    """What the last trial of just this content said; None without one."""
    done = last_trial(visit, candidate).done
    if done is None or candidate.card is None or done[0].hash != candidate.hash:
        return None
    result = done[1].result
    assert isinstance(result, dict)
    live_id: Any = result["live_id"]
    old = visit.read(lambda c: get_version(c, live_id)) if live_id is not None else None
    found = shown(result, old, candidate.card)
    return {
        "tried": done[0], "shown": found,
        "verdicts": [(goal["name"], verdict(goal["auc_gain"])) for goal in found.judged],
    }  # fmt: skip


def publish(visit: Visit) -> Response:
    """Make a version of what was looked at, and have it published."""
    _ = visit.texts.say
    candidate = candidate_of(visit)
    why = str(visit.form.get("why", "")).strip()
    faults = _faults(visit, candidate, why)
    if faults:
        status = 409 if "" in faults else 422
        return _form(visit, candidate, Typed(why, faults), status)
    jobs = visit.site.api.with_jobs()
    instead_of, actor = int(str(visit.form.get("instead_of", "0"))), visit.who.actor
    version = visit.write(lambda c: _version(c, visit, candidate))
    if version is None:
        fault = _(
            "The draft was changed while you looked at it. Look at it again before you go on."
        )
        return _form(visit, candidate_of(visit), Typed(why, {"": fault}), 409)
    at_it = last_job(visit, "publish", version.id)
    if at_it is not None and not is_over(at_it):  # a double click, or somebody else just now
        return visit.go(f"/studio/versions/{version.id}")
    visit.write(lambda c: audit(c, actor, "publish", "card", version.id, why, visit.now_us))
    arguments: dict[str, JSON] = {
        "version_id": version.id, "by": actor, "why": why, "instead_of": instead_of,
    }  # fmt: skip
    jobs.enqueue("publish", arguments, id=f"publish:{version.id}:{uuid.uuid4().hex}")
    return visit.go(f"/studio/versions/{version.id}")


def _faults(visit: Visit, candidate: Candidate, why: str) -> dict[str, str]:
    """What keeps it from being published as it was looked at."""
    _ = visit.texts.say
    faults: dict[str, str] = {}
    if not why:
        faults["why"] = _("Say why: whoever looks at the versions later will want to know.")
    elif len(why) > LONGEST_WHY:
        faults["why"] = _("Say it in %(most)s characters at most.", most=LONGEST_WHY)
    if candidate.card is None:
        faults[""] = _("The card has errors. Nothing was published.")
        return faults
    live = visit.read(lambda c: live_version(c, candidate.subject))
    if gate_shut(visit, candidate, live) and visit.form.get("despite") != "1":
        faults["despite"] = _("Tick that you publish it all the same, or let the gate open first.")
    if str(visit.form.get("revision", "")) != str(candidate.revision):
        faults[""] = _changed(visit)
    elif str(visit.form.get("instead_of", "")) != str(live.id if live else 0):
        faults[""] = _meanwhile(visit, live)
    elif live is not None and live.hash == candidate.hash:
        faults[""] = _("This is the live card already: there is nothing to publish.")
    others = _others(visit, candidate)
    if others and not faults:
        faults[""] = _("Version %(number)s is being published. Wait for it, or cancel it.",
                       number=others[0].id)  # fmt: skip
    return faults


def _others(visit: Visit, candidate: Candidate) -> tuple[CardVersion, ...]:
    """What is being published. Not the version itself if that was interrupted: it may go on."""
    found = visit.read(lambda c: with_status(c, candidate.subject, "publishing"))
    own = candidate.version
    if own is not None and running(visit.texts, last_job(visit, "publish", own.id)) is None:
        return tuple(version for version in found if version.id != own.id)
    return found


def _changed(visit: Visit) -> str:
    _ = visit.texts.say
    return _("The draft was changed while you looked at it. Look at it again before you go on.")


def _meanwhile(visit: Visit, live: CardVersion | None) -> str:
    _ = visit.texts.say
    if live is None:
        return _("No card is live any more. Look at what would change now.")
    return _(
        "%(who)s published version %(number)s meanwhile (%(why)s). Look at what would change now.",
        who=named(visit)(live.published_by), number=live.id, why=live.why or "–",
    )  # fmt: skip


def _version(connection: Connection, visit: Visit, candidate: Candidate) -> CardVersion | None:
    """The version to publish; None where the draft is another by now."""
    if candidate.version is not None:
        return candidate.version
    assert candidate.draft is not None
    now = draft_text(connection, candidate.draft.id)
    if now is None or now.revision != candidate.revision:
        return None
    return version_of(connection, visit, candidate)


def version_of(connection: Connection, visit: Visit, candidate: Candidate) -> CardVersion:
    """A version with the content of a draft, which may be there already."""
    return add_version(
        connection, candidate.text, subject=candidate.subject, by=visit.who.actor,
        now_us=visit.now_us,
    )  # fmt: skip


def show_progress(visit: Visit) -> Response:
    """The part that says how far publishing is; the page is loaded again when that is over."""
    return progress_of(visit, "publish", "progress")


def show_shadow_progress(visit: Visit) -> Response:
    """The same of comparing a shadow card."""
    return progress_of(visit, "shadow", "shadow/progress")


def progress_of(visit: Visit, kind: str, place: str) -> Response:
    """The part for a version's last job of a kind."""
    version_id = visit.number("id")
    told = running(visit.texts, last_job(visit, kind, version_id))
    if told is None:
        return over(visit, f"/studio/versions/{version_id}")
    return visit.page(
        "studio/try_progress.html", now=told, progress_at=f"/studio/versions/{version_id}/{place}"
    )


def cancel(visit: Visit) -> Response:
    """Give up publishing: the version is what it was before, the live card never changed."""
    _ = visit.texts.say
    version_id, actor = visit.number("id"), visit.who.actor
    job = last_job(visit, "publish", version_id)
    if job is not None and not is_over(job):
        visit.site.api.with_jobs().cancel(job.id)
        job = visit.site.api.with_jobs().wait(job.id, 3.0)
    if job is None or is_over(job):
        visit.write(lambda c: _abandon(c, version_id, actor, visit.now_us))
    visit.write(lambda c: audit(c, actor, "cancel", "card", version_id, None, visit.now_us))
    version = visit.read(lambda c: get_version(c, version_id))
    if version.status == "live":
        said = _("It was too late: the card is live.")
    elif version.status == "publishing":
        said = _("Publishing ends at its next step.")
    else:
        said = _("Publishing was given up. The card before serves on.")
    return visit.go(f"/studio/versions/{version_id}", said)


def _abandon(connection: Connection, version_id: int, actor: str, now_us: int) -> None:
    """Where nobody is at it any more, as after a restart."""
    change_statuses(connection)
    if get_version(connection, version_id).status == "publishing":
        abandon(connection, version_id, actor, now_us)


def switch(visit: Visit) -> Response:
    """Let a card run as a shadow card, and be scored at once; or end that."""
    _ = visit.texts.say
    candidate, actor = candidate_of(visit), visit.who.actor
    on = visit.form.get("on") == "1"
    if candidate.card is None:
        return visit.go(f"{candidate.address}/publish")  # which lists the problems
    if candidate.subject != "lead":
        raise UserError(
            "not-for-leads", _("This is a card for companies, which cannot be a shadow card."),
            hint=_("Publish it; one can go back to the card before."),
        )  # fmt: skip

    def work(connection: Connection) -> CardVersion:
        version = candidate.version or version_of(connection, visit, candidate)
        return switch_shadow(connection, version.id, on=on, by=actor, now_us=visit.now_us)

    version = visit.write(work)
    if not on:
        return visit.go(f"/studio/versions/{version.id}", _("It is no shadow card any more."))
    score_shadow(visit, version.id)
    return visit.go(f"/studio/versions/{version.id}", _("It runs as a shadow card now."))


def score_shadow(visit: Visit, version_id: int) -> Job:
    """Put in the job that scores a shadow card and compares it, as one does every night."""
    jobs = visit.site.api.with_jobs()
    arguments: dict[str, JSON] = {"version_id": version_id, "by": visit.who.actor, "days": 90}
    return jobs.get(jobs.enqueue("shadow", arguments, id=f"shadow:{version_id}:{uuid.uuid4().hex}"))


def score_shadow_now(visit: Visit) -> Response:
    """The button for it."""
    _ = visit.texts.say
    version = visit.read(lambda c: get_version(c, visit.number("id")))
    if version.status != "shadow":
        raise UserError(
            "not-a-shadow", _("Version %(number)s is no shadow card.", number=version.id),
            hint=_("Let it run as one first."),
        )  # fmt: skip
    score_shadow(visit, version.id)
    visit.write(
        lambda c: audit(c, visit.who.actor, "score shadow", "card", version.id, None, visit.now_us)
    )
    return visit.go(f"/studio/versions/{version.id}")
