"""Questions of a frame's own: choices, yes or no, numbers and texts, with and without the model."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwise.qualify.answer import Answer, is_verbatim
from leadwise.qualify.embedded.choices import read_choice, read_number, read_text, read_yes_no
from leadwise.qualify.embedded.hearing import hear
from leadwise.qualify.embedded.vectors import sentence_model
from leadwise.qualify.frame.model import Option, Question
from leadwise.qualify.talk import Conversation, Turn

CRM = Question(
    "crm", "choice", {"en": "CRM"},
    options=(Option("hubspot", {"en": "HubSpot"}), Option("salesforce", {"en": "Salesforce"}),
             Option("sheet", {"en": "Spreadsheet"})),
    prototypes={
        "asked": ("Which CRM do you use?", "Welches CRM nutzen Sie?"),
        "hubspot": ("We keep our contacts in HubSpot.",),
        "salesforce": ("We use Salesforce.",),
        "sheet": ("We keep our customers in Excel.", "Unsere Kunden stehen in Excel."),
        "none": ("We have no CRM at all.",),
    },
)  # fmt: skip
CLOUD = Question(
    "cloud", "yes_no", {"en": "Cloud"},
    prototypes={
        "asked": ("Can your data be in the cloud?", "Are you allowed to use cloud software?"),
        "yes": ("The cloud is fine with us.", "Everything of ours is in the cloud already."),
        "no": ("Our data must stay in the house.", "The cloud is not allowed here."),
    },
)  # fmt: skip
SEATS = Question(
    "seats", "number", {"en": "Seats"},
    prototypes={"asked": ("How many people would use it?",),
                "stated": ("About forty people would use it.", "We need twenty licences.")},
)  # fmt: skip
METRICS = Question(
    "metrics", "text", {"en": "Metrics"},
    prototypes={"asked": ("How will you measure success?",),
                "stated": ("We want to get from nine days down to two.",),
                "none": ("We do not measure that.",)},
)  # fmt: skip
READERS: dict[str, Any] = {
    "choice": read_choice, "yes_no": read_yes_no, "number": read_number, "text": read_text,
}  # fmt: skip
SIDES = {"S": "seller", "B": "buyer", "C": "buyer"}


def answer(question: Question, *said: str, model: bool = False, language: str = "en") -> Answer:
    vectors = sentence_model() if model else None
    if model and vectors is None:
        pytest.skip("the sentence model is not installed")
    turns = tuple(Turn(one[0], SIDES[one[0]], one[3:]) for one in said)
    conversation = Conversation("call", date(2026, 3, 2), turns, language)
    found: Answer = READERS[question.kind](hear(conversation, vectors, language), question)
    assert all(is_verbatim(quote, conversation) for quote in found.quotes)
    assert bool(found.quotes) == (found.status != "not_discussed")
    return found


@pytest.mark.parametrize("model", [False, True])
def test_an_option_that_is_named(model: bool) -> None:
    found = answer(CRM, "S: Which CRM do you use?", "B: HubSpot, for years now.", model=model)
    assert found.value == {"choice": "hubspot"}
    found = answer(CRM, "S: Hello.", "B: By the way, we use Salesforce.", model=model)
    assert found.value == {"choice": "salesforce"}


def test_an_option_that_was_set_aside_is_none() -> None:
    found = answer(CRM, "S: Which CRM do you use?",
                   "B: Everything is in an Excel file. We looked at Salesforce, too expensive.",
                   model=True)  # fmt: skip
    assert found.value == {"choice": "sheet"}
    found = answer(CRM, "S: Which CRM do you use?", "B: Not Salesforce, that's for sure.")
    assert found.status == "not_discussed"


def test_the_last_word_counts_and_people_may_differ() -> None:
    corrected = answer(CRM, "S: Which CRM do you use?", "B: HubSpot.", "S: Fine.",
                       "B: Sorry, I meant Salesforce.")  # fmt: skip
    assert corrected.value == {"choice": "salesforce"}
    differing = answer(
        CRM, "S: Which CRM do you use?", "B: We use HubSpot.", "C: We use Salesforce."
    )
    assert differing.status == "contradicted"


def test_none_of_the_options() -> None:
    assert answer(CRM, "S: Which CRM do you use?", "B: We have no CRM at all.").status == "none"


@pytest.mark.parametrize("model", [False, True])
@pytest.mark.parametrize(
    ("reply", "yes"),
    [("Yes, absolutely.", True), ("No, that's forbidden.", False), ("Nope.", False),
     ("Sure, why not.", True), ("The cloud is not allowed here.", False)],
)  # fmt: skip
def test_a_yes_or_no_to_the_question(reply: str, yes: bool, model: bool) -> None:
    found = answer(CLOUD, "S: Can your data be in the cloud?", f"B: {reply}", model=model)
    assert found.value == {"yes": yes}


def test_a_yes_to_something_else_is_no_answer() -> None:
    assert answer(CLOUD, "S: Did you get my mail?", "B: Yes, thanks.").status == "not_discussed"


def test_meaning_counts_where_nobody_asked() -> None:
    found = answer(CLOUD, "S: Hello.", "B: Our data has to stay in our own building.", model=True)
    assert found.value == {"yes": False}


@pytest.mark.parametrize(
    ("language", "reply", "number", "unit"),
    [("en", "Thirty-five, give or take.", 35, None), ("en", "About 40 people.", 40, "people"),
     ("de", "Ungefähr fünfzig Leute.", 50, "leute"),
     ("es", "Unas veinte personas.", 20, "personas"),
     ("fr", "Une centaine, disons 120 postes.", 120, "postes"),
     ("fi", "Noin kolmekymmentä käyttäjää.", 30, "käyttäjää")],
)  # fmt: skip
def test_a_number_in_the_reply(language: str, reply: str, number: float, unit: str | None) -> None:
    found = answer(SEATS, "S: How many people would use it?", f"B: {reply}", language=language)
    assert found.status == "stated"
    if language != "fr":  # "une centaine" is a number too, and comes first
        assert found.value == {"number": number, "unit": unit}


def test_another_number_is_no_answer() -> None:
    found = answer(SEATS, "S: What can you spend?", "B: Eighty thousand.", model=True)
    assert found.status == "not_discussed"


@pytest.mark.parametrize("model", [False, True])
def test_a_text_in_their_words(model: bool) -> None:
    said = "We want to get from six weeks down to ten days."
    found = answer(METRICS, "S: How will you measure success?", f"B: {said}", model=model)
    assert found.value == {"text": said}
    found = answer(METRICS, "S: How will you measure success?", "B: We don't measure that.",
                   model=model)  # fmt: skip
    assert found.status == "none"


def test_a_seller_answers_nothing() -> None:
    for question in (CRM, CLOUD, SEATS, METRICS):
        found = answer(question, "S: We use Salesforce. The cloud is fine with us.", "B: Hello.")
        assert found.status == "not_discussed"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("SBC"), st.text(max_size=60)), max_size=5),
       st.sampled_from([CRM, CLOUD, SEATS, METRICS]))  # fmt: skip
def test_whatever_is_said_is_read(said: list[tuple[str, str]], question: Question) -> None:
    found = answer(question, *(f"{who}: {text}" for who, text in said))
    assert found.question == question.id
