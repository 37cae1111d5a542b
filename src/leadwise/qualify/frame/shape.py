"""The shape of a frame's file, as pydantic models: what may stand where, before any meaning.

Wordings are a text (English) or a mapping of languages to texts.
"""

# ruff: noqa: RUF012 - pydantic gives each model a default of its own

from __future__ import annotations

import re
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, WithJsonSchema

from leadwise.card.document import Shape
from leadwise.card.faults import Fault, Language, keys_of
from leadwise.card.readers import Id, NameValue, TextValue, Version, Written, one_of, refusal
from leadwise.card.source import Mapping, Node, Path, Scalar, Source, data_of
from leadwise.errors import Problem
from leadwise.qualify.answer import LEVELS, MATCHES, ROLES

KINDS = ("money", "authority", "need", "timeline", "choice", "yes_no", "number", "text")
OPTION_PARTS = ("amount_min", "amount_max", "months", "level", "role", "match")
"""Parts of a value that choosing an option may state; which, depends on the question's kind."""


def _number(value: Any) -> float:
    text = value.text if isinstance(value, Scalar) and value.plain else ""
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", text):
        raise refusal("wrong-type", "expected a number", "write it as 20 or 1.08")
    return float(text)


def _wording(value: Any) -> dict[str, Any]:
    return {"en": value} if isinstance(value, Scalar) else value


def _wordings(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _language(value: Any) -> str:
    text = value if isinstance(value, str) else value.text
    if not re.fullmatch(r"[a-z]{2}", text):
        raise refusal("bad-language", f"'{text[:20]}' is no language", "write two letters: en, es")
    return text


def _currency(value: Any) -> str:
    text = value.text if isinstance(value, Scalar) else value
    if not isinstance(text, str) or not re.fullmatch(r"[A-Z]{3}", text):
        raise refusal("bad-currency", "expected a currency", "write three letters: USD, EUR")
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise refusal("empty-text", "this text is empty", "write it, or remove the key")
    return text


_WORDS: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "description": "English."},
        {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z]{2}$"},
            "additionalProperties": {"type": "string"},
            "required": ["en"],
        },
    ],
    "description": "A text in English, or texts by language (two letters), English among them.",
}
_TEXTS: dict[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
}
Number: TypeAlias = Annotated[float, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
Filled: TypeAlias = Annotated[TextValue, AfterValidator(_filled)]
Words: TypeAlias = Annotated[
    dict[Annotated[str, BeforeValidator(_language)], Filled],
    BeforeValidator(_wording),
    WithJsonSchema(_WORDS),
]
Currency: TypeAlias = Annotated[
    str,
    BeforeValidator(_currency),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"}),
]
Texts: TypeAlias = Annotated[list[Filled], BeforeValidator(_wordings), WithJsonSchema(_TEXTS)]
Asked: TypeAlias = Annotated[
    list[Words],
    BeforeValidator(_wordings),
    WithJsonSchema({"anyOf": [_WORDS, {"type": "array", "items": _WORDS}]}),
]


class OptionShape(Shape):
    """Something to choose: an id, a label, and the parts of the value that it states."""

    id: Id
    label: Words
    said: Texts = []
    amount_min: Number | None = None
    amount_max: Number | None = None
    months: Number | None = None
    level: Annotated[str, one_of(*LEVELS), WithJsonSchema({"enum": [*LEVELS]})] | None = None
    role: Annotated[str, one_of(*ROLES), WithJsonSchema({"enum": [*ROLES]})] | None = None
    match: Annotated[str, one_of(*MATCHES), WithJsonSchema({"enum": [*MATCHES]})] | None = None


class WriteShape(Shape):
    """What a field is written from, with other values for some of the part's."""

    source: NameValue = Field(alias="from")
    map: dict[str, Written] = {}


def _write(value: Any) -> Any:
    return {"from": value} if isinstance(value, Scalar) else value


_PART: dict[str, Any] = {"type": "string", "description": "A part of the answer, or status."}
_FROM: dict[str, Any] = {
    "type": "object",
    "properties": {"from": _PART, "map": {"additionalProperties": {"type": "string"}}},
    "required": ["from"],
    "additionalProperties": False,
}
PartOf: TypeAlias = Annotated[
    WriteShape, BeforeValidator(_write), WithJsonSchema({"anyOf": [_PART, _FROM]})
]


class SaidShape(Shape):
    """How people say it, for the reader."""

    asked: Texts = []
    stated: Texts = []
    none: Texts = []
    yes: Texts = []
    no: Texts = []


class QuestionShape(Shape):
    """One question of a frame."""

    id: Id
    kind: Annotated[str, one_of(*KINDS), WithJsonSchema({"enum": [*KINDS]})]
    label: Words
    about: Words = {}
    ask: Asked = []
    help: Words = {}
    plain: Words = {}
    none: Words = {}
    options: list[OptionShape] = []
    checklist: Texts = []
    said: SaidShape = SaidShape()
    writes: dict[NameValue, PartOf] = {}


class FrameShape(Shape):
    """A whole frame."""

    frame: Id
    version: Version
    label: Words
    about: Words = {}
    currency: Currency | None = None
    rates: dict[Currency, Number] = {}
    questions: Annotated[list[QuestionShape], Field(min_length=1)]


def fit(source: Source) -> tuple[FrameShape | None, tuple[Problem, ...]]:
    """The shape of a frame's tree, or every fault of it."""
    if not isinstance(source.root, Mapping):
        message = f"a frame is a mapping of keys and values, this is {source.root.kind}"
        place = source.place(())
        return None, (Problem("wrong-type", message, "start with: frame: my-frame", place),)
    root: Mapping = source.root
    try:
        return FrameShape.model_validate(data_of(root)), ()
    except ValidationError as error:
        faults = [Fault.of(item, root) for item in error.errors(include_url=False)]
        return None, tuple(fault.problem(source, _FRAME) for fault in faults)


def _owner(path: Path) -> str:
    match path:
        case ():
            return "the frame"
        case ("questions", int()):
            return "this question"
        case (*_, "options", int()):
            return "this option"
        case (*_, "writes", str(name)):
            return f"field '{name}'"
        case (*_, str(last)):
            return f"'{last}'"
        case _:
            return "this"


def _keys(path: Path, around: Node) -> list[str]:  # noqa: ARG001 - as cards' has it
    match path:
        case ():
            return keys_of(FrameShape)
        case ("questions", int()):
            return keys_of(QuestionShape)
        case (*_, "options", int()):
            return keys_of(OptionShape)
        case (*_, "said"):
            return keys_of(SaidShape)
        case _:
            return keys_of(WriteShape)


_FRAME = Language(
    _owner,
    _keys,
    {
        "frame": "add an id: frame: my-frame",
        "version": "add version: 1",
        "label": "add a name for people: label: Budget",
        "id": "add an id: id: budget",
        "kind": f"add one of: {', '.join(KINDS)}",
        "questions": "add questions: with at least one",
        "from": "add from: and the part of the answer that is written",
    },
)
