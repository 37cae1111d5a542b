"""What a person answers is held to its question: the parts of its kind, and what they may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from leadwise.errors import UserError
from leadwise.qualify.answer import LEVELS, MATCHES, PARTS, ROLES, STATUSES, Answer, Part
from leadwise.qualify.frame.model import Frame, Question

LONGEST_TEXT = 2_000
MOST_ITEMS = 100
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
MOST = 1e15
"""Of any number that is answered."""


def checked(frame: Frame, answer: Answer) -> Answer:
    """The answer with the parts of its kind alone, a currency in capitals, texts without white
    space around them. UserError (`bad-answer`) says which part is wrong and what is expected."""
    try:
        question = frame.question(answer.question)
    except KeyError:
        names = ", ".join(one.id for one in frame.questions)
        raise _bad(f"Frame '{frame.name}' has no question '{answer.question}'.",
                   f"It has {names}.") from None  # fmt: skip
    if answer.status not in STATUSES:
        raise _bad(f"'{answer.status}' is no status.", f"Give one of {', '.join(STATUSES)}.")
    if answer.status != "stated":
        return replace(answer, value={})
    return replace(answer, value=_value(question, answer.value))


def _value(question: Question, given: Mapping[str, Part]) -> dict[str, Part]:
    parts = PARTS[question.kind]
    unknown = sorted(set(given) - set(parts))
    if unknown:
        raise _bad(
            f"An answer to '{question.id}' has no part '{unknown[0]}'.",
            f"Its parts are {', '.join(parts)}.",
        )
    found = {part: _part(question, part, given[part]) for part in parts if part in given}
    if all(value is None or value == () for value in found.values()):
        raise _bad(
            f"The answer to '{question.id}' is empty.",
            f"Give {' or '.join(parts)}; the status 'none' says that there is none, "
            "'not_discussed' that nobody knows.",
        )
    least, most = found.get("amount_min"), found.get("amount_max")
    if isinstance(least, float) and isinstance(most, float) and least > most:
        raise _bad("The lower amount is above the upper one.", "Give the lower one first.")
    return found


def _part(question: Question, part: str, value: Any) -> Part:
    if value is None or value == "":
        return None
    if part in _NAMED:
        return _one_of(question, part, value, _NAMED[part])
    if part == "choice":
        return _one_of(question, part, value, tuple(one.id for one in question.options))
    return _OTHERS[part](question, part, value)


def _one_of(question: Question, part: str, value: Any, names: tuple[str, ...]) -> Part:
    if value not in names:
        raise _bad(f"'{part}' of '{question.id}' cannot be '{value}'.",
                   f"Give one of {', '.join(names)}.")  # fmt: skip
    found: str = value
    return found


def _number(question: Question, part: str, value: Any) -> Part:
    most = 100 if part in ("coverage", "intensity") else MOST
    least = -MOST if part == "number" else 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _bad(f"'{part}' of '{question.id}' is a number from {least:g} to {most:g}.",
                   "Give it as a number.")  # fmt: skip
    return float(value)


def _text(question: Question, part: str, value: Any) -> Part:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise _bad(f"'{part}' of '{question.id}' is a text of at most {LONGEST_TEXT:,} characters.",
                   "Give a shorter text.")  # fmt: skip
    if _CONTROLS.search(value):
        raise _bad(f"'{part}' of '{question.id}' has control characters.", "Leave them out.")
    return value.strip() or None


def _currency(question: Question, part: str, value: Any) -> Part:
    if not isinstance(value, str) or not (len(value) == 3 and value.isascii() and value.isalpha()):
        raise _bad(f"'{part}' of '{question.id}' is no currency.",
                   "Give its three letters, such as EUR.")  # fmt: skip
    return value.upper()


def _yes(question: Question, part: str, value: Any) -> Part:
    if not isinstance(value, bool):
        raise _bad(f"'{part}' of '{question.id}' is true or false.", "Give one of the two.")
    return value


def _items(question: Question, part: str, value: Any) -> Part:
    if not isinstance(value, list | tuple) or len(value) > MOST_ITEMS:
        raise _bad(f"'{part}' of '{question.id}' is a list of at most {MOST_ITEMS} texts.",
                   "Give a list of texts.")  # fmt: skip
    return tuple(str(_text(question, part, one)) for one in value if one)


_NAMED = {"level": LEVELS, "role": ROLES, "match": MATCHES}
_OTHERS: Mapping[str, Callable[[Question, str, Any], Part]] = {
    "amount_min": _number, "amount_max": _number, "currency": _currency, "title": _text,
    "items": _items, "coverage": _number, "intensity": _number, "months": _number, "by": _text,
    "yes": _yes, "number": _number, "unit": _text, "text": _text,
}  # fmt: skip


def _bad(message: str, hint: str) -> UserError:
    return UserError("bad-answer", message, hint=hint)
