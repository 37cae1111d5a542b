"""Criterion by criterion: what became of leads that have a line in their ledger, and without."""

from __future__ import annotations

from collections.abc import Sequence

from leadwise.plan.lines import Line, lines
from leadwise.report.lift import LineLift, line_lifts
from leadwise.store.report_scores import ledgers_and_goals
from leadwise.web.pages.reports.asked import Asked
from leadwise.web.pages.reports.figures import Cell, Figure, Report, Table
from leadwise.web.pages.reports.words import (
    decimal,
    goal_words,
    rate,
    ratio_text,
    text,
    times,
    whole,
)
from leadwise.web.pages.visit import Visit

FEW_LEADS = 30


def report(visit: Visit, asked: Asked) -> Report:
    """The lines of one version's ledger, the strongest first."""
    _, scope, card = visit.texts.say, asked.scope, asked.card
    nothing = _("Publish a card in the studio and record outcomes: then this shows which of its "
                "criteria tell winners from others.")  # fmt: skip
    if card is None:
        return Report("–", _("No card was published yet."), empty=nothing)
    own = lines(card.card)
    ledgers, won = visit.read(
        lambda connection: ledgers_and_goals(connection, scope, card.id, len(own))
    )
    found = line_lifts(ledgers, won)
    if not any(won):
        return Report("–", _("No scored lead was %(goal)s in this period.",
                             goal=goal_words(visit, scope.goal)), empty=nothing)  # fmt: skip
    fired = [each for each in found if each.having.of]
    judged = sorted((each for each in fired if each.lift),
                    key=lambda each: each.lift.value if each.lift else 0.0,
                    reverse=True)  # fmt: skip
    alone = [each for each in fired if _is_alone(each)]
    rest = [each for each in found if each not in judged and each not in alone]
    best = next((each for each in judged if each.lift and each.lift.sure and each.lift.value > 1),
                None)  # fmt: skip
    number = f"{times(visit, best.lift.value)}×" if best and best.lift else "–"
    says = _says(visit, asked, own, best)
    return Report(number, says, (_figure(visit, own, [*alone, *judged, *rest], says),))


def _is_alone(each: LineLift) -> bool:
    """Whether leads converted with it and none of those without did: more than any number says."""
    return each.lift is None and each.having.hits > 0 and each.lacking.of > 0


def _says(visit: Visit, asked: Asked, own: Sequence[Line], best: LineLift | None) -> str:
    _ = visit.texts.say
    if best is None or best.lift is None:
        return _("No line stands out: the differences between leads with and without it may all "
                 "be chance.")  # fmt: skip
    return _("Leads with “%(line)s” were %(goal)s %(times)s as often as leads without.",
             line=own[best.place].label, goal=goal_words(visit, asked.scope.goal),
             times=ratio_text(visit, best.lift))  # fmt: skip


def _advice(visit: Visit, own: Sequence[Line], found: Sequence[LineLift]) -> str:
    """The first line whose points go against what happened."""
    _ = visit.texts.say
    for each in found:
        if each.lift is None or not each.lift.sure or own[each.place].kind == "limit":
            continue
        label = own[each.place].label
        if each.mean > 0 and each.lift.value < 1:
            return _("“%(line)s” gives points, yet leads with it did worse: try the card without "
                     "it in the studio.", line=label)  # fmt: skip
        if each.mean < 0 and each.lift.value > 1:
            return _("“%(line)s” takes points, yet leads with it did better: try the card "
                     "without it in the studio.", line=label)  # fmt: skip
    return _("No line's points go against what happened. Where two lines lift alike, the one "
             "with fewer points may deserve more: try it in the studio.")  # fmt: skip


def _figure(visit: Visit, own: Sequence[Line], found: Sequence[LineLift], says: str) -> Figure:
    _ = visit.texts.say
    dots = [
        {"label": own[e.place].label, "value": e.lift.value, "low": e.lift.low,
         "high": e.lift.high, "shown": ratio_text(visit, e.lift)}
        for e in found if e.lift and e.lift.value > 0
    ]  # fmt: skip
    never = [own[e.place].label for e in found if not e.having.of]
    notes = [
        _(
            "Ledgers are those of now: what a lead did after it converted is in them too, and that "
            "makes such lines look better than they are."
        ),
        _("Lines go together: a line may lift only because another one does."),
    ]
    if any(e.having.of and (e.having.of < FEW_LEADS or e.lacking.of < FEW_LEADS) for e in found):
        notes.append(_("Some lines have, or lack, fewer than 30 leads: take them as a hint."))
    alone = [own[e.place].label for e in found if _is_alone(e)]
    if alone:
        notes.append(_("Without these nobody converted, so they have no dot, but come first in "
                       "the table: %(lines)s.", lines=", ".join(alone)))  # fmt: skip
    if never:
        notes.append(_("These never gave a point: %(lines)s. Ask whether the data for them "
                       "arrives.", lines=", ".join(never)))  # fmt: skip
    return Figure(
        title=_("Lift, line by line"),
        says=says,
        read=_("Each dot is a line of the ledger: how many times as often leads with it converted "
               "as leads without. Right of the stroke at 1 is more often; a line across that "
               "reaches over the stroke may be chance."),
        do=_advice(visit, own, found),
        table=Table(
            "lines", _("Leads with and without each line of the ledger"),
            (_("Line"), _("Leads with it"), _("Converted"), _("Share with it"),
             _("Leads without"), _("Share without"), _("Times as often"), _("Low end"),
             _("High end"), _("Points, on average"), _("Points, from"), _("Points, to")),
            tuple(_row(visit, own[e.place], e) for e in found),
        ),
        chart="ratios",
        data={"dots": dots, "axis": _("Times as often")},
        notes=tuple(notes),
    )  # fmt: skip


def _row(visit: Visit, line: Line, each: LineLift) -> tuple[Cell, ...]:
    lift = each.lift
    return (
        text(line.label), whole(visit, each.having.of), whole(visit, each.having.hits),
        rate(visit, each.having.rate), whole(visit, each.lacking.of),
        rate(visit, each.lacking.rate), decimal(visit, lift.value if lift else None, 2),
        decimal(visit, lift.low if lift else None, 2),
        decimal(visit, lift.high if lift else None, 2),
        *(Cell(round(hundredths / 100, 4), visit.texts.points(round(hundredths), signed=True))
          if each.having.of else Cell(None, "–")
          for hundredths in (each.mean, each.least, each.most)),
    )  # fmt: skip
