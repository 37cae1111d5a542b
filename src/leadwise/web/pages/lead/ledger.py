"""The ledger as it is shown: each line with the sum before and after it, and what stands behind.

Pure: from an explanation and a person's overrides to rows and the data of the waterfall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from leadwise.asking.explain import Evidence, Explanation
from leadwise.card.condition_format import format_condition
from leadwise.card.expression import And
from leadwise.card.model import (
    Adjustment,
    Card,
    Criterion,
    OccurrenceCriterion,
    StateCriterion,
)
from leadwise.learn.models import Explained
from leadwise.plan.lines import Line
from leadwise.store.behind import Behind, SaidBy
from leadwise.store.said import Overridden
from leadwise.web.pages.lead.naming import value_said, variable_of, words
from leadwise.web.pages.texts import Texts


@dataclass(frozen=True, slots=True)
class Looked:
    """A field or measure that a line looked at; `value` is None where nobody knows it, `why` are a
    model's reasons where a model said it."""

    label: str
    value: str | None
    said_by: SaidBy | None = None
    behind: Behind | None = None
    why: Explained | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A tier as the card writes it; `when` is None for what is given otherwise.

    Of a line that counts events: which of them, for how long, and when they are worth half.
    """

    when: str | None
    points: int
    unknown: bool = False
    within_us: int | None = None
    half_life_us: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the ledger, in hundredths; `before` + `points` = `after`.

    `part` is the dimension's label; `override` says of an override who and why.
    """

    name: str
    kind: str
    label: str
    part: str | None
    points: int
    before: int
    after: int
    unknown: bool = False
    about: str | None = None
    looked: tuple[Looked, ...] = ()
    behind: Behind | None = None
    occurrences: int | None = None
    rules: tuple[Rule, ...] = ()
    override: Overridden | None = None


def rows_of(
    card: Card,
    found: Explanation,
    said: Sequence[Overridden],
    behind: Mapping[tuple[str, str], Behind],
    said_by: Mapping[str, SaidBy],
    texts: Texts,
    zone: ZoneInfo,
    models: Mapping[str, Explained] = MappingProxyType({}),
) -> list[Row]:
    """Every line in the order of the ledger, then the overrides in force; `models` by field."""
    parts = {d.id: d.label or words(d.id) for d in card.dimensions}
    items = {item.id: item for item in _items(card)}
    rows: list[Row] = []
    total = 0
    for line in found.lines:
        item = items.get(line.line.id) if line.line.kind in ("criterion", "adjustment") else None
        rows.append(
            Row(
                line.line.name, line.line.kind, _label(line.line, item, parts, texts),
                parts.get(line.line.dimension or ""), line.points, total, total + line.points,
                line.unknown, item.about if item else None,
                _looked(card, line.evidence, behind, said_by, texts, zone, models),
                behind.get(("criterion", line.line.id)) if line.line.kind == "criterion" else None,
                line.evidence.occurrences, _rules(item),
            )
        )  # fmt: skip
        total += line.points
    for one in said:
        points = one.points or 0
        rows.append(
            Row(f"override_{one.id}", "override", texts.say("Override"), None, points, total,
                total + points, override=one)
        )  # fmt: skip
        total += points
    return rows


def drawn(rows: Sequence[Row], card: Card, total_label: str) -> dict[str, Any]:
    """The data of the waterfall, in points: lines that moved the sum, the total, the bands."""
    moved = [row for row in rows if row.points]
    bars: list[dict[str, Any]] = [
        {"label": row.label, "kind": row.kind, "points": row.points / 100,
         "from": row.before / 100, "to": row.after / 100}
        for row in moved
    ]  # fmt: skip
    total = rows[-1].after / 100 if rows else 0
    bars.append({"label": total_label, "kind": "total", "points": total, "from": 0, "to": total})
    bands = [
        {"label": band.label or words(band.id), "at": band.threshold / 100}
        for band in card.bands
        if band.threshold is not None
    ]
    return {"bars": bars, "bands": bands}


def _items(card: Card) -> list[Criterion | Adjustment]:
    own = [item for d in card.dimensions for item in (*d.criteria, *d.adjustments)]
    return [*own, *card.adjustments]


def _label(
    line: Line, item: Criterion | Adjustment | None, parts: Mapping[str, str], texts: Texts
) -> str:
    _ = texts.say
    if item is not None:
        return item.label or words(item.id)
    if line.kind == "limit":
        own = line.label.removesuffix(": limit")
        return _("%(label)s: limit", label=words(own) if own == line.id else own)
    owner = parts.get(line.dimension or "", _("Score"))
    if line.kind == "minimum":
        return _("%(label)s: minimum", label=owner)
    return _("%(label)s: maximum", label=owner)


def _looked(
    card: Card, evidence: Evidence, behind: Mapping[tuple[str, str], Behind],
    said_by: Mapping[str, SaidBy], texts: Texts, zone: ZoneInfo, models: Mapping[str, Explained],
) -> tuple[Looked, ...]:  # fmt: skip
    found = []
    for name, value in evidence.values:
        variable = variable_of(card, name)
        found.append(
            Looked(
                variable.label or words(name), value_said(variable, value, texts, zone),
                said_by.get(name), behind.get(("measure", name)), models.get(name),
            )
        )  # fmt: skip
    return tuple(found)


def _rules(item: Criterion | Adjustment | None) -> tuple[Rule, ...]:
    if isinstance(item, StateCriterion):
        tiers = [Rule(format_condition(tier.when), tier.points) for tier in item.tiers]
        if item.otherwise is not None:
            tiers.append(Rule(None, item.otherwise))
        if item.unknown is not None:
            tiers.append(Rule(None, item.unknown, unknown=True))
        return tuple(tiers)
    if isinstance(item, OccurrenceCriterion):
        said = [one for one in (item.when, item.occurrences.where) if one is not None]
        both = And(tuple(said)) if len(said) > 1 else said[0] if said else None
        condition = None if both is None else format_condition(both)
        within = item.occurrences.within
        return (Rule(condition, item.points, within_us=within, half_life_us=item.half_life),)
    return ()
