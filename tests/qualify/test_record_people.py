"""Conversations go with the person: merged, parted, exported, erased; and leads in segments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy import event as listening

from leadwise.ingest.merging import merge_leads, undo_merge
from leadwise.live.retention import retention_handler
from leadwise.qualify.answer import Answer
from leadwise.qualify.recording import delete_conversation
from leadwise.qualify.reviewing import reject
from leadwise.settings import QualifySettings, RetentionSettings
from leadwise.store.answers import KeptAnswer, answers_of_lead
from leadwise.store.behind import facts_said_by
from leadwise.store.conversations import get_conversation, list_conversations
from leadwise.store.doctor import Patient, examine
from leadwise.store.export import export_person, text_of_export
from leadwise.store.opening import Store
from leadwise.store.privacy import erase_person
from leadwise.store.schema import answer, conversation, event
from leadwise.store.segments import FAILED, count_segments, list_segment
from tests.qualify.record_store import HELD_US, budget, keep, known, opened, quoted, talk
from tests.records import DAY_US, NOW_US, add_lead

SAID = talk("We have 80k signed off.")
QUESTIONS = ("budget", "authority", "need", "timeline")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with opened(request, tmp_path) as found:
        yield found


def _two(connection: Connection) -> tuple[int, int, int]:
    """Ann, who said something, Bob, and the conversation with Ann."""
    ann = add_lead(connection, "ann@acme.example", at_us=HELD_US - 50 * DAY_US)
    bob = add_lead(connection, "bob@acme.example", at_us=HELD_US - 50 * DAY_US)
    conversation_id, _ = keep(connection, ann, SAID, budget(SAID, "80k", 80_000))
    return ann, bob, conversation_id


def test_a_merge_takes_conversations_along_and_back(store: Store) -> None:
    ann, bob, conversation_id = store.write(_two)
    done = store.write(lambda c: merge_leads(c, bob, ann, "person", "member:1", NOW_US))
    with store.read() as connection:
        assert [one.id for one in list_conversations(connection, bob)] == [conversation_id]
        assert list_conversations(connection, ann) == []
        assert len(answers_of_lead(connection, bob)) == 4
    assert known(store, bob)["budget_usd"] == 80_000

    store.write(lambda c: undo_merge(c, done.id, "member:1", NOW_US))
    with store.read() as connection:
        assert get_conversation(connection, conversation_id).lead_id == ann
        assert answers_of_lead(connection, bob) == []
    assert known(store, bob) == {}
    assert known(store, ann)["budget_usd"] == 80_000


def test_a_conversation_kept_before_a_merge_is_not_kept_twice(store: Store) -> None:
    ann, bob, conversation_id = store.write(_two)
    store.write(lambda c: merge_leads(c, bob, ann, "person", "member:1", NOW_US))
    again, done = store.write(lambda c: keep(c, bob, SAID, budget(SAID, "80k", 80_000)))
    assert (again, done.added) == (conversation_id, 0)


def test_the_export_has_what_was_said(store: Store) -> None:
    ann, _, conversation_id = store.write(_two)
    document = store.write(lambda c: export_person(c, ann, NOW_US, "member:1"))
    text = text_of_export(document)
    (held,) = document["conversations"]
    assert held["id"] == conversation_id
    assert held["turns"][1][2] == "We have 80k signed off."
    assert {one["question"] for one in document["answers"]} == set(QUESTIONS)
    assert '"held": "2026-' in text


def test_erasure_leaves_nothing_that_was_said(store: Store) -> None:
    ann, bob, _ = store.write(_two)
    store.write(lambda c: keep(c, bob, SAID, budget(SAID, "80k", 80_000)))
    store.write(lambda c: erase_person(c, ann, NOW_US, "member:1"))
    with store.read() as connection:
        numbers = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (conversation, answer)
        ]
        assert numbers == [1, 4]
        assert len(list_conversations(connection, bob)) == 1
        told = select(func.count()).select_from(event).where(event.c.source == "qualify")
        assert connection.execute(told).scalar_one() == 1
    assert known(store, bob)["budget_usd"] == 80_000


class AtNow:
    """What a handler is told while it runs, at the time of the tests."""

    job_id = "x"

    def now_us(self) -> int:
        return NOW_US

    def step(self, name: str, fn: Any) -> Any:
        return fn()

    def cancelled(self) -> bool:
        return False

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Nobody looks."""


def test_texts_go_with_time_and_quotes_stay(store: Store) -> None:
    ann, _, conversation_id = store.write(_two)
    for days, left in ((101, False), (99, True)):
        settings = RetentionSettings(conversations_days=days)
        done = retention_handler(store, settings)(AtNow(), {})
        assert done == {
            "events": 0, "refused": 0, "reads": 0, "conversations": int(left), "replies": 0,
            "exchanges": 0, "runs": 0, "left_out": 0, "attachments": 0, "tasks": 0, "scores": 0,
            "studies": 0, "uploads": 0,
        }  # fmt: skip
        with store.read() as connection:
            held = get_conversation(connection, conversation_id)
            assert held.aged is left
    with store.read() as connection:
        quotes = [one.quotes for one in answers_of_lead(connection, ann) if one.quotes]
    assert [one.text for each in quotes for one in each] == ["80k"]
    assert known(store, ann)["budget_usd"] == 80_000


