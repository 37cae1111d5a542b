"""Engagement: which share of the known leads did something, by band and week."""

from __future__ import annotations

from collections.abc import Sequence

from leadwise.report.engagement import Engagement, engagement
from leadwise.report.intervals import Share
from leadwise.store.report_scores import MOST_WEEKS, active_by_week, known_by_week
from leadwise.web.pages.reports.asked import DAY_US, Asked
from leadwise.web.pages.reports.figures import Figure, Report, Table
from leadwise.web.pages.reports.words import bar, of_all, percent, share_cells, text
from leadwise.web.pages.visit import Visit

WEEK_US = 7 * DAY_US
FALLING = 0.8
"""The last whole weeks fall where they have less than this part of those before."""


def report(visit: Visit, asked: Asked) -> Report:
    """By band over the period, then week by week. Weeks are counted back from the period's end."""
    _, scope = visit.texts.say, asked.scope
    whole = max(1, (scope.end_us - scope.start_us) // WEEK_US)
    step = -(-whole // MOST_WEEKS)  # years are shown in steps of several weeks
    weeks, step_us = whole // step, step * WEEK_US
    first_us = scope.end_us - weeks * step_us
    known, (active, in_any) = visit.read(
        lambda connection: (
            known_by_week(connection, scope, first_us, step_us),
            active_by_week(connection, scope, first_us, step_us, weeks),
        )
    )
    if not known:
        return Report(
            number="–", meaning=_("There is no known lead by the end of this period."),
            empty=_("A lead is known once it has a user id, an e-mail address or a CRM id: send "
                    "identify calls, or import contacts."),
        )  # fmt: skip
    found = engagement(known, active, in_any, asked.bands, weeks)
    everybody = Share(sum(e.period.hits for e in found), sum(e.period.of for e in found))
    number = "–" if everybody.rate is None else percent(visit, everybody.rate)
    says = visit.texts.count(
        "%(share)s of the known leads did something in this week.",
        "%(share)s of the known leads did something in these %(num)s weeks.",
        weeks * step, share=of_all(visit, everybody),
    )  # fmt: skip
    return Report(number, says, (
        _figure_of_bands(visit, asked, found, says),
        _figure_of_weeks(visit, asked, found, [first_us + n * step_us for n in range(weeks)], step),
    ))  # fmt: skip


def _label(visit: Visit, asked: Asked, band: str) -> str:
    return asked.label(band) if band else visit.texts.say("No band")


def _figure_of_bands(visit: Visit, asked: Asked, found: Sequence[Engagement], says: str) -> Figure:
    _ = visit.texts.say
    bars = [bar(_label(visit, asked, e.band), e.period, of_all(visit, e.period)) for e in found]
    quiet = next((e for e in found if e.period.of > e.period.hits), None)
    do = _("Every known lead was active: nothing is asleep.")
    if quiet is not None:
        do = visit.texts.count(
            "%(num)s lead in “%(band)s” was silent all the time: a letter or a call may wake it.",
            "%(num)s leads in “%(band)s” were silent all the time: a letter or a call may wake "
            "them.",
            quiet.period.of - quiet.period.hits, band=_label(visit, asked, quiet.band),
        )  # fmt: skip
    return Figure(
        title=_("By band"),
        says=says,
        read=_("Each bar is the share of a band's known leads of which at least one event came "
               "in. Events that look like a program's, not a person's, do not count."),
        do=do,
        table=Table(
            "bands", _("Active leads by band"),
            (_("Band now"), _("Active"), _("Known leads"), _("Share"), _("Share, low end"),
             _("Share, high end")),
            tuple((text(_label(visit, asked, e.band)), *share_cells(visit, e.period))
                  for e in found),
        ),
        chart="rates",
        data={"bars": [each for each in bars if each], "axis": _("Share that was active")},
        notes=(
            _("A lead counts in the band that it has now. What it does raises its score, so high "
              "bands are active by their making; the silent ones among them are what to look at."),
            _("Events of every kind count, also what other systems say of a lead."),
        ),
    )  # fmt: skip


def _figure_of_weeks(
    visit: Visit, asked: Asked, found: Sequence[Engagement], starts: Sequence[int], step: int
) -> Figure:
    _ = visit.texts.say
    weeks = len(starts)
    days = [visit.texts.date(at_us, visit.zone) for at_us in starts]
    totals = [Share(sum(e.weeks[n].hits for e in found), sum(e.weeks[n].of for e in found))
              for n in range(weeks)]  # fmt: skip
    last, before = totals[-1].rate or 0.0, totals[-2].rate or 0.0 if weeks > 1 else 0.0
    says = _("In the last week %(last)s of the known leads were active.",
             last=of_all(visit, totals[-1]))  # fmt: skip
    if step > 1:
        says = _("In the last %(step)s weeks %(last)s of the known leads were active.", step=step,
                 last=of_all(visit, totals[-1]))  # fmt: skip
    if weeks > 1:
        says += " " + _(
            "In the time before, just as long, it was %(before)s.", before=of_all(visit, totals[-2])
        )
    do = _("Steady or rising: go on.")
    if last < before * FALLING:
        do = _("It fell: see whether events still arrive from every source, then whether a "
               "campaign ended.")  # fmt: skip
    points = [
        {"label": days[n], "at": starts[n] // 1000, "value": share.rate,
         "series": _label(visit, asked, each.band)}
        for each in found for n, share in enumerate(each.weeks) if share.rate is not None
    ]  # fmt: skip
    return Figure(
        title=_("Week by week"),
        says=says,
        read=_("Each line is a band, each point the share of the leads known by the end of that "
               "week which were active in it. Weeks count back from the end of the period."),
        do=do,
        table=Table(
            "weeks", _("Active leads by band and week"),
            (_("Week from"), _("Band now"), _("Active"), _("Known leads"), _("Share"),
             _("Share, low end"), _("Share, high end")),
            tuple((text(days[n]), text(_label(visit, asked, each.band)),
                   *share_cells(visit, share))
                  for n in range(weeks) for each in found for share in (each.weeks[n],)),
        ),
        chart="line",
        data={"points": points, "axis": _("Share that was active"), "percent": True},
        notes=(_("Each point is %(step)s weeks.", step=step),) if step > 1 else (),
    )  # fmt: skip
