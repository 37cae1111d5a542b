"""Calibration: the probability that a score means, and thresholds that follow from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from leadwise.card import Card
from leadwise.errors import UserError
from leadwise.learn.backtest.capacity import population_of
from leadwise.learn.calibration.model import Calibration, from_document
from leadwise.learn.calibration.thresholds import Threshold, from_capacity, from_value
from leadwise.learn.judge.interval import Interval
from leadwise.report.intervals import wilson
from leadwise.store.studies import Study
from leadwise.web.pages.learning.numbers import (
    Document,
    Span,
    cell,
    count_cell,
    listed,
    number_of,
    sentences,
    share,
    share_cell,
    share_cells,
    span_of,
    spanned_share,
)
from leadwise.web.pages.learning.shown import Shown
from leadwise.web.pages.reports.figures import Figure, Table
from leadwise.web.pages.visit import Visit

AMOUNTS = ("calls", "leads", "value", "cost")
"""What the form of thresholds asks for."""


def calibration_in(document: Document) -> Calibration | None:
    """The calibration of a study's document."""
    found = document.get("calibration")
    return from_document(dict(found)) if isinstance(found, dict) and found.get("knots") else None


def shown(visit: Visit, study: Study, card: Card) -> Shown:
    """Whether probabilities can be relied on, the table from score to probability, thresholds."""
    _ = visit.texts.say
    document = study.document or {}
    found = calibration_in(document)
    reliability = listed(document, "reliability")
    figures = [_reliability(visit, reliability)] if reliability else []
    if found is not None:
        figures.append(_knots(visit, found, document))
    error = number_of(document.get("error_later"))
    held = (_("On later leads probabilities were off by %(error)s on average.",
              error=share(visit, error)),) if error is not None else ()  # fmt: skip
    return Shown(
        number=share(visit, found.base_rate) if found else "–",
        unit=_("of all came to the goal"),
        meaning=_meaning(visit, found),
        figures=tuple(one for one in figures if one.table.rows),
        own=held,
        notes=sentences(document, "notes"),
        part="thresholds.html",
        values=threshold_values(visit, document, found, card),
    )  # fmt: skip


def _meaning(visit: Visit, found: Calibration | None) -> str:
    _ = visit.texts.say
    if found is None:
        return _("There is no calibration: scores have no probability.")
    lowest, highest = found.knots[0], found.knots[-1]
    ends = {
        "low": share(visit, lowest.probability), "high": share(visit, highest.probability),
        "few": visit.texts.number(lowest.score), "many": visit.texts.number(highest.score),
        "base": share(visit, found.base_rate),
    }  # fmt: skip
    return _("A lead with %(few)s points comes to the goal with %(low)s, one with %(many)s points "
             "with %(high)s; of all, %(base)s did.", **ends)  # fmt: skip


def method_words(visit: Visit, method: str) -> str:
    """How the curve was made, and why so."""
    _ = visit.texts.say
    if method == "isotonic":
        return _("Isotonic: the shares that were seen, in steps that only rise; taken where there "
                 "are many outcomes.")  # fmt: skip
    return _("Beta: a smooth curve of three numbers; taken where there are few outcomes, for it "
             "follows chance less.")  # fmt: skip


def _reliability(visit: Visit, found: Sequence[Any]) -> Figure:
    _ = visit.texts.say
    dots, rows, off = [], [], 0
    for one in found:
        said = number_of(one.get("said"))
        rows_, won = number_of(one.get("rows")) or 0, number_of(one.get("won")) or 0
        came = Span(number_of(one.get("came")), *(wilson(int(won), int(rows_)) if rows_
                                                  else (None, None)))  # fmt: skip
        rows.append(
            (
                share_cell(visit, said),
                *share_cells(visit, came),
                count_cell(visit, one.get("won")),
                count_cell(visit, one.get("rows")),
            )
        )
        if said is None or not came.told:
            continue
        dots.append({"label": spanned_share(visit, came), "expected": said, "value": came.value,
                     "low": came.low, "high": came.high})  # fmt: skip
        off += not (came.low or 0) <= said <= (came.high or 0)
    return Figure(
        title=_("Whether it can be relied on"),
        says=_("What was said agrees with what came in %(good)s of %(all)s groups.",
               good=len(dots) - off, all=len(dots)),
        read=_("Each dot is a group of leads: across, the probability that was said; upward, the "
               "share that came, with its 95 percent interval. On the slanting line both are the "
               "same."),
        do=_("Quote these probabilities with their interval.") if not off
        else _("Where a line misses the slanting one, do not promise the probability there: "
               "collect more outcomes and calibrate again."),
        table=Table(
            "reliability", _("Said and came, by group"),
            (_("Said"), _("Came"), _("Low end"), _("High end"), _("Came to the goal"),
             _("Moments")),
            tuple(rows),
        ),
        chart="calibration", data={"dots": dots, "x": _("Said"), "y": _("Came")},
    )  # fmt: skip


