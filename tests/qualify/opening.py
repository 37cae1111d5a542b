"""Opening a text in tests: the conversation, and its turns in short."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from leadwise.qualify.conversation.opening import Opened, opened_file


def opened(text: str, name: str = "call.txt", **given: Any) -> Opened:
    """A conversation of a text that is written with the indent of its test."""
    return opened_file(dedent(text).lstrip("\n").encode(), name, **given)


def said(text: str, name: str = "call.txt", **given: Any) -> list[tuple[str, str]]:
    """Who says what."""
    return [(one.speaker, one.text) for one in opened(text, name, **given).conversation.turns]


def sides(text: str, name: str = "call.txt", **given: Any) -> dict[str, str | None]:
    """Whose side everybody is on."""
    return {one.speaker: one.side for one in opened(text, name, **given).conversation.turns}
