"""The form that a prospect fills in: by a link, without signing in, in plain words.

It shows nothing of what is known, but what was answered by this link itself. A link is good for one
lead and frame; what comes by it is limited, so that whoever has it cannot fill the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.qualify.answer import Answer
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.library import frame_named
from leadwise.qualify.recording import answer_question, plain
from leadwise.store.answers import COUNTS, PROSPECT, KeptAnswer, answers_of_lead
from leadwise.store.audit import audit
from leadwise.store.lead_pages import state_of
from leadwise.web.pages.lead.asked import lead_id_of, typed
from leadwise.web.pages.lead.reading import gone, read_person
from leadwise.web.pages.qualify.controls import (
    CURRENCIES,
    FIELDS,
    Asked,
    asked,
    is_same,
)
from leadwise.web.pages.qualify.filled import answered, typed_of
from leadwise.web.pages.qualify.linking import DAYS, Link, link_key, link_of
from leadwise.web.pages.qualify.prospect_words import WORDS, words_in
from leadwise.web.pages.qualify.reader import local_day
from leadwise.web.pages.texts import DEFAULT, LANGUAGES, Texts, texts
from leadwise.web.pages.visit import Visit

MOST_SENT = 10
"""So many times the answers of a link may be sent."""
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that holds, its frame, and what was answered by it (`every`: replaced ones, too)."""

    link: Link
    lead_id: int
    frame: Frame
    every: Sequence[KeptAnswer]

    @property
    def own(self) -> dict[str, KeptAnswer]:
        """What stands of what was answered by the link."""
        return {one.question: one for one in self.every if one.review in COUNTS}

    @property
    def full(self) -> bool:
        """Whether nothing more is taken."""
        return len(self.every) >= MOST_SENT * len(self.frame.questions)


def make_link(visit: Visit) -> Response:
    """A link for a lead, to be copied into a mail."""
    lead_id = lead_id_of(visit)
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found
    frame = visit.read(lambda c: frame_named(c, typed(visit, "frame")))
    language = typed(visit, "language")
    language = language if language in WORDS else DEFAULT
    link = Link(lead_id, frame.name, frame.version, language, visit.now_us)
    detail = f"link to the form {frame.name}"
    visit.write(lambda c: audit(c, visit.who.actor, "link", "lead", lead_id, detail, visit.now_us))
    person = visit.read(lambda c: read_person(c, visit, lead_id))
    base = visit.site.settings.public_url or str(visit.request.base_url).rstrip("/")
    return visit.page(
        "qualify/link.html", person=person, frame=frame, days=DAYS, language=language,
        address=f"{base}/q/{link_key(visit.site.secret, link)}",
    )  # fmt: skip


def prospect_form(visit: Visit) -> Response:
    """The questions."""
    opened = _opened(visit)
    if opened is None:
        return _said(visit, "over", 410)
    return _page(_spoken(visit, opened.link), opened, {}, {})


def prospect_send(visit: Visit) -> Response:
    """Keep what was answered."""
    opened = _opened(visit)
    if opened is None:
        return _said(visit, "over", 410)
    visit = _spoken(visit, opened.link)
    if opened.full:
        return _said(visit, "often", 429, opened.link.language)
    own = opened.own
    at_us = min((one.at_us for one in own.values()), default=visit.now_us)
    words = words_in(opened.link.language)
    given: dict[str, dict[str, str]] = {}
    faults: dict[str, str] = {}
    wanted: list[Answer] = []
    for question in opened.frame.questions:
        sent = typed_of(visit.form, visit.form.getlist, question)
        if sent is None:
            continue
        given[question.id] = {name: text[:LONGEST] for name, text in sent.items()}
        try:
            answer = answered(opened.frame, question, given[question.id], visit.texts,
                              local_day(visit, visit.now_us), lenient=True)  # fmt: skip
        except UserError:
            faults[question.id] = words["wrong"]
            continue
        had = own.get(question.id)
        if not is_same(plain(had) if had else None, answer):
            wanted.append(answer)
    if faults or not (wanted or own):
        return _page(visit, opened, faults, given, 422)

    def work(connection: Connection) -> None:
        for answer in wanted:
            answer_question(
                connection, opened.lead_id, opened.frame, answer, answered_by=PROSPECT,
                at_us=at_us, now_us=visit.now_us,
            )  # fmt: skip
        detail = f"{opened.frame.name}: " + ", ".join(one.question for one in wanted)
        audit(connection, PROSPECT, "answer", "lead", opened.lead_id, detail, visit.now_us)

    if wanted:
        visit.write(work)
    return visit.go(f"{visit.request.url.path}/thanks")


