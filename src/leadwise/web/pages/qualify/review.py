"""The review: one answer at a time with its quotes in their context, and one key for each decision.

Two people may look at the same answer: the second is told what the first decided, and goes on.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.qualify.frame.model import Frame, Question, said
from leadwise.qualify.library import all_frames, frame_named
from leadwise.qualify.recording import plain
from leadwise.qualify.reviewing import UNDECIDED, confirm, correct, reject
from leadwise.store.answers import KeptAnswer, count_waiting, get_answer, list_waiting
from leadwise.store.audit import audit
from leadwise.store.conversations import Held, get_conversation
from leadwise.web.pages.lead.asked import typed, whole_of
from leadwise.web.pages.lead.reading import Person, note_read, read_person
from leadwise.web.pages.lower import in_words
from leadwise.web.pages.qualify.controls import CURRENCIES, asked
from leadwise.web.pages.qualify.conversation import day_of, title_of, turns_of
from leadwise.web.pages.qualify.filled import answered, typed_of
from leadwise.web.pages.qualify.reader import local_day
from leadwise.web.pages.qualify.standing import shown_answer
from leadwise.web.pages.qualify.tabs import show
from leadwise.web.pages.qualify.wording import question_of
from leadwise.web.pages.visit import Visit

AROUND = 1
"""Turns before and after a quote that are shown with it."""


def show_review(visit: Visit) -> Response:
    """The next answer that waits, from after the one that was left out (`after`) on.

    With `answer` that one, whoever waits, unless it is decided: then its conversation is shown.
    """
    id_ = whole_of(visit.query.get("answer", ""))
    if id_ is not None:
        answer = visit.read(lambda c: get_answer(c, id_))
        if answer.review not in UNDECIDED and answer.conversation_id is not None:
            _ = visit.texts.say
            return visit.go(_talk(answer), _("This answer is decided already."))
    return _page(visit, id_, "", {})


def decide(visit: Visit) -> Response:
    """Confirm, correct or reject an answer, then show the next."""
    id_ = visit.number("answer_id")
    _ = visit.texts.say
    how = typed(visit, "how")
    who, now_us = visit.who.actor, visit.now_us
    answer: KeptAnswer | None = None
    try:
        answer = visit.read(lambda c: get_answer(c, id_))
        if how == "confirm":
            visit.write(lambda c: _noted(c, visit, confirm(c, id_, actor=who, now_us=now_us), how))
            done = _("Confirmed.")
        elif how == "reject":
            visit.write(lambda c: _noted(c, visit, reject(c, id_, actor=who, now_us=now_us), how))
            done = _("Rejected: nothing of it is known any more.")
        elif how == "correct":
            frame = visit.read(lambda c: frame_named(c, answer.frame, answer.frame_version))
            question = frame.question(answer.question)
            given = typed_of(visit.form, visit.form.getlist, question) or {}
            try:
                made = answered(frame, question, given, visit.texts, _held_on(visit, answer))
            except UserError as error:
                return _page(visit, id_, in_words(error, visit.texts).message, given, 422)
            visit.write(
                lambda c: _noted(c, visit, correct(c, id_, made, actor=who, now_us=now_us), how)
            )
            done = _("Corrected.")
        else:
            raise UserError("bad-answer", _("Choose what to do with the answer."))
    except UserError as error:
        if error.code not in ("already-reviewed", "no-such-answer"):
            raise
        mine = answer is not None and visit.read(lambda c: get_answer(c, id_)).reviewed_by == who
        done = (_("You have decided on this answer already.") if mine
                else _("Somebody was quicker: this answer is decided already."))  # fmt: skip
    if visit.form.get("back") == "conversation" and answer and answer.conversation_id:
        return visit.go(_talk(answer), done)
    return visit.go(_address(visit, whole_of(typed(visit, "after")) or 0), done)


def _talk(answer: KeptAnswer) -> str:
    return f"/conversations/{answer.conversation_id}?frame={answer.frame}"


def _noted(connection: Connection, visit: Visit, answer: KeptAnswer, how: str) -> None:
    audit(connection, visit.who.actor, how, "answer", answer.id, f"of lead {answer.lead_id}",
          visit.now_us)  # fmt: skip


def _held_on(visit: Visit, answer: KeptAnswer) -> date:
    """The day from which months count."""
    if answer.conversation_id is not None:
        held = visit.read(lambda c: get_conversation(c, answer.conversation_id or 0))
        if (day := day_of(held.held_on)) is not None:
            return day
    return local_day(visit, answer.at_us)


def _filter(visit: Visit) -> tuple[str | None, str | None]:
    sources = (visit.query, visit.form)
    found = [next((str(s.get(n)) for s in sources if s.get(n)), None) for n in ("frame", "only")]
    return found[0], found[1]


def _address(visit: Visit, after: int) -> str:
    frame, only = _filter(visit)
    query = {"frame": frame, "only": only, "after": after or None}
    said_ = urlencode({name: value for name, value in query.items() if value})
    return f"/review?{said_}" if said_ else "/review"


def _page(visit: Visit, open_: int | None, fault: str, given: dict[str, str], status: int = 200
          ) -> Response:  # fmt: skip
    after = whole_of(visit.query.get("after", "") or typed(visit, "after")) or 0
    frame_name, only = _filter(visit)

    def reading(connection: Connection) -> dict[str, Any]:
        frames = all_frames(connection)
        left = count_waiting(connection, frame=frame_name, question=only)
        waiting = (
            [get_answer(connection, open_)] if open_ is not None
            else list_waiting(connection, after_id=after, limit=1, frame=frame_name, question=only)
        )  # fmt: skip
        found: dict[str, Any] = {"frames": frames, "left": left, "answer": None}
        if waiting:
            (answer,) = waiting
            found |= {
                "answer": answer,
                "frame": frame_named(connection, answer.frame, answer.frame_version),
                "person": read_person(connection, visit, answer.lead_id),
                "held": get_conversation(connection, answer.conversation_id)
                if answer.conversation_id else None,
            }  # fmt: skip
        return found

    found = visit.read(reading)
    texts = visit.texts
    values: dict[str, Any] = {
        "left": found["left"], "after": after, "frame_name": frame_name or "", "only": only or "",
        "frames": [(one.name, said(one.label, texts.language)) for one in found["frames"]],
        "answer": None, "again": _address(visit, 0),
        "back": visit.query.get("back") or typed(visit, "back"),
    }  # fmt: skip
    if found["answer"] is not None:
        values |= _of(visit, found["answer"], found["frame"], found["person"], found["held"],
                      fault, given)  # fmt: skip
    waiting = None if frame_name or only else found["left"]
    return show(visit, "review", status=status, waiting=waiting, **values)


def _of(visit: Visit, answer: KeptAnswer, frame: Frame, person: Person, held: Held | None,
        fault: str, given: dict[str, str]) -> dict[str, Any]:  # fmt: skip
    note_read(visit, person.id, f"review of answer {answer.id}")
    question: Question | None = question_of(frame, answer.question)
    blank = None
    if question is not None:
        blank = asked(question, plain(answer), visit.texts, disputed=True,
                      currency=frame.currency, fault=fault,
                      typed=given or None)  # fmt: skip
    near = sorted({
        number for quote in answer.quotes
        for number in range(quote.turn - AROUND, quote.turn + AROUND + 1)
    })  # fmt: skip
    return {
        "answer": answer,
        "person": person,
        "held": held,
        "blank": blank,
        "fault": fault,
        "shown": shown_answer(visit, frame, answer, person.members),
        "currencies": CURRENCIES,
        "title": title_of(visit, held) if held else "",
        "turns": turns_of(visit, held, frame, [answer], tuple(near) or None) if held else [],
        "skip": _address(visit, answer.id),
    }
