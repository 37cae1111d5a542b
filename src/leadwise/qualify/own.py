"""Questions of your own: a frame of one question, asked of a conversation like any other.

`classify` asks for one of a few choices, `extract` for a figure, an amount, a day or a text. What
is found is written into a field, its status into `<field>_status`, and any card may read both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import get_args

from leadwise.card.model import NAME
from leadwise.card.nearest import suggestion
from leadwise.errors import UserError
from leadwise.qualify.frame.model import Frame, Kind, Option, Question, Write

OWN = "own"
"""The name of the frame and of its question, where no field is named."""
LONGEST_QUESTION, LONGEST_CHOICE, MOST_CHOICES = 500, 200, 60
EXTRACTED: tuple[Kind, ...] = tuple(kind for kind in get_args(Kind) if kind != "choice")
_WRITTEN: dict[Kind, dict[str, str]] = {
    "money": {"": "amount", "_currency": "currency"},
    "authority": {"": "level", "_role": "role"},
    "need": {"": "match"},
    "timeline": {"": "months"},
    "choice": {"": "choice"},
    "yes_no": {"": "yes"},
    "number": {"": "number", "_unit": "unit"},
    "text": {"": "text"},
}
"""What is written of each kind, by the end of the field's name."""


def classify(question: str, choices: Sequence[str], field: str | None = None) -> Frame:
    """A frame that asks which of the choices fits. The choices are written as they are given.

    UserError (`own-question`) for no question, less than two choices or the same one twice, and
    for a field that cannot be one's name.
    """
    texts = [_text(choice, "choice", LONGEST_CHOICE) for choice in choices]
    if not 2 <= len(texts) <= MOST_CHOICES:
        raise UserError(
            "own-question",
            f"There {'is 1 choice' if len(texts) == 1 else f'are {len(texts)} choices'}.",
            hint=f"Give 2 to {MOST_CHOICES}: --choice new --choice renewal",
        )
    for place, text in enumerate(texts):
        if text in texts[:place]:
            raise UserError(
                "own-question", f"The choice '{text}' is given twice.", hint="Give each once."
            )
    options = tuple(Option(text, {"en": text}, {"choice": text}) for text in texts)
    return _frame(question, "choice", field, options)


def extract(question: str, kind: str = "text", field: str | None = None) -> Frame:
    """A frame that asks for a value of a kind.

    UserError (`own-question`) for no question, a kind that there is not, and a field that cannot be
    one's name.
    """
    found = next((one for one in EXTRACTED if one == kind), None)
    if found is None:
        hint = "Use classify and name the choices." if kind == "choice" else suggestion(
            kind, EXTRACTED, f"It can be {', '.join(EXTRACTED)}."
        )  # fmt: skip
        raise UserError("own-question", f"No '{kind}' can be extracted.", hint=hint)
    return _frame(question, found, field, ())


def _frame(question: str, kind: Kind, field: str | None, options: tuple[Option, ...]) -> Frame:
    text = _text(question, "question", LONGEST_QUESTION)
    if field is not None and not re.fullmatch(NAME, field):
        raise UserError(
            "own-question",
            f"'{field[:60]}' cannot be the name of a field.",
            hint="Begin with a letter a to z, then letters, digits and _: deal_kind",
        )
    writes = () if field is None else (
        *(Write(field + end, part) for end, part in _WRITTEN[kind].items()),
        Write(f"{field}_status", "status"),
    )  # fmt: skip
    wording = {"en": text}
    asked = Question(
        field or OWN, kind, wording, wording, (wording,), options=options,
        prototypes={"asked": (text,)}, writes=writes,
    )  # fmt: skip
    return Frame(OWN, 1, wording, (asked,))


def _text(given: str, what: str, longest: int) -> str:
    text = unicodedata.normalize("NFC", given).replace("\0", "").strip()
    if not text or len(text) > longest:
        message = f"The {what} is {'empty' if not text else f'{len(text):,} characters long'}."
        raise UserError("own-question", message, hint=f"Write 1 to {longest} characters.")
    return text
