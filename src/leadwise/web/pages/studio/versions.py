"""All versions of cards: what each says and changed, who published it and why; two compared."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from starlette.responses import Response

from leadwise.card import Card, diff
from leadwise.errors import UserError
from leadwise.jobs import Job
from leadwise.store.audit import Entry, list_audit
from leadwise.store.cards import CardVersion, Subject, get_version, list_versions
from leadwise.web.pages.studio.candidates import Candidate, of_version
from leadwise.web.pages.studio.people import named
from leadwise.web.pages.studio.publishing import is_back
from leadwise.web.pages.studio.running import last_job, running
from leadwise.web.pages.studio.trying import last_trial, result_values, table_answer
from leadwise.web.pages.texts import Texts
from leadwise.web.pages.visit import Visit

ENTRIES = 100
"""Of what was done with a version."""
NIGHTLY = 5
"""The newest nightly comparisons of all shadow cards that are looked through."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions: sentences of what changed, and the lines of both texts."""

    old: CardVersion
    new: CardVersion
    changes: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]


def show_versions(visit: Visit) -> Response:
    """The newest first, the live ones on top."""
    found = visit.read(list_versions)
    subject = visit.query.get("of", "")
    if subject in ("lead", "account"):
        found = tuple(version for version in found if version.subject == subject)
    ordered = sorted(found, key=lambda version: (version.status != "live", -version.id))
    return visit.page(
        "studio/versions.html", versions=ordered, named=named(visit), subject=subject,
        statuses=status_words(visit.texts),
    )  # fmt: skip


def show_version(visit: Visit) -> Response:
    """One: how it stands, its text, what it changed, what was done with it."""
    version = visit.read(lambda c: get_version(c, visit.number("id")))
    others = visit.read(lambda c: list_versions(c, version.subject))
    before = before_of(version, others)
    job = last_job(visit, "publish", version.id)
    trail = visit.read(
        lambda c: list_audit(c, subject="card", subject_id=str(version.id), limit=ENTRIES)
    )
    live = next((other for other in others if other.status == "live"), None)
    shadow = last_job(visit, "shadow", version.id) if version.status == "shadow" else None
    return visit.page(
        "studio/versions_one.html", version=version, before=before, live=live, job=job,
        others=[other for other in others if other.id != version.id],
        changes=diff(before.card, version.card) if before is not None else None,
        now=running(visit.texts, job), named=named(visit), statuses=status_words(visit.texts),
        trail=[(entry, done) for entry in trail if (done := _done(visit.texts, entry))],
        back=is_back(version), trial=last_trial(visit, of_version(version)).done,
        comparison=_comparison(visit, version), shadow_now=running(visit.texts, shadow),
        shadow_failed=shadow if shadow is not None and shadow.state == "failed" else None,
    )  # fmt: skip


def before_of(version: CardVersion, others: tuple[CardVersion, ...]) -> CardVersion | None:
    """The version that this one came after: the last made before it that ever went live, else the
    last made before it."""
    earlier = [other for other in others if other.id < version.id]
    published = [other for other in earlier if other.published_us is not None]
    return max(published or earlier, key=lambda other: other.id, default=None)


def show_compare(visit: Visit) -> Response:
    """Two versions, chosen in the address; with neither the choice alone."""
    _ = visit.texts.say
    versions = visit.read(list_versions)
    by_id = {str(version.id): version for version in versions}
    wanted = visit.query.get("from", ""), visit.query.get("to", "")
    found, fault = None, ""
    if all(wanted):
        old, new = by_id.get(wanted[0]), by_id.get(wanted[1])
        if old is None or new is None:
            fault = _("There is no such version. Choose two from the lists.")
        elif old.subject != new.subject:
            fault = _("One is a card for leads, the other for companies. Choose two of one kind.")
        else:
            found = Comparison(old, new, diff(old.card, new.card), text_diff(old.text, new.text))
    return visit.page(
        "studio/compare.html", status=422 if fault else 200, versions=versions, found=found,
        fault=fault, wanted=wanted, named=named(visit), statuses=status_words(visit.texts),
    )  # fmt: skip


