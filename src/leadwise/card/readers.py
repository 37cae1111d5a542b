"""Reading the single values of a card's file: texts, ids, points, durations, words.

They read `Scalar` nodes, not Python values, so that `0.1` is exact, and `yes`, `NO` and `999` in a
list of choices stay the texts that they are. Errors of our own are PydanticCustomError with our
code, `message` and `hint`. Each type carries the JSON Schema of what it reads.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from leadwise.card.model import ID, NAME
from leadwise.card.nearest import suggestion
from leadwise.card.source import Scalar, shorten
from leadwise.card.values import LARGEST_POINTS, UNITS, parse_duration, parse_hundredths

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
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()  # without accents
    near = re.sub(r"[^a-z0-9]+", joint, bare.lower()).strip(joint)
    rule = f"a letter a to z, then letters, digits and {'_' if joint == '_' else '- or _'}"
    return f"write '{near[:60]}'" if re.match(r"[a-z]", near) else rule


def one_of(*words: str) -> BeforeValidator:
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


def section(value: Any) -> Any:
    """A section with nothing in it yet is an empty one."""
    return {} if isinstance(value, Scalar) and value.is_nothing else value


def as_list(value: Any) -> Any:
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
    one_of("number", "text", "choice", "boolean", "time"),
]
Version: TypeAlias = Annotated[
    int, BeforeValidator(_version), WithJsonSchema({"type": "integer", "minimum": 1})
]
Times: TypeAlias = Annotated[
    int, BeforeValidator(_times), WithJsonSchema({"type": "integer", "minimum": 1})
]
