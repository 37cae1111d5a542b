"""From the text of a frame to the frame, with every problem found on the way.

The steps are a card's: YAML into a tree with places, the tree's shape, its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from leadwise.card.source import read_source
from leadwise.errors import CardError, Problem
from leadwise.qualify.frame.check import check
from leadwise.qualify.frame.model import Frame, Kind, Option, Question, Write
from leadwise.qualify.frame.shape import (
    OPTION_PARTS,
    FrameShape,
    OptionShape,
    QuestionShape,
    fit,
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A frame where its text has no error, and all problems, in the order of the file."""

    frame: Frame | None
    problems: tuple[Problem, ...]


def parse(text: str, file: str = "frame.yaml") -> Parsed:
    """Reads and checks a frame. Never raises; `file` is only named in problems."""
    source, faults = read_source(text, file, "frame")
    if source is None:
        return Parsed(None, faults)
    shape, misfits = fit(source)
    found = [*faults, *misfits]
    if shape is None:
        return Parsed(None, _ordered(found))
    frame = _frame(shape)
    problems = _ordered([*found, *check(frame, source)])
    broken = any(one.severity == "error" for one in problems)
    return Parsed(None if broken else frame, problems)


def frame_of(text: str, file: str = "frame.yaml") -> Frame:
    """The frame of a text. CardError with all problems where it has an error."""
    parsed = parse(text, file)
    if parsed.frame is None:
        raise CardError(parsed.problems)
    return parsed.frame


def _ordered(problems: list[Problem]) -> tuple[Problem, ...]:
    """By place, each once."""
    return tuple(
        sorted(dict.fromkeys(problems), key=lambda p: (p.where.line or 0, p.where.column or 0))
    )


def _frame(shape: FrameShape) -> Frame:
    return Frame(
        shape.frame, shape.version, shape.label, tuple(map(_question, shape.questions)),
        shape.about, shape.currency, shape.rates,
    )  # fmt: skip


def _question(shape: QuestionShape) -> Question:
    said = {name: tuple(items) for name, items in shape.said.model_dump().items() if items}
    said |= {option.id: tuple(option.said) for option in shape.options if option.said}
    writes = tuple(Write(name, one.source, one.map) for name, one in shape.writes.items())
    return Question(
        shape.id, cast("Kind", shape.kind), shape.label, shape.about, tuple(shape.ask), shape.help,
        shape.plain, shape.none, tuple(_option(one, shape.kind) for one in shape.options),
        tuple(shape.checklist), said, writes,
    )  # fmt: skip


def _option(shape: OptionShape, kind: str) -> Option:
    parts = {name: getattr(shape, name) for name in OPTION_PARTS}
    stated = {name: value for name, value in parts.items() if value is not None}
    return Option(
        shape.id, shape.label, stated | ({"choice": shape.id} if kind == "choice" else {})
    )
