"""From the text of a card to the card, with every problem found on the way.

The steps: YAML into a tree with places (source), the tree's shape (shape, document), conditions and
dataclasses (build), meaning (check). Each goes on with what the one before could keep.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from leadwise.card.build import Builder, build
from leadwise.card.check import check
from leadwise.card.model import Card
from leadwise.card.shape import fit
from leadwise.card.source import LARGEST, read_source
from leadwise.errors import CardError, Place, Problem, UserError


class PathLike(Protocol):
    """A path that is not a text, such as pathlib's (which a pure package does not import)."""

    def __fspath__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Parsed:
    """A card where its text has no error, and all problems, in the order of the file."""

    card: Card | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == "error")


def parse(text: str, file: str = "card.yaml") -> Parsed:
    """Reads and checks a card. Never raises; `file` is only named in problems."""
    source, faults = read_source(text, file)
    if source is None:
        return Parsed(None, faults)
    sound, misfits = fit(source)
    found = [*faults, *misfits]
    card: Card | None = None
    if sound is not None:
        builder = Builder(sound.source, sound.whole)
        card = build(sound.shape, builder)
        found += builder.problems
        whole = sound.whole and not found
        found += check(
            card, sound.source, lost=sound.lost, unread=frozenset(builder.unread), whole=whole
        )
    problems = tuple(sorted(dict.fromkeys(found), key=_order))
    broken = any(p.severity == "error" for p in problems)
    return Parsed(None if broken else card, problems)


def check_text(text: str, file: str = "card.yaml") -> tuple[Problem, ...]:
    """All problems of a card, warnings included, in the order of the file."""
    return parse(text, file).problems


def read_card_file(path: str | PathLike) -> str:
    """The text of a card's file. Raises UserError where it cannot be read as UTF-8 text."""
    where = Place(str(path))
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - any kind of path
            raw = file.read(4 * LARGEST + 1)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise UserError(
            "cannot-read", f"{path}: {reason}", where=where, hint="check the path and its rights"
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(raw) > 4 * LARGEST:
            return "#" * (LARGEST + 1)
        line = raw.count(b"\n", 0, error.start) + 1
        problem = Problem(
            "not-utf-8",
            "this file is not UTF-8 text",
            "save it as UTF-8 in your editor",
            Place(str(path), line, error.start - raw.rfind(b"\n", 0, error.start)),
        )
        raise CardError((problem,)) from error


def load(path: str | PathLike) -> Card:
    """The card of a file. Raises CardError with all problems, UserError where there is no file."""
    parsed = parse(read_card_file(path), str(path))
    if parsed.card is None:
        raise CardError(parsed.problems)
    return parsed.card


def _order(problem: Problem) -> tuple[int, int, str]:
    return problem.where.line or 0, problem.where.column or 0, problem.code
