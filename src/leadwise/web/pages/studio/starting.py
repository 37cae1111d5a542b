"""The guided start: ten questions on one page, and the draft that their answers give."""

from __future__ import annotations

import re

from starlette.datastructures import FormData
from starlette.responses import Response

from leadwise.card import format_text
from leadwise.card.completion import NAME
from leadwise.web.pages.studio.guided import (
    FADES,
    MOST_EVENTS,
    OUT,
    SIZES,
    TITLES,
    Answers,
    card_of,
)
from leadwise.web.pages.studio.writing import add_draft, seen_of
from leadwise.web.pages.visit import Visit

USUAL = (
    ("demo_requested", 0), ("trial_started", 0), ("pricing_viewed", 0), ("form_submitted", 0),
    ("webinar_attended", 0), ("page_viewed", 0), ("email_clicked", 0),
)  # fmt: skip
"""What is offered where nothing has come in yet; the counts say so."""
MOST_WORDS, LONGEST_WORD = 30, 60
LARGEST = 999_999_999


def show_start(visit: Visit) -> Response:
    """The questions."""
    return _page(visit, Answers(fades="month"), {}, {}, 200)


def _page(
    visit: Visit, answers: Answers, typed: dict[str, str], faults: dict[str, str], status: int
) -> Response:
    seen = [(each.name, each.count) for each in seen_of(visit).events if NAME.fullmatch(each.name)]
    return visit.page(
        "studio/start.html", status=status, answers=answers, typed=typed, faults=faults,
        events=seen[:MOST_EVENTS] or list(USUAL), seen=bool(seen), sizes=SIZES,
        **_choices(visit),
    )  # fmt: skip


def start(visit: Visit) -> Response:
    """The draft of the answers; with faults the page again, as it was filled in."""
    _, form = visit.texts.say, visit.form
    faults: dict[str, str] = {}
    typed = {name: str(form.get(name, "")) for name in
             ("industries", "countries", "budget", "competitors", "calls")}  # fmt: skip
    numbers: dict[str, int] = {}
    for name in ("budget", "calls"):
        number = whole_number(typed[name])
        if number is None:
            faults[name] = _("This is not a whole number. Write digits only, or leave it empty.")
        numbers[name] = number or 0
    for name in ("industries", "countries", "competitors"):
        if any(len(word) > LONGEST_WORD for word in _words(typed[name])):
            faults[name] = _("One of these is very long. Divide them by commas.")
    answers = _answers(form, typed, numbers)
    if faults:
        return _page(visit, answers, typed, faults, 422)
    text = format_text(card_of(answers, _))
    draft = add_draft(visit, "lead", _("First card"), text)
    return visit.go(
        f"/studio/drafts/{draft}",
        _("This is your first card, as a draft. Read it, try it on your leads, then publish it."),
    )


def whole_number(said: str) -> int | None:
    """What was typed, 0 for nothing; None where it is no whole number, or too large. Signs between
    thousands are none of it: 10.000, but 1.5 is not 15."""
    said = said.strip()
    if not said:
        return 0
    if not re.fullmatch(r"[0-9]+|[0-9]{1,3}([\s.,_'][0-9]{3})+", said):
        return None
    number = int(re.sub(r"[^0-9]", "", said)[:20])
    return number if number <= LARGEST else None


def _answers(form: FormData, typed: dict[str, str], numbers: dict[str, int]) -> Answers:
    size, fades = str(form.get("size", "0")), str(form.get("fades", "month"))
    return Answers(
        titles=_several(form, "titles", tuple(TITLES)),
        industries=_words(typed["industries"]),
        countries=_words(typed["countries"]),
        size=int(size) if size in {str(each) for each in SIZES} else 0,
        budget=numbers["budget"],
        strong=_events(form, "strong"),
        some=_events(form, "some"),
        out=_several(form, "out", OUT),
        competitors=_domains(typed["competitors"]),
        fades=fades if fades in FADES else "month",
        calls=numbers["calls"],
    )  # fmt: skip


def _several(form: FormData, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    given = {str(each) for each in form.getlist(name)}
    return tuple(each for each in known if each in given)


def _events(form: FormData, name: str) -> tuple[str, ...]:
    given = dict.fromkeys(str(each) for each in form.getlist(name))
    return tuple(
        each for each in given if NAME.fullmatch(each) and len(each) < 100 and each != "any"
    )


def _words(said: str) -> tuple[str, ...]:
    """What is divided by commas or lines; each word once, as conditions compare it."""
    found = (" ".join(part.split()) for part in re.split(r"[,;\n]", said))
    kept = (part for part in found if part and part.isprintable())
    return tuple({part.casefold(): part for part in kept}.values())[:MOST_WORDS]


def _domains(said: str) -> tuple[str, ...]:
    """Domains, or addresses of mail or of pages, of which only the domain counts."""
    return tuple(dict.fromkeys(each for word in _words(said) if (each := _domain(word))))


def _domain(said: str) -> str:
    host = said.lower().split("@")[-1].split("//")[-1].split("/")[0].removeprefix("www.")
    return re.sub(r"[^\w.-]|_", "", host).strip(".-")


def _choices(visit: Visit) -> dict[str, list[tuple[str, str]]]:
    """What the questions offer that are answered by choosing: each value and its words."""
    _ = visit.texts.say
    return {
        "titles": [
            ("chief", _("Owners and chiefs")),
            ("director", _("Directors and heads")),
            ("manager", _("Managers")),
            ("specialist", _("Specialists")),
        ],
        "out": [
            ("student", _("Students and interns")),
            ("no_email", _("No e-mail address")),
            ("unsubscribed", _("Unsubscribed from mail")),
            ("competitor", _("Works for a competitor")),
        ],
        "fades": [
            ("week", _("Fast: half of it is gone after a week")),
            ("month", _("Usually: after a month")),
            ("quarter", _("Slowly: after three months")),
            ("never", _("Not at all")),
        ],
    }
