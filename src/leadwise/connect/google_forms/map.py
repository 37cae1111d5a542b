"""A form's questions and answers to our words: no network, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from leadwise.connect.local_times import instant_said, zone_said
from leadwise.connect.mapping import mapped
from leadwise.engines.entry.events import plain_name
from leadwise.ingest.person import address_of

Kind: TypeAlias = Literal["text", "moment", "day", "time", "file"]
WHEN, WHEN_DATE, WHEN_TIME, ZONE = "when", "when_date", "when_time", "timezone"
OWN: Mapping[str, str] = {
    title: ours
    for ours, titles in {
        "email": "email e_mail email_address e_mail_address work_email business_email your_email "
        "correo correo_electronico adresse_e_mail e_mail_adresse",
        "name": "name full_name your_name nombre nombre_y_apellidos nom",
        "first_name": "first_name given_name",
        "last_name": "last_name surname family_name apellidos",
        "company": "company company_name organisation organization empresa entreprise firma",
        "title": "job_title position role_in_the_company cargo",
        "phone": "phone phone_number telephone mobile telefono telefon",
        "country": "country pais land pays",
        ZONE: "time_zone timezone your_time_zone zona_horaria zeitzone fuseau_horaire",
    }.items()
    for title in titles.split()
}
"""Titles of questions, in the plain form of names, that say by themselves what they ask."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a form. `moment` is a day with its time, `day` and `time` are one of these.
    `named` is its name as it was first known by."""

    id: str
    title: str
    kind: Kind = "text"
    named: str = ""

    @property
    def name(self) -> str:
        """What it was called first, however it is worded now; else its title as names are written,
        its id where the title has no letters of ours."""
        return self.named or plain_name(self.title) or f"question_{self.id.lower()}"


@dataclass(frozen=True, slots=True)
class Filled:
    """A response: who sent it, what it says by our names, and the instant that was asked for, with
    the name of the time zone in which it was meant."""

    email: str | None
    values: Mapping[str, str]
    when_us: int | None = None
    zone: str = ""


def questions_of(form: Mapping[str, Any]) -> tuple[Question, ...]:
    """The questions of a form in order; a row of a grid is one, with the grid's title before it."""
    found: list[Question] = []
    for item in form.get("items") or ():
        title = str(item.get("title") or "").strip()
        one = (item.get("questionItem") or {}).get("question")
        rows = (item.get("questionGroupItem") or {}).get("questions") or ()
        for question in [one] if one else rows:
            row = str((question.get("rowQuestion") or {}).get("title") or "").strip()
            whole = ": ".join(filter(None, (title, row)))
            found.append(Question(str(question.get("questionId") or ""), whole, _kind(question)))
    return tuple(found)


def filled(
    response: Mapping[str, Any], questions: Sequence[Question], team: Mapping[str, str], zone: str
) -> Filled:
    """What a response says. `team` maps titles, plain names or ids of questions to our names;
    `zone` is where respondents are taken to be who do not say."""
    answers = response.get("answers") or {}
    values: dict[str, str] = {}
    own, chosen, moments = dict(OWN), {}, 0
    for question in questions:
        said = _text(answers.get(question.id) or {})
        if not said:
            continue
        name = _free(question.name, values)
        values[name] = said
        for key in (question.name, plain_name(question.title), question.title, question.id):
            if key in team:
                chosen[name] = team[key]
        first = {"moment": WHEN, "day": WHEN_DATE, "time": WHEN_TIME}.get(question.kind)
        if first and first not in own.values():
            own[name] = first
            moments += 1
    found = {ours: said for ours, said in mapped(values, own, chosen).items() if ours}
    email = address_of(str(response.get("respondentEmail") or "")) or address_of(
        found.pop("email", "")
    )
    named = zone_said(found.get(ZONE, "")) or zone
    asked = found.pop(WHEN, "")
    day, time = found.pop(WHEN_DATE, ""), found.pop(WHEN_TIME, "")
    when_us = instant_said(asked, named)
    if when_us is None and day and time:
        when_us = instant_said(f"{day} {time}", named)
    if when_us is None:
        # It cannot be read as an instant, and a person may still make sense of it.
        found |= {name: said for name, said in
                  ((WHEN, asked), (WHEN_DATE, day), (WHEN_TIME, time)) if said}  # fmt: skip
        named = ""
    return Filled(email, found, when_us, named)


def _kind(question: Mapping[str, Any]) -> Kind:
    date = question.get("dateQuestion")
    if isinstance(date, Mapping):
        if not date.get("includeYear"):
            return "text"
        return "moment" if date.get("includeTime") else "day"
    time = question.get("timeQuestion")
    if isinstance(time, Mapping):
        return "text" if time.get("duration") else "time"
    return "file" if "fileUploadQuestion" in question else "text"


def _text(answer: Mapping[str, Any]) -> str:
    texts = [str(one.get("value") or "") for one in (answer.get("textAnswers") or {}).get("answers")
             or ()]  # fmt: skip
    files = [str(one.get("fileName") or one.get("fileId") or "")
             for one in (answer.get("fileUploadAnswers") or {}).get("answers") or ()]  # fmt: skip
    return ", ".join(one.strip() for one in (*texts, *files) if one.strip())


def _free(name: str, taken: Mapping[str, str]) -> str:
    """Two questions may bear one title."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free
