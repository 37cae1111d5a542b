"""The shape of a card's file, as pydantic models: what may stand where, before any meaning.

`json_schema()` (schema.py) is generated from these. They read `Scalar` nodes, not Python values,
so that `0.1` is exact, and `yes`, `NO` and `999` in a list of choices stay the texts that they are.
Errors of our own are PydanticCustomError with our code, `message` and `hint`. Tags of unions stand
in parentheses, which no key of the language does: pydantic puts them into its locations.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from leadwise.card.model import ID, NAME
from leadwise.card.nearest import suggestion
from leadwise.card.source import Scalar, shorten
from leadwise.card.values import LARGEST_POINTS, UNITS, parse_duration, parse_hundredths

STATISTICS = ("count", "distinct", "sum", "min", "max", "last", "days_since")


_OTHER_WORDS = {
    "string": "text", "str": "text", "varchar": "text", "int": "number", "integer": "number",
    "float": "number", "double": "number", "decimal": "number", "numeric": "number",
    "bool": "boolean", "date": "time", "datetime": "time", "timestamp": "time", "enum": "choice",
    "category": "choice",
}  # fmt: skip
"""Words of other languages for our types."""


def refusal(code: str, message: str, hint: str = "") -> PydanticCustomError:
    """An error of the shape with our own code, message and hint."""
    return PydanticCustomError(
        "refused", "{message}", {"code": code, "message": message, "hint": hint}
    )


def _kind(value: Any) -> str:
    if isinstance(value, Scalar):
        return value.kind
    return "a list" if isinstance(value, list) else "a mapping"


def _wrong(expected: str, value: Any, hint: str = "") -> PydanticCustomError:
    return refusal("wrong-type", f"expected {expected}, found {_kind(value)}", hint)


def _text(value: Any) -> str:
    if not isinstance(value, Scalar) or value.is_nothing:
        raise _wrong(
            "a text", value, "write a text; put one with signs of YAML between double quotes"
        )
    return value.text


def _written(value: Any) -> str:
    """A text as it is written, be it `unknown`, `999` or `null`."""
    if not isinstance(value, Scalar):
        raise _wrong("a text", value, "write a text or a number")
    return value.text


def _id(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(ID, text):
        raise refusal("bad-id", f"'{shorten(text)}' cannot be an id", _id_hint(text, "-"))
    return text


def _name(value: Any) -> str:
    text = value if isinstance(value, str) else _text(value)
    if not re.fullmatch(NAME, text):
        raise refusal("bad-name", f"'{shorten(text)}' cannot be a name", _id_hint(text, "_"))
    return text


def _id_hint(text: str, joint: str) -> str:
    near = re.sub(r"[^a-z0-9]+", joint, text.lower()).strip(joint)
    rule = f"a letter a to z, then letters, digits and {'_' if joint == '_' else '- or _'}"
    return f"write '{near[:60]}'" if re.match(r"[a-z]", near) else rule


def _word(*words: str) -> BeforeValidator:
    """One of a few words; anything else names the nearest."""

    def check(value: Any) -> str:
        text = value.text if isinstance(value, Scalar) else None
        if text not in words:
            listed = ", ".join(words[:-1]) + " or " + words[-1] if words[1:] else words[0]
            meant = _OTHER_WORDS.get((text or "").lower())
            if meant in words:
                raise _wrong(listed, value, f"write {meant}")
            hint = suggestion(text or "", words if words[1:] else (), f"write {listed}")
            raise _wrong(listed if words[1:] else f"the word {listed}", value, hint)
        return text

    return BeforeValidator(check)


def _version(value: Any) -> int:
    text = value.text if isinstance(value, Scalar) and value.plain else ""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise _wrong("a whole number from 1", value, "write 1, and count up with each change")
    return int(text)


def _hundredths(value: Any) -> int:
    if not isinstance(value, Scalar) or not value.plain:
        quoted = isinstance(value, Scalar) and not value.is_nothing
        raise _wrong("a number", value, "write it without quotes" if quoted else "write it as 20")
    try:
        found = parse_hundredths(value.text)
    except ValueError as error:
        if "decimals" in str(error):
            raise refusal(
                "points-decimals", str(error), "points and percents have at most two decimals"
            ) from None
        raise _wrong("a number", value, "write it as 20, -5 or 12.5") from None
    if abs(found) > LARGEST_POINTS * 100:
        raise refusal(
            "points-too-large",
            f"{value.text} is out of bounds",
            f"points stay within {LARGEST_POINTS:,} and -{LARGEST_POINTS:,}",
        )
    return found


def _step(value: Any) -> int | None:
    return None if isinstance(value, Scalar) and value.is_nothing else _hundredths(value)


def _times(value: Any) -> int:
    text = value.text if isinstance(value, Scalar) and value.plain else ""
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise _wrong("a whole number from 1", value, "write it as 3, without quotes")
    if int(text) < 1:
        raise refusal("limit-times", f"a limit of {text} times leaves nothing", "write 1 or more")
    return int(text)


def _duration(value: Any) -> int:
    if not isinstance(value, Scalar) or value.is_nothing:
        raise _wrong("a duration", value, "write it as 14 days, or 36 hours")
    try:
        return parse_duration(value.text)
    except ValueError as error:
        message, hint = error.args
        raise refusal("bad-duration", message, hint) from None


def _on(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    names = [_name(item) for item in items]
    if not names:
        raise refusal("wrong-type", "an empty list names no event", "write the events, or any")
    return names


def _section(value: Any) -> Any:
    """A section with nothing in it yet is an empty one."""
    return {} if isinstance(value, Scalar) and value.is_nothing else value


def _nothing_as_list(value: Any) -> Any:
    return [] if isinstance(value, Scalar) and value.is_nothing else value


_UNIT_WORDS = "|".join(f"{unit}s?" for unit in UNITS)
# No multipleOf: 0.29 is not a multiple of 0.01 in binary; the decimals are for `check`.
_NUMBER = {
    "type": "number",
    "minimum": -LARGEST_POINTS,
    "maximum": LARGEST_POINTS,
    "description": "At most two decimals.",
}
_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_NAMES = {"type": "string", "pattern": f"^{NAME}$"}

TextValue: TypeAlias = Annotated[str, BeforeValidator(_text), WithJsonSchema(_SCALAR)]
Written: TypeAlias = Annotated[
    str,
    BeforeValidator(_written),
    WithJsonSchema({"type": ["string", "number", "boolean", "null"]}),
]
Id: TypeAlias = Annotated[
    str, BeforeValidator(_id), WithJsonSchema({"type": "string", "pattern": f"^{ID}$"})
]
NameValue: TypeAlias = Annotated[str, BeforeValidator(_name), WithJsonSchema(_NAMES)]
Condition: TypeAlias = Annotated[
    str,
    BeforeValidator(_text),
    WithJsonSchema({"type": "string", "description": "A condition, for example: country = 'es'"}),
]
Hundredths: TypeAlias = Annotated[int, BeforeValidator(_hundredths), WithJsonSchema(_NUMBER)]
Step: TypeAlias = Annotated[
    int | None, BeforeValidator(_step), WithJsonSchema({**_NUMBER, "type": ["number", "null"]})
]
Duration: TypeAlias = Annotated[
    int,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": f"^\\s*[0-9]+ *({_UNIT_WORDS})\\s*$"}),
]
On: TypeAlias = Annotated[
    list[str],
    BeforeValidator(_on),
    WithJsonSchema({"anyOf": [_NAMES, {"type": "array", "items": _NAMES, "minItems": 1}]}),
]
TypeWord: TypeAlias = Annotated[
    Literal["number", "text", "choice", "boolean", "time"],
    _word("number", "text", "choice", "boolean", "time"),
]


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
    fold: Annotated[Literal["case"], _word("case")] | None = None


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
    count: Annotated[Literal["all"], _word("all")] | None = None
    distinct: NameValue | None = None
    sum: NameValue | None = None
    min: NameValue | None = None
    max: NameValue | None = None
    last: NameValue | None = None
    days_since: Annotated[Literal["first", "last"], _word("first", "last")] | None = None
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
    times: (
        Annotated[int, BeforeValidator(_times), WithJsonSchema({"type": "integer", "minimum": 1})]
        | None
    ) = None
    per: Annotated[Literal["day"], _word("day")] | None = None
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


Adjustments: TypeAlias = Annotated[list[AdjustmentShape], BeforeValidator(_nothing_as_list)]


class DimensionShape(Shape):
    id: Id
    label: TextValue | None = None
    about: TextValue | None = None
    criteria: Annotated[list[CriterionForm], BeforeValidator(_nothing_as_list)]
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


Names: TypeAlias = Annotated[str, BeforeValidator(_name), WithJsonSchema(_NAMES)]
Properties: TypeAlias = Annotated[dict[Names, VariableForm], BeforeValidator(_section)]


class CardShape(Shape):
    """A Leadwise card: what makes a good lead."""

    card: Id = Field(description="The id of the card.")
    version: Annotated[
        int, BeforeValidator(_version), WithJsonSchema({"type": "integer", "minimum": 1})
    ]
    about: TextValue | None = None
    timezone: TextValue = "UTC"
    fields: Annotated[dict[Names, VariableForm], BeforeValidator(_section)] = {}
    events: Annotated[dict[Names, Properties], BeforeValidator(_section)] = {}
    measures: Annotated[dict[Names, MeasureShape], BeforeValidator(_section)] = {}
    dimensions: Annotated[list[DimensionShape], BeforeValidator(_nothing_as_list)]
    adjustments: Adjustments = []
    score: RangeShape = RangeShape()
    bands: Annotated[list[BandShape], BeforeValidator(_nothing_as_list)] = []
    grade: GradeShape | None = None
