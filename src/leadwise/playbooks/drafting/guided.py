"""A playbook from answers to questions, where no model writes: the same text, checked the same way.

    questions(around)              what is asked, with what may be answered
    written(answers, around)       the text of the playbook

Every question but the first has an answer that stands without saying anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from leadwise.card.model import ID
from leadwise.card.scalars import write_scalar
from leadwise.errors import UserError
from leadwise.playbooks.conditions.names import OWN_EVENTS
from leadwise.playbooks.drafting.drafting import Around

STARTS = ("band", "score", "event", "quiet", "answer", "week")
FIRST = ("mail", "call", "task", "nothing")
THEN = ("mail", "call", "task", "nothing")
ENDS = ("email_replied", "meeting_booked", "won", "nothing")
AGAIN = ("never", "30 days", "90 days", "always")
_DURATION = re.compile(r"[1-9][0-9]{0,3} (minute|hour|day|week)s?")


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `name` of its answer, what may be chosen (none: any text), and what stands
    where nothing is said."""

    name: str
    text: str
    choices: tuple[str, ...] = ()
    default: str = ""


def questions(around: Around) -> tuple[Question, ...]:
    """In the order in which they are asked; what does not apply may be left as it stands."""
    bands = tuple(one.id for one in around.card.bands) if around.card else ()
    return (
        Question("label", "What is it called?"),
        Question("start", "What starts it: the lead comes into a band, its score rises past a "
                 "number, it does something, it goes quiet, a question is open, or every Monday "
                 "morning?", STARTS, "band"),
        Question("band", "Which band? (for band)", bands, bands[-1] if bands else ""),
        Question("points", "Past how many points? (for score)", (), "60"),
        Question("event", "What does the lead do? (for event)",
                 _events(around) if around.card else (), _events(around)[0]),
        Question("quiet", "After how many days without anything? (for quiet)", (), "60"),
        Question("question", "Which question of BANT is open? (for answer)",
                 ("budget", "authority", "need", "timeline"), "budget"),
        Question("when", "For which leads? A condition as in a card; nothing: all of them."),
        Question("first", "What is done first?", FIRST, "mail"),
        Question("template", "Which template has the mail?", around.templates or (),
                 (around.templates or ("",))[0]),
        Question("title", "What is the task called?", (), "Call {{ lead.email }}"),
        Question("wait", "How long is waited then? (3 days, 2 weeks; nothing: not at all)", (),
                 "3 days"),
        Question("then", "And what is done after that?", THEN, "nothing"),
        Question("ends", "What ends it before its time?", ENDS, "email_replied"),
        Question("again", "May it start again for the same lead?", AGAIN, "90 days"),
        Question("a_day", "For how many leads a day at most? (nothing: any number)"),
    )  # fmt: skip


def _events(around: Around) -> tuple[str, ...]:
    declared = tuple(one.name for one in around.card.events) if around.card else ()
    # The first is taken where nothing is said: a form, and never a mail that we sent ourselves.
    return tuple(dict.fromkeys((*declared, "form_submitted", *OWN_EVENTS)))


def written(answers: Mapping[str, str], around: Around) -> str:
    """The text. UserError (`bad-answer`) names the question whose answer cannot be meant."""
    asked = questions(around)
    said = {one.name: one.default for one in asked}
    for name, answer in answers.items():
        if name not in said:
            raise UserError(
                "draft-answer", f"There is no question '{name}'.",
                hint=f"There are {', '.join(said)}.",
            )  # fmt: skip
        said[name] = answer.strip()
    for one in asked:
        if one.choices and one.name in answers and said[one.name] not in one.choices:
            raise _unmeant(one.name, f"one of {', '.join(one.choices)}")
    if not said["label"]:
        raise _unmeant("label", "a name, such as Demo requests")
    return "\n".join(_lines(said)) + "\n"


def _lines(said: Mapping[str, str]) -> list[str]:
    conditions = [said["when"]] if said["when"] else []
    measures: list[str] = []
    match said["start"]:
        case "band":
            start = f"band: {{enters: [{_needed(said, 'band')}]}}"
        case "score":
            start = f"score: {{rises_past: {_number(said, 'points')}, back: 5}}"
        case "event":
            start = f"event: {_needed(said, 'event')}"
        case "answer":
            start = f"answer: {{question: {_needed(said, 'question')}, is: unknown}}"
        case "quiet":
            start = 'schedule: "0 9 * * *"'
            measures = ["measures:", "  quiet_for: {on: any, days_since: last}"]
            conditions.append(f"quiet_for > {_number(said, 'quiet')}")
        case _:
            start = 'schedule: "0 9 * * 1"'
            conditions = conditions or ["score > 0"]
    joined = (
        " and ".join(f"({one})" for one in conditions) if conditions[1:] else "".join(conditions)
    )
    lines = [
        f"playbook: {_id(said['label'])}", "version: 1", f"label: {_text(said['label'])}",
        "# Made from answers to questions. Every line may be changed.",
        "starts:", f"  - {start}",
        *([f"when: {_text(joined)}"] if joined else []), *measures, "steps:",
        *_steps(said),
    ]  # fmt: skip
    match said["ends"]:
        case "nothing":
            pass
        case "won":
            lines += ["goals:", "  - outcome: won"]
        case event:
            lines += ["goals:", f"  - event: {event}"]
    lines += ["safety:", f"  again: {said['again']}"]
    if said["a_day"]:
        lines.append(f"  a_day: {_number(said, 'a_day')}")
    return lines


def _steps(said: Mapping[str, str]) -> list[str]:
    made = _step(said, said["first"])
    if said["then"] != "nothing":
        if said["wait"]:
            if not _DURATION.fullmatch(said["wait"]):
                raise _unmeant("wait", "a time such as 3 days")
            made.append(f"  - wait: {said['wait']}")
        made += _step(said, said["then"])
    return made or ["  - end: nothing is done yet"]


def _step(said: Mapping[str, str], kind: str) -> list[str]:
    if kind == "nothing":
        return []
    if kind == "mail":
        return [f"  - mail: {_needed(said, 'template')}"]
    of = "call" if kind == "call" else "to-do"
    return [f"  - task: {{title: {_text(said['title'])}, kind: {of}, to: owner}}"]


def _id(label: str) -> str:
    bare = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")
    made = made if re.fullmatch(ID, made) else f"playbook-{made}".strip("-")
    return made[:60].strip("-")


def _text(value: str) -> str:
    return write_scalar(value, flow=True)


def _needed(said: Mapping[str, str], name: str) -> str:
    if not said[name]:
        raise _unmeant(name, "an answer")
    return said[name]


def _number(said: Mapping[str, str], name: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", said[name]):
        raise _unmeant(name, "a whole number")
    return int(said[name])


def _unmeant(name: str, expected: str) -> UserError:
    return UserError(
        "draft-answer", f"The answer to '{name}' cannot be taken.", hint=f"Expected {expected}."
    )
