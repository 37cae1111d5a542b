"""What the sentence model adds to the reading of a budget: who differs, what is no money at all,
whether a "there is none" lasts."""

from __future__ import annotations

from datetime import date

import pytest

from leadwise.qualify.embedded.budget.read import read_budget
from leadwise.qualify.embedded.hearing import hear
from leadwise.qualify.embedded.vectors import sentence_model
from leadwise.qualify.frame.model import Question
from leadwise.qualify.talk import Conversation, Side, Turn

BUDGET = Question("budget", "money", {"en": "Budget"})
SPEAKERS: dict[str, tuple[str, Side]] = {
    "S": ("Seller", "seller"),
    "A": ("Ana (CFO)", "buyer"),
    "B": ("Bo (COO)", "buyer"),
}

TALKS = [
    # both say their own figure and neither gives way
    (
        "en",
        "contradicted",
        [
            "A: We have thirty thousand pounds for it.",
            "B: Twelve. We agreed twelve thousand.",
            "A: We did not, I said thirty.",
        ],
    ),
    # one says there is money, the other that it is gone
    (
        "es",
        "contradicted",
        [
            "A: Tenemos cuarenta mil euros para esto.",
            "B: No hay nada asignado, lo quitaron.",
        ],
    ),
    # one gives way
    (
        "en",
        "stated",
        [
            "A: We have thirty thousand pounds for it.",
            "B: No, it's twenty thousand, they cut it in May.",
            "A: Oh right, I didn't know that. Twenty then.",
        ],
    ),
    # "there is none" outlasts a price of which one speaks later
    (
        "en",
        "none",
        [
            "S: What budget do you have?",
            "A: There is no budget for this. Nothing at all.",
            "S: The smallest plan is nine thousand.",
            "A: Nine thousand dollars, I see.",
        ],
    ),
    # an answer without a word of money
    ("en", "none", ["S: What's been put aside for it?", "A: Not a bean."]),
    # a no that is not about money
    (
        "en",
        "not_discussed",
        ["S: Do you have a budget for a second scanner?", "A: We don't need another scanner."],
    ),
    ("fi", "not_discussed", ["S: Onko budjettia?", "A: Tulkaa käymään, mutta ei perjantaina."]),
]


@pytest.mark.parametrize(("language", "status", "said"), TALKS, ids=range(len(TALKS)))
def test_what_is_meant_decides(language: str, status: str, said: list[str]) -> None:
    model = sentence_model()
    if model is None:
        pytest.skip("the sentence model is not installed")
    turns = tuple(Turn(*SPEAKERS[line[0]], line[3:]) for line in said)
    conversation = Conversation("call", date(2026, 3, 2), turns, language)
    assert read_budget(hear(conversation, model, language), BUDGET).status == status
