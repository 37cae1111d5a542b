"""The typed answer to a frame: a pydantic model made of its questions, which is what is asked for.

Every part may be left out or null, so that a small model's answer is read where it can be; what is
wrong with it is told by `held`, which lets the model mend it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, create_model

from leadwise.qualify.answer import LEVELS, MATCHES, ROLES, Status
from leadwise.qualify.frame.model import Frame, Question

_LONGEST_NAME = 60
"""Characters of a key that every provider takes."""


class QuoteShape(BaseModel):
    """Words of a turn."""

    turn: Annotated[int, Field(description="The number of the turn.")]
    words: Annotated[str, Field(description="Words of that turn, letter by letter.")]


class AnswerShape(BaseModel):
    """What every answer has; its parts are those of its kind."""

    model_config = ConfigDict(extra="ignore")

    status: Status
    quotes: list[QuoteShape] = []
    confidence: float = 0.5
    why: str = ""


Parts: TypeAlias = dict[str, Any]


def shape_of(frame: Frame) -> type[BaseModel]:
    """The model of a whole answer: a field `q0`, `q1` ... for each question, called by its id."""
    fields: Parts = {
        f"q{number}": (_answer(question), Field(alias=name_of(question, number)))
        for number, question in enumerate(frame.questions)
    }
    return create_model("Answers", __config__=ConfigDict(populate_by_name=True), **fields)


def name_of(question: Question, number: int) -> str:
    """What the answer to a question is called on the wire."""
    return question.id if len(question.id) <= _LONGEST_NAME else f"question-{number}"


def _answer(question: Question) -> type[AnswerShape]:
    name = "".join(part.title() for part in question.id.replace("-", "_").split("_"))[:60]
    return create_model(f"{name}Answer", __base__=AnswerShape, **_parts(question))


def _parts(question: Question) -> Parts:
    match question.kind:
        case "money":
            return {"amount_min": (float | None, None), "amount_max": (float | None, None),
                    "currency": (str | None, None)}  # fmt: skip
        case "authority":
            return {"level": (_one_of(LEVELS), None), "role": (_one_of(ROLES), None),
                    "title": (str | None, None)}  # fmt: skip
        case "need":
            return {"match": (_one_of(MATCHES), None), "items": (list[str], []),
                    "intensity": (float | None, None)}  # fmt: skip
        case "timeline":
            return {"by": (str | None, None), "months": (float | None, None)}
        case "choice":
            return {"choice": (_one_of(tuple(one.id for one in question.options)), None)}
        case "yes_no":
            return {"yes": (bool | None, None)}
        case "number":
            return {"number": (float | None, None), "unit": (str | None, None)}
        case "text":
            return {"text": (str | None, None)}


def _one_of(names: tuple[str, ...]) -> Any:
    return Literal[names] | None
