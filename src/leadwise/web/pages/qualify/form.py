"""The form beside a call: a frame's questions, saved one by one as they are answered.

What is saved is an answer of the member's from the instant at which the form was begun. It goes on
for FILLING_US, over reloads and restarts: what is changed takes the place of what was there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from leadwise.card.values import SECOND
from leadwise.errors import UserError
from leadwise.qualify.answer import Answer
from leadwise.qualify.frame.model import Frame, said
from leadwise.qualify.library import frame_named
from leadwise.qualify.recording import answer_question, plain
from leadwise.store.answers import KeptAnswer, answers_of_lead
from leadwise.store.audit import audit
from leadwise.web.pages.lead.asked import lead_id_of, typed, whole_of
from leadwise.web.pages.lead.reading import Person, gone, note_read, read_person
from leadwise.web.pages.lower import in_words
from leadwise.web.pages.qualify.controls import (
    CURRENCIES,
    Asked,
    asked,
    is_same,
)
from leadwise.web.pages.qualify.filled import answered, is_as_shown, shown_with, typed_of
from leadwise.web.pages.qualify.prospect_words import LANGUAGE_NAMES
from leadwise.web.pages.qualify.reader import local_day
from leadwise.web.pages.qualify.standing import (
    explained,
    frame_asked,
    latest,
    score_of,
    shown_answer,
    standings,
    still_to_ask,
)
from leadwise.web.pages.visit import Visit

FILLING_US = 4 * 3600 * SECOND
"""For so long a form goes on where it was left."""


@dataclass(frozen=True, slots=True)
class Filling:
    """A form of a lead: the frame, what stands (`current`), and since when it is being filled."""

    person: Person
    frame: Frame
    frames: list[Frame]
    every: Sequence[KeptAnswer]
    at_us: int

    @property
    def current(self) -> dict[str, KeptAnswer]:
        """The answers that stand."""
        return latest(self.every, self.frame.name)

    def own(self, question: str, actor: str) -> KeptAnswer | None:
        """What was answered on this form, whatever it says."""
        return next(
            (one for one in self.every if one.conversation_id is None and one.at_us == self.at_us
             and one.question == question and one.frame == self.frame.name
             and one.answered_by == actor), None,
        )  # fmt: skip


@dataclass(slots=True)
class Saved:
    """What became of what was sent: questions that were saved, and faults by question."""

    saved: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    typed: dict[str, dict[str, str]] = field(default_factory=dict)


def show_form(visit: Visit) -> Response:
    """The form with what is known already."""
    lead_id = lead_id_of(visit)
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found
    note_read(visit, lead_id, "qualification form")
    return _page(visit, lead_id, Saved())


def save(visit: Visit) -> Response:
    """Keep what was answered. Scripts send one question and get what to show; a form sends all."""
    lead_id = lead_id_of(visit)
    if frame := typed(visit, "frame"):
        visit.read(lambda c: frame_named(c, frame))  # one that is gone is no other
    filling = visit.read(lambda c: read_filling(c, visit, lead_id))
    made = save_answers(visit, filling, visit.who.actor)
    if visit.request.headers.get("accept", "").startswith("application/json"):
        return _told(visit, lead_id, made)
    _ = visit.texts.say
    if made.faults:
        return _page(visit, lead_id, made, status=422)
    notice = visit.texts.count("%(num)s answer saved.", "%(num)s answers saved.", len(made.saved))
    if not made.saved:
        notice = _("Nothing is new: all of it was saved before.")
    at = f"/leads/{lead_id}/qualify?frame={filling.frame.name}&at={filling.at_us}"
    return visit.go(at, notice)


def save_answers(visit: Visit, filling: Filling, actor: str) -> Saved:
    """Save what a form says otherwise than what stands."""
    made = Saved()
    held_on = local_day(visit, filling.at_us)
    wanted: list[Answer] = []
    for question in filling.frame.questions:
        given = typed_of(visit.form, visit.form.getlist, question)
        if given is None:
            continue
        try:
            answer = answered(filling.frame, question, given, visit.texts, held_on)
        except UserError as error:
            made.faults[question.id] = in_words(error, visit.texts).message
            made.typed[question.id] = given
            continue
        stands = filling.current.get(question.id)
        own = filling.own(question.id, actor)
        same = is_same(plain(stands) if stands else None, answer)
        was = typed(visit, f"was.{question.id}")
        if was and is_as_shown(was, answer):
            same = True  # left as it was shown: what was answered meanwhile stays
        if answer.status == "not_discussed" and (own is None or own.status == "not_discussed"):
            same = True  # nothing was said today: what is known stays known
        if not same:
            wanted.append(answer)
    if wanted:
        visit.write(lambda c: _keep(c, visit, filling, wanted, actor))
    made.saved = [one.question for one in wanted]
    return made


def _keep(c: Connection, visit: Visit, filling: Filling, wanted: list[Answer], actor: str) -> None:
    lead_id = filling.person.id
    for answer in wanted:
        answer_question(
            c, lead_id, filling.frame, answer, answered_by=actor, at_us=filling.at_us,
            now_us=max(visit.now_us, filling.at_us),
        )  # fmt: skip
    detail = f"{filling.frame.name}: " + ", ".join(one.question for one in wanted)
    audit(c, actor, "answer", "lead", lead_id, detail, visit.now_us)


def read_filling(connection: Connection, visit: Visit, lead_id: int) -> Filling:
    """The form as it stands: of the address's instant, else of the one that is being filled."""
    person = read_person(connection, visit, lead_id)
    frame, frames = frame_asked(connection, visit, lead_id)
    every = answers_of_lead(connection, lead_id)
    given = whole_of(typed(visit, "at") or visit.query.get("at", ""))
    begun = [one.at_us for one in every if one.conversation_id is None
             and visit.member is not None and one.answered_by == visit.member.actor
             and one.frame == frame.name and one.at_us > visit.now_us - FILLING_US]  # fmt: skip
    if given is None or not visit.now_us - FILLING_US < given <= visit.now_us:
        given = begun[-1] if begun else visit.now_us
    return Filling(person, frame, frames, every, given)


