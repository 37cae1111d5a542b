"""From the shape of a card to the card: conditions are read, short forms become the model's."""

from __future__ import annotations

from dataclasses import dataclass, field

from leadwise.card import document as shapes
from leadwise.card.conditions import parse_condition
from leadwise.card.expression import Boolean, Expression
from leadwise.card.model import (
    Adjustment,
    Band,
    Card,
    Criterion,
    Dimension,
    Event,
    Grade,
    GradeAxis,
    Limit,
    Measure,
    OccurrenceCriterion,
    Occurrences,
    Range,
    StateCriterion,
    Statistic,
    Tier,
    Variable,
)
from leadwise.card.source import Path, Source
from leadwise.card.tokens import ConditionError
from leadwise.errors import Problem


@dataclass
class Builder:
    """Collects problems while a card is built; `unread`: paths of conditions not readable."""

    source: Source
    whole: bool = True
    problems: list[Problem] = field(default_factory=list)
    unread: set[Path] = field(default_factory=set)

    def condition(self, text: str, path: Path) -> Expression:
        try:
            return parse_condition(text)
        except ConditionError as error:
            where = self.source.inside(path, error.span[0])
            self.problems.append(Problem(error.code, error.message, error.hint, where))
            self.unread.add(path)
            return Boolean(True)

    def optional(self, text: str | None, path: Path) -> Expression | None:
        return None if text is None else self.condition(text, path)

    def refuse(self, code: str, message: str, hint: str, path: Path) -> None:
        self.problems.append(Problem(code, message, hint, self.source.place(path)))


def build(shape: shapes.CardShape, builder: Builder) -> Card:
    """The card of a shape; what cannot be read goes to `builder.problems`."""
    dimensions = (
        _dimension(item, ("dimensions", i), builder) for i, item in enumerate(shape.dimensions)
    )
    measures = tuple(
        _measure(name, item, ("measures", name), builder) for name, item in shape.measures.items()
    )
    return Card(
        id=shape.card,
        version=shape.version,
        about=shape.about,
        timezone=shape.timezone,
        fields=tuple(_variable(name, form) for name, form in shape.fields.items()),
        events=tuple(
            Event(name, tuple(_variable(key, form) for key, form in properties.items()))
            for name, properties in shape.events.items()
        ),
        measures=measures,
        dimensions=tuple(dimensions),
        adjustments=_adjustments(shape.adjustments, (), builder),
        range=Range(shape.score.min, shape.score.max),
        bands=tuple(_band(item, ("bands", i), builder) for i, item in enumerate(shape.bands)),
        grade=_grade(shape.grade),
    )


def _variable(name: str, form: str | shapes.VariableShape) -> Variable:
    if not isinstance(form, shapes.VariableShape):
        form = shapes.VariableShape.model_construct(type=form)
    return Variable(
        name=name,
        type=form.type,
        source=form.source or name,
        label=form.label,
        about=form.about,
        unit=form.unit,
        choices=tuple(form.choices),
        nulls=tuple(form.nulls),
        fold=form.fold is not None,
    )


def _measure(name: str, shape: shapes.MeasureShape, path: Path, builder: Builder) -> Measure:
    statistic: Statistic
    prop: str | None = None
    if shape.count is not None:
        statistic = "count"
    elif shape.days_since is not None:
        statistic = "days_since_first" if shape.days_since == "first" else "days_since_last"
    elif shape.distinct is not None:
        statistic, prop = "distinct", shape.distinct
    elif shape.sum is not None:
        statistic, prop = "sum", shape.sum
    elif shape.min is not None:
        statistic, prop = "min", shape.min
    elif shape.max is not None:
        statistic, prop = "max", shape.max
    else:
        statistic, prop = "last", shape.last
    return Measure(
        name=name,
        occurrences=_occurrences(shape, path, builder),
        statistic=statistic,
        property=prop,
        label=shape.label,
        about=shape.about,
    )


def _occurrences(
    shape: shapes.MeasureShape | shapes.OccurrenceShape, path: Path, builder: Builder
) -> Occurrences:
    return Occurrences(
        on=tuple(shape.on),
        where=builder.optional(shape.where, (*path, "where")),
        within=shape.within,
    )


