"""Asking the past: the pages of studies, the job behind each, and what is made of an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from starlette.responses import Response

from leadwise.card import Card
from leadwise.errors import UserError
from leadwise.learn.asked import Asked as Options
from leadwise.learn.asked import from_document
from leadwise.learn.jobs import CANCELLED, start_study
from leadwise.store.cards import get_version
from leadwise.store.studies import Kind, Study, find_study, latest_study
from leadwise.web.api.learning import cancel as cancel_study
from leadwise.web.pages.learning import backtest, calibrating, drifting, learned, refining
from leadwise.web.pages.learning.asked import PATHS, Asked, asked_of, state_of
from leadwise.web.pages.learning.kinds import KINDS, Page, kind_of, tabs
from leadwise.web.pages.learning.shown import Shown
from leadwise.web.pages.rendering import HEADERS
from leadwise.web.pages.reports.figures import csv_text
from leadwise.web.pages.studio.people import named
from leadwise.web.pages.studio.running import over, running
from leadwise.web.pages.studio.versions import status_words
from leadwise.web.pages.visit import Visit

Reading: TypeAlias = Callable[[Visit, Study, Card], Shown]
READINGS: dict[Kind, Reading] = {
    "backtest": backtest.shown, "learn": learned.shown, "refine": refining.shown,
    "calibrate": calibrating.shown, "drift": drifting.shown,
}  # fmt: skip
HORIZONS = (30, 60, 90, 180, 365)
"""Days after a moment in which a win counts."""
LONGEST = 2_000
WRONG = 422


def overview(visit: Visit) -> Response:
    """What can be asked of the past, each with the short answer of the live card's last study."""
    asked = asked_of(visit, "backtest")
    found = [(page, *_latest(visit, asked, page)) for page in KINDS]
    return visit.page("learning/overview.html", kinds=found, asked=asked, tabs=tabs(visit, ""))


def _latest(visit: Visit, asked: Asked, page: Page) -> tuple[Study | None, Shown | None]:
    """The last answer of a kind of study for the version asked about."""
    version, study = asked.version, page.study
    if version is None or study is None:
        return None, None
    found = visit.read(lambda c: latest_study(c, study, version.id, asked.goal))
    if found is None:
        return None, None
    return found, READINGS[study](visit, found, version.card)


def show(kind: Kind) -> Callable[[Visit], Response]:
    """The page of a kind of study: its last answer, what is under way, and how to ask."""

    def handler(visit: Visit) -> Response:
        return _page(visit, asked_of(visit, kind), {}, 200)

    return handler


def _page(visit: Visit, asked: Asked, faults: dict[str, str], status: int) -> Response:
    state = state_of(visit, asked)
    done, found = state.done, None
    if done is not None and asked.version is not None:
        found = READINGS[asked.kind](visit, done, asked.version.card)
    under = state.now
    first = Options(horizon_days=visit.site.settings.learning.horizon_days)
    options = from_document(done.options) if done is not None else first
    return visit.page(
        "learning/study.html", status=status, asked=asked, kind=kind_of(visit, asked.kind),
        tabs=tabs(visit, asked.kind), shown=found, study=done, named=named(visit),
        now=running(visit.texts, under[1]) if under is not None else None,
        waits=under is not None, failed=state.failed,
        broken_off=state.failed is not None and is_ended(state.failed.problem),
        has_jobs=visit.site.api.jobs is not None,
        options=options, typed=_typed(visit, options), horizons=HORIZONS, faults=faults,
        statuses=status_words(visit.texts), **(found.values if found is not None else {}),
    )  # fmt: skip


def _typed(visit: Visit, options: Options) -> dict[str, str]:
    """What stands in the form: what was sent, else what the last study was told."""
    sent = visit.form
    return {
        "horizon": str(sent.get("horizon", round(options.horizon_days))),
        "allow": str(sent.get("allow", ", ".join(options.allow))),
        "without": str(sent.get("without", ", ".join(options.without))),
    }


