"""What to ask next: the open questions of what a frame does not know yet, the one worth most first.

What a question is worth is what the fields that it writes could bring under a card:
`leadwise.asking.estimates` reads that from the card, `leadwise.asking.questions` tries it on the
lead. Points are hundredths. A contradicted answer is worth asking again; one that was `stated`, and
a `none`, which is an answer too, are not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from leadwise.asking.estimates import Estimate, estimates
from leadwise.asking.questions import Question as Tried
from leadwise.asking.reading import items
from leadwise.card.model import Card
from leadwise.qualify.answer import Status
from leadwise.qualify.frame.model import Frame, said


@dataclass(frozen=True, slots=True)
class ToAsk:
    """An open question to put to the buyer: `ask` is the best wording, `more` are others, `help`
    is for the person asking; all in one language (English where the frame has no other).

    `most` are the points that the answer can bring at most: 0 where the card does not look at it,
    None where that depends on what the lead did, or where there is no card. `status` is the answer
    so far: `not_discussed` or `contradicted`.
    """

    question: str
    label: str
    ask: str
    more: tuple[str, ...]
    help: str
    most: int | None
    status: Status


def to_ask(
    frame: Frame,
    statuses: Mapping[str, Status],
    worth: Mapping[str, int | None] | None = None,
    language: str | None = None,
) -> tuple[ToAsk, ...]:
    """What is still to be asked: by worth, of equal worth in the frame's order.

    `statuses` are those of the answers so far by question; one that is not there was not discussed.
    `worth` is what `worth_of` or `worth_under` says; without it the frame's order stands. A
    question that depends on what the lead did (None) comes before those that bring nothing.
    """
    found: list[ToAsk] = []
    for one in frame.questions:
        status = statuses.get(one.id, "not_discussed")
        if status in ("not_discussed", "contradicted"):
            wordings = [said(wording, language) for wording in one.ask] or [
                said(one.plain, language) or said(one.label, language)
            ]
            most = None if worth is None else worth.get(one.id, 0)
            found.append(
                ToAsk(one.id, said(one.label, language), wordings[0], tuple(wordings[1:]),
                      said(one.help, language), most, status)
            )  # fmt: skip
    if worth is None:
        return tuple(found)
    return tuple(sorted(found, key=lambda one: -(0.5 if one.most is None else one.most)))


def worth_of(frame: Frame, found: Iterable[Estimate | Tried]) -> dict[str, int | None]:
    """What each question of a frame can bring, of what the fields that it writes can.

    Several criteria may read one field: their points add up. Fields that bring points together
    ("budget and timeline") count for each of their questions.
    """
    of_field = {write.name: one.id for one in frame.questions for write in one.writes}
    worth: dict[str, int | None] = {}
    for one in found:
        most = one.most if isinstance(one, Estimate) else one.best
        for question in dict.fromkeys(of_field[name] for name in one.fields if name in of_field):
            before = worth.get(question, 0)
            worth[question] = None if most is None or before is None else before + most
    return worth


def worth_under(frame: Frame, card: Card, known: Collection[str] = ()) -> dict[str, int | None]:
    """What each question can bring under a card to a lead of which nothing but the fields `known`
    is known and which has no points yet."""
    every = [item.id for item in items(card)]
    return worth_of(frame, estimates(card, {}, [0] * len(card.dimensions), every, known))


def asks_of_frames(frames: Iterable[Frame], language: str | None) -> dict[str, tuple[str, str]]:
    """The label and the best open question for each field that a frame fills; of several frames the
    first one's."""
    found: dict[str, tuple[str, str]] = {}
    for frame in frames:
        for one in frame.questions:
            ask = said(one.ask[0], language) if one.ask else ""
            for write in one.writes:
                if ask:
                    found.setdefault(write.name, (said(one.label, language), ask))
    return found