def _dimension(shape: shapes.DimensionShape, path: Path, builder: Builder) -> Dimension:
    criteria = (
        _criterion(item, (*path, "criteria", i), builder) for i, item in enumerate(shape.criteria)
    )
    return Dimension(
        id=shape.id,
        criteria=tuple(criteria),
        adjustments=_adjustments(shape.adjustments, path, builder),
        range=Range(shape.min, shape.max),
        label=shape.label,
        about=shape.about,
    )


def _criterion(
    shape: shapes.WhenShape | shapes.TiersShape | shapes.OccurrenceShape,
    path: Path,
    builder: Builder,
) -> Criterion:
    match shape:
        case shapes.WhenShape():
            tier = Tier(builder.condition(shape.when, (*path, "when")), shape.points)
            return StateCriterion(
                id=shape.id,
                tiers=(tier,),
                short=True,
                unknown=shape.unknown,
                label=shape.label,
                about=shape.about,
            )
        case shapes.TiersShape():
            return _tiered(shape, path, builder)
        case shapes.OccurrenceShape():
            return OccurrenceCriterion(
                id=shape.id,
                occurrences=_occurrences(shape, path, builder),
                points=shape.points,
                half_life=shape.half_life,
                distinct=shape.distinct,
                limit=_limit(shape.limit, path, builder),
                when=builder.optional(shape.when, (*path, "when")),
                label=shape.label,
                about=shape.about,
            )


def _tiered(shape: shapes.TiersShape, path: Path, builder: Builder) -> StateCriterion:
    tiers: list[Tier] = []
    otherwise: int | None = None
    for i, item in enumerate(shape.tiers):
        at: Path = (*path, "tiers", i)
        if isinstance(item, shapes.OtherwiseShape):
            otherwise = item.otherwise
            if i + 1 < len(shape.tiers):
                message = "what stands after 'otherwise' is never reached"
                builder.refuse("otherwise-not-last", message, "make it the last tier", at)
        else:
            tiers.append(Tier(builder.condition(item.when, (*at, "when")), item.points))
    if not tiers:
        message = "this criterion has no tier with a condition"
        builder.refuse("no-tiers", message, "add {when: ..., points: ...}", (*path, "tiers"))
    return StateCriterion(
        id=shape.id,
        tiers=tuple(tiers),
        otherwise=otherwise,
        unknown=shape.unknown,
        label=shape.label,
        about=shape.about,
    )


def _limit(shape: shapes.LimitShape | None, path: Path, builder: Builder) -> Limit | None:
    if shape is None:
        return None
    at: Path = (*path, "limit")
    if shape.per is not None and shape.times is None:
        message = "'per: day' says of what day, but not how many times"
        builder.refuse("limit-per", message, "add times: 1", (*at, "per"))
    if shape.times is None and shape.points is None and builder.whole:
        message = "this limit limits nothing"
        builder.refuse("limit-empty", message, "add times: or points:, or remove it", at)
    return Limit(shape.times, shape.per is not None, shape.points)


def _adjustments(
    items: list[shapes.AdjustmentShape], path: Path, builder: Builder
) -> tuple[Adjustment, ...]:
    return tuple(
        Adjustment(
            id=item.id,
            when=builder.condition(item.when, (*path, "adjustments", i, "when")),
            percent=item.percent,
            label=item.label,
            about=item.about,
        )
        for i, item in enumerate(items)
    )


def _band(shape: shapes.BandShape, path: Path, builder: Builder) -> Band:
    if shape.start is not None and shape.above is not None:
        message = f"band '{shape.id}' has both 'from' and 'above'"
        hint = "keep one: from includes the number, above leaves it out"
        builder.refuse("band-threshold", message, hint, (*path, "above"))
    threshold = shape.above if shape.start is None else shape.start
    above = shape.start is None and shape.above is not None
    return Band(shape.id, threshold, above, shape.label, shape.about)


def _grade(shape: shapes.GradeShape | None) -> Grade | None:
    if shape is None:
        return None
    letter, number = shape.letter, shape.number
    return Grade(
        GradeAxis(letter.of, tuple(letter.steps.items())),
        GradeAxis(number.of, tuple(number.steps.items())),
    )
