"""The tables of charts of leads and companies as files (CSV, UTF-8, instants in UTC, points as
numbers)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

from leadwise.asking.instants import written
from leadwise.card.values import format_hundredths
from leadwise.web.pages.lead.asked import instant_asked, lead_id_of, part_id_of
from leadwise.web.pages.lead.companies import ledger_of_company
from leadwise.web.pages.lead.reading import note_read, read_person, read_told
from leadwise.web.pages.lead.scores import chosen_days, nothing_to_score, read_course
from leadwise.web.pages.rendering import HEADERS
from leadwise.web.pages.visit import Visit

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a text begins that a spreadsheet would take for a formula."""


def ledger_csv(visit: Visit) -> Response:
    """The lines of the ledger with the running sum, at the instant of the address."""
    lead_id = lead_id_of(visit)
    asked, _ = instant_asked(visit)
    person = visit.read(lambda c: read_person(c, visit, lead_id))
    if not person.scorable:
        raise nothing_to_score(visit)
    told = visit.read(lambda c: read_told(c, visit, person, asked))
    note_read(visit, lead_id, "ledger as CSV")
    rows = [
        (row.kind, row.part or "", row.label, format_hundredths(row.points),
         format_hundredths(row.after), "unknown" if row.unknown else "")
        for row in told.rows
    ]  # fmt: skip
    return _file(
        f"lead-{lead_id}-ledger.csv", ("kind", "part", "line", "points", "sum", "unknown"), rows
    )


def company_csv(visit: Visit) -> Response:
    """The lines of a company's ledger as it is stored."""
    account_id = part_id_of(visit, "account_id")
    rows = visit.read(lambda c: ledger_of_company(c, account_id))
    note_read(visit, None, f"company {account_id}, ledger as CSV", "list")
    lines = [
        (row.kind, row.part or "", row.label, format_hundredths(row.points),
         format_hundredths(row.after))
        for row in rows
    ]  # fmt: skip
    header = ("kind", "part", "line", "points", "sum")
    return _file(f"company-{account_id}-ledger.csv", header, lines)


def scores_csv(visit: Visit) -> Response:
    """What was said, what is true now about then, and what lies ahead."""
    lead_id = lead_id_of(visit)
    with visit.site.api.heavy():
        course = read_course(visit, lead_id, chosen_days(visit))
    note_read(visit, lead_id, "scores as CSV")
    series = (("said then", course.said), ("true now about then", course.true),
              ("if nothing happens", course.ahead))  # fmt: skip
    rows = [
        (name, written(point.at_us), format_hundredths(point.score), point.band or "")
        for name, points in series
        for point in points
    ]
    return _file(f"lead-{lead_id}-scores.csv", ("what", "at", "points", "band"), rows)


def _file(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def _cell(value: str) -> str:
    """A text that is no number and looks like a formula is written as the text that it is."""
    if not value.startswith(_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return "'" + value
    return value
