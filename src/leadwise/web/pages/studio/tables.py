"""The tables of a trial as CSV, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.web.pages.studio.drawn import day_of
from leadwise.web.pages.studio.results import Shown

Rows = Iterable[Sequence[Any]]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is run by a spreadsheet."""


def csv_answer(shown: Shown, table: str, name: str) -> Response:
    """One of the tables. UserError (`no-such-table`) where there is none of that name."""
    made = TABLES.get(table)
    if made is None:
        raise UserError(
            "no-such-table", f"There is no table {table!r} of a trial.",
            hint=f"There are {', '.join(TABLES)}.",
        )  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text)
    for row in made(shown):
        writer.writerow([_cell(value) for value in row])
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-{table}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(text.getvalue(), 200, headers, "text/csv; charset=utf-8")


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return "" if value is None else value


def _bands(shown: Shown) -> Rows:
    yield "band_now", "band_then", "leads"
    for cell in shown.result["bands"]:
        yield cell["from"], cell["to"], cell["leads"]


def _days(shown: Shown) -> Rows:
    daily = shown.result["daily"]
    yield "day_utc", "hot_leads_live_card", "hot_leads_this_card"
    for number, (before, after) in enumerate(daily):
        yield day_of(shown.result["as_of_us"], len(daily), number), before, after


def _leads(shown: Shown) -> Rows:
    yield "lead_id", "score_now", "score_then", "band_now", "band_then", "line", "line_difference"
    for mover in shown.movers:
        for line in mover.lines or ({"label": None, "old": None, "new": None},):
            difference = (line["new"] or 0) - (line["old"] or 0)
            yield (
                mover.lead_id, mover.old_score / 100, mover.new_score / 100, mover.old_band,
                mover.new_band, line["label"], difference / 100,
            )  # fmt: skip


def _criteria(shown: Shown) -> Rows:
    yield "criterion", "dimension", "label", "leads_live_card", "leads_this_card"
    for use in shown.result["criteria"]:
        yield use["id"], use["dimension"], use["label"], use["before"], use["after"]


def _outcomes(shown: Shown) -> Rows:
    yield "goal", "card", "leads", "reached", "figure", "value", "low_95", "high_95"
    for goal in shown.judged:
        for side, card in (("before", "live"), ("after", "this")):
            for figure in ("auc", "lift", "top"):
                found = goal[side] and goal[side][figure]
                if found:
                    yield (
                        goal["name"], card, goal["leads"], goal["reached"], figure, found["value"],
                        found["low"], found["high"],
                    )  # fmt: skip


TABLES: dict[str, Callable[[Shown], Rows]] = {
    "bands": _bands, "days": _days, "leads": _leads, "criteria": _criteria, "outcomes": _outcomes,
}  # fmt: skip
