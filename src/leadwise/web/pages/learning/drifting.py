"""Drift: whether what the card was made for still holds, alerts first."""

from __future__ import annotations

from typing import Any

from leadwise.card import Card
from leadwise.store.studies import Study
from leadwise.web.pages.learning.numbers import (
    Document,
    cell,
    count_cell,
    decimal,
    listed,
    month_name,
    number_of,
    part_of,
    sentences,
    share,
    share_cell,
    share_cells,
    span_of,
    spanned_share,
)
from leadwise.web.pages.learning.shown import Shown
from leadwise.web.pages.reports.figures import Figure, Table
from leadwise.web.pages.reports.words import text
from leadwise.web.pages.visit import Visit

KINDS = ("calibration", "score", "field", "silent", "capacity", "delay")


def shown(visit: Visit, study: Study, card: Card) -> Shown:
    """Alerts with what to do; the score and fields; months; criteria, work and outcomes."""
    _ = visit.texts.say
    whole = study.document or {}
    document = part_of(whole, "drift")
    alerts = [
        {"kind": kind_words(visit, str(one.get("kind"))), "text": str(one.get("text", "")),
         "remedy": str(one.get("remedy", ""))}
        for one in listed(document, "alerts")
    ]  # fmt: skip
    meaning = (
        visit.texts.count("%(num)s thing has changed by more than chance allows.",
                          "%(num)s things have changed by more than chance allows.", len(alerts))
        if alerts else _("Nothing has changed by more than chance allows.")
    )  # fmt: skip
    figures = (
        _score(visit, document), _fields(visit, document, card), _months(visit, document),
        _rest(visit, document, card),
    )  # fmt: skip
    return Shown(
        number=visit.texts.number(len(alerts)),
        unit=visit.texts.count("alert", "alerts", len(alerts)),
        meaning=meaning,
        figures=tuple(one for one in figures if one.table.rows),
        warnings=sentences(document, "warnings"), notes=sentences(whole, "notes"),
        part="alerts.html", values={"alerts": alerts},
    )  # fmt: skip


def kind_words(visit: Visit, kind: str) -> str:
    """What an alert is about."""
    _ = visit.texts.say
    return {
        "calibration": _("Probabilities"), "score": _("Scores"), "field": _("A field"),
        "silent": _("A criterion"), "capacity": _("Workload"), "delay": _("Outcomes"),
    }.get(kind, kind)  # fmt: skip


def verdict_words(visit: Visit, verdict: str) -> str:
    """How far something has moved, in words."""
    _ = visit.texts.say
    return {
        "steady": _("steady"), "moved": _("moved"), "changed": _("moved far"),
        "too few": _("too few to tell"),
    }.get(verdict, verdict)  # fmt: skip


def _score(visit: Visit, document: Document) -> Figure:
    _ = visit.texts.say
    score = part_of(document, "score")
    bins = listed(score, "bins")
    told = {"psi": decimal(visit, number_of(score.get("psi"))),
            "chance": decimal(visit, number_of(score.get("chance"))),
            "verdict": verdict_words(visit, str(score.get("verdict")))}  # fmt: skip
    return Figure(
        title=_("Scores before and now"),
        says=_("Scores: %(verdict)s. PSI %(psi)s; chance alone stays below %(chance)s.", **told),
        read=_("Pairs of bars: the share of leads in each range of scores before (pale) and now "
               "(dark). PSI adds up how far they lie apart: up to 0.10 is usual, above 0.25 is "
               "another population."),
        do=_("Where scores have changed, see below which fields moved, and run the backtest on the "
             "latest leads before you rely on bands."),
        table=Table("scores", _("Share of leads by score"),
                    (_("Score"), _("Share before"), _("Share now")),
                    tuple(
                        (text(str(one.get("name"))),
                         *(share_cell(visit, number_of(one.get(side)))
                           for side in ("before", "after")))
                        for one in bins
                    )),
        chart="pairs",
        data={"bars": [{"label": str(one.get("name")), "before": one.get("before"),
                        "after": one.get("after")} for one in bins],
              "axis": _("Share of leads")},
    )  # fmt: skip


