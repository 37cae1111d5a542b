"""What a frame is: frozen dataclasses, one for each idea of its language (docs/frames.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "money", "authority", "need", "timeline", "choice", "yes_no", "number", "text"
]
Wording: TypeAlias = Mapping[str, str]
"""The same text by language (ISO 639-1); `en` is always there."""
Phrases: TypeAlias = Mapping[str, tuple[str, ...]]
"""Sentences by what they mean ("asked", "stated", "none", or one of the choices)."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose on a form. `value` are the parts that choosing it states: amounts,
    months, a level or a role, a match, or the choice itself."""

    id: str
    label: Wording
    value: Mapping[str, float | str | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Write:
    """A field of a card that an answer writes: a part of its value, or its status.

    `map` turns values of the part into others; what it does not name is written as it is.
    """

    name: str
    part: str
    map: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `ask` are open questions to put to the buyer, the best first; `plain` is how a
    form puts it to a prospect, and `none` what a form offers to say that there is none of it
    (empty: it does not offer that). `prototypes` are ways in which people say it, for the reader;
    `checklist` are the points of a need (empty: what the conversation's product solves)."""

    id: str
    kind: Kind
    label: Wording
    about: Wording = field(default_factory=dict)
    ask: tuple[Wording, ...] = ()
    help: Wording = field(default_factory=dict)
    plain: Wording = field(default_factory=dict)
    none: Wording = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    checklist: tuple[str, ...] = ()
    prototypes: Phrases = field(default_factory=dict)
    writes: tuple[Write, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """The whole of it. `rates` turn amounts of other currencies into one of `currency`: 1 EUR is
    `rates["EUR"]` of it. Without a rate an amount is written as it was said."""

    name: str
    version: int
    label: Wording
    questions: tuple[Question, ...]
    about: Wording = field(default_factory=dict)
    currency: str | None = None
    rates: Mapping[str, float] = field(default_factory=dict)

    def question(self, question_id: str) -> Question:
        """The question of an id. KeyError for one that the frame does not have."""
        for one in self.questions:
            if one.id == question_id:
                return one
        raise KeyError(question_id)


def said(wording: Wording, language: str | None) -> str:
    """A wording in a language, in English where it has none; empty where there is no wording."""
    return wording.get(language or "en") or wording.get("en", "")


def plainly(question: Question, language: str | None) -> str:
    """The question as a prospect reads it: its plain wording, else the best open question, else
    its label."""
    wordings = (question.plain, *question.ask[:1], question.label)
    return next((text for one in wordings if (text := said(one, language))), "")
