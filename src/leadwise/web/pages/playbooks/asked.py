"""The guided form in the reader's language: its questions and answers as sentences, and which of
them matter after what was answered before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leadwise.playbooks.drafting.drafting import Around
from leadwise.playbooks.drafting.guided import Question, questions
from leadwise.web.pages.texts import Texts

OF_START = {
    "band": "band", "points": "score", "event": "event", "quiet": "quiet", "question": "answer",
}  # fmt: skip
"""By the question: the answer to `start` that it belongs to."""
OF_STEPS = {"template": "mail", "title": "task", "wait": "then"}
"""By the question: what has to be done, first or then, for it to matter."""
NUMBERS = frozenset({"points", "quiet", "a_day"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is shown: `choices` with their words; `of` is when it matters."""

    name: str
    text: str
    choices: tuple[tuple[str, str], ...]
    value: str
    of: str
    number: bool


def asked(texts: Texts, around: Around, said: Mapping[str, str]) -> list[Asked]:
    """The form, with what was answered."""
    words = _questions(texts)
    rows = {one.name: _row(texts, around, one, words[one.name], said) for one in questions(around)}
    # What is waited for is told before how long.
    order = [name for name in rows if name not in ("wait", "then")]
    place = order.index("title") + 1
    order[place:place] = ["then", "wait"]
    return [rows[name] for name in order]


def _row(texts: Texts, around: Around, one: Question, text: str, said: Mapping[str, str]) -> Asked:
    words = _choices(texts, around).get(one.name, {})
    choices = tuple((choice, words.get(choice, choice)) for choice in one.choices)
    of = OF_START.get(one.name) or OF_STEPS.get(one.name, "")
    value = said.get(one.name, one.default)
    return Asked(one.name, text, choices, value, of, one.name in NUMBERS)


def unmeant(texts: Texts, around: Around, said: Mapping[str, str]) -> str:
    """What is wrong with the first answer that cannot be meant; nothing where all can be."""
    _, words = texts.say, _questions(texts)
    for one in questions(around):
        answer = said.get(one.name, "").strip()
        if one.name == "label" and not answer:
            return _(
                "“%(question)s” Write a name, such as Demo requests.", question=words[one.name]
            )
        if one.name in NUMBERS and answer and not (answer.isdecimal() and len(answer) < 7):
            return _("“%(question)s” Write a whole number.", question=words[one.name])
        if one.choices and answer and answer not in one.choices:
            return _("“%(question)s” Choose one of the answers.", question=words[one.name])
    if not said.get("template") and "mail" in (said.get("first"), said.get("then")):
        return _("There is no mail to send yet: write one first, under Mails.")
    return _("One of the answers cannot be taken. A time is written as 3 days or 2 weeks.")


def _questions(texts: Texts) -> dict[str, str]:
    _ = texts.say
    return {
        "label": _("What is it called?"),
        "start": _("What starts it?"),
        "band": _("Which band?"),
        "points": _("Past how many points?"),
        "event": _("What does the lead do?"),
        "quiet": _("After how many days without anything?"),
        "question": _("Which question is open?"),
        "when": _("For which leads? A condition as in a card; nothing: all of them."),
        "first": _("What is done first?"),
        "template": _("Which mail?"),
        "title": _("What is the task called?"),
        "wait": _("How long is waited before that? (3 days, 2 weeks; nothing: not at all)"),
        "then": _("And what is done after that?"),
        "ends": _("What ends it before its time?"),
        "again": _("May it start again for the same lead?"),
        "a_day": _("For how many leads a day at most? (nothing: any number)"),
    }


def _choices(texts: Texts, around: Around) -> dict[str, dict[str, str]]:
    _ = texts.say
    done = {
        "mail": _("a mail is sent"), "call": _("its owner gets a task to call"),
        "task": _("its owner gets another task"), "nothing": _("nothing"),
    }  # fmt: skip
    return {
        "start": {
            "band": _("the lead comes into a band"), "score": _("its score rises past a number"),
            "event": _("it does something"), "quiet": _("it goes quiet"),
            "answer": _("a question of BANT is open"), "week": _("every Monday morning"),
        },
        "band": {one.id: one.label or one.id for one in around.card.bands} if around.card else {},
        "event": _events(texts),
        "question": {
            "budget": _("Budget"), "authority": _("Authority"), "need": _("Need"),
            "timeline": _("Timeline"),
        },
        "first": done, "then": done,
        "ends": {
            "email_replied": _("the lead replies to a mail"),
            "meeting_booked": _("the lead books a meeting"), "won": _("the lead buys"),
            "nothing": _("nothing"),
        },
        "again": {
            "never": _("no, never"), "30 days": _("yes, after 30 days"),
            "90 days": _("yes, after 90 days"), "always": _("yes, always"),
        },
    }  # fmt: skip


def _events(texts: Texts) -> dict[str, str]:
    """What Leadwise itself and its connections record; a card's own events keep their names."""
    _ = texts.say
    return {
        "email_sent": _("a mail was sent to it"), "email_opened": _("it opens a mail"),
        "email_clicked": _("it clicks a link in a mail"),
        "email_replied": _("it replies to a mail"),
        "email_auto_replied": _("a program answers a mail"),
        "email_bounced": _("a mail cannot be delivered"),
        "email_complained": _("it calls a mail spam"), "unsubscribed": _("it unsubscribes"),
        "meeting_booked": _("it books a meeting"), "call_held": _("a call with it is held"),
        "form_submitted": _("it sends a form"), "message_received": _("it writes a message"),
        "file_received": _("a file of it comes in"),
    }  # fmt: skip
