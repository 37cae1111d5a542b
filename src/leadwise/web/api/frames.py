"""Frames: those that come with Leadwise, and a team's own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field
from sqlalchemy import Connection

from leadwise.errors import Problem
from leadwise.qualify.frame.model import Frame, said
from leadwise.qualify.frame.shipped import NAMES
from leadwise.qualify.library import all_frames, frame_named, frame_text, save_frame
from leadwise.store.audit import audit
from leadwise.web.api.answers import Language
from leadwise.web.api.cards import ProblemShape, problem_shape
from leadwise.web.api.parts import Parts, ReadCards, WriteCards
from leadwise.web.api.shapes import Shape, Text

router = APIRouter(tags=["frames"])

LONGEST_FRAME = 200_000
Name = Annotated[str, Path(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,99}$", description="The frame's.")]


class OptionShape(Shape):
    id: str
    label: str


class FrameQuestion(Shape):
    """`ask` are open questions to put to the buyer, the best first; `writes` are the fields that an
    answer writes, with the part of it that each gets."""

    id: str
    kind: str
    label: str
    ask: list[str]
    help: str
    options: list[OptionShape]
    writes: dict[str, str]


class FrameShape(Shape):
    """`own`: the team's, not one that comes with Leadwise."""

    name: str
    version: int
    label: str
    about: str
    own: bool
    questions: list[FrameQuestion]


class FrameWithText(FrameShape):
    text: str


class Frames(Shape):
    items: list[FrameShape]


class NewFrame(Shape):
    """`last` is the latest version that the author saw, null for a new frame; the text says the one
    after it."""

    text: Annotated[Text, Field(min_length=1, max_length=LONGEST_FRAME)]
    last: int | None = Field(default=None, ge=1, le=1_000_000)


class SavedFrame(FrameWithText):
    """`problems` are warnings."""

    problems: list[ProblemShape]


@router.get("/frames", summary="Frames")
def get_frames(api: Parts, _who: ReadCards, language: Language = "en") -> Frames:
    """Those that come with Leadwise, then one's own by name; of each the latest version."""
    with api.store.read() as connection:
        found = all_frames(connection)
    return Frames(items=[FrameShape(**_values(one, language)) for one in found])


@router.get("/frames/{name}", summary="A frame")
def get_frame(
    api: Parts,
    _who: ReadCards,
    name: Name,
    version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    language: Language = "en",
) -> FrameWithText:
    """With its text; the latest version of one's own if none is named."""
    with api.store.read() as connection:
        found = frame_named(connection, name, version)
        text = frame_text(connection, name, version)
    return FrameWithText(**_values(found, language), text=text)


@router.put("/frames/{name}", summary="Save a frame of one's own")
def put_frame(api: Parts, who: WriteCards, name: Name, new: NewFrame) -> SavedFrame:
    """As its next version. Earlier versions stay, for the answers that were given under them."""
    now_us = api.clock()

    def work(connection: Connection) -> tuple[Frame, tuple[Problem, ...]]:
        made = save_frame(connection, name, new.text, last=new.last, actor=who.actor, now_us=now_us)
        audit(connection, who.actor, "save", "frame", name, f"version {made[0].version}", now_us)
        return made

    found, problems = api.write(work)
    return SavedFrame(
        **_values(found, "en"), text=new.text, problems=[problem_shape(one) for one in problems]
    )


def _values(frame: Frame, language: str) -> dict[str, Any]:
    return {
        "name": frame.name, "version": frame.version, "label": said(frame.label, language),
        "about": said(frame.about, language), "own": frame.name not in NAMES,
        "questions": [
            FrameQuestion(
                id=one.id, kind=one.kind, label=said(one.label, language),
                ask=[said(wording, language) for wording in one.ask],
                help=said(one.help, language),
                options=[OptionShape(id=o.id, label=said(o.label, language)) for o in one.options],
                writes={write.name: write.part for write in one.writes},
            )
            for one in frame.questions
        ],
    }  # fmt: skip
