"""Conversations and answers in the record: facts at their instant, once, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.errors import UserError
from leadwise.qualify.answer import Answer
from leadwise.qualify.recording import (
    answer_question,
    conversation_of,
    delete_conversation,
    keep_conversation,
    keep_reading,
)
from leadwise.store.answers import (
    answers_of_conversation,
    answers_of_lead,
    current_answers,
)
from leadwise.store.conversations import get_conversation, list_conversations
from leadwise.store.opening import Store
from tests.qualify.record_store import (
    BANT,
    HELD_US,
    NOBODY_LOOKS,
    budget,
    keep,
    known,
    opened,
    reading,
    talk,
)
from tests.records import DAY_US, NOW_US, add_lead

SAID = talk("We have 80k signed off.", "Our CFO decides.")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with opened(request, tmp_path) as found:
        yield found


@pytest.fixture
def ann(store: Store) -> int:
    """A lead who came long before the conversation."""
    return store.write(lambda c: add_lead(c, "ann@acme.example", at_us=HELD_US - 50 * DAY_US))


def test_an_answer_is_known_from_the_time_of_its_conversation(store: Store, ann: int) -> None:
    store.write(lambda c: keep(c, ann, SAID, budget(SAID, "80k", 80_000)))

    assert known(store, ann, HELD_US - 1) == {}
    assert known(store, ann, HELD_US) == {
        "budget_usd": 80_000, "budget_currency": "USD", "budget_status": "stated",
    }  # fmt: skip


def test_what_was_said_is_kept_as_it_was_said(store: Store, ann: int) -> None:
    kept_id, _ = store.write(lambda c: keep(c, ann, SAID, budget(SAID, "80k", 80_000)))

    with store.read() as connection:
        held = get_conversation(connection, kept_id)
        assert conversation_of(held) == SAID
        assert held.lead_id == ann
        (listed,) = list_conversations(connection, ann)
        assert (listed.id, listed.turns, listed.aged) == (kept_id, None, False)
        found = {one.question: one for one in answers_of_conversation(connection, kept_id)}
    assert set(found) == {"budget", "authority", "need", "timeline"}
    (quote,) = found["budget"].quotes
    assert (quote.text, quote.speaker) == ("80k", "Ana Ruiz")
    assert found["budget"].at_us == HELD_US
    assert found["budget"].said_us == NOW_US


def test_a_conversation_is_kept_once(store: Store, ann: int) -> None:
    first = store.write(lambda c: keep(c, ann, SAID, budget(SAID, "80k", 80_000)))
    again = store.write(lambda c: keep(c, ann, SAID, budget(SAID, "80k", 80_000)))

    assert again[0] == first[0]
    assert again[1].added == 0
    assert again[1].answers == first[1].answers
    with store.read() as connection:
        assert len(answers_of_lead(connection, ann, every=True)) == 4


def test_a_later_reading_takes_the_place_of_an_earlier_one(store: Store, ann: int) -> None:
    kept_id, _ = store.write(lambda c: keep(c, ann, SAID, budget(SAID, "80k", 80_000)))
    done = store.write(
        lambda c: keep_reading(
            c, kept_id, BANT, reading(budget(SAID, "80k", 85_000)), NOBODY_LOOKS, NOW_US
        )
    )

    assert (done.added, done.stayed) == (1, 3)
    assert known(store, ann)["budget_usd"] == 85_000
    with store.read() as connection:
        every = answers_of_lead(connection, ann, every=True)
    assert [one.review for one in every if one.question == "budget"] == ["replaced", "none"]


def test_a_reading_that_finds_nothing_takes_the_facts_back(store: Store, ann: int) -> None:
    earlier = talk("We could find 20k.")
    store.write(
        lambda c: keep(c, ann, earlier, budget(earlier, "20k", 20_000), held_us=HELD_US - DAY_US)
    )
    kept_id, _ = store.write(lambda c: keep(c, ann, SAID, budget(SAID, "80k", 80_000)))
    assert known(store, ann)["budget_usd"] == 80_000

    store.write(lambda c: keep_reading(c, kept_id, BANT, reading(), NOBODY_LOOKS, NOW_US))

    assert known(store, ann)["budget_usd"] == 20_000


def test_an_older_conversation_does_not_beat_a_newer_one(store: Store, ann: int) -> None:
    store.write(lambda c: keep(c, ann, SAID, budget(SAID, "80k", 80_000)))
    older = talk("Maybe 20k.")
    store.write(
        lambda c: keep(c, ann, older, budget(older, "20k", 20_000), held_us=HELD_US - 9 * DAY_US)
    )

    assert known(store, ann)["budget_usd"] == 80_000
    assert known(store, ann, HELD_US - DAY_US)["budget_usd"] == 20_000
    with store.read() as connection:
        assert current_answers(connection, ann, "bant")["budget"].value["amount_min"] == 80_000


def test_there_is_none_takes_back_what_was_known(store: Store, ann: int) -> None:
    store.write(lambda c: keep(c, ann, SAID, budget(SAID, "80k", 80_000)))
    later = talk("The budget was cut. There is none.")
    none = Answer("budget", "none", {}, 0.9, budget(later, "There is none.", 0).quotes)
    store.write(lambda c: keep(c, ann, later, none, held_us=HELD_US + DAY_US))

    assert known(store, ann) == {"budget_status": "none"}
    assert known(store, ann, HELD_US)["budget_usd"] == 80_000


def test_a_deleted_conversation_leaves_nothing(store: Store, ann: int) -> None:
    kept_id, _ = store.write(lambda c: keep(c, ann, SAID, budget(SAID, "80k", 80_000)))
    store.write(lambda c: delete_conversation(c, kept_id, NOW_US))

    assert known(store, ann) == {}
    with store.read() as connection:
        assert answers_of_lead(connection, ann, every=True) == []
        assert list_conversations(connection, ann) == []
        with pytest.raises(UserError, match="no conversation"):
            get_conversation(connection, kept_id)


def test_the_future_has_not_been_held(store: Store, ann: int) -> None:
    with pytest.raises(UserError) as caught:
        store.write(
            lambda c: keep_conversation(
                c, ann, SAID, held_us=NOW_US + DAY_US, source="t", actor="member:1", now_us=NOW_US
            )
        )
    assert caught.value.code == "held-in-future"


def test_a_form_saves_as_it_is_typed(store: Store, ann: int) -> None:
    for amount in (5, 50, 50_000):
        value = {"amount_min": amount, "currency": "usd"}
        made = store.write(
            lambda c, v=value: answer_question(
                c, ann, BANT, Answer("budget", "stated", v), answered_by="member:3",
                at_us=NOW_US - DAY_US, now_us=NOW_US,
            )
        )  # fmt: skip

    assert made.value == {"amount_min": 50_000.0, "currency": "USD"}
    assert known(store, ann)["budget_usd"] == 50_000
    assert "budget_usd" not in known(store, ann, NOW_US - 2 * DAY_US)
    with store.read() as connection:
        every = answers_of_lead(connection, ann, every=True)
        assert [one.review for one in every] == ["replaced", "replaced", "none"]
        assert current_answers(connection, ann, "bant")["budget"].id == made.id
