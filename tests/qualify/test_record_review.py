"""What people decide on answers counts, once, and stays as labelled data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.qualify.answer import Answer, Quote
from leadwise.qualify.evaluation.gold import labelled_file
from leadwise.qualify.recording import drawn, keep_reading
from leadwise.qualify.reviewing import confirm, correct, labelled, labelled_document, reject
from leadwise.settings import QualifySettings
from leadwise.store.answers import (
    KeptAnswer,
    answers_of_conversation,
    count_waiting,
    get_answer,
    list_waiting,
)
from leadwise.store.conversations import forget_texts
from leadwise.store.opening import Store
from tests.qualify.record_store import (
    BANT,
    HELD_US,
    NOBODY_LOOKS,
    budget,
    keep,
    known,
    opened,
    quoted,
    reading,
    talk,
)
from tests.records import DAY_US, NOW_US, add_lead

SAID = talk("We have 80k signed off.", "Well, 60k of it is ours.")
BY = {"actor": "member:2", "now_us": NOW_US + DAY_US}
SIXTY = Answer("", "stated", {"amount_min": 60_000, "currency": "USD"})


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with opened(request, tmp_path) as found:
        yield found


@pytest.fixture
def ann(store: Store) -> int:
    return store.write(lambda c: add_lead(c, "ann@acme.example", at_us=HELD_US - 50 * DAY_US))


@pytest.fixture
def read(store: Store, ann: int) -> KeptAnswer:
    """What the reader made of the budget."""
    _, done = store.write(lambda c: keep(c, ann, SAID, budget(SAID, "80k", 80_000)))
    return next(one for one in done.answers if one.question == "budget")


def again(connection: Connection, read: KeptAnswer, amount: float) -> None:
    """Another reading of the same conversation."""
    assert read.conversation_id is not None
    made = reading(budget(SAID, "80k", amount), reader="embedded/2")
    keep_reading(connection, read.conversation_id, BANT, made, NOBODY_LOOKS, NOW_US)


def test_doubt_contradiction_and_a_sample_wait_for_somebody(store: Store, ann: int) -> None:
    settings = QualifySettings(review_below=0.6, review_sample=0.0)
    sure, unsure = budget(SAID, "80k", 80_000, 0.6), budget(SAID, "60k", 60_000, 0.59)
    differ = Answer("timeline", "contradicted", {}, 0.9, quoted(SAID, "Well"))
    other = talk("Another day.", "We have 60k, perhaps.")

    def work(connection: Connection) -> list[tuple[str, float]]:
        keep(connection, ann, SAID, sure, differ, settings=settings)
        keep(connection, ann, other, budget(other, "60k", unsure.value["amount_min"], 0.59),
             settings=settings)  # fmt: skip
        return [(one.question, one.confidence) for one in list_waiting(connection)]

    assert store.write(work) == [("timeline", 0.9), ("budget", 0.59)]


def test_the_sample_is_about_as_large_as_it_is_set_and_no_chance() -> None:
    found = [id_ for id_ in range(1, 20_001) if drawn(id_, 0.05)]
    assert 900 < len(found) < 1_100
    assert found == [id_ for id_ in range(1, 20_001) if drawn(id_, 0.05)]
    assert not any(drawn(id_, 0.0) for id_ in range(1, 1_000))
    assert all(drawn(id_, 1.0) for id_ in range(1, 1_000))


def test_nobody_is_asked_about_talks_without_a_buyer(store: Store, ann: int) -> None:
    alone = talk("x")
    seller = type(alone)(alone.channel, alone.held_on, alone.turns[:1])
    unsure = Answer("budget", "not_discussed", confidence=0.5, why="nobody speaks")
    settings = QualifySettings(review_below=0.6, review_sample=0.0)
    store.write(lambda c: keep(c, ann, seller, unsure, settings=settings))
    with store.read() as connection:
        assert count_waiting(connection) == 0


def test_waiting_answers_come_page_by_page(store: Store, ann: int) -> None:
    everything = QualifySettings(review_sample=1.0)
    store.write(lambda c: keep(c, ann, SAID, budget(SAID, "80k", 1.0), settings=everything))
    with store.read() as connection:
        assert count_waiting(connection) == 4
        first = list_waiting(connection, limit=3)
        rest = list_waiting(connection, after_id=first[-1].id, limit=3)
        assert [one.question for one in [*first, *rest]] == [
            "budget", "authority", "need", "timeline",
        ]  # fmt: skip
        assert count_waiting(connection, question="need") == 1
        assert count_waiting(connection, frame="meddic") == 0


def test_a_confirmed_answer_stands_against_later_readings(store: Store, read: KeptAnswer) -> None:
    done = store.write(lambda c: confirm(c, read.id, **BY))
    assert (done.review, done.reviewed_by) == ("confirmed", "member:2")

    store.write(lambda c: again(c, read, 10_000))
    assert known(store, read.lead_id)["budget_usd"] == 80_000


def test_a_correction_moves_the_fact_at_the_time_of_the_conversation(
    store: Store, read: KeptAnswer
) -> None:
    made = store.write(lambda c: correct(c, read.id, SIXTY, **BY))

    assert known(store, read.lead_id, HELD_US)["budget_usd"] == 60_000
    assert known(store, read.lead_id, HELD_US - 1) == {}
    assert (made.corrects, made.answered_by, made.review) == (read.id, "member:2", "confirmed")
    assert made.quotes == read.quotes
    with store.read() as connection:
        assert get_answer(connection, read.id).review == "corrected"
    store.write(lambda c: again(c, read, 10_000))
    assert known(store, read.lead_id)["budget_usd"] == 60_000


def test_a_corrected_quote_is_verbatim(store: Store, read: KeptAnswer) -> None:
    good = Answer("", "stated", SIXTY.value, quotes=quoted(SAID, "60k of it is ours"))
    bad = Answer("", "stated", SIXTY.value, quotes=(Quote(3, 0, "We have 60k"),))
    with pytest.raises(UserError) as caught:
        store.write(lambda c: correct(c, read.id, bad, **BY))
    assert caught.value.code == "bad-quote"

    made = store.write(lambda c: correct(c, read.id, good, **BY))
    assert [(q.turn, q.text, q.speaker) for q in made.quotes] == [
        (3, "60k of it is ours", "Ana Ruiz")
    ]


def test_a_rejected_answer_lets_the_earlier_one_stand(store: Store, read: KeptAnswer) -> None:
    earlier = talk("We could find 20k.")
    store.write(
        lambda c: keep(
            c, read.lead_id, earlier, budget(earlier, "20k", 20_000), held_us=HELD_US - DAY_US
        )
    )
    assert known(store, read.lead_id)["budget_usd"] == 80_000

    assert store.write(lambda c: reject(c, read.id, **BY)).review == "rejected"
    assert known(store, read.lead_id)["budget_usd"] == 20_000


def test_what_was_rejected_is_not_read_again(store: Store, read: KeptAnswer) -> None:
    store.write(lambda c: reject(c, read.id, **BY))
    store.write(lambda c: again(c, read, 80_000))
    assert known(store, read.lead_id) == {}

    store.write(lambda c: again(c, read, 60_000))
    assert known(store, read.lead_id)["budget_usd"] == 60_000


def test_of_two_who_decide_the_second_is_told(store: Store, read: KeptAnswer) -> None:
    store.write(lambda c: confirm(c, read.id, **BY))
    for late in (
        lambda c: confirm(c, read.id, **BY),
        lambda c: correct(c, read.id, SIXTY, **BY),
        lambda c: reject(c, read.id, **BY),
    ):
        with pytest.raises(UserError) as caught:
            store.write(late)
        assert caught.value.code == "already-reviewed"
        assert "confirmed" in caught.value.message

    made = store.write(lambda c: correct(c, read.id, SIXTY, seen="confirmed", **BY))
    with pytest.raises(UserError, match="corrected"):
        store.write(lambda c: reject(c, read.id, seen="confirmed", **BY))
    assert store.write(lambda c: reject(c, made.id, seen="confirmed", **BY)).review == "rejected"
    assert known(store, read.lead_id) == {}


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_of_many_who_decide_at_once_one_counts(store: Store, read: KeptAnswer) -> None:
    """Each with a store of its own, as processes on one PostgreSQL have."""
    decided: list[str] = []
    told: list[str] = []

    def decide(number: int) -> None:
        work = (
            lambda c: correct(c, read.id, SIXTY, **BY),
            lambda c: confirm(c, read.id, **BY),
            lambda c: reject(c, read.id, **BY),
        )[number % 3]
        with Store(store.url) as own:
            try:
                decided.append(own.write(work).review)
            except UserError as error:
                told.append(error.code)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(decide, range(6)))
    assert len(decided) == 1
    assert told == ["already-reviewed"] * 5
    assert read.conversation_id is not None
    with store.read() as connection:
        left = answers_of_conversation(connection, read.conversation_id)
    counting = [one.value["amount_min"] for one in left if one.question == "budget"]
    assert len(counting) == (0 if decided == ["rejected"] else 1)
    assert [known(store, read.lead_id).get("budget_usd")] == (counting or [None])


def test_decisions_are_labelled_data(store: Store, read: KeptAnswer, tmp_path: Path) -> None:
    with store.read() as connection:
        assert read.conversation_id is not None
        others = {
            one.question: one for one in answers_of_conversation(connection, read.conversation_id)
        }
        assert labelled(connection) == ()
    store.write(lambda c: correct(c, read.id, SIXTY, **BY))
    store.write(lambda c: confirm(c, others["need"].id, **BY))
    store.write(lambda c: reject(c, others["timeline"].id, **BY))

    with store.read() as connection:
        (found,) = labelled(connection, "bant")
        assert labelled(connection, "meddic") == ()
    assert found.labelled.conversation == SAID
    assert {name: one.status for name, one in found.labelled.gold.items()} == {
        "budget": "stated", "need": "not_discussed", "timeline": "not_discussed",
    }  # fmt: skip
    assert found.labelled.gold["budget"].value == {"amount_min": 60_000, "currency": "USD"}

    file = tmp_path / "one.json"
    file.write_text(json.dumps(labelled_document(found)), encoding="utf-8")
    (again,) = labelled_file(file)
    assert again.conversation.turns == SAID.turns
    assert again.gold["budget"].value == found.labelled.gold["budget"].value
    assert again.gold["budget"].quotes == found.labelled.gold["budget"].quotes

    store.write(lambda c: forget_texts(c, NOW_US, 10))
    with store.read() as connection:
        assert labelled(connection) == ()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer("", "stated", {"amount_min": -1}), "from 0"),
        (Answer("", "stated", {"amount_min": True}), "a number"),
        (Answer("", "stated", {"amount_min": float("nan")}), "a number"),
        (Answer("", "stated", {"amount_min": 9, "amount_max": 3}), "above"),
        (Answer("", "stated", {"currency": "euro"}), "no currency"),
        (Answer("", "stated", {"months": 3}), "no part 'months'"),
        (Answer("", "stated", {}), "is empty"),
        (Answer("", "maybe", {}), "no status"),
    ],
)
def test_what_cannot_be_an_answer_is_refused(answer: Answer, said: str) -> None:
    from leadwise.qualify.answering import checked

    with pytest.raises(UserError, match=said) as caught:
        checked(BANT, Answer("budget", answer.status, answer.value))
    assert caught.value.code == "bad-answer"
