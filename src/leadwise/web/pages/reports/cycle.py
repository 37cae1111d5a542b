"""How long a sale takes, by band."""

from __future__ import annotations

from collections.abc import Sequence

from leadwise.report.cycle import Cycle, cycles
from leadwise.store.report_bands import closed_leads
from leadwise.web.pages.reports.asked import Asked
from leadwise.web.pages.reports.figures import Cell, Figure, Report, Table
from leadwise.web.pages.reports.words import days, spread_cells, text
from leadwise.web.pages.visit import Visit


def report(visit: Visit, asked: Asked) -> Report:
    """Days to won, and to lost."""
    _, scope = visit.texts.say, asked.scope
    closed = visit.read(lambda connection: closed_leads(connection, scope))
    accepted = asked.given["start"] == "accepted"
    found, without = cycles(closed, asked.bands, from_accepted=accepted)
    if not closed:
        return Report(
            number="–", meaning=_("No lead was won or lost in this period."),
            empty=_("Say how sales end with the buttons “won” and “lost” in the queue, or send "
                    "these outcomes from your CRM; or choose a longer period."),
        )  # fmt: skip
    top = next((each for each in found if each.won), None)
    number = days(visit, top.won.median) if top and top.won else "–"
    says = _says(visit, asked, found)
    return Report(number, says, (_figure(visit, asked, found, says, without, accepted),))


def _says(visit: Visit, asked: Asked, found: Sequence[Cycle]) -> str:
    _ = visit.texts.say
    won = [(each.band, each.won) for each in found if each.won]
    if not won:
        return _("No lead of a known beginning was won; see the days to lost below.")
    (band, spread), *others = won
    words = {"band": asked.label(band), "days": days(visit, spread.median)}
    said = _("Half of the leads won from “%(band)s” were won within %(days)s.", **words)
    if spread.low is not None and spread.high is not None:
        said += " " + _("With 95 percent confidence that is %(low)s to %(high)s.",
                        low=days(visit, spread.low), high=days(visit, spread.high))  # fmt: skip
    if others:
        other, more = others[0]
        said += " " + _("From “%(band)s” it took %(days)s.", band=asked.label(other),
                        days=days(visit, more.median))  # fmt: skip
    return said


def _figure(
    visit: Visit, asked: Asked, found: Sequence[Cycle], says: str, without: int, accepted: bool
) -> Figure:
    _ = visit.texts.say
    rows: list[tuple[Cell, ...]] = []
    boxes: list[dict[str, object]] = []
    for each in found:
        for word, spread in ((_("won"), each.won), (_("lost"), each.lost)):
            rows.append((text(asked.label(each.band)), text(word), *spread_cells(visit, spread)))
            if spread is not None:
                boxes.append({"label": f"{asked.label(each.band)}, {word}", "first": spread.first,
                              "median": spread.median, "third": spread.third,
                              "count": spread.count})  # fmt: skip
    begun = _("when sales accepted it") if accepted else _("when it first came into that band")
    notes = [_("A lead counts in the highest band that it had before it was first won or lost; "
               "its time begins %(begun)s.", begun=begun)]  # fmt: skip
    if without:
        notes.append(
            visit.texts.count(
                "%(num)s closed lead is left out: its beginning is not known.",
                "%(num)s closed leads are left out: their beginning is not known.", without,
            )
        )  # fmt: skip
    fewest = min((e.won.count for e in found if e.won), default=0)
    if 0 < fewest < 30:
        notes.append(_("Some of these are fewer than 30 leads: take them as a hint."))
    both = next((e for e in found if e.won and e.lost), None)
    do = _("Plan with these days: what is to be won this quarter must be in a high band so long "
           "before its end.")  # fmt: skip
    if both is not None and both.won and both.lost and both.lost.median > 2 * both.won.median:
        do = _("In “%(band)s” lost leads are held %(lost)s, won ones %(won)s: agree on a day "
               "after which a lead is given up.", band=asked.label(both.band),
               lost=days(visit, both.lost.median), won=days(visit, both.won.median))  # fmt: skip
    return Figure(
        title=_("Days to won and to lost"),
        says=says,
        read=_("Each bar holds the middle half of the leads, the stroke in it the middle one: "
               "half were quicker, half slower."),
        do=do,
        table=Table(
            "days", _("Days to won and to lost, by band"),
            (_("Band"), _("End"), _("Leads"), _("Days, a quarter within"), _("Days, half within"),
             _("Days, three quarters within"), _("Half within, low end"),
             _("Half within, high end")),
            tuple(rows),
        ),
        chart="boxes",
        data={"boxes": boxes, "axis": _("Days")},
        notes=tuple(notes),
    )  # fmt: skip
