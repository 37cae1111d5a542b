"""The pages of reports: the list, one report, its tables as files, the form of the time saved."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.store.report_scope import GOALS
from leadwise.web.pages.gradual import gradual
from leadwise.web.pages.rendering import HEADERS
from leadwise.web.pages.reports.asked import HORIZONS, PERIODS, Asked, asked_of
from leadwise.web.pages.reports.catalogue import KINDS, Kind, kind_of
from leadwise.web.pages.reports.figures import Report, csv_text
from leadwise.web.pages.reports.returns import saved
from leadwise.web.pages.reports.words import asked_words, period_words
from leadwise.web.pages.visit import Visit

WRONG = 422


def overview(visit: Visit) -> Response:
    """All reports, each with the question that it answers; their numbers come one by one."""
    return visit.page("reports/overview.html", kinds=KINDS)


def headline(visit: Visit) -> Response:
    """The most telling number of one report over the usual period: a part of the overview."""
    kind = kind_of(visit, visit.request.path_params["name"])
    asked = asked_of(visit, kind.choices)
    found = _worked_out(visit, kind, asked)
    return visit.page("reports/headline.html", kind=kind, report=found,
                      period=period_words(visit, asked))  # fmt: skip


def show(visit: Visit) -> Response:
    """One report. What is wrong in what was asked is said beside the field, without a report."""
    kind = kind_of(visit, visit.request.path_params["name"])
    asked = asked_of(visit, kind.choices)
    words: dict[str, Any] = {
        "kind": kind, "kinds": KINDS, "asked": asked, "period": period_words(visit, asked),
        "told": asked_words(visit, asked, kind.choices), "periods": PERIODS,
        "horizons": HORIZONS, "goals": GOALS,
        "saved": saved(visit) if kind.name == "return" else None,
    }  # fmt: skip
    if asked.faults:
        return visit.page("reports/report.html", status=WRONG, worked_out=None, so_far="", **words)
    return gradual(visit, "reports/report.html",
                   worked_out=lambda: _worked_out(visit, kind, asked), **words)  # fmt: skip


def _worked_out(visit: Visit, kind: Kind, asked: Asked) -> Report:
    """The report. It reads months of all leads: few are worked out at a time."""
    with visit.site.api.heavy():
        return kind.make(visit, asked)


def table_file(visit: Visit) -> Response:
    """A table of a report as CSV; `table` in the address says which, the first if it does not."""
    _ = visit.texts.say
    kind = kind_of(visit, visit.request.path_params["name"])
    asked = asked_of(visit, kind.choices)
    if asked.faults:
        raise UserError("report-asked", " ".join(asked.faults.values()),
                        hint=_("Go back to the report and choose again."))  # fmt: skip
    table = _worked_out(visit, kind, asked).table(visit.query.get("table", ""))
    if table is None:
        raise UserError("report-asked", _("The report has no such table for this time."),
                        hint=_("Go back to the report and choose again."))  # fmt: skip
    name = f"leadwise-{kind.name}-{table.key}-{asked.first_day}-{asked.last_day}.csv"
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(csv_text(table, visit.texts.decimal), headers=headers,
                    media_type="text/csv; charset=utf-8")  # fmt: skip


def time_saved(visit: Visit) -> Response:
    """The form of the time saved, worked out again: a part of the report on return."""
    found = saved(visit)
    return visit.page("reports/saved.html", status=WRONG if found.faults else 200, saved=found,
                      asked=asked_of(visit, kind_of(visit, "return").choices))  # fmt: skip
