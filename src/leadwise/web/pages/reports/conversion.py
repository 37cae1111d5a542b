"""Conversion by band and by month of arrival."""

from __future__ import annotations

from collections.abc import Sequence

from leadwise.report.conversion import Conversion, cohorts, conversions
from leadwise.report.intervals import ratio
from leadwise.store.report_bands import arrivals, band_entries
from leadwise.web.pages.reports.asked import Asked, month_edges
from leadwise.web.pages.reports.figures import Figure, Report, Table
from leadwise.web.pages.reports.words import (
    bar,
    few_note,
    goal_words,
    horizon_days,
    month,
    of_all,
    percent,
    ratio_text,
    share_cells,
    text,
    whole,
)
from leadwise.web.pages.visit import Visit


def report(visit: Visit, asked: Asked) -> Report:
    """By band, then by cohort."""
    _, scope = visit.texts.say, asked.scope
    edges = month_edges(asked.first_day, asked.last_day, visit.zone)
    entries, came = visit.read(
        lambda connection: (band_entries(connection, scope), arrivals(connection, scope))
    )
    by_band = conversions(entries, asked.bands, scope.horizon_us, scope.now_us)
    by_month = cohorts(came, edges, scope.horizon_us, scope.now_us)
    if not any(each.share.of or each.early or each.before for each in (*by_band, *by_month)):
        return Report(
            number="–", meaning=_("No lead came into a band in this period."),
            empty=_("Choose a longer period. Leads come into bands once a card is published in "
                    "the studio and events arrive."),
        )  # fmt: skip
    first = next((e for e in by_band if e.share.of and e.group in asked.bands), None)
    number = "–" if first is None or first.share.rate is None else percent(visit, first.share.rate)
    return Report(number, _says(visit, asked, by_band), (
        _figure_of_bands(visit, asked, by_band), _figure_of_months(visit, asked, by_month, edges),
    ))  # fmt: skip


def _says(visit: Visit, asked: Asked, found: Sequence[Conversion]) -> str:
    """What the two highest bands that have leads come to, compared."""
    _ = visit.texts.say
    words = {"goal": goal_words(visit, asked.scope.goal), "days": horizon_days(asked)}
    judged = [each for each in found if each.share.of and each.group in asked.bands]
    if not judged:
        return _("No lead's %(days)s days are over yet, so nothing can be said.", **words)
    top = judged[0]
    words |= {"band": asked.label(top.group), "share": of_all(visit, top.share)}
    said = _("Of the leads in “%(band)s”, %(share)s were %(goal)s within %(days)s days.", **words)
    if len(judged) < 2:
        return said
    words |= {"other": asked.label(judged[1].group)}
    compared = ratio(top.share, judged[1].share)
    if compared is None:
        return f"{said} " + _("In “%(other)s” none were.", **words)
    words |= {"times": ratio_text(visit, compared)}
    more = _("That is %(times)s as often as in “%(other)s”.", **words)
    if not compared.sure:
        more += " " + _("The difference may be chance.")
    return f"{said} {more}"


def _advice(visit: Visit, asked: Asked, found: Sequence[Conversion]) -> str:
    _ = visit.texts.say
    judged = [each for each in found if each.share.of and each.group in asked.bands]
    rates = [each.share.rate or 0.0 for each in judged]
    if len(judged) < 2:
        return _("Wait until leads of two bands can be compared, or choose a longer period.")
    wrong = next((n for n in range(len(rates) - 1) if rates[n] < rates[n + 1]), None)
    if wrong is None:
        return _("The order is right: call the highest band first, and move a threshold in the "
                 "studio if a band holds more leads than the team can call.")  # fmt: skip
    return _("“%(lower)s” did better than “%(higher)s” above it: look at the lift of criteria, "
             "and try another threshold in the studio.",
             lower=asked.label(judged[wrong + 1].group),
             higher=asked.label(judged[wrong].group))  # fmt: skip


def _notes(visit: Visit, asked: Asked, found: Sequence[Conversion]) -> tuple[str, ...]:
    _, early = visit.texts.say, sum(each.early for each in found)
    before = sum(each.before for each in found)
    notes = list(few_note(visit, *(each.share for each in found)))
    if early:
        notes.append(
            visit.texts.count(
                "%(num)s lead is left out: its %(days)s days are not over yet.",
                "%(num)s leads are left out: their %(days)s days are not over yet.",
                early, days=horizon_days(asked),
            )
        )  # fmt: skip
    if before:
        notes.append(
            visit.texts.count(
                "%(num)s lead is left out: it had come so far before.",
                "%(num)s leads are left out: they had come so far before.", before,
            )
        )  # fmt: skip
    return tuple(notes)


def _columns(visit: Visit, head: str) -> tuple[str, ...]:
    _ = visit.texts.say
    return (head, _("Converted"), _("Leads judged"), _("Share"), _("Share, low end"),
            _("Share, high end"), _("Too early to say"), _("Had come so far before"))  # fmt: skip


def _figure_of_bands(visit: Visit, asked: Asked, found: Sequence[Conversion]) -> Figure:
    _ = visit.texts.say
    bars = [bar(asked.label(e.group), e.share, of_all(visit, e.share)) for e in found]
    rows = tuple(
        (text(asked.label(each.group)), *share_cells(visit, each.share),
         whole(visit, each.early), whole(visit, each.before))
        for each in found
    )  # fmt: skip
    return Figure(
        title=_("By band"),
        says=_says(visit, asked, found),
        read=_("Each bar is the share of the leads that came into a band and converted within "
               "%(days)s days after. The line across its end is where the true share is with "
               "95 percent confidence.", days=horizon_days(asked)),
        do=_advice(visit, asked, found),
        table=Table("bands", _("Conversion by band"), _columns(visit, _("Band")), rows),
        chart="rates",
        data={"bars": [each for each in bars if each], "axis": _("Share that converted")},
        notes=_notes(visit, asked, found),
    )  # fmt: skip


def _figure_of_months(
    visit: Visit, asked: Asked, found: Sequence[Conversion], edges: Sequence[int]
) -> Figure:
    _ = visit.texts.say
    names = [month(visit, at_us) for at_us in edges[:-1]]
    bars = [bar(n, e.share, of_all(visit, e.share)) for n, e in zip(names, found, strict=True)]
    rows = tuple(
        (text(name), *share_cells(visit, each.share), whole(visit, each.early),
         whole(visit, each.before))
        for name, each in zip(names, found, strict=True)
    )  # fmt: skip
    judged = [(n, e) for n, e in zip(names, found, strict=True) if e.share.of]
    if judged:
        best = max(judged, key=lambda pair: pair[1].share.rate or 0.0)
        says = _("The best month of arrival was %(month)s: %(share)s converted within %(days)s "
                 "days.", month=best[0], share=of_all(visit, best[1].share),
                 days=horizon_days(asked))  # fmt: skip
    else:
        says = _("No month's leads have had their %(days)s days yet.", days=horizon_days(asked))
    return Figure(
        title=_("By month of arrival"),
        says=says,
        read=_("Each bar is a cohort: the leads that arrived in a month, judged %(days)s days "
               "after each arrived. Intervals that overlap may differ by chance alone.",
               days=horizon_days(asked)),
        do=_("Where a month stands out, see which sources and campaigns brought its leads: "
             "choose a source above and compare."),
        table=Table("cohorts", _("Conversion by month of arrival"), _columns(visit, _("Month")),
                    rows),
        chart="rates",
        data={"bars": [each for each in bars if each], "axis": _("Share that converted"),
              "upright": True},
        notes=_notes(visit, asked, found),
    )  # fmt: skip
