"""Questions of one's own become frames of one question."""

from __future__ import annotations

import pytest

from leadwise.errors import UserError
from leadwise.qualify.answer import Answer, Quote
from leadwise.qualify.fields import facts_of
from leadwise.qualify.own import EXTRACTED, classify, extract


def test_classify_writes_the_choice_as_it_was_given() -> None:
    frame = classify("What kind of deal is it?", ["New business", "Renewal", "none"], "deal_kind")
    (question,) = frame.questions
    assert [option.id for option in question.options] == ["New business", "Renewal", "none"]
    answer = Answer("deal_kind", "stated", {"choice": "Renewal"}, 0.9, (Quote(0, 0, "x"),))
    assert facts_of(frame, [answer]) == {"deal_kind": "Renewal", "deal_kind_status": "stated"}


def test_extract_writes_the_parts_of_its_kind() -> None:
    frame = extract("What do they pay today?", "money", "paid_today")
    answer = Answer(
        "paid_today", "stated", {"amount_min": 900.0, "amount_max": 1200.0, "currency": "EUR"}
    )
    assert facts_of(frame, [answer]) == {
        "paid_today": 900.0, "paid_today_currency": "EUR", "paid_today_status": "stated",
    }  # fmt: skip
    none = Answer("paid_today", "none")
    assert facts_of(frame, [none])["paid_today"] is None


@pytest.mark.parametrize("kind", EXTRACTED)
def test_every_kind_can_be_extracted_without_a_field(kind: str) -> None:
    frame = extract("What is it?", kind)
    assert frame.questions[0].kind == kind
    assert facts_of(frame, [Answer("own", "none")]) == {}


@pytest.mark.parametrize(
    ("made", "message", "hint"),
    [
        (lambda: classify("", ["a", "b"]), "The question is empty.", "Write 1 to 500"),
        (lambda: classify("What?", ["a"]), "There is 1 choice.", "Give 2 to 60"),
        (lambda: classify("What?", ["a", "b", " a "]), "'a' is given twice", "Give each once"),
        (lambda: classify("What?", ["a", "  "]), "The choice is empty", "Write 1 to 200"),
        (lambda: classify("?" * 501, ["a", "b"]), "501 characters long", "Write 1 to 500"),
        (lambda: extract("What?", "mony"), "No 'mony' can be extracted", "did you mean 'money'"),
        (lambda: extract("What?", "choice"), "No 'choice' can be", "Use classify"),
        (lambda: extract("What?", "text", "Deal Kind"), "'Deal Kind' cannot be", "deal_kind"),
    ],
)
def test_wrong_use_says_what_to_do(made: object, message: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        made()
    assert caught.value.code == "own-question"
    assert message in caught.value.message
    assert hint in caught.value.hint
