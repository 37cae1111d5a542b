"""The shape of a card's file, as pydantic models: what may stand where, before any meaning.

`json_schema()` (schema.py) is generated from these; readers.py reads the single values. Tags of
unions stand in parentheses, which no key of the language does: pydantic puts them into its
locations.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from leadwise.card.readers import (
    Condition,
    Duration,
    Hundredths,
    Id,
    NameValue,
    On,
    Step,
    TextValue,
    Times,
    TypeWord,
    Version,
    Written,
    as_list,
    one_of,
    refusal,
    section,
)

STATISTICS = ("count", "distinct", "sum", "min", "max", "last", "days_since")


class Shape(BaseModel):
    """The common rule: a key that is not of the language is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class VariableShape(Shape):
    """A field of a lead, or a property of an event."""

    type: TypeWord
    label: TextValue | None = None
    about: TextValue | None = None
    unit: TextValue | None = None
    source: TextValue | None = Field(None, alias="from", description="The column it is read from.")
    nulls: list[Written] = []
    choices: list[Written] = []
    fold: Annotated[Literal["case"], one_of("case")] | None = None


def _variable_form(value: Any) -> str:
    return "(mapping)" if isinstance(value, (dict, VariableShape)) else "(word)"


VariableForm: TypeAlias = Annotated[
    Annotated[TypeWord, Tag("(word)")] | Annotated[VariableShape, Tag("(mapping)")],
    Discriminator(_variable_form),
]


class MeasureShape(Shape):
    """A number (or the last value) made from events: exactly one of the seven statistics."""

    on: On
    where: Condition | None = None
    within: Duration | None = None
    count: Annotated[Literal["all"], one_of("all")] | None = None
    distinct: NameValue | None = None
    sum: NameValue | None = None
    min: NameValue | None = None
    max: NameValue | None = None
    last: NameValue | None = None
    days_since: Annotated[Literal["first", "last"], one_of("first", "last")] | None = None
    label: TextValue | None = None
    about: TextValue | None = None

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [statistic]} for statistic in STATISTICS]}
    )

    @model_validator(mode="after")
    def _one_statistic(self) -> MeasureShape:
        given = [name for name in STATISTICS if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise refusal(
                "measure-statistic",
                f"a measure has exactly one statistic, this has {found}",
                "write one of count: all, distinct, sum, min, max, last, days_since",
            )
        return self


class TierShape(Shape):
    when: Condition
    points: Hundredths


class OtherwiseShape(Shape):
    otherwise: Hundredths


def _tier_form(value: Any) -> str:
    is_otherwise = isinstance(value, OtherwiseShape) or (
        isinstance(value, dict) and "otherwise" in value and "when" not in value
    )
    return "(otherwise)" if is_otherwise else "(tier)"


TierForm: TypeAlias = Annotated[
    Annotated[TierShape, Tag("(tier)")] | Annotated[OtherwiseShape, Tag("(otherwise)")],
    Discriminator(_tier_form),
]


class WhenShape(Shape):
    """Points for one condition on the lead."""

    id: Id
    label: TextValue | None = None
    about: TextValue | None = None
    when: Condition
    points: Hundredths
    unknown: Hundredths | None = None


class TiersShape(Shape):
    """Points for the first of several conditions on the lead."""

    id: Id
    label: TextValue | None = None
    about: TextValue | None = None
    tiers: list[TierForm] = Field(min_length=1)
    unknown: Hundredths | None = None


class LimitShape(Shape):
    times: Times | None = None
    per: Annotated[Literal["day"], one_of("day")] | None = None
    points: Hundredths | None = None


class OccurrenceShape(Shape):
    """Points for each occurrence of an event."""

    id: Id
    label: TextValue | None = None
    about: TextValue | None = None
    when: Condition | None = None
    on: On
    where: Condition | None = None
    within: Duration | None = None
    points: Hundredths
    half_life: Duration | None = None
    distinct: NameValue | None = None
    limit: LimitShape | None = None


def _criterion_form(value: Any) -> str | None:
    match value:
        case dict():
            return next((f"({key})" for key in ("tiers", "on", "when") if key in value), None)
        case TiersShape():
            return "(tiers)"
        case OccurrenceShape():
            return "(on)"
        case _:
            return "(when)"


CriterionForm: TypeAlias = Annotated[
    Annotated[WhenShape, Tag("(when)")]
    | Annotated[TiersShape, Tag("(tiers)")]
    | Annotated[OccurrenceShape, Tag("(on)")],
    Discriminator(
        _criterion_form,
        custom_error_type="criterion_form",
        custom_error_message="no when, tiers or on",
    ),
]


class AdjustmentShape(Shape):
    id: Id
    label: TextValue | None = None
    about: TextValue | None = None
    when: Condition
    percent: Hundredths


class RangeShape(Shape):
    min: Hundredths | None = None
    max: Hundredths | None = None


Adjustments: TypeAlias = Annotated[list[AdjustmentShape], BeforeValidator(as_list)]


class DimensionShape(Shape):
    id: Id
    label: TextValue | None = None
    about: TextValue | None = None
    criteria: Annotated[list[CriterionForm], BeforeValidator(as_list)]
    adjustments: Adjustments = []
    min: Hundredths | None = None
    max: Hundredths | None = None


class BandShape(Shape):
    id: Id
    label: TextValue | None = None
    about: TextValue | None = None
    start: Hundredths | None = Field(None, alias="from", description="The least score, included.")
    above: Hundredths | None = Field(None, description="The band begins just above this score.")


class AxisShape(Shape):
    of: Id
    steps: dict[str, Step]


class GradeShape(Shape):
    letter: AxisShape
    number: AxisShape


Properties: TypeAlias = Annotated[dict[NameValue, VariableForm], BeforeValidator(section)]


class CardShape(Shape):
    """A Leadwise card: what makes a good lead."""

    card: Id = Field(description="The id of the card.")
    version: Version
    about: TextValue | None = None
    timezone: TextValue = "UTC"
    fields: Annotated[dict[NameValue, VariableForm], BeforeValidator(section)] = {}
    events: Annotated[dict[NameValue, Properties], BeforeValidator(section)] = {}
    measures: Annotated[dict[NameValue, MeasureShape], BeforeValidator(section)] = {}
    dimensions: Annotated[list[DimensionShape], BeforeValidator(as_list)]
    adjustments: Adjustments = []
    score: RangeShape = RangeShape()
    bands: Annotated[list[BandShape], BeforeValidator(as_list)] = []
    grade: GradeShape | None = None