def _knots(visit: Visit, found: Calibration, document: Document) -> Figure:
    _ = visit.texts.say
    points = [
        {"score": k.score, "value": k.probability, "low": k.low, "high": k.high}
        for k in found.knots
    ]  # fmt: skip
    days = round(found.horizon_us / 86_400_000_000) if found.horizon_us else None
    within = visit.texts.count("within %(num)s day", "within %(num)s days", days) if days else ""
    return Figure(
        title=_("From score to probability"),
        says=_("Learned from %(rows)s moments of %(leads)s leads, of which %(won)s came to the "
               "goal %(within)s.", rows=visit.texts.number(found.rows),
               leads=visit.texts.number(found.leads), won=visit.texts.number(found.won),
               within=within).replace(" .", "."),
        read=_("Across: points. Upward: the probability that a lead with so many comes to the "
               "goal; the band is its 95 percent interval. Between two points of the table it is "
               "read off a straight line."),
        do=method_words(visit, found.method),
        table=Table(
            "knots", _("Score and probability"),
            (_("Points"), _("Probability"), _("Low end"), _("High end")),
            tuple((cell(visit, k.score), share_cell(visit, k.probability),
                   share_cell(visit, k.low), share_cell(visit, k.high)) for k in found.knots),
        ),
        chart="knots", data={"points": points, "x": _("Points"), "y": _("Probability")},
        notes=(str(document["why"]),) if document.get("why") else (),
    )  # fmt: skip


def threshold_values(
    visit: Visit, document: Document, found: Calibration | None, card: Card
) -> dict[str, Any]:
    """What `learning/thresholds.html` wants: what was typed, what is wrong, what is proposed."""
    typed = {name: visit.query.get(name, "").strip()[:40] for name in AMOUNTS}
    given, faults = _amounts(visit, typed)
    usual = {"calls": visit.site.settings.team.calls_a_day,
             "leads": number_of(document.get("leads_a_day"))}  # fmt: skip
    for name, value in usual.items():
        if not typed[name] and value:
            typed[name] = visit.texts.number(value, 0 if value >= 10 else 1)
            given[name] = float(value)
    scores, won = population_of(listed(document, "scores"))
    proposed: list[tuple[str, Threshold | None]] = []
    if found is not None and len(scores):
        if given.get("calls") and given.get("leads"):
            proposed.append(("capacity", _of_capacity(scores, won, given)))
        if given.get("value") and given.get("cost"):
            proposed.append(("value", _of_value(found, scores, won, given)))
    if not len(scores):
        proposed = [("capacity", one) for one in map(_kept, listed(document, "thresholds")) if one]
    return {
        "amounts": typed, "amount_faults": faults, "has_scores": bool(len(scores)),
        "proposed": [(why, one, _told(visit, why, one)) for why, one in proposed],
        "bands": [(band.id, band.label or band.id) for band in reversed(card.bands)
                  if band.threshold is not None],
        "why": sentences({"why": [document["why"]]} if document.get("why") else {}, "why"),
    }  # fmt: skip


def _kept(found: object) -> Threshold | None:
    """A threshold that the study worked out itself."""
    if not isinstance(found, Mapping):
        return None
    rate = span_of(found.get("rate"))
    ends = [math.nan if each is None else each for each in (rate.value, rate.low, rate.high)]
    part, captured = (number_of(found.get(name)) for name in ("share", "captured"))
    return Threshold(
        int(found["points"]), part or 0.0, Interval(*ends),
        math.nan if captured is None else captured, str(found.get("why", "")),
    )  # fmt: skip


def _amounts(visit: Visit, typed: dict[str, str]) -> tuple[dict[str, float], dict[str, str]]:
    _ = visit.texts.say
    given: dict[str, float] = {}
    faults: dict[str, str] = {}
    for name, said in typed.items():
        if not said:
            continue
        try:
            value = visit.texts.read_number(said)
        except ValueError:
            value = float("nan")
        if not 0 < value < 1e12:
            faults[name] = _("Give a number above 0.")
        else:
            given[name] = value
    return given, faults


def _of_capacity(scores: Any, won: Any, given: dict[str, float]) -> Threshold | None:
    return from_capacity(scores, won, given["leads"], given["calls"])


def _of_value(
    found: Calibration, scores: Any, won: Any, given: dict[str, float]
) -> Threshold | None:
    try:
        return from_value(found, scores, won, given["value"], given["cost"])
    except UserError:
        return None


def _told(visit: Visit, why: str, found: Threshold | None) -> str:
    _ = visit.texts.say
    if found is not None and not found.share and why == "capacity":
        return _("No threshold fits: of the leads with the most points there are more than your "
                 "team can call.")  # fmt: skip
    if found is None or not found.share:
        return _("At this cost a call never pays: not even for the leads with the most points.")
    words = {
        "points": visit.texts.number(found.points), "share": share(visit, found.share),
        "rate": spanned_share(visit, Span(found.rate.value, *_ends(found))),
        "captured": share(visit, None if math.isnan(found.captured) else found.captured),
    }  # fmt: skip
    if why == "capacity" and found.share >= 1:
        return _("Your team can call all leads that come: no threshold is needed.")
    if why == "capacity":
        return _("From %(points)s points on there are as many leads as your team can call: "
                 "%(share)s of all, of which %(rate)s came to the goal. They hold %(captured)s of "
                 "all that did.", **words)  # fmt: skip
    return _("From %(points)s points on a call pays: that is %(share)s of all leads, of which "
             "%(rate)s came to the goal. They hold %(captured)s of all that did.",
             **words)  # fmt: skip


def _ends(found: Threshold) -> tuple[float | None, float | None]:
    low, high = found.rate.low, found.rate.high
    return (None, None) if math.isnan(low) else (low, high)
