"""Labelled conversations: a file each, the conversation and what a careful person reads from it.

{"id", "language", "channel", "held_at", "product", "turns": [{"speaker", "side", "text"}],
 "gold": {QUESTION: {"status", PART: VALUE ..., "evidence": [verbatim quotes]}}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from leadwise.errors import Place, UserError
from leadwise.qualify.answer import Answer, Quote
from leadwise.qualify.talk import Conversation, Turn


@dataclass(frozen=True, slots=True)
class Labelled:
    """A conversation with its gold answers, by question."""

    id: str
    conversation: Conversation
    gold: Mapping[str, Answer]


def labelled_folder(folder: Path) -> tuple[Labelled, ...]:
    """Every labelled conversation of a folder, by file name. UserError where there is none, or
    where one cannot be read."""
    files = sorted(folder.glob("*.json*")) if folder.is_dir() else []
    if not files:
        raise UserError(
            "no-labelled-conversations",
            f"{folder} holds no labelled conversation.",
            where=Place(str(folder)),
            hint="name a folder of .json files as docs/qualification.md describes them",
        )
    return tuple(one for file in files for one in labelled_file(file))


def labelled_file(file: Path) -> tuple[Labelled, ...]:
    """The labelled conversations of a file. UserError (`bad-labels`) says what is wrong with it."""
    try:
        text = file.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise _bad(file, None, str(error)) from error
    if file.suffix != ".jsonl":
        return (_labelled(file, None, text),)
    lines = enumerate(text.splitlines(), 1)
    return tuple(_labelled(file, number, line) for number, line in lines if line.strip())


def _labelled(file: Path, line: int | None, text: str) -> Labelled:
    try:
        found = json.loads(text)
        conversation = conversation_of(found)
        gold = {name: _answer(name, one, conversation) for name, one in found["gold"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        said = f"it has no '{error.args[0]}'" if isinstance(error, KeyError) else str(error)
        raise _bad(file, line, said) from error
    return Labelled(str(found.get("id", file.stem)), conversation, gold)


def _bad(file: Path, line: int | None, said: str) -> UserError:
    return UserError(
        "bad-labels",
        f"{file.name} is no labelled conversation: {said}.",
        where=Place(str(file), line),
        hint="docs/qualification.md shows one",
    )


def conversation_of(found: Mapping[str, Any]) -> Conversation:
    """The conversation of a labelled file. KeyError or ValueError where it is none."""
    turns = tuple(Turn(one["speaker"], one["side"], one["text"]) for one in found["turns"])
    return Conversation(
        found["channel"], date.fromisoformat(found["held_at"][:10]), turns,
        found.get("language"), found.get("product"),
    )  # fmt: skip


def _answer(question: str, found: Mapping[str, Any], conversation: Conversation) -> Answer:
    value = {key: one for key, one in found.items() if key not in ("status", "evidence")}
    quotes = tuple(_place(text, conversation) for text in found["evidence"])
    return Answer(question, found["status"], value, 1.0, quotes)


def _place(text: str, conversation: Conversation) -> Quote:
    for number, turn in enumerate(conversation.turns):
        if (start := turn.text.find(text)) >= 0:
            return Quote(number, start, text)
    raise ValueError(f"the quote '{text[:60]}' is not in the conversation")
