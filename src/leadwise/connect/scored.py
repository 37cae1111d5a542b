"""What of a score is written to a CRM, and how amounts of money come from one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal, TypeAlias

from leadwise.asking.instants import written
from leadwise.connect.model import Update
from leadwise.errors import RemoteError

Shape: TypeAlias = Literal["number", "text", "long", "time"]
WORST = ("refused", "later", "sent", "newer", "same", "unknown")
"""Of several records of a lead the first of these states is what became of the lead."""
LARGEST_AMOUNT = 10**15
"""Hundredths; more is no deal's value but a mistake, and no column holds it."""


@dataclass(frozen=True, slots=True)
class ScoreField:
    """A field that scores are written to: the end of its name there, what people read, its type."""

    name: str
    label: str
    shape: Shape
    about: str


SCORE_FIELDS = (
    ScoreField("score", "Leadwise score", "number", "Points of the lead."),
    ScoreField("band", "Leadwise band", "text", "The band that the score is in."),
    ScoreField("grade", "Leadwise grade", "text", "The grade, where the card has grades."),
    ScoreField("reasons", "Leadwise reasons", "long", "What counts most, the greatest first."),
    ScoreField("question", "Leadwise next question", "long", "What to ask the lead next."),
    ScoreField("card", "Leadwise card", "text", "The card and version that the score is by."),
    ScoreField("at", "Leadwise scored at", "time", "As of when the lead is so scored."),
)


def told(update: Update) -> Mapping[str, float | str]:
    """What of an update stands in each of SCORE_FIELDS; empty texts where there is nothing."""
    return {
        "score": "" if update.blank else update.score / 100,
        "band": update.band or "",
        "grade": update.grade or "",
        "reasons": "\n".join(update.reasons),
        "question": update.question or "",
        "card": update.card,
        "at": written(update.as_of_us),
    }


def must_be_emptied(there: Mapping[str, object], update: Update) -> bool:
    """Whether a record (values by the names of SCORE_FIELDS) still shows a score that is to stand
    there no more. One that shows none is left alone: it may never have had any."""
    nothing: tuple[object, ...] = (None, "", False, 0)
    why = "\n".join(update.reasons)
    values = {one.name: there.get(one.name) for one in SCORE_FIELDS if one.name != "at"}
    reasons = values.pop("reasons")
    shown = "" if reasons in nothing else str(reasons).replace("\r\n", "\n")
    return shown not in ("", why) or any(value not in nothing for value in values.values())


def require_type(system: str, field: str, is_: str, allowed: Collection[str]) -> None:
    """RemoteError (permanent) where a field for scores is there with a type that cannot hold them:
    else every single lead would be refused for it."""
    if is_ not in allowed:
        raise RemoteError(
            f"{system}'s field {field} is of the type {is_}; a score needs {' or '.join(allowed)}. "
            "Rename that field or delete it: the next push makes its own.",
            permanent=True, status=422,
        )  # fmt: skip


def hundredths(amount: object) -> int | None:
    """An amount as systems say it (a number, or its text) in hundredths, half a one rounded up.

    None for none, for 0 (a deal without a value) and for what is no amount of money.
    """
    if amount is None or isinstance(amount, bool):
        return None
    try:
        exact = Decimal(str(amount).strip())
        whole = int((exact * 100).quantize(Decimal(1), ROUND_HALF_UP))
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return whole if 0 < whole < LARGEST_AMOUNT else None
