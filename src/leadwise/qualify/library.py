"""Frames by their names: those that come with Leadwise, and a team's own in the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import msgspec
from sqlalchemy import Connection

from leadwise.errors import CardError, Problem, UserError
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.frame.parse import frame_of, parse
from leadwise.qualify.frame.shipped import NAMES, shipped_frame, shipped_text
from leadwise.qualify.own import classify, extract
from leadwise.store.frames import KeptFrame, add_frame, kept_frame, list_kept_frames

QUESTION = "own:"
"""Before the field that a question of one's own writes: the name of its frame."""


class Asked(msgspec.Struct, frozen=True):
    """A question of one's own: of a `kind`, or with `choices`; `field` is what it writes."""

    question: str
    field: str | None = None
    kind: str | None = None
    choices: tuple[str, ...] = ()

    def frame(self) -> Frame:
        """The frame that asks it. UserError (`own-question`)."""
        if self.kind is None:
            return classify(self.question, self.choices, self.field)
        return extract(self.question, self.kind, self.field)


def frame_named(connection: Connection, name: str, version: int | None = None) -> Frame:
    """A frame by its name; of one's own the latest version if none is named.

    UserError (`no-such-frame`). Of a shipped frame there is the version that is shipped.
    """
    if name in NAMES:
        return shipped_frame(name)
    found = kept_frame(connection, name, version)
    if found is None:
        raise no_such_frame(name, [one.name for one in list_kept_frames(connection)])
    return _question_frame(found) if name.startswith(QUESTION) else frame_of(found.text, name)


def question_kept(connection: Connection, asked: Asked, *, actor: str, now_us: int) -> Frame:
    """The frame of a question of one's own, kept so that its answers can be corrected later; the
    same question again is the same frame. UserError (`own-question`)."""
    name = QUESTION + str(asked.field)
    text = msgspec.json.encode(asked).decode()
    last = kept_frame(connection, name)
    if last is None or last.text != text:
        asked.frame()  # what cannot be asked is not kept
        last = KeptFrame(name, last.version + 1 if last else 1, text, now_us, actor)
        add_frame(connection, last, last.version - 1 or None)
    return _question_frame(last)


def frame_text(connection: Connection, name: str, version: int | None = None) -> str:
    """The text of a frame, to be read or copied. UserError (`no-such-frame`)."""
    if name in NAMES:
        return shipped_text(name)
    found = kept_frame(connection, name, version)
    if found is None:
        raise no_such_frame(name, [one.name for one in list_kept_frames(connection)])
    return found.text


def all_frames(connection: Connection) -> list[Frame]:
    """Every frame that can be used: the shipped ones, then one's own by name."""
    own = [_frame_of(one.text, one.name) for one in list_kept_frames(connection)]
    return [*(shipped_frame(name) for name in NAMES if _is_shipped(name)), *own]


@lru_cache(maxsize=64)
def _frame_of(text: str, name: str) -> Frame:
    """Kept: a text says the same at any time, and pages ask for all of them."""
    return frame_of(text, name)


def save_frame(
    connection: Connection, name: str, text: str, *, last: int | None, actor: str, now_us: int
) -> tuple[Frame, tuple[Problem, ...]]:
    """Keep a text as the next version of a frame of one's own; the frame and its warnings.

    `last` is the latest version that the author saw, None for a new frame. CardError where the
    text has errors; UserError (`frame-name`, `frame-version`, `stale-frame`).
    """
    parsed = parse(text, f"{name}.yaml")
    if parsed.frame is None:
        raise CardError(parsed.problems)
    made = parsed.frame
    if name in NAMES:
        raise UserError(
            "frame-name", f"Frame '{name}' comes with Leadwise and stays as it is.",
            hint=f"Copy it under a name of your own: write 'frame: our-{name}' into its text.",
        )  # fmt: skip
    if made.name != name:
        raise UserError(
            "frame-name", f"The text is that of frame '{made.name}', not of '{name}'.",
            hint=f"Write 'frame: {name}', or save it as '{made.name}'.",
        )  # fmt: skip
    following = (last or 0) + 1
    if made.version != following:
        raise UserError(
            "frame-version", f"The text says version {made.version}; the next is {following}.",
            hint=f"Write 'version: {following}'.",
        )  # fmt: skip
    add_frame(connection, KeptFrame(name, made.version, text, now_us, actor), last)
    return made, parsed.problems


def no_such_frame(name: str, own: Sequence[str]) -> UserError:
    """What is said where there is no frame of a name."""
    there = ", ".join([*NAMES, *own])
    return UserError("no-such-frame", f"There is no frame '{name}'.", hint=f"There are {there}.")


def _question_frame(found: KeptFrame) -> Frame:
    asked = msgspec.json.decode(found.text, type=Asked)
    return replace(asked.frame(), name=found.name, version=found.version)


def _is_shipped(name: str) -> bool:
    try:
        shipped_text(name)
    except FileNotFoundError:
        return False
    return True
