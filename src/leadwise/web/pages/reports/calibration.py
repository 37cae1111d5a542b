"""Calibration: whether what scores said came true, tenth by tenth."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from leadwise.report.calibration import Forecast, Tenth, forecast, tenths
from leadwise.report.intervals import Share
from leadwise.report.ranking import Tied
from leadwise.store.report_scores import first_said_us, scores_said
from leadwise.web.pages.reports.asked import DAY_US, Asked
from leadwise.web.pages.reports.figures import Figure, Report, Table
from leadwise.web.pages.reports.words import (
    bar,
    few_note,
    goal_words,
    horizon_days,
    of_all,
    percent,
    rate,
    share_cells,
    text,
)
from leadwise.web.pages.visit import Visit

FEW_CONVERSIONS = 30


def report(visit: Visit, asked: Asked) -> Report:
    """Two days of the period: what the first one's tenths came to, and whether it held."""
    _, scope = visit.texts.say, asked.scope
    begun_us = visit.read(lambda connection: first_said_us(connection, scope))
    last_us = min(scope.end_us, scope.now_us) - scope.horizon_us
    first_us = scope.start_us if begun_us is None else max(scope.start_us, begun_us + DAY_US)
    if begun_us is None or first_us > last_us:
        return _too_early(visit, asked, begun_us)
    moments = [first_us, last_us] if first_us + scope.horizon_us <= last_us else [first_us]
    first, *later = visit.read(lambda connection: scores_said(connection, scope, moments))
    second: list[Tied] = later[0] if later else []
    groups = tenths(first)
    if not groups:
        return _too_early(visit, asked, begun_us)
    held = forecast(first, second)
    one = _figure_of_tenths(visit, asked, groups, first_us)
    if held is None:
        return Report(_rate_of_best(visit, groups), one.says, (one,))
    two = _figure_of_forecast(visit, asked, held, first_us, last_us)
    skill = held.skill
    number = "–" if skill is None else percent(visit, skill)
    return Report(number, two.says, (one, two))


def _rate_of_best(visit: Visit, groups: Sequence[Tenth]) -> str:
    return percent(visit, groups[-1].share.rate or 0.0)


def _too_early(visit: Visit, asked: Asked, begun_us: int | None) -> Report:
    _ = visit.texts.say
    if begun_us is None:
        return Report(
            number="–", meaning=_("No score was said yet."),
            empty=_("Publish a card in the studio: from then on what it says is kept, to be held "
                    "against what happens."),
        )  # fmt: skip
    return Report(
        number="–",
        meaning=_("It is too early: %(days)s days have to pass after a score was said.",
                  days=horizon_days(asked)),
        empty=_("Scores have been said since %(first)s. Choose a period that begins after that "
                "day, ask for fewer days above, or come back later.",
                first=visit.texts.date(begun_us, visit.zone)),
    )  # fmt: skip


def _scores(visit: Visit, tenth: Tenth) -> str:
    low, high = visit.texts.points(tenth.lowest), visit.texts.points(tenth.highest)
    return low if low == high else visit.texts.say("%(low)s to %(high)s", low=low, high=high)