def prospect_thanks(visit: Visit) -> Response:
    """That the answers have arrived."""
    opened = _opened(visit)
    if opened is None:
        return _said(visit, "over", 410)
    return _said(visit, "thanks", 200, opened.link.language, back=True)


def _opened(visit: Visit) -> Opened | None:
    """What the link opens; None where it is over, or there is nobody any more whom it asks."""
    link = link_of(visit.site.secret, visit.request.path_params["token"], visit.now_us)
    if link is None:
        return None

    def reading(connection: Connection) -> Opened | None:
        lead_id = link.lead_id
        for _ in range(20):
            state = state_of(connection, lead_id)
            if state is None or state.erased_us is not None:
                return None
            if state.merged_into is None:
                break
            lead_id = state.merged_into
        try:
            frame = frame_named(connection, link.frame, link.version)
        except UserError:
            return None
        every = [
            one for one in answers_of_lead(connection, lead_id, frame.name, every=True)
            if one.answered_by == PROSPECT and one.at_us >= link.made_us
        ]  # fmt: skip
        return Opened(link, lead_id, frame, every)

    return visit.read(reading)


def _spoken(visit: Visit, link: Link) -> Visit:
    """The visit in the language of the link; numbers are read as that writes them."""
    own = texts(link.language) if link.language in LANGUAGES else texts(DEFAULT)
    return replace(visit, texts=Texts(link.language, own.catalogue))


def _page(visit: Visit, opened: Opened, faults: Mapping[str, str],
          given: Mapping[str, dict[str, str]], status: int = 200) -> Response:  # fmt: skip
    words, own = words_in(opened.link.language), opened.own
    questions = [
        _relabelled(
            asked(
                question, plain(own[question.id]) if question.id in own else None, visit.texts,
                language=opened.link.language, prospect=True,
                currency=opened.frame.currency, fault=faults.get(question.id, ""),
                typed=given.get(question.id),
            ), words,
        )
        for question in opened.frame.questions
    ]  # fmt: skip
    return _private(visit.page(
        "qualify/prospect.html", status=status, words=words, language=opened.link.language,
        questions=questions, currencies=CURRENCIES, faulty=bool(faults),
        nothing=status == 422 and not faults,
    ))  # fmt: skip


def _relabelled(question: Asked, words: Mapping[str, str]) -> Asked:
    """The same with labels that speak to the prospect."""
    many = len(question.choices) > 2
    called = {"o:yes": words["yes"], "o:no": words["no"], "not_discussed": words["optional"],
              FIELDS: words["another"] if many and question.choices[0].value != FIELDS
              else words["text"] + ":"}  # fmt: skip
    return replace(
        question,
        choices=tuple(replace(one, label=called.get(one.value, one.label))
                      for one in question.choices),
        blanks=tuple(replace(one, label=words[one.name.rpartition(".")[2]], hint="")
                     for one in question.blanks),
    )  # fmt: skip


def _said(visit: Visit, what: str, status: int, language: str | None = None, *,
          back: bool = False) -> Response:  # fmt: skip
    spoken = language or visit.texts.language
    return _private(visit.page(
        "qualify/prospect_said.html", status=status, words=words_in(spoken),
        language=spoken if spoken in WORDS else DEFAULT, what=what,
        back=visit.request.url.path.removesuffix("/thanks") if back else "",
    ))  # fmt: skip


def _private(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response
