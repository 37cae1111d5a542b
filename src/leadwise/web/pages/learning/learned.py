"""The learned card: its points against those of the card it was learned for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadwise.card import Card
from leadwise.store.studies import Study
from leadwise.store.trials import draft_text
from leadwise.web.pages.learning.cards import Line, lines_of
from leadwise.web.pages.learning.numbers import (
    Document,
    Span,
    cell,
    count_cell,
    decimal,
    listed,
    number_of,
    part_of,
    sentences,
    signed,
    span_of,
    spanned,
)
from leadwise.web.pages.learning.shown import Shown
from leadwise.web.pages.reports.figures import Cell, Figure, Table
from leadwise.web.pages.reports.words import NOTHING, text
from leadwise.web.pages.studio.candidates import read_card
from leadwise.web.pages.visit import Visit

NOTICED = 0.005
"""A difference of AUC from which on it is worth a word."""


def shown(visit: Visit, study: Study, card: Card) -> Shown:
    """What the learned card orders better or worse, its lines, its cost, and what changed."""
    _ = visit.texts.say
    whole = study.document or {}
    document, later = part_of(whole, "learned"), part_of(whole, "later")
    said = str(document.get("text", ""))
    found = read_card(said).card
    figures = (
        () if found is None else (_points(visit, document, card, found), _cost(visit, document))
    )
    return Shown(
        number=signed(visit, _difference(later).value),
        unit=_("AUC, against the card as it is"),
        meaning=_meaning(visit, later),
        figures=tuple(one for one in figures if one.table.rows),
        warnings=sentences(later, "warnings"),
        notes=sentences(document, "notes") + sentences(whole, "notes"),
        part="card.html",
        values={
            "changes": sentences(whole, "diff"), "card_text": said,
            "draft_id": draft_left(visit, whole), "readable": found is not None,
        },
    )  # fmt: skip


def draft_left(visit: Visit, document: Document) -> int | None:
    """The draft that the study left in the studio, where nobody has thrown it away."""
    found = document.get("draft_id")
    if not isinstance(found, int):
        return None
    return found if visit.read(lambda c: draft_text(c, found)) is not None else None


def _difference(later: Document) -> Span:
    """AUC of the learned card less that of the card as it is, on later leads."""
    found = [one for one in listed(later, "differences") if one.get("name") == "learned card"]
    return span_of(found[0].get("auc")) if found else Span(None, None, None)


def _meaning(visit: Visit, later: Document) -> str:
    _ = visit.texts.say
    gap = _difference(later)
    words = {"gap": spanned(visit, gap, 3, plus=True)}
    if not gap.told:
        return _("There are too few outcomes to tell whether the learned card orders later leads "
                 "better.")  # fmt: skip
    if gap.above:
        return _("The learned card orders later leads better than the card as it is: AUC "
                 "%(gap)s.", **words)  # fmt: skip
    if gap.below:
        return _("The learned card orders later leads worse than the card as it is: AUC %(gap)s. "
                 "Keep your card.", **words)  # fmt: skip
    return _("On later leads the learned card cannot be told from the card as it is: AUC %(gap)s.",
             **words)  # fmt: skip


def _points(visit: Visit, document: Document, card: Card, found: Card) -> Figure:
    _ = visit.texts.say
    before, after = lines_of(card, visit.texts), lines_of(found, visit.texts)
    rows, dots = [], []
    moved = 0
    for one in listed(document, "points"):
        key = str(one.get("criterion")), str(one.get("tier"))
        line = after.get(key)
        old = before.get(key)
        points = number_of(one.get("points"))
        span = Span(points, number_of(one.get("low")), number_of(one.get("high")))
        rows.append(_row(visit, one, line, old, span))
        if old is not None and points is not None and round(points * 100) != old.points:
            moved += 1
        if span.told:
            label = f"{line.label}: {line.words}" if line else " ".join(key)
            dots.append({"label": label, "value": points, "low": span.low, "high": span.high,
                         "other": old.points / 100 if old else None,
                         "shown": visit.texts.number(points or 0.0)})  # fmt: skip
    new = len({str(one.get("criterion")) for one in listed(document, "points")}
              - {key[0] for key in before})  # fmt: skip
    changed = visit.texts.count(
        "%(num)s line has other points than before", "%(num)s lines have other points than before",
        moved,
    )  # fmt: skip
    added = visit.texts.count("%(num)s criterion is new", "%(num)s criteria are new", new)
    return Figure(
        title=_("Points, line by line"),
        says=_("%(changed)s; %(added)s.", changed=changed, added=added),
        read=_("A dot is the learned points of a line, the line through it where the difference to "
               "the reference level of its criterion lies with 95 percent confidence, a hollow "
               "ring the points it has now."),
        do=_("Where an interval is wide, few leads speak for it: keep your own points there. Open "
             "it as a draft to change what you know better."),
        table=Table(
            "points", _("Points of the learned card and of the card as it is"),
            (_("Criterion"), _("When"), _("Points now"), _("Points learned"), _("Low end"),
             _("High end"), _("Moments")),
            tuple(rows),
        ),
        chart="spans",
        data={"dots": dots, "axis": _("Points"), "stroke": 0.0},
    )  # fmt: skip


def _row(
    visit: Visit, one: Mapping[str, Any], line: Line | None, old: Line | None, span: Span
) -> tuple[Cell, ...]:
    label = line.label if line else str(one.get("criterion"))
    words = line.words if line else str(one.get("tier"))
    now = Cell(None, NOTHING)
    if old is not None:
        now = Cell(old.points / 100, visit.texts.points(old.points, signed=True))
    learned = None if span.value is None else round(span.value * 100)
    return (
        text(label), text(words), now,
        Cell(None, NOTHING) if learned is None
        else Cell(learned / 100, visit.texts.points(learned, signed=True)),
        *_ends(visit, span), count_cell(visit, one.get("rows")),
    )  # fmt: skip


def _ends(visit: Visit, span: Span) -> tuple[Cell, Cell]:
    """The ends of an interval; the reference level of a criterion has none."""
    if span.low == span.high:
        return Cell(None, NOTHING), Cell(None, NOTHING)
    return cell(visit, span.low, 1), cell(visit, span.high, 1)


def _cost(visit: Visit, document: Document) -> Figure:
    """What plain points cost against what could be said with more."""
    _ = visit.texts.say
    steps = (
        (_("The card as it is"), "auc_by_hand"),
        (_("Every criterion that the past suggests, exact points"), "auc_all_criteria"),
        (_("Fewer criteria, exact points"), "auc_before_rounding"),
        (_("The learned card: whole points"), "auc"),
    )
    told = [(name, number_of(document.get(key))) for name, key in steps]
    most = number_of(document.get("auc_all_criteria"))
    most = number_of(document.get("auc_before_rounding")) if most is None else most
    now = number_of(document.get("auc"))
    says = _("How much order is lost by keeping it plain cannot be told.")
    if most is not None and now is not None:
        cost = most - now
        says = (
            _("Whole points and few criteria cost %(cost)s of AUC.", cost=decimal(visit, cost, 3))
            if cost >= NOTICED else
            _("Whole points and few criteria cost next to nothing: %(cost)s of AUC.",
              cost=signed(visit, -cost))
        )  # fmt: skip
    return Figure(
        title=_("What plainness costs"), says=says, read="",
        do=_("A card that people can read is worth a small cost: they can say where it is wrong."),
        table=Table("cost", _("AUC, on the leads learned from"), (_("Card"), _("AUC")),
                    tuple((text(name), cell(visit, value, 3)) for name, value in told
                          if value is not None)),
    )  # fmt: skip