def _figure_of_tenths(visit: Visit, asked: Asked, groups: Sequence[Tenth], at_us: int) -> Figure:
    _ = visit.texts.say
    everybody = Share(sum(t.share.hits for t in groups), sum(t.share.of for t in groups))
    best = groups[-1]
    words = {"day": visit.texts.date(at_us, visit.zone), "days": horizon_days(asked),
             "goal": goal_words(visit, asked.scope.goal), "all": of_all(visit, everybody),
             "best": of_all(visit, best.share), "scores": _scores(visit, best)}  # fmt: skip
    says = _("Of the leads that had a score on %(day)s, %(all)s were %(goal)s within %(days)s "
             "days; of those with the highest scores (%(scores)s), %(best)s.", **words)  # fmt: skip
    falls = sum(
        1 for lower, higher in pairwise(groups)
        if (higher.share.rate or 0.0) < (lower.share.rate or 0.0)
    )  # fmt: skip
    do = _("The shares rise with the scores, as they should.")
    if len(groups) == 1:
        do = _("All leads had nearly the same score then, so the score told nothing apart: choose "
               "a later day or a card that spreads them.")  # fmt: skip
    elif everybody.hits == 0:
        do = _("Nothing was reached in this time: choose a longer period, more days or an "
               "earlier goal.")  # fmt: skip
    elif falls:
        do = _("Somewhere a higher group did worse than the one below it: where intervals do not "
               "overlap, look for the criterion behind it in the lift of criteria.")  # fmt: skip
    bars = [bar(_scores(visit, t), t.share, of_all(visit, t.share)) for t in groups]
    return Figure(
        title=_("What scores came to"),
        says=says,
        read=_("The leads of that day in up to ten groups of like size by the score that was said "
               "of them then. Each bar is the share of a group that converted after."),
        do=do,
        table=Table(
            "tenths", _("Conversion by score said on %(day)s", day=words["day"]),
            (_("Score then"), _("Converted"), _("Leads"), _("Share"), _("Share, low end"),
             _("Share, high end")),
            tuple((text(_scores(visit, t)), *share_cells(visit, t.share)) for t in groups),
        ),
        chart="rates",
        data={"bars": [each for each in bars if each], "axis": _("Share that converted"),
              "upright": True},
        notes=(
            _("What is said here is points. The probability that they mean stands under Learning, "
              "Calibration."),
            *few_note(visit, *(t.share for t in groups)),
        ),
    )  # fmt: skip


def _figure_of_forecast(
    visit: Visit, asked: Asked, held: Forecast, first_us: int, last_us: int
) -> Figure:
    _ = visit.texts.say
    came = Share(sum(h.then.hits for h in held.held), sum(h.then.of for h in held.held))
    first = visit.texts.date(first_us, visit.zone)
    last = visit.texts.date(last_us, visit.zone)
    inside = [
        each for each in held.held
        if each.then.interval and each.tenth.share.rate is not None
        and each.then.interval[0] <= each.tenth.share.rate <= each.then.interval[1]
    ]  # fmt: skip
    judged = [each for each in held.held if each.then.of]
    skill = held.skill
    says = _("What was seen after %(first)s held after %(last)s in %(inside)s of %(all)s groups.",
             first=first, last=last, inside=len(inside), all=len(judged))  # fmt: skip
    if skill is not None and skill > 0:
        says += " " + _("Going by the score is %(skill)s closer to what happened than giving "
                        "every lead the same chance.", skill=percent(visit, skill))  # fmt: skip
        do = _("The score carries knowledge over time: go on with it, and look again in a month.")
    else:
        says += " " + _("Going by the score came no closer to what happened than giving every "
                        "lead the same chance.")  # fmt: skip
        do = _("Do not promise anybody a rate by score yet: see which criteria still lift, and "
               "try a better card in the studio.")  # fmt: skip
    notes = [
        _("Brier score (mean squared error, 0 is perfect): %(score)s by group, %(base)s with the "
          "same share for everybody.", score=visit.texts.number(held.score, 4),
          base=visit.texts.number(held.base, 4)),
    ]  # fmt: skip
    if came.hits < FEW_CONVERSIONS:
        notes.append(
            visit.texts.count(
                "Only %(num)s lead converted in the second time: take it as a hint.",
                "Only %(num)s leads converted in the second time: take it as a hint.", came.hits,
            )
        )  # fmt: skip
    dots = [
        {"label": _scores(visit, each.tenth), "expected": each.tenth.share.rate,
         "value": each.then.rate, "low": each.then.interval[0], "high": each.then.interval[1]}
        for each in judged if each.then.interval
    ]  # fmt: skip
    return Figure(
        title=_("Whether it held"),
        says=says,
        read=_("Each dot is a group of scores: across, the share expected from the %(days)s days "
               "after %(first)s; upward, the share seen in those after %(last)s. On the slanting "
               "line both are the same.", days=horizon_days(asked), first=first, last=last),
        do=do,
        table=Table(
            "held", _("Expected and observed share by score"),
            (_("Score"), _("Expected share"), _("Converted"), _("Leads"), _("Observed share"),
             _("Share, low end"), _("Share, high end")),
            tuple((text(_scores(visit, each.tenth)), rate(visit, each.tenth.share.rate),
                   *share_cells(visit, each.then)) for each in held.held),
        ),
        chart="calibration",
        data={"dots": dots, "x": _("Expected share"), "y": _("Observed share")},
        notes=tuple(notes),
    )  # fmt: skip
