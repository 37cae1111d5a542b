"""A card as plain data (mappings, lists, texts, numbers): for YAML, JSON and the hash.

Keys stand in the order of the language; what equals its default is left out. Conditions are in
canonical form, points are numbers with at most two decimals (exact in both YAML and JSON).
"""

from __future__ import annotations

from typing import TypeAlias

from leadwise.card.condition_format import format_condition
from leadwise.card.expression import Expression
from leadwise.card.model import (
    Adjustment,
    Band,
    Card,
    Criterion,
    Dimension,
    GradeAxis,
    Limit,
    Measure,
    OccurrenceCriterion,
    Occurrences,
    Range,
    StateCriterion,
    Variable,
)
from leadwise.card.values import format_duration

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | int | float | None"


def plain_card(card: Card) -> dict[str, Plain]:
    """The whole card."""
    return _given(
        card=card.id,
        version=card.version,
        about=card.about,
        timezone=None if card.timezone == "UTC" else card.timezone,
        fields={field.name: _mapping(field) for field in card.fields} or None,
        events={
            event.name: {prop.name: _variable(prop) for prop in event.properties}
            for event in card.events
        }
        or None,
        measures={measure.name: _measure(measure) for measure in card.measures} or None,
        dimensions=[_dimension(dimension) for dimension in card.dimensions],
        adjustments=[_adjustment(item) for item in card.adjustments] or None,
        score=_range(card.range) or None,
        bands=[_band(band) for band in card.bands] or None,
        grade=None
        if card.grade is None
        else {"letter": _axis(card.grade.letter), "number": _axis(card.grade.number)},
    )


def plain_number(hundredths: int) -> int | float:
    """2000 is 20, 1250 is 12.5."""
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def _given(**parts: Plain) -> dict[str, Plain]:
    """A mapping of what is not None. `from` and such words are written `from_`."""
    return {key.rstrip("_"): value for key, value in parts.items() if value is not None}


def _points(hundredths: int | None) -> int | float | None:
    return None if hundredths is None else plain_number(hundredths)


def _condition(condition: Expression | None) -> str | None:
    return None if condition is None else format_condition(condition)


def _duration(microseconds: int | None) -> str | None:
    return None if microseconds is None else format_duration(microseconds)


def _variable(variable: Variable) -> Plain:
    made = _mapping(variable)
    return variable.type if list(made) == ["type"] else made


def _mapping(variable: Variable) -> dict[str, Plain]:
    return _given(
        type=variable.type,
        label=variable.label,
        about=variable.about,
        unit=variable.unit,
        from_=None if variable.source == variable.name else variable.source,
        nulls=list(variable.nulls) or None,
        choices=list(variable.choices) or None,
        fold="case" if variable.fold else None,
    )


def _occurrences(part: Occurrences) -> dict[str, Plain]:
    on: Plain = part.on[0] if len(part.on) == 1 else list(part.on)
    return _given(on=on, where=_condition(part.where), within=_duration(part.within))


def _measure(measure: Measure) -> Plain:
    statistic: dict[str, Plain]
    match measure.statistic:
        case "count":
            statistic = {"count": "all"}
        case "days_since_first":
            statistic = {"days_since": "first"}
        case "days_since_last":
            statistic = {"days_since": "last"}
        case other:
            statistic = {other: measure.property}
    words = _given(label=measure.label, about=measure.about)
    occurrences = _occurrences(measure.occurrences)
    return {**words, "on": occurrences["on"], **statistic, **occurrences}


def _dimension(dimension: Dimension) -> Plain:
    return _given(
        id=dimension.id,
        label=dimension.label,
        about=dimension.about,
        criteria=[_criterion(criterion) for criterion in dimension.criteria],
        adjustments=[_adjustment(item) for item in dimension.adjustments] or None,
        **_range(dimension.range),
    )


def _criterion(criterion: Criterion) -> Plain:
    head = _given(id=criterion.id, label=criterion.label, about=criterion.about)
    match criterion:
        case StateCriterion():
            return {**head, **_state(criterion)}
        case OccurrenceCriterion():
            tail = _given(
                points=plain_number(criterion.points),
                half_life=_duration(criterion.half_life),
                distinct=criterion.distinct,
                limit=None if criterion.limit is None else _limit(criterion.limit),
            )
            when = _given(when=_condition(criterion.when))
            return {**head, **when, **_occurrences(criterion.occurrences), **tail}


def _state(criterion: StateCriterion) -> dict[str, Plain]:
    unknown = _given(unknown=_points(criterion.unknown))
    if criterion.short:
        tier = criterion.tiers[0]
        return {"when": format_condition(tier.when), "points": plain_number(tier.points), **unknown}
    tiers: list[Plain] = [
        {"when": format_condition(tier.when), "points": plain_number(tier.points)}
        for tier in criterion.tiers
    ]
    if criterion.otherwise is not None:
        tiers.append({"otherwise": plain_number(criterion.otherwise)})
    return {"tiers": tiers, **unknown}


def _limit(limit: Limit) -> Plain:
    return _given(
        times=limit.times, per="day" if limit.per_day else None, points=_points(limit.points)
    )


def _adjustment(adjustment: Adjustment) -> Plain:
    return _given(
        id=adjustment.id,
        label=adjustment.label,
        about=adjustment.about,
        when=format_condition(adjustment.when),
        percent=plain_number(adjustment.percent),
    )


def _range(bounds: Range) -> dict[str, Plain]:
    return _given(min=_points(bounds.min), max=_points(bounds.max))


def _band(band: Band) -> Plain:
    number = _points(band.threshold)
    return _given(
        id=band.id,
        label=band.label,
        about=band.about,
        from_=None if band.above else number,
        above=number if band.above else None,
    )


def _axis(axis: GradeAxis) -> Plain:
    return {"of": axis.of, "steps": {sign: _points(number) for sign, number in axis.steps}}