def text_diff(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """(sign, line): `-` of the old text only, `+` of the new only, ` ` of both, `@` a gap."""
    lines = list(unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3))[2:]
    said = [(line[:1], line[1:] if line[:1] != "@" else "") for line in lines]
    return tuple(said[1:])  # the first says where the second begins


def _comparison(visit: Visit, version: CardVersion) -> dict[str, Any] | None:
    """A shadow card's last comparison with the live card: when, and what it came to."""
    if version.status != "shadow":
        return None
    found = _last_shadow(visit, version.id)
    if found is None:
        return None
    job, result = found
    return {"at_us": job.updated_us, "result": result}


def _last_shadow(visit: Visit, version_id: int) -> tuple[Job, dict[str, Any]] | None:
    """The newest job that compared it, by itself or with all others at night."""
    jobs = visit.site.api.jobs
    if jobs is None:
        return None
    key = str(version_id)
    own = last_job(visit, "shadow", version_id)
    nightly = jobs.list("shadow", "done", limit=NIGHTLY)
    known = [job for job in [*nightly, own] if job is not None]
    done = [
        (job, job.result[key])
        for job in known
        if job.state == "done" and isinstance(job.result, dict) and key in job.result
    ]
    found = max(done, key=lambda pair: pair[0].updated_us, default=None)
    if found is None or not isinstance(found[1], dict):
        return None
    return found[0], dict(found[1])


def show_shadow(visit: Visit) -> Response:
    """The whole comparison of a shadow card with the live one."""
    version = visit.read(lambda c: get_version(c, visit.number("id")))
    if version.status == "shadow" and _last_shadow(visit, version.id) is None:
        return visit.go(f"/studio/versions/{version.id}")  # which says that it is under way
    candidate, job, result = _shadow(visit)
    values = result_values(visit, candidate, _card(candidate), result)
    values["tables"] = f"{candidate.address}/shadow"
    return visit.page("studio/versions_shadow.html", candidate=candidate, at_us=job.updated_us,
                      **values)  # fmt: skip


def shadow_table(visit: Visit) -> Response:
    """A table of it as CSV."""
    candidate, _job, result = _shadow(visit)
    return table_answer(visit, candidate, _card(candidate), result)


def _card(candidate: Candidate) -> Card:
    assert candidate.card is not None  # a version's text has no errors
    return candidate.card


def _shadow(visit: Visit) -> tuple[Candidate, Job, dict[str, Any]]:
    _ = visit.texts.say
    version = visit.read(lambda c: get_version(c, visit.number("id")))
    found = _last_shadow(visit, version.id)
    if found is None:
        raise UserError(
            "no-such-comparison", _("This card was not compared as a shadow card yet."),
            hint=_("Let it run as one; it is compared at once and every night."),
        )  # fmt: skip
    return of_version(version), *found


def status_words(texts: Texts) -> dict[str, str]:
    """What a version does, in a word."""
    _ = texts.say
    return {
        "draft": _("not published"), "shadow": _("shadow"), "publishing": _("being published"),
        "live": _("live"), "retired": _("retired"),
    }  # fmt: skip


def subject_words(texts: Texts) -> dict[Subject, str]:
    """What a card is for."""
    return {"lead": texts.say("leads"), "account": texts.say("companies")}


def _done(texts: Texts, entry: Entry) -> str:
    """What an entry of the trail says was done; empty for what changed nothing (it was read)."""
    _ = texts.say
    return {
        "add": _("added"), "publish": _("asked to publish it"), "went live": _("it went live"),
        "abandon": _("publishing was given up"), "cancel": _("cancelled publishing"),
        "shadow True": _("made it a shadow card"), "shadow False": _("ended it as a shadow card"),
        "score shadow": _("had it compared as a shadow card"), "try": _("tried it"),
    }.get(entry.action, "")  # fmt: skip
