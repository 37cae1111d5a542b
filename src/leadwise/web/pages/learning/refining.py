"""Refine: what each criterion is worth, and the points that the past proposes for its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadwise.card import Card
from leadwise.store.studies import Study
from leadwise.web.pages.learning.cards import Key, lines_of
from leadwise.web.pages.learning.numbers import (
    Document,
    cell,
    cells,
    listed,
    number_of,
    sentences,
    share_cell,
    share_cells,
    span_of,
    spanned,
)
from leadwise.web.pages.learning.shown import Shown
from leadwise.web.pages.reports.figures import Figure, Table
from leadwise.web.pages.reports.words import text
from leadwise.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Proposal:
    """Other points for a line of the card; points are hundredths. `value` names it in a form,
    `sure` says that the interval leaves out the points it has now, `helps` and `harms` that this
    change alone makes the order better or worse by more than chance."""

    key: Key
    label: str
    words: str
    old: int
    new: int
    span: str
    rows: str
    gain: str
    moves: str
    has_interval: bool
    sure: bool
    helps: bool
    harms: bool

    @property
    def may_be_chance(self) -> bool:
        """Whether there is an interval, and the points it has now lie within."""
        return self.has_interval and not self.sure

    @property
    def value(self) -> str:
        """As it is sent by the form."""
        return ":".join(self.key)


def shown(visit: Visit, study: Study, card: Card) -> Shown:
    """Criteria by what they are worth, and proposals to choose from."""
    document = study.document or {}
    worths = listed(document, "criteria")
    counts = Counter(str(one.get("verdict")) for one in worths)
    found = proposals_of(visit, document, card)
    figures = (_figure(visit, worths, card),) if worths else ()
    return Shown(
        number=visit.texts.number(len(found)),
        unit=visit.texts.say("lines with other points") if len(found) != 1
        else visit.texts.say("line with other points"),
        meaning=_meaning(visit, counts, len(worths)),
        figures=figures,
        said=sentences(document, "verdict"),
        warnings=sentences(document, "warnings"),
        notes=sentences(document, "notes"),
        part="proposals.html",
        values={"proposals": found},
    )  # fmt: skip


def _meaning(visit: Visit, counts: Mapping[str, int], many: int) -> str:
    _, count = visit.texts.say, visit.texts.count
    if not many:
        return _("The card has no criteria.")
    parts = [
        count("%(num)s criterion helps the order", "%(num)s criteria help the order",
              counts.get("helps", 0)),
        count("%(num)s harms it", "%(num)s harm it", counts.get("harms", 0)),
        count("%(num)s makes no difference that can be told",
              "%(num)s make no difference that can be told", counts.get("makes no difference", 0)),
        count("%(num)s gives points to nobody or to everybody",
              "%(num)s give points to nobody or to everybody",
              counts.get("never fires", 0) + counts.get("always fires", 0)),
    ]  # fmt: skip
    return "; ".join(parts) + "."


def verdict_words(visit: Visit, verdict: str) -> str:
    """What a criterion does, in words."""
    _ = visit.texts.say
    return {
        "helps": _("helps"), "harms": _("harms"), "makes no difference": _("no difference told"),
        "never fires": _("gives nobody points"), "always fires": _("gives everybody the same"),
    }.get(verdict, verdict)  # fmt: skip


def proposals_of(visit: Visit, document: Document, card: Card) -> list[Proposal]:
    """Proposals that would change a line of the card, the surest first."""
    lines = lines_of(card, visit.texts)
    found = []
    for one in listed(document, "proposals"):
        key = str(one.get("criterion")), str(one.get("tier"))
        line, new = lines.get(key), number_of(one.get("proposed"))
        if line is None or new is None or round(new * 100) == line.points:
            continue
        low, high = number_of(one.get("low")), number_of(one.get("high"))
        now, gain = line.points / 100, span_of(one.get("gain"))
        found.append(
            Proposal(
                key, line.label, line.words, line.points, round(new * 100),
                _between(visit, low, high), visit.texts.number(number_of(one.get("rows")) or 0, 0),
                spanned(visit, gain, 3, plus=True), _moves(visit, one),
                low is not None and high is not None and low < high,
                low is not None and high is not None and low < high and not low <= now <= high,
                gain.above, gain.below,
            )
        )  # fmt: skip
    return sorted(
        found,
        key=lambda each: (not each.helps, each.harms, not each.sure, -abs(each.new - each.old)),
    )


def _between(visit: Visit, low: float | None, high: float | None) -> str:
    if low is None or high is None or low == high:
        return visit.texts.say("what the others are held against")
    return visit.texts.say(
        "%(low)s to %(high)s", low=visit.texts.number(low, 1),
        high=visit.texts.number(high, 1),
    )  # fmt: skip


def _moves(visit: Visit, one: Mapping[str, Any]) -> str:
    """What becomes of the latest leads: how many get another score, how many another band."""
    count = {name: visit.texts.number(number_of(one.get(name)) or 0, 0)
             for name in ("leads", "changed", "moved")}  # fmt: skip
    return visit.texts.say("%(changed)s of %(leads)s, %(moved)s into another band", **count)


def _figure(visit: Visit, worths: Any, card: Card) -> Figure:
    _ = visit.texts.say
    labels = {criterion.id: criterion.label or criterion.id for criterion in card.criteria}
    rows, dots, overlapping, harming = [], [], [], []
    for one in worths:
        name = labels.get(str(one.get("criterion")), str(one.get("criterion")))
        gain = span_of(one.get("gain"))
        same = [labels.get(str(each), str(each)) for each in listed(one, "overlaps")]
        rows.append(
            (
                text(name), text(verdict_words(visit, str(one.get("verdict")))),
                share_cell(visit, number_of(one.get("share"))),
                *share_cells(visit, span_of(one.get("won_with"))),
                *share_cells(visit, span_of(one.get("won_without"))), *cells(visit, gain, 3),
                cell(visit, number_of(one.get("alone"))), text(", ".join(same) or "–"),
            )
        )  # fmt: skip
        if gain.told:
            dots.append({"label": name, "value": gain.value, "low": gain.low, "high": gain.high,
                         "shown": spanned(visit, gain, 3, plus=True)})  # fmt: skip
        if gain.below:
            harming.append(name)
        if same:
            overlapping.append(_("%(one)s with %(others)s", one=name, others=", ".join(same)))
    notes = (
        (_("These say the same: %(pairs)s.", pairs="; ".join(overlapping)),) if overlapping else ()
    )
    return Figure(
        title=_("What each criterion is worth"),
        says=_("The order is better without these: %(names)s.", names=", ".join(harming))
        if harming else _("No criterion makes the order worse by more than chance allows."),
        read=_("A dot is what the card's AUC would lose without the criterion. Right of the stroke "
               "it helps, left of it it harms; a line that crosses the stroke may be chance."),
        do=_("Take out what harms, and ask of what gives nobody points whether its data still "
             "arrives. Of two that say the same, one is enough."),
        table=Table(
            "criteria", _("Criteria and what came of leads with and without their points"),
            (_("Criterion"), _("Verdict"), _("Gets points"), _("Share with it"), _("Low end"),
             _("High end"), _("Share without"), _("Low end"), _("High end"), _("Gain of AUC"),
             _("Low end"), _("High end"), _("AUC alone"), _("Says the same as")),
            tuple(rows),
        ),
        chart="spans", data={"dots": dots, "axis": _("Gain of AUC"), "stroke": 0.0},
        notes=notes,
    )  # fmt: skip
