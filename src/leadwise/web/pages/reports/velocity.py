"""Lead velocity: through the stages, and qualified leads from month to month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from leadwise.card.values import SECOND
from leadwise.report.velocity import QUALIFIED, Stage, growth, qualified_by_month, reached, stages
from leadwise.store.report_outcomes import journeys
from leadwise.web.pages.reports.asked import Asked, month_edges
from leadwise.web.pages.reports.figures import Cell, Figure, Report, Table
from leadwise.web.pages.reports.words import (
    days,
    few_note,
    month,
    of_all,
    percent,
    rate,
    spread_cells,
    text,
    whole,
)
from leadwise.web.pages.visit import Visit

MONTHS = 13
"""The months that are shown, the one that runs included."""


def stage_words(visit: Visit) -> dict[str, str]:
    """The stages as people call them."""
    _ = visit.texts.say
    return {"mql": _("Marketing-qualified"), "sales_accepted": _("Accepted by sales"),
            "sales_qualified": _("Qualified by sales"), "opportunity": _("Opportunity"),
            "won": _("Won")}  # fmt: skip


def report(visit: Visit, asked: Asked) -> Report:
    """The stages of the period, and qualified leads a month."""
    _, scope = visit.texts.say, asked.scope
    top = asked.bands[0] if asked.bands else None
    found = visit.read(lambda connection: journeys(connection, scope, top))
    by_stage = stages(found, scope.start_us, scope.end_us)
    today = datetime.fromtimestamp(visit.now_us / SECOND, visit.zone).date()
    edges = month_edges(_months_ago(today, MONTHS - 1), today, visit.zone)
    months = qualified_by_month(found, edges)
    if not any(stage.entered for stage in by_stage) and not any(months):
        return Report(
            number="–", meaning=_("No lead reached a stage in this period."),
            empty=_("Stages come from outcomes: record them with the buttons in the queue, or "
                    "send them from your CRM. Entering the highest band makes a lead "
                    "marketing-qualified."),
        )  # fmt: skip
    change = growth(months[-2], months[-3])
    number = "–" if change is None else _signed(visit, change)
    same = sum(
        1 for each in found
        if (at := reached(each)[QUALIFIED]) is not None
        and edges[-3] <= at < min(edges[-3] + scope.now_us - edges[-2], edges[-2])
    )  # fmt: skip
    return Report(number, _says_growth(visit, months, edges, change), (
        _figure_of_stages(visit, asked, by_stage),
        _figure_of_months(visit, months, edges, change, same),
    ))  # fmt: skip


def _months_ago(today: date, months: int) -> date:
    found = today.replace(day=1)
    for _ in range(months):
        found = (found - timedelta(days=1)).replace(day=1)
    return found


def _signed(visit: Visit, change: float) -> str:
    return ("+" if change > 0 else "") + percent(visit, change)


def _says_growth(
    visit: Visit, months: Sequence[int], edges: Sequence[int], change: float | None
) -> str:
    _ = visit.texts.say
    words = {"last": month(visit, edges[-3]), "before": month(visit, edges[-4]),
             "number": visit.texts.number(months[-2]),
             "earlier": visit.texts.number(months[-3])}  # fmt: skip
    if change is None:
        return _("Qualified by sales: %(number)s in %(last)s; with none in %(before)s there is no "
                 "rate of growth.", **words)  # fmt: skip
    return _("Lead velocity rate: %(change)s. Qualified by sales: %(number)s in %(last)s, "
             "%(earlier)s in %(before)s.", change=_signed(visit, change), **words)  # fmt: skip


def _figure_of_stages(visit: Visit, asked: Asked, found: Sequence[Stage]) -> Figure:
    _, names = visit.texts.say, stage_words(visit)
    rows: list[tuple[Cell, ...]] = []
    for stage in found:
        last = stage.name == "won"
        onward = rate(visit, None if last else stage.share.rate)
        rows.append(
            (text(names[stage.name]), whole(visit, stage.entered),
             *([Cell(None, "–")] * 3 if last
               else [whole(visit, stage.onward), whole(visit, stage.lost),
                     whole(visit, stage.still)]),
             onward, *spread_cells(visit, stage.days))
        )  # fmt: skip
    going = [s for s in found if s.name != "won" and s.entered]
    slow = max((s for s in going if s.days), key=lambda s: s.days.median if s.days else 0.0,
               default=None)  # fmt: skip
    thin = min(going, key=lambda s: s.share.rate or 0.0, default=None)
    says = _("No lead reached a stage in this period.")
    do = _("Record outcomes in the queue, or send them from your CRM.")
    if thin is not None:
        says = _("The narrowest step is from “%(stage)s”: %(share)s went on.",
                 stage=names[thin.name], share=of_all(visit, thin.share))  # fmt: skip
        do = _("Look first at the leads still in “%(stage)s”: %(still)s of them neither went on "
               "nor were given up.", stage=names[thin.name],
               still=visit.texts.number(thin.still))  # fmt: skip
    if slow is not None and slow.days is not None:
        says += " " + _("The slowest is “%(stage)s”, with half of the leads through in "
                        "%(days)s.", stage=names[slow.name],
                        days=days(visit, slow.days.median))  # fmt: skip
    return Figure(
        title=_("Through the stages"),
        says=says,
        read=_("Each bar counts the leads that reached a stage in the period; its dark part went "
               "on to the next by now. Leads that came late in the period have had less time."),
        do=do,
        table=Table(
            "stages", _("Leads through the stages, and the days in each"),
            (_("Stage"), _("Reached"), _("Went on"), _("Lost or rejected"), _("Still there"),
             _("Share that went on"), _("Days known of"), _("Days, a quarter within"),
             _("Days, half within"), _("Days, three quarters within"),
             _("Half within, low end"), _("Half within, high end")),
            tuple(rows),
        ),
        chart="stages",
        data={
            "bars": [{"label": names[s.name], "entered": s.entered, "onward": s.onward}
                     for s in found],
            "axis": _("Leads"),
        },
        notes=(
            _("A lead is marketing-qualified by that outcome or, without one, from when it first "
              "came into “%(band)s”.", band=asked.label(asked.bands[0]) if asked.bands else "–"),
            *few_note(visit, *(s.share for s in going)),
        ),
    )  # fmt: skip


def _figure_of_months(
    visit: Visit, months: Sequence[int], edges: Sequence[int], change: float | None, same: int
) -> Figure:
    _ = visit.texts.say
    names = [month(visit, at_us) for at_us in edges[:-1]]
    grown = [None, *(growth(now, before) for before, now in pairwise(months))]
    rows = tuple(
        (text(name), whole(visit, number), rate(visit, None if n + 1 == len(months) else more))
        for n, (name, number, more) in enumerate(zip(names, months, grown, strict=True))
    )
    if change is None or change >= 0:
        do = _("Hold this against what sales can take: more qualified leads than calls a day "
               "means raising the threshold.")  # fmt: skip
    else:
        do = _("Fewer qualified leads now are fewer deals a sales cycle later: see in the stages "
               "where they stay, and by source where they no longer come from.")  # fmt: skip
    return Figure(
        title=_("Qualified leads a month"),
        says=_says_growth(visit, months, edges, change) + " "
        + _("This month so far: %(now)s; last month by the same time: %(then)s.",
            now=visit.texts.number(months[-1]), then=visit.texts.number(same)),
        read=_("Each point is a month's leads that became qualified by sales. The last month is "
               "not over. The rate compares the last two whole months, whatever the period."),
        do=do,
        table=Table("months", _("Leads qualified by sales, by month"),
                    (_("Month"), _("Qualified leads"), _("Change on the month before")), rows),
        chart="line",
        data={"points": [{"label": n, "at": at // 1000, "value": v}
                         for n, at, v in zip(names, edges, months, strict=False)],
              "axis": _("Qualified leads"), "open": True},
    )  # fmt: skip