def start(kind: Kind) -> Callable[[Visit], Response]:
    """Ask: the study's job is put in."""

    def handler(visit: Visit) -> Response:
        _ = visit.texts.say
        asked = _sent(visit, asked_of(visit, kind))
        version = asked.version
        if version is None:
            return visit.go(asked.address)
        options, faults = _options(visit)
        if faults:
            return _page(visit, asked, faults, WRONG)
        jobs = visit.site.api.with_jobs()
        start_study(visit.site.store, jobs, kind, version.id, asked.goal, options,
                    by=visit.who.actor, now_us=visit.now_us)  # fmt: skip
        return visit.go(asked.address)

    return handler


def _sent(visit: Visit, asked: Asked) -> Asked:
    """The version and goal that the form names; what it does not name stays."""
    wanted = str(visit.form.get("version", ""))
    found = next((one for one in asked.versions if str(one.id) == wanted), asked.version)
    goal = visit.form.get("goal")
    return replace(
        asked, version=found,
        goal="sales_qualified" if goal == "sales_qualified" else "won" if goal else asked.goal,
    )  # fmt: skip


def _options(visit: Visit) -> tuple[Options, dict[str, str]]:
    _, form = visit.texts.say, visit.form
    faults: dict[str, str] = {}
    said = str(form.get("horizon", "90")).strip()
    days = int(said) if said.isdecimal() and len(said) < 5 else 0
    if not 1 <= days <= 3650:
        faults["horizon"] = _("Give a whole number of days, from 1 to 3650.")
    names = {name: str(form.get(name, ""))[:LONGEST] for name in ("allow", "without")}
    return Options(
        horizon_days=days or 90,
        allow=_names(names["allow"]), without=_names(names["without"]),
        calls_a_day=visit.site.settings.team.calls_a_day or None,
    ), faults  # fmt: skip


def _names(said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in said.split(",") if part.strip()))


def progress(kind: Kind) -> Callable[[Visit], Response]:
    """The part that says how far the study is; the page is loaded again when that is over."""

    def handler(visit: Visit) -> Response:
        asked = asked_of(visit, kind)
        under = state_of(visit, asked).now
        told = running(visit.texts, under[1]) if under is not None else None
        if told is None:
            return over(visit, asked.address)
        return visit.page("learning/progress.html", now=told, progress_at=asked.at("progress"))

    return handler


def cancel(kind: Kind) -> Callable[[Visit], Response]:
    """End it: it changes nothing, so there is nothing to take back."""

    def handler(visit: Visit) -> Response:
        asked = _sent(visit, asked_of(visit, kind))
        under = state_of(visit, asked).now
        if under is not None and visit.site.api.jobs is not None:
            cancel_study(visit.site.api, under[0].id, visit.who.actor)
        return visit.go(asked.address, visit.texts.say("It is ended."))

    return handler


def table_file(visit: Visit) -> Response:
    """A table of a study as CSV."""
    _ = visit.texts.say
    study, found = study_shown(visit)
    table = found.table(str(visit.request.path_params["table"]))
    if table is None:
        raise UserError("no-such-page", _("The study has no such table."),
                        hint=_("Its page lists the tables that it has."))  # fmt: skip
    name = f"leadwise-{PATHS[study.kind]}-{study.id}-{table.key}.csv"
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(csv_text(table, visit.texts.decimal), headers=headers,
                    media_type="text/csv; charset=utf-8")  # fmt: skip


def study_shown(visit: Visit) -> tuple[Study, Shown]:
    """The study that the address names, as it is shown. UserError where there is no answer."""
    study = study_named(visit)
    version = visit.read(lambda c: get_version(c, study.version_id))
    return study, READINGS[study.kind](visit, study, version.card)


def study_named(visit: Visit, *kinds: Kind) -> Study:
    """The study that the address names, of one of these kinds. UserError (`no-such-study`)."""
    _ = visit.texts.say
    number = visit.number("id")
    study = visit.read(lambda c: find_study(c, number))
    if study.document is None or study.kind not in (kinds or tuple(READINGS)):
        raise UserError("no-such-study", _("There is no such study."),
                        hint=_("It may be under way still."))  # fmt: skip
    return study


def is_ended(problem: str | None) -> bool:
    """Whether a study has no answer because somebody ended it, or it broke off."""
    return not problem or problem == CANCELLED
