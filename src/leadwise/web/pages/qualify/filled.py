"""What is typed into the fields of a question (`controls`), as an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from leadwise.errors import UserError
from leadwise.qualify.answer import PARTS, Answer, Part, Status
from leadwise.qualify.answering import LONGEST_TEXT, MOST, MOST_ITEMS, checked
from leadwise.qualify.frame.model import Frame, Question
from leadwise.web.pages.lead.asked import number_of
from leadwise.web.pages.qualify.controls import FIELDS, OPTION, is_same, offered_of
from leadwise.web.pages.texts import Texts

DAYS_A_MONTH = 365.25 / 12
_TIMES = {"k": 1_000, "m": 1_000_000}
_CURRENCY = re.compile(r"[A-Za-z]{3}")


def answered(frame: Frame, question: Question, typed: Mapping[str, str], texts: Texts,
             held_on: date, *, lenient: bool = False) -> Answer:  # fmt: skip
    """What was typed as an answer. UserError (`bad-answer`) says what is wrong with it.

    `lenient`: what is typed beside a choice that says nothing is the answer.
    """
    _ = texts.say
    pick = typed.get("pick", "")
    filled = any(value for name, value in typed.items() if name not in ("pick", "currency"))
    if filled and (pick == "" or (lenient and pick == "not_discussed")):
        pick = FIELDS
    if pick in ("none", "contradicted", "not_discussed", ""):
        if filled and pick == "not_discussed":
            raise UserError("bad-answer", _("Choose what the fields below say, or empty them."))
        status = cast("Status", pick or "not_discussed")  # one of those just looked for
        return Answer(question.id, status, confidence=1.0)
    value: dict[str, Part] = {}
    if pick.startswith(OPTION):
        value |= _chosen(question, pick.removeprefix(OPTION), texts)
    if pick == FIELDS or question.kind == "need":
        value |= _typed(question, typed, texts, held_on)
    if question.kind == "money" and pick != FIELDS:
        value["currency"] = typed.get("currency", "").strip() or frame.currency
    if question.kind == "timeline" and pick == FIELDS and not value.get("by"):
        raise UserError("bad-answer", _("Choose a day."))
    if not any(one not in (None, "", ()) for name, one in value.items() if name != "currency"):
        raise UserError("bad-answer", _("Fill this in first."))
    _refuse(value, texts)
    return checked(frame, Answer(question.id, "stated", value, 1.0))


def typed_of(form: Mapping[str, Any], several: Any, question: Question) -> dict[str, str] | None:
    """What a form says of a question; None where it says nothing. `several(name)` are all the
    values of a name."""
    start = f"{question.id}."
    if not any(name.startswith(start) for name in form):
        return None
    found: dict[str, str] = {}
    for name in dict.fromkeys(name for name in form if name.startswith(start)):
        values = [one for one in several(name) if isinstance(one, str)]
        found[name.removeprefix(start)] = "\n".join(one.strip() for one in values)
    return found


def shown_with(answer: Answer | None) -> str:
    """What a form was shown with, as it sends it back: others may have answered meanwhile."""
    if answer is None:
        return "{}"
    value = {part: list(one) if isinstance(one, tuple) else one
             for part, one in answer.value.items()}  # fmt: skip
    return json.dumps({"status": answer.status, "value": value}, ensure_ascii=False)


def is_as_shown(shown: str, answer: Answer) -> bool:
    """Whether an answer says what the form was shown with (`shown_with`): nobody chose it now."""
    try:
        had = json.loads(shown)
        status, value = had.get("status", "not_discussed"), had.get("value", {})
        return is_same(Answer(answer.question, status, dict(value), 1.0), answer)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return False


def _chosen(question: Question, id_: str, texts: Texts) -> dict[str, Part]:
    _ = texts.say
    if question.kind == "yes_no" and id_ in ("yes", "no"):
        return {"yes": id_ == "yes"}
    option = next((one for one in offered_of(question) if one.id == id_), None)
    if option is None:
        raise UserError("bad-answer", _("Choose one of the list."))
    parts = PARTS[question.kind]
    return {part: value for part, value in option.value.items() if part in parts}


_NUMBERS = ("amount_min", "amount_max", "coverage", "intensity", "number")


def _typed(question: Question, typed: Mapping[str, str], texts: Texts, held_on: date
           ) -> dict[str, Part]:  # fmt: skip
    _ = texts.say
    found: dict[str, Part] = {}
    for part in PARTS[question.kind]:
        text = typed.get(part, "").strip()
        if not text or part in ("match", "choice", "yes", "months"):
            continue
        if part in _NUMBERS:
            found[part] = _number(part, text, texts)
        elif part == "items":
            found[part] = tuple(line.strip() for line in text.splitlines() if line.strip())
        elif part == "by":
            found |= _by(text, texts, held_on)
        else:
            found[part] = text
    items = found.get("items")
    if question.checklist and isinstance(items, tuple):
        found["coverage"] = round(100 * len(items) / len(question.checklist), 1)
    return found


def _number(part: str, text: str, texts: Texts) -> float:
    """A number as typed; amounts as people note them, too: 80k, 1.2M."""
    _ = texts.say
    times = _TIMES.get(text[-1:].lower(), 1) if part in ("amount_min", "amount_max") else 1
    number = number_of(text[:-1] if times > 1 else text, texts)
    if number is None:
        raise UserError("bad-answer", _("Write a number, such as 250."))
    return float(number * times)


def _refuse(value: Mapping[str, Part], texts: Texts) -> None:
    """UserError (`bad-answer`) in the words of a form for what no record would take."""
    _ = texts.say
    fault = ""
    for part, found in value.items():
        if part in ("coverage", "intensity") and not 0 <= float(cast("float", found)) <= 100:
            fault = _("Write a number from 0 to 100.")
        elif part in ("amount_min", "amount_max") and float(cast("float", found)) < 0:
            fault = _("Write an amount of 0 or more.")
        elif isinstance(found, float) and not -MOST <= found <= MOST:
            fault = _("This number is too large.")
        elif part == "currency" and found and not _CURRENCY.fullmatch(str(found)):
            fault = _("Write the three letters of a currency, such as EUR.")
        elif isinstance(found, tuple) and len(found) > MOST_ITEMS:
            fault = _("Write at most %(number)s lines.", number=MOST_ITEMS)
        texts_of = found if isinstance(found, tuple) else (found,)
        if any(isinstance(one, str) and len(one) > LONGEST_TEXT for one in texts_of):
            fault = _("Write at most %(number)s characters.", number=texts.number(LONGEST_TEXT, 0))
    least, most = value.get("amount_min"), value.get("amount_max")
    if not fault and isinstance(least, float) and isinstance(most, float) and least > most:
        fault = _("The lower amount is above the upper one.")
    if fault:
        raise UserError("bad-answer", fault)


def _by(text: str, texts: Texts, held_on: date) -> dict[str, Part]:
    """The day, and how many months lie between it and the day of the conversation."""
    _ = texts.say
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UserError("bad-answer", _("Choose a day.")) from None
    if day < held_on:
        raise UserError("bad-answer", _("This day has passed: choose one that lies ahead."))
    return {"by": text, "months": round((day - held_on).days / DAYS_A_MONTH, 1)}