def test_a_fact_leads_to_the_words_that_prove_it(store: Store) -> None:
    ann, _, conversation_id = store.write(_two)
    with store.read() as connection:
        found = facts_said_by(connection, ann, ["budget_usd", "email"], NOW_US, NOW_US)
    assert found["email"].answer is None
    proof = found["budget_usd"].answer
    assert proof is not None
    assert (proof.conversation_id, proof.question) == (conversation_id, "budget")
    assert [(one.text, one.speaker) for one in proof.quotes] == [("80k", "Ana Ruiz")]
    assert found["budget_usd"].at_us == HELD_US


def test_the_doctor_finds_answers_without_a_conversation(store: Store) -> None:
    store.write(_two)
    assert _found(store) == []
    store.write(lambda c: c.execute(conversation.delete()))
    assert len(_found(store)) == 4
    assert "is not there" in _found(store)[0]


def _found(store: Store) -> list[str]:
    return [
        line
        for one in examine(Patient(store, NOW_US))
        if one.check == "identities"
        for line in one.examples
    ]


def test_segments_tell_failed_from_unknown(store: Store) -> None:
    def work(connection: Connection) -> dict[str, int]:
        made = {
            name: add_lead(connection, f"{name}@x.example", at_us=HELD_US - 50 * DAY_US)
            for name in ("stated", "none", "differ", "silent", "never", "moved")
        }
        keep(connection, made["stated"], SAID, budget(SAID, "80k", 80_000))
        none = Answer("budget", "none", {}, 0.9, quoted(SAID, "signed"))
        differ = Answer("budget", "contradicted", {}, 0.9, quoted(SAID, "signed"))
        keep(connection, made["none"], SAID, none)
        keep(connection, made["differ"], SAID, differ)
        keep(connection, made["silent"], SAID)
        keep(connection, made["moved"], SAID, none)
        later = talk("Now we have 80k.")
        keep(connection, made["moved"], later, budget(later, "80k", 1.0), held_us=HELD_US + DAY_US)
        keep(connection, made["stated"], later, held_us=HELD_US + DAY_US)
        return made

    made = store.write(work)
    with store.read() as connection:
        first = count_segments(connection, "bant", QUESTIONS)[0]
        assert (first.stated, first.none, first.contradicted, first.unknown) == (2, 1, 1, 2)
        last = count_segments(connection, "bant", QUESTIONS)[3]
        assert (last.stated, last.none, last.contradicted, last.unknown) == (0, 0, 0, 6)

        def of(*standings: str) -> list[int]:
            return [one.lead_id for one in list_segment(connection, "bant", "budget", standings)]

        assert of(*FAILED) == [made["none"], made["differ"]]
        assert of("unknown") == [made["silent"], made["never"]]
        assert of("stated") == [made["stated"], made["moved"]]
        assert of("none", "unknown") == [made["none"], made["silent"], made["never"]]
        assert of() == []
        rest = list_segment(
            connection, "bant", "budget", ["unknown"], after_id=made["silent"], limit=1
        )
        assert [(one.lead_id, one.answer_id) for one in rest] == [(made["never"], None)]


def test_segments_are_counted_once_for_a_state_of_the_record(store: Store) -> None:
    def work(connection: Connection) -> tuple[list[int], list[KeptAnswer]]:
        ids = [add_lead(connection, f"{n}@x.example", at_us=HELD_US) for n in range(3)]
        made = [keep(connection, one, SAID, budget(SAID, "80k", 80_000))[1] for one in ids]
        return ids, [one.answers[0] for one in made]

    asked: list[str] = []

    def counted() -> tuple[int, int]:
        with store.read() as connection:
            listening.listen(connection, "before_cursor_execute", lambda *a: asked.append(a[2]))
            one = count_segments(connection, "bant", QUESTIONS)[0]
        return one.stated, one.unknown

    def dear() -> int:
        found = sum("row_number" in one for one in asked)
        asked.clear()
        return found

    ids, answers = store.write(work)
    assert (counted(), counted(), dear()) == ((3, 0), (3, 0), 1)
    store.write(lambda c: reject(c, answers[0].id, actor="member:1", now_us=NOW_US))
    assert (counted(), counted(), dear()) == ((2, 1), (2, 1), 1)
    merged = store.write(lambda c: merge_leads(c, ids[1], ids[2], "person", "member:1", NOW_US))
    assert (counted(), dear()) == ((1, 1), 1)
    store.write(lambda c: undo_merge(c, merged.id, "member:1", NOW_US))
    assert (counted(), dear()) == ((2, 1), 1)
    store.write(lambda c: delete_conversation(c, answers[1].conversation_id or 0, NOW_US))
    assert (counted(), dear()) == ((1, 2), 1)


def test_a_sample_of_everything_waits_only_where_it_is_set() -> None:
    assert QualifySettings().review_below == 0.6
    assert QualifySettings().review_sample == 0.05