def _fields(visit: Visit, document: Document, card: Card) -> Figure:
    _ = visit.texts.say
    labels = {field.name: field.label or field.name for field in card.fields}
    labels |= {measure.name: measure.label or measure.name for measure in card.measures}
    shifts = sorted(listed(document, "fields"), key=lambda one: -(number_of(one.get("psi")) or 0))
    bad = [labels.get(str(one.get("name")), str(one.get("name"))) for one in shifts
           if one.get("verdict") in ("moved", "changed")]  # fmt: skip
    rows = [
        (
            text(labels.get(str(one.get("name")), str(one.get("name")))),
            text(verdict_words(visit, str(one.get("verdict")))),
            cell(visit, number_of(one.get("psi"))), cell(visit, number_of(one.get("chance"))),
            text(_most(visit, one)), count_cell(visit, one.get("rows_before")),
            count_cell(visit, one.get("rows_after")),
        )
        for one in shifts
    ]  # fmt: skip
    return Figure(
        title=_("Fields before and now"),
        says=_("These moved: %(names)s.", names=", ".join(bad)) if bad
        else _("No field moved by more than chance allows."),
        read="",
        do=_("Ask of what has changed where it comes from: a new source of leads is fine, a broken "
             "import is not."),
        table=Table(
            "fields", _("Fields and measures, the one that moved most first"),
            (_("Field"), _("Verdict"), _("PSI"), _("By chance, below"), _("Moved most"),
             _("Moments before"), _("Moments now")),
            tuple(rows),
        ),
    )  # fmt: skip


def _most(visit: Visit, one: Document) -> str:
    bins = [each for each in listed(one, "bins") if number_of(each.get("after")) is not None]
    if not bins:
        return "–"
    most = max(bins, key=lambda each: abs(each["after"] - each["before"]))
    return visit.texts.say(
        "%(value)s: %(before)s to %(after)s", value=most["name"],
        before=share(visit, most["before"]), after=share(visit, most["after"]),
    )  # fmt: skip


def _months(visit: Visit, document: Document) -> Figure:
    _ = visit.texts.say
    rows, bars, off = [], [], []
    for one in listed(document, "months"):
        name, came = month_name(visit, str(one.get("name"))), span_of(one.get("came"))
        said = number_of(one.get("said"))
        rows.append(
            (
                text(name),
                count_cell(visit, one.get("rows")),
                share_cell(visit, said),
                *share_cells(visit, came),
                text(_("off") if one.get("off") else _("holds")),
            )
        )
        if came.told:
            bars.append({"label": name, "value": came.value, "low": came.low, "high": came.high,
                         "said": said, "shown": spanned_share(visit, came)})  # fmt: skip
        if one.get("off"):
            off.append(name)
    return Figure(
        title=_("What was said and what came"),
        says=_("In these months another share came than was said: %(months)s.",
               months=", ".join(off)) if off
        else _("In every month what came agrees with what was said."),
        read=_("Each bar is the share that came to the goal in a month, with its 95 percent "
               "interval; the ring is the probability that was said on average."),
        do=_("Where the latest month is off, calibrate again: the order may still hold, and only "
             "the base rate have changed."),
        table=Table(
            "months", _("Said and came, by month"),
            (_("Month"), _("Moments"), _("Said"), _("Came"), _("Low end"), _("High end"),
             _("Verdict")),
            tuple(rows),
        ),
        chart="said", data={"bars": bars, "axis": _("Share that came to the goal")},
    )  # fmt: skip


def _rest(visit: Visit, document: Document, card: Card) -> Figure:
    """Criteria that fell silent, work, and how long outcomes take: each as before and now."""
    _ = visit.texts.say
    labels = {criterion.id: criterion.label or criterion.id for criterion in card.criteria}
    rows: list[Any] = []
    for one in listed(document, "silent"):
        name = str(one.get("criterion"))
        rows.append(
            (
                text(_("“%(name)s” gives points to", name=labels.get(name, name))),
                share_cell(visit, number_of(one.get("before"))),
                share_cell(visit, 0.0),
            )
        )
    work, delay = part_of(document, "workload"), part_of(document, "delay")
    if work:
        rows.append((text(_("Leads that come into the best band, a day")),
                     cell(visit, number_of(work.get("before")), 1),
                     cell(visit, number_of(work.get("after")), 1)))  # fmt: skip
    if delay:
        rows += [
            (text(_("Days until half of the outcomes are in")),
             cell(visit, number_of(delay.get("median_before")), 0),
             cell(visit, number_of(delay.get("median_after")), 0)),
            (text(_("Days until nine tenths of them are in")),
             cell(visit, number_of(delay.get("slowest_before")), 0),
             cell(visit, number_of(delay.get("slowest_after")), 0)),
        ]  # fmt: skip
    calls = number_of(work.get("calls_a_day")) if work else None
    silent = len(listed(document, "silent"))
    return Figure(
        title=_("Criteria, work and outcomes"),
        says=visit.texts.count("%(num)s criterion gives points to nobody any more.",
                               "%(num)s criteria give points to nobody any more.", silent)
        if silent else _("Every criterion still gives points to somebody."),
        read="",
        do=_("Your team can call %(calls)s leads a day: move the threshold of the best band where "
             "far more or fewer come.", calls=decimal(visit, calls, 0)) if calls
        else _("Say in the settings how many leads your team can call a day (team.calls_a_day)."),
        table=Table("rest", _("Before and now"), (_("What"), _("Before"), _("Now")), tuple(rows)),
    )  # fmt: skip
