"""Readers answer a frame's questions from a conversation. Two exist, behind one interface."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Protocol

from leadwise.qualify.answer import Answer, Part, Reading, not_discussed, proven
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.talk import Conversation

_NO_CHARACTER = re.compile("[\x00\ud800-\udfff]")
"""What no database keeps: a model may write it."""


class Reader(Protocol):
    """Reads a conversation whole. `name` carries its version, as answers keep it."""

    @property
    def name(self) -> str: ...

    def read(self, conversation: Conversation, frame: Frame) -> tuple[Answer, ...]:
        """An answer to each question of the frame, in its order."""
        ...


def read(conversation: Conversation, frame: Frame, reader: Reader) -> Reading:
    """The answers of a reader, each held to its quotes, with the time it took.

    Where nobody of the buyer's side speaks, nothing was discussed: what a seller says is no answer.
    """
    start = time.perf_counter()
    if conversation.has_buyer:
        answers = reader.read(conversation, frame)
    else:
        answers = tuple(not_discussed(one.id, "nobody of the buyer's side speaks")
                        for one in frame.questions)  # fmt: skip
    made = proven([_writable(one) for one in answers], conversation)
    return replace(made, reader=reader.name, seconds=time.perf_counter() - start)


def _writable(answer: Answer) -> Answer:
    """The answer without what is no character; quotes are held to the conversation anyway."""

    def plain(text: str) -> str:
        return _NO_CHARACTER.sub("\ufffd", text)

    def part(value: Part) -> Part:
        if isinstance(value, tuple):
            return tuple(plain(one) for one in value)
        return plain(value) if isinstance(value, str) else value

    value = {name: part(found) for name, found in answer.value.items()}
    return replace(answer, value=value, why=plain(answer.why))