def questions_of(visit: Visit, filling: Filling, made: Saved) -> list[tuple[Asked, Any, str]]:
    """Each question as a form shows it, what stands, and what it is shown with."""
    names = filling.person.members
    found = []
    current = filling.current
    for question in filling.frame.questions:
        stands = current.get(question.id)
        own = filling.own(question.id, visit.who.actor)
        shown = stands or own
        blank = asked(
            question, plain(shown) if shown else None, visit.texts, disputed=True,
            currency=filling.frame.currency, fault=made.faults.get(question.id, ""),
            typed=made.typed.get(question.id),
        )  # fmt: skip
        known = shown_answer(visit, filling.frame, stands, names) if stands else None
        found.append((blank, known, shown_with(plain(shown) if shown else None)))
    return found


def _page(visit: Visit, lead_id: int, made: Saved, status: int = 200) -> Response:
    filling = visit.read(lambda c: read_filling(c, visit, lead_id))
    return visit.page(
        "qualify/form.html", status=status, person=filling.person, frame=filling.frame,
        frames=[(one.name, said(one.label, visit.texts.language)) for one in filling.frames],
        frame_about=said(filling.frame.about, visit.texts.language),
        frame_label=said(filling.frame.label, visit.texts.language),
        questions=questions_of(visit, filling, made), currencies=CURRENCIES,
        languages=LANGUAGE_NAMES.items(), at_us=filling.at_us, faulty=bool(made.faults),
        **beside(visit, filling),
    )  # fmt: skip


def beside(visit: Visit, filling: Filling) -> Mapping[str, Any]:
    """What stands beside the form: the score, and what is still to be asked."""
    person = filling.person
    found = visit.read(lambda c: explained(c, person, max(visit.now_us, filling.at_us)))
    current = filling.current
    return {
        "score": score_of(person, found),
        "asking": still_to_ask(visit, filling.frame, current, person, found),
        "stands": standings(visit, filling.frame, current, person.members),
    }


def _told(visit: Visit, lead_id: int, made: Saved) -> Response:
    """What scripts show: when it was saved, what is wrong, and the part beside the form."""
    filling = visit.read(lambda c: read_filling(c, visit, lead_id))
    part = visit.site.templates.get_template("qualify/beside.html")
    html = part.render(visit.known({"person": filling.person, "frame": filling.frame,
                                    **beside(visit, filling)}))  # fmt: skip
    _ = visit.texts.say
    said_at = _("Saved at %(time)s", time=visit.texts.time(visit.now_us, visit.zone))
    body = {"saved": made.saved, "faults": made.faults, "said": said_at, "beside": html}
    status = 422 if made.faults else 200
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})
