"""Response time: how soon leads are called after they rose into a band, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadwise.report.intervals import Share, ratio
from leadwise.report.response import Response, Rise, fast_and_slow, first_rises, responses
from leadwise.store.report_bands import rises
from leadwise.web.pages.reports.asked import Asked
from leadwise.web.pages.reports.figures import Cell, Figure, Report, Table
from leadwise.web.pages.reports.words import (
    bar,
    few_note,
    goal_words,
    horizon_days,
    minutes,
    of_all,
    percent,
    ratio_text,
    share_cells,
    text,
    whole,
)
from leadwise.web.pages.visit import Visit

NOBODY = -1


def report(visit: Visit, asked: Asked) -> Report:
    """By band, by owner, and quick against slow."""
    _, scope = visit.texts.say, asked.scope
    limits = visit.site.settings.team.first_answer_minutes
    allowed = dict(zip(asked.bands, limits, strict=False))
    changes = visit.read(lambda connection: list(rises(connection, scope, tuple(allowed))))
    risen = first_rises(changes, asked.bands)
    by_band = responses(risen, allowed, scope.now_us, lambda rise: rise.band)
    if not by_band:
        return Report(
            number="–",
            meaning=_("No lead rose into a band with a time allowed in this period."),
            empty=_("Choose a longer period. The time allowed for a first answer is the setting "
                    "“first_answer_minutes” of the team."),
        )  # fmt: skip
    everybody = Share(
        sum(each.within.hits for each in by_band.values()),
        sum(each.within.of for each in by_band.values()),
    )
    number = "–" if everybody.rate is None else percent(visit, everybody.rate)
    says = _("%(share)s of the leads that rose were called in the time allowed.",
             share=of_all(visit, everybody))  # fmt: skip
    ordered = {band: by_band[band] for band in asked.bands if band in by_band}
    return Report(number, says, (
        _figure_of_bands(visit, asked, ordered, allowed, says),
        _figure_of_owners(visit, asked, risen, allowed),
        _figure_of_speed(visit, asked, risen, allowed),
    ))  # fmt: skip


def _cells(visit: Visit, found: Response) -> tuple[Cell, ...]:
    median = found.minutes.median if found.minutes else None
    said = Cell(None, "–") if median is None else Cell(round(median, 1), minutes(visit, median))
    return (*share_cells(visit, found.within), whole(visit, found.never),
            whole(visit, found.open), said)  # fmt: skip


def _columns(visit: Visit, *heads: str) -> tuple[str, ...]:
    _ = visit.texts.say
    return (*heads, _("Called in time"), _("Leads judged"), _("Share"), _("Share, low end"),
            _("Share, high end"), _("Never called"), _("Time not over"),
            _("Half called within"))  # fmt: skip


def _figure_of_bands(
    visit: Visit, asked: Asked, found: Mapping[str, Response], allowed: Mapping[str, int], says: str
) -> Figure:
    _ = visit.texts.say
    bars = [bar(asked.label(b), e.within, of_all(visit, e.within)) for b, e in found.items()]
    never = sum(each.never for each in found.values())
    do = _("Every lead whose time is over was called.")
    if never:
        do = visit.texts.count(
            "%(num)s lead was never called: sort the queue by the time allowed and begin there.",
            "%(num)s leads were never called: sort the queue by the time allowed and begin "
            "there.", never,
        )  # fmt: skip
    rows = tuple(
        (text(asked.label(band)),
         Cell(allowed[band], minutes(visit, allowed[band])), *_cells(visit, each))
        for band, each in found.items()
    )  # fmt: skip
    return Figure(
        title=_("By band"),
        says=says,
        read=_("Each bar is the share of the leads that rose into a band and were called within "
               "the time allowed for it, whether or not anybody answered."),
        do=do,
        table=Table("bands", _("First calls by band; times are minutes in the file"),
                    _columns(visit, _("Band"), _("Time allowed")), rows),
        chart="rates",
        data={"bars": [each for each in bars if each], "axis": _("Share called in time")},
        notes=(
            _("The clock runs day and night, at weekends too."),
            _("It stops as it does in the queue: every outcome that sales record counts as a "
              "call."),
            *few_note(visit, *(each.within for each in found.values())),
        ),
    )  # fmt: skip


def _figure_of_owners(
    visit: Visit, asked: Asked, risen: Sequence[Rise], allowed: Mapping[str, int]
) -> Figure:
    _ = visit.texts.say
    found = responses(
        risen, allowed, asked.scope.now_us,
        lambda rise: NOBODY if rise.owner is None else rise.owner,
    )  # fmt: skip
    names = {
        key: _("Nobody") if key == NOBODY else asked.owner(key) or _("A former member")
        for key in found
    }
    ordered = sorted(found, key=lambda key: (key == NOBODY, names[key]))
    bars = [bar(names[k], found[k].within, of_all(visit, found[k].within)) for k in ordered]
    says = _("Nobody is the owner of a lead that rose.")
    if any(key != NOBODY for key in found):
        judged = [key for key in ordered if key != NOBODY and found[key].within.of]
        says = _("No owner's time is over yet.")
        if judged:
            best = max(judged, key=lambda key: found[key].within.rate or 0.0)
            says = _("%(name)s called the largest share in time: %(share)s.", name=names[best],
                     share=of_all(visit, found[best].within))  # fmt: skip
    do = _("Give leads to those who have time: an owner's share says how full the day is, not "
           "how good the person is.")  # fmt: skip
    if NOBODY in found and found[NOBODY].never:
        do = visit.texts.count(
            "%(num)s lead without an owner was never called: give it one.",
            "%(num)s leads without an owner were never called: give them one.",
            found[NOBODY].never,
        )  # fmt: skip
    return Figure(
        title=_("By owner"),
        says=says,
        read=_("The same by who owns the lead now."),
        do=do,
        table=Table("owners", _("First calls by owner; times are minutes in the file"),
                    _columns(visit, _("Owner")),
                    tuple((text(names[k]), *_cells(visit, found[k])) for k in ordered)),
        chart="rates",
        data={"bars": [each for each in bars if each], "axis": _("Share called in time")},
        notes=few_note(visit, *(each.within for each in found.values())),
    )  # fmt: skip


def _figure_of_speed(
    visit: Visit, asked: Asked, risen: Sequence[Rise], allowed: Mapping[str, int]
) -> Figure:
    _ = visit.texts.say
    scope = asked.scope
    fast, slow = fast_and_slow(risen, allowed, scope.horizon_us, scope.now_us)
    words = {"goal": goal_words(visit, scope.goal), "days": horizon_days(asked),
             "fast": of_all(visit, fast), "slow": of_all(visit, slow)}  # fmt: skip
    says = _("Called in time, %(fast)s were %(goal)s within %(days)s days of the call; called "
             "late, %(slow)s.", **words)  # fmt: skip
    compared = ratio(fast, slow)
    if compared is not None:
        says += " " + _("That is %(times)s as often.", times=ratio_text(visit, compared))
        if not compared.sure:
            says += " " + _("The difference may be chance.")
    labels = ((_("Called in time"), fast), (_("Called late"), slow))
    bars = [bar(name, share, of_all(visit, share)) for name, share in labels]
    return Figure(
        title=_("Quick against slow"),
        says=says,
        read=_("Each bar is the share that converted within %(days)s days after the first call.",
               days=horizon_days(asked)),
        do=_("To find out, call a part of the leads at once, drawn by lot, and compare."),
        table=Table(
            "speed", _("Conversion of leads called in time and late"),
            (_("First call"), _("Converted"), _("Leads judged"), _("Share"), _("Share, low end"),
             _("Share, high end")),
            tuple((text(name), *share_cells(visit, share)) for name, share in labels),
        ),
        chart="rates",
        data={"bars": [each for each in bars if each], "axis": _("Share that converted")},
        notes=(
            _("This is no proof that calling sooner wins more: leads that look better may be "
              "called first."),
            *few_note(visit, fast, slow),
        ),
    )  # fmt: skip
