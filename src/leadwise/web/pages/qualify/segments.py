"""Segments: how leads stand with each question of a frame, and who they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.asking.instants import written
from leadwise.qualify.frame.model import Frame, said
from leadwise.qualify.library import all_frames
from leadwise.store.answers import get_answers
from leadwise.store.lead_pages import facts_of_leads, member_names
from leadwise.store.leads import names_of_leads
from leadwise.store.segments import (
    STANDINGS,
    InSegment,
    Segment,
    Standing,
    count_segments,
    list_segment,
)
from leadwise.web.pages.lead.asked import whole_of
from leadwise.web.pages.lead.naming import lead_name
from leadwise.web.pages.lead.reading import note_read
from leadwise.web.pages.qualify.standing import PREFERRED, shown_answer
from leadwise.web.pages.qualify.standing import Standing as Shown
from leadwise.web.pages.qualify.tabs import show
from leadwise.web.pages.qualify.wording import status_said
from leadwise.web.pages.rendering import HEADERS
from leadwise.web.pages.visit import Visit

PAGE_SIZE = 50
AT_ONCE = 5_000
"""So many leads of a file are looked up at once."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a text begins that a spreadsheet would take for a formula."""


@dataclass(frozen=True, slots=True)
class Member:
    """A lead of a segment; `mail` is its address where it is known."""

    id: int
    name: str
    mail: str
    at_us: int | None
    shown: Shown | None


def show_segments(visit: Visit) -> Response:
    """The counts of each question, by how leads stand with it."""
    frame, frames, counts = visit.read(lambda c: _counted(c, visit))
    texts = visit.texts
    labels = {one.id: said(one.label, texts.language) for one in frame.questions}
    return show(
        visit, "segments", frame=frame, counts=counts, labels=labels, frames=_named(visit, frames),
        standings=[(one, _called(visit, one)) for one in STANDINGS],
        everybody=sum(getattr(counts[0], one) for one in STANDINGS) if counts else 0,
    )  # fmt: skip


def show_segment(visit: Visit) -> Response:
    """The leads that stand so with a question."""
    after = whole_of(visit.query.get("after", "")) or 0
    frame, frames, standing, question, found = _asked(visit, after, PAGE_SIZE + 1)
    note_read(visit, None, f"segment {frame.name} {question} {standing}", "list")
    rows = found[:PAGE_SIZE]
    return show(
        visit, "segment", frame=frame, frames=_named(visit, frames), standing=standing,
        said=_called(visit, standing), rows=rows, question=question,
        label=said(frame.question(question).label, visit.texts.language),
        next_=rows[-1].id if len(found) > PAGE_SIZE else None,
    )  # fmt: skip


def segments_csv(visit: Visit) -> Response:
    """The counts; with a question and a standing the leads."""
    if not visit.query.get("question"):
        frame, _frames, counts = visit.read(lambda c: _counted(c, visit))
        rows: list[list[Any]] = [
            [one.question, one.stated, one.none, one.contradicted, one.unknown] for one in counts
        ]
        return _file(f"segments-{frame.name}.csv", ["question", *STANDINGS], rows)
    rows, after = [], 0
    with visit.site.api.heavy():
        while True:
            frame, _frames, standing, question, found = _asked(visit, after, AT_ONCE)
            rows += [
                [one.id, one.name, one.mail, standing, written(one.at_us) if one.at_us else "",
                 one.shown.said if one.shown else ""] for one in found
            ]  # fmt: skip
            if len(found) < AT_ONCE:
                break
            after = found[-1].id
    note_read(visit, None, f"segment {frame.name} {question} {standing} as CSV", "export")
    header = ["lead", "name", "email", "standing", "since", "answer"]
    return _file(f"segment-{frame.name}-{question}-{standing}.csv", header, rows)


def _counted(connection: Connection, visit: Visit
             ) -> tuple[Frame, list[Frame], tuple[Segment, ...]]:  # fmt: skip
    frame, frames = _frame(connection, visit)
    return frame, frames, count_segments(connection, frame.name, [q.id for q in frame.questions])


def _asked(visit: Visit, after: int, limit: int
           ) -> tuple[Frame, list[Frame], Standing, str, list[Member]]:  # fmt: skip
    def reading(connection: Connection) -> Any:
        frame, frames = _frame(connection, visit)
        ids = [one.id for one in frame.questions]
        question = next((id_ for id_ in ids if id_ == visit.query.get("question")), ids[0])
        given = visit.query.get("standing")
        standing: Standing = next((one for one in STANDINGS if one == given), "unknown")
        rows = list_segment(connection, frame.name, question, [standing], after_id=after,
                            limit=limit)  # fmt: skip
        return frame, frames, standing, question, _members(connection, visit, frame, rows)

    found: tuple[Frame, list[Frame], Standing, str, list[Member]] = visit.read(reading)
    return found


def _members(connection: Connection, visit: Visit, frame: Frame, rows: list[InSegment]
             ) -> list[Member]:  # fmt: skip
    ids = [one.lead_id for one in rows]
    names, facts = names_of_leads(connection, ids), facts_of_leads(connection, ids)
    answers = get_answers(connection, [one.answer_id for one in rows if one.answer_id is not None])
    actors: Mapping[str, str] = member_names(connection)
    found = []
    for one in rows:
        own = names[one.lead_id]
        answer = answers.get(one.answer_id) if one.answer_id is not None else None
        found.append(
            Member(
                one.lead_id,
                lead_name(one.lead_id, own, facts.get(one.lead_id, {}), visit.texts),
                next((value for kind, value in own if kind == "email"), ""), one.at_us,
                shown_answer(visit, frame, answer, actors) if answer else None,
            )
        )  # fmt: skip
    return found


def _frame(connection: Connection, visit: Visit) -> tuple[Frame, list[Frame]]:
    frames = all_frames(connection)
    names = [one.name for one in frames]
    given = visit.query.get("frame")
    name = given if given in names else PREFERRED
    return next(one for one in frames if one.name == name), frames


def _named(visit: Visit, frames: list[Frame]) -> list[tuple[str, str]]:
    return [(one.name, said(one.label, visit.texts.language)) for one in frames]


def _called(visit: Visit, standing: str) -> str:
    found = status_said(standing, visit.texts)
    return found[:1].upper() + found[1:]


def _file(name: str, header: list[str], rows: list[list[Any]]) -> Response:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        writer.writerow([
            f"'{one}" if isinstance(one, str) and one.startswith(_FORMULA) else one for one in row
        ])  # fmt: skip
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(out.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")
