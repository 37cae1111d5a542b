"""Classes and fields by the model provider, where one is set: through the reader of conversations,
so that the same holds (quotes are in the text, costs have a bound, replies are kept).

The text is a conversation of one turn and the playbook's classes or fields are a frame made for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from leadwise.connect.model import JSON
from leadwise.playbooks.reading.classes import SURE, Classed
from leadwise.playbooks.reading.fields import Field
from leadwise.playbooks.reading.labels import kind_of
from leadwise.playbooks.reading.values import FieldKind
from leadwise.qualify.answer import Answer
from leadwise.qualify.frame.model import Frame, Kind, Option, Question
from leadwise.qualify.reading import Reader, read
from leadwise.qualify.talk import Conversation, Turn

_KINDS: Mapping[FieldKind, Kind] = {"money": "money", "number": "number"}
_HELP: Mapping[FieldKind, str] = {
    "date": "Give the day alone, as YYYY-MM-DD.",
    "reference": "Give the number or code alone, as it stands.",
    "email": "Give the address alone.",
    "phone": "Give the number alone, with its country's code where it has one.",
}


def classed_by_model(
    text: str, into: Mapping[str, str], otherwise: str, reader: Reader, day: date
) -> Classed:
    """As `classes.classed`, by a model. Errors are the reader's."""
    ids = {f"c{number}": name for number, name in enumerate(into)}
    options = tuple(Option(key, {"en": f"{name}: {into[name]}"}) for key, name in ids.items())
    question = Question(
        "class", "choice", {"en": "What the text is"}, {"en": "Which of the choices fits it best."},
        options=options, help={"en": "Where none fits, it is not discussed."},
    )  # fmt: skip
    answer = _ask(text, (question,), reader, day)[0]
    sure, choice = round(answer.confidence * 100), ids.get(str(answer.value.get("choice")))
    if answer.status != "stated" or choice is None or sure < SURE:
        return Classed(otherwise, sure if answer.status == "stated" else 0, "")
    return Classed(choice, sure, answer.quotes[0].text if answer.quotes else "")


def extracted_by_model(
    text: str, fields: Mapping[str, str], day: date, reader: Reader
) -> dict[str, Field]:
    """As `fields.extracted`, by a model."""
    ids = {f"f{number}": name for number, name in enumerate(fields)}
    questions = tuple(_question(key, name, fields[name]) for key, name in ids.items())
    found: dict[str, Field] = {}
    for answer in _ask(text, questions, reader, day):
        value = _value(answer) if answer.status == "stated" else None
        if value is not None and answer.quotes:
            quote = answer.quotes[0].text[:300]
            found[ids[answer.question]] = Field(value, quote, round(answer.confidence * 100))
    return found


def _question(key: str, name: str, description: str) -> Question:
    kind = kind_of(description)
    about = f"The {name.replace('_', ' ')}: {description}."
    return Question(
        key, _KINDS.get(kind, "text"), {"en": name.replace("_", " ")}, {"en": about},
        help={"en": _HELP.get(kind, "")},
    )  # fmt: skip


def _value(answer: Answer) -> JSON:
    value = answer.value
    if "amount_min" in value or "amount_max" in value:
        amount = value.get("amount_min")
        amount = value.get("amount_max") if amount is None else amount
        if not isinstance(amount, int | float):
            return None
        currency = value.get("currency")
        return f"{amount:.2f} {currency}" if currency else f"{amount:.2f}"
    found = value.get("number") if "number" in value else value.get("text")
    return found if isinstance(found, int | float | str) else None


def _ask(
    text: str, questions: tuple[Question, ...], reader: Reader, day: date
) -> tuple[Answer, ...]:
    talk = Conversation("email_thread", day, (Turn("Writer", "buyer", text),))
    frame = Frame("step", 1, {"en": "A text that came in"}, questions)
    return read(talk, frame, reader).answers
