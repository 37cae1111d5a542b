"""A conversation: its turns with every quote marked, and the answers that were read from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.jobs import FINISHED
from leadwise.qualify.frame.model import Frame, said
from leadwise.qualify.library import all_frames, frame_named
from leadwise.qualify.recording import delete_conversation
from leadwise.store.answers import KeptAnswer, answers_of_conversation
from leadwise.store.audit import audit
from leadwise.store.conversations import Held, get_conversation
from leadwise.web.api.conversations import note
from leadwise.web.pages.lead.reading import Person, note_read, read_person
from leadwise.web.pages.qualify.marking import Piece, colours, pieces
from leadwise.web.pages.qualify.reader import (
    MODEL,
    job_of,
    model_offered,
    read_by_model,
    read_now,
    reader_asked,
)
from leadwise.web.pages.qualify.standing import PREFERRED, Standing, shown_answer
from leadwise.web.pages.qualify.wording import channel_said, question_of, side_said
from leadwise.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn as it is shown: when it began (`0:42`), the day of a mail, its text in pieces."""

    number: int
    speaker: str
    side: str | None
    side_said: str
    at: str
    day: str
    pieces: tuple[Piece, ...]


def show_conversation(visit: Visit) -> Response:
    """The turns, and beside them the answers under each frame that it was read by."""
    id_ = visit.number("conversation_id")

    def reading(connection: Connection) -> tuple[Held, Person, list[Frame], list[KeptAnswer]]:
        held = get_conversation(connection, id_)
        return (
            held, read_person(connection, visit, held.lead_id), all_frames(connection),
            answers_of_conversation(connection, id_),
        )  # fmt: skip

    held, person, frames, answers = visit.read(reading)
    note_read(visit, held.lead_id, f"conversation {id_}")
    chosen = _chosen(visit, frames, answers)
    own = [one for one in answers if one.frame == chosen.name]
    order = [question.id for question in chosen.questions]
    own.sort(key=lambda one: order.index(one.question) if one.question in order else len(order))
    return visit.page(
        "qualify/conversation.html", held=held, person=person, frame=chosen,
        frames=[(one.name, said(one.label, visit.texts.language),
                 any(answer.frame == one.name for answer in answers)) for one in frames],
        turns=turns_of(visit, held, chosen, own),
        answers=[_shown(visit, chosen, one, person) for one in own],
        title=title_of(visit, held), channel=channel_said(held.channel, visit.texts),
        colour=colours(order), model=model_offered(visit),
        **_reading(visit, held, chosen),
    )  # fmt: skip


def show_reading(visit: Visit) -> Response:
    """How far the model is: a part that asks again by itself."""
    id_ = visit.number("conversation_id")

    def reading(connection: Connection) -> tuple[Held, list[Frame]]:
        return get_conversation(connection, id_), all_frames(connection)

    held, frames = visit.read(reading)
    frame = _chosen(visit, frames, [])
    return visit.page("qualify/reading_part.html", held=held, frame=frame,
                      **_reading(visit, held, frame))  # fmt: skip


def _reading(visit: Visit, held: Held, frame: Frame) -> dict[str, Any]:
    job = job_of(visit, held.id, frame)
    return {"job": job, "moving": job is not None and job.state not in FINISHED,
            "partial": visit.partial}  # fmt: skip


def again(visit: Visit) -> Response:
    """Read it (again) under a frame."""
    id_ = visit.number("conversation_id")
    name = visit.form.get("frame")
    frame = visit.read(lambda c: frame_named(c, name if isinstance(name, str) else PREFERRED))
    if reader_asked(visit) == MODEL:
        notice = read_by_model(visit, id_, frame)
    else:
        kept = read_now(visit, id_, frame)
        note(visit.site.api, visit.who.actor, "read again", id_)
        notice = visit.texts.count("Read: %(num)s answer is new.",
                                   "Read: %(num)s answers are new.", kept.added)  # fmt: skip
    return visit.go(f"/conversations/{id_}?frame={frame.name}", notice)


def delete(visit: Visit) -> Response:
    """Delete it with its answers and what they said of the lead."""
    id_ = visit.number("conversation_id")

    def work(connection: Connection) -> Held:
        held = delete_conversation(connection, id_, visit.now_us)
        audit(connection, visit.who.actor, "delete", "conversation", id_, f"of lead {held.lead_id}",
              visit.now_us)  # fmt: skip
        return held

    held = visit.write(work)
    _ = visit.texts.say
    return visit.go(f"/leads/{held.lead_id}/conversations", _("The conversation is deleted."))


def turns_of(visit: Visit, held: Held, frame: Frame, answers: list[KeptAnswer],
             only: tuple[int, ...] | None = None) -> list[Turn]:  # fmt: skip
    """The turns (or `only` those) with the quotes of these answers marked."""
    texts = visit.texts
    colour = colours([question.id for question in frame.questions])
    marked = [
        (one, said(question.label, texts.language) if (question := question_of(frame, one.question))
         else one.question, colour.get(one.question, 0))
        for one in answers
    ]  # fmt: skip
    found = []
    for number, (speaker, side, text, start_s, said_on) in enumerate(held.turns or ()):
        if only is None or number in only:
            at = "" if start_s is None else f"{int(start_s) // 60}:{int(start_s) % 60:02}"
            day = said_on if said_on and said_on != held.held_on else ""
            found.append(
                Turn(number, speaker, side, side_said(side, texts), at, day,
                     pieces(number, text, marked))
            )  # fmt: skip
    return found


def title_of(visit: Visit, held: Held) -> str:
    """What a conversation is called: its title, else its channel and day."""
    if held.title:
        return held.title
    day = visit.texts.date(held.held_us, visit.zone)
    _ = visit.texts.say
    return _("%(channel)s of %(day)s", channel=channel_said(held.channel, visit.texts), day=day)


def _chosen(visit: Visit, frames: list[Frame], answers: list[KeptAnswer]) -> Frame:
    """The frame of the address, else the one that it was read by last."""
    names = [one.name for one in frames]
    wanted = [visit.query.get("frame"), *(one.frame for one in reversed(answers)), PREFERRED]
    name = next((one for one in wanted if one in names), names[0])
    return next(one for one in frames if one.name == name)


def _shown(visit: Visit, frame: Frame, answer: KeptAnswer, person: Person) -> Standing:
    return shown_answer(visit, frame, answer, person.members)


def day_of(text: str) -> date | None:
    """A day as a field of a form has it; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
