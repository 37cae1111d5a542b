"""Frames: those that come with Leadwise, and a team's own, checked before they are kept."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import CardError, Problem, UserError
from leadwise.qualify.frame.model import Frame, said
from leadwise.qualify.frame.parse import parse
from leadwise.qualify.frame.shipped import NAMES
from leadwise.qualify.library import all_frames, frame_text, save_frame
from leadwise.store.audit import audit
from leadwise.store.frames import kept_frame, versions_of_frame
from leadwise.store.lead_pages import member_names
from leadwise.web.pages.lead.asked import whole_of
from leadwise.web.pages.lead.naming import actor_said
from leadwise.web.pages.lower import in_words
from leadwise.web.pages.qualify.tabs import show
from leadwise.web.pages.visit import Visit

LONGEST = 300_000
_NAME = re.compile(r"^frame:[ \t]*([a-z][a-z0-9_-]*)", re.MULTILINE)


def show_frames(visit: Visit) -> Response:
    """All frames with their questions."""
    frames = visit.read(all_frames)
    language = visit.texts.language
    return show(visit, "frames", frames=[
        (one, said(one.label, language), said(one.about, language), one.name in NAMES,
         [said(question.label, language) for question in one.questions]) for one in frames
    ])  # fmt: skip


def show_frame(visit: Visit) -> Response:
    """The text of a frame: to be read, changed, or copied under a name of one's own."""
    name = visit.request.path_params["name"]
    version = whole_of(visit.query.get("version", ""))

    def reading(connection: Connection) -> tuple[str, Any, int | None]:
        now = kept_frame(connection, name)
        return frame_text(connection, name, version), now, now.version if now else None

    text, _now, last = visit.read(reading)
    copied = name in NAMES
    if not visit.may("cards"):
        return _page(visit, name, text, last, ())
    shown = _copied(text, name) if copied else _next(text, last)
    return _page(visit, name, shown, None if copied else last, ())


def check_frame(visit: Visit) -> Response:
    """Check a text, or keep it as the next version."""
    name = visit.request.path_params["name"]
    _ = visit.texts.say
    given = visit.form.get("text")
    text = given.replace("\r\n", "\n")[:LONGEST] if isinstance(given, str) else ""
    last = whole_of(str(visit.form.get("last", "")))
    parsed = parse(text, f"{name}.yaml")
    if visit.form.get("how") != "save" or parsed.frame is None:
        status = 200 if parsed.frame is not None else 422
        return _page(visit, name, text, last, parsed.problems, status, checked=True)
    own = parsed.frame.name

    def work(connection: Connection) -> Frame:
        made, _problems = save_frame(connection, own, text, last=last if own == name else None,
                                     actor=visit.who.actor, now_us=visit.now_us)  # fmt: skip
        audit(connection, visit.who.actor, "save", "frame", None, f"{own} {made.version}",
              visit.now_us)  # fmt: skip
        return made

    try:
        made = visit.write(work)
    except CardError as error:
        return _page(visit, name, text, last, error.problems, 422, checked=True)
    except UserError as error:
        said_ = in_words(error, visit.texts)
        return _page(visit, name, text, last, parsed.problems, 422, error=said_)
    return visit.go(f"/frames/{made.name}",
                    _("Version %(number)s is kept.", number=made.version))  # fmt: skip


def _page(visit: Visit, name: str, text: str, last: int | None, problems: tuple[Problem, ...],
          status: int = 200, *, error: UserError | None = None,
          checked: bool = False) -> Response:  # fmt: skip
    def reading(connection: Connection) -> tuple[Any, Any]:
        return versions_of_frame(connection, name), member_names(connection)

    versions, members = visit.read(reading)
    return show(
        visit, "frame_one", status=status, frame_name=name, text=text, last=last, problems=problems,
        error=error, shipped=name in NAMES, checked=checked,
        versions=[(one, actor_said(one.created_by, members, visit.texts)) for one in versions],
    )  # fmt: skip


def _copied(text: str, name: str) -> str:
    """The text of a shipped frame under a name of one's own, as its first version."""
    return _NAME.sub(f"frame: our-{name}", _next(text, None), count=1)


def _next(text: str, last: int | None) -> str:
    """The text with the number of the next version."""
    return re.sub(r"^version:[ \t]*\d+", f"version: {(last or 0) + 1}", text, count=1,
                  flags=re.MULTILINE)  # fmt: skip
