"""The answers of a lead, on its page: what stands under a frame, with quotes, and what to ask."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.qualify.frame.model import Frame, said
from leadwise.store.answers import KeptAnswer, answers_of_lead
from leadwise.store.conversations import count_conversations
from leadwise.web.pages.lead.asked import lead_id_of
from leadwise.web.pages.lead.reading import Person, gone, note_read, read_person
from leadwise.web.pages.qualify.standing import (
    explained,
    frame_asked,
    latest,
    standings,
    still_to_ask,
)
from leadwise.web.pages.visit import Visit

MOST_ASKED = 3


def show_answers(visit: Visit) -> Response:
    """The part of a lead's page, or a page of its own."""
    lead_id = lead_id_of(visit)
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found

    def reading(connection: Connection) -> tuple[Person, Frame, list[Frame], list[KeptAnswer], int]:
        frame, frames = frame_asked(connection, visit, lead_id)
        return (
            read_person(connection, visit, lead_id), frame, frames,
            answers_of_lead(connection, lead_id), count_conversations(connection, lead_id),
        )  # fmt: skip

    person, frame, frames, every, count = visit.read(reading)
    told: Any = visit.read(lambda c: explained(c, person, visit.now_us))
    current = latest(every, frame.name)
    note_read(visit, lead_id, "answers")
    language = visit.texts.language
    used = {one.frame for one in every} | {frame.name}
    return visit.page(
        "qualify/answers_part.html" if visit.partial else "qualify/answers.html", person=person,
        frame=frame, frame_label=said(frame.label, language), conversations=count,
        frames=[(one.name, said(one.label, language)) for one in frames if one.name in used],
        stands=standings(visit, frame, current, person.members), any_known=bool(current),
        asking=still_to_ask(visit, frame, current, person, told)[:MOST_ASKED],
    )  # fmt: skip
