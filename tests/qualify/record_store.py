"""Leads, conversations and readings for the tests of what the record keeps of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from leadwise.qualify.answer import Answer, Quote, Reading
from leadwise.qualify.frame.shipped import shipped_frame
from leadwise.qualify.recording import ReadingKept, keep_conversation, keep_reading
from leadwise.qualify.talk import Conversation, Turn
from leadwise.settings import QualifySettings
from leadwise.store.facts import folded_facts
from leadwise.store.leads import facts_at
from leadwise.store.opening import Store
from tests.databases import make_tables, postgres_database
from tests.records import DAY_US, NOW_US

HELD_US = NOW_US - 100 * DAY_US
NOBODY_LOOKS = QualifySettings(review_below=0.0, review_sample=0.0)
BANT = shipped_frame("bant")


@contextmanager
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """The store of a fixture's parameter: `sqlite` or `postgres`."""
    if request.param == "sqlite":
        with Store(str(tmp_path / "leadwise.db")) as store:
            make_tables(store)
            yield store
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server) as url, Store(url) as store:
            make_tables(store)
            yield store


def talk(*said: str, channel: Any = "call", held_on: date = date(2026, 10, 7)) -> Conversation:
    """A conversation: what the buyer says, turn by turn, each after the seller's question."""
    turns = []
    for text in said:
        turns += [Turn("Sam (Vendor)", "seller", "And then?"), Turn("Ana Ruiz", "buyer", text)]
    return Conversation(channel, held_on, tuple(turns), "en")


def quoted(conversation: Conversation, text: str) -> tuple[Quote, ...]:
    """The words where they stand."""
    for number, turn in enumerate(conversation.turns):
        if (start := turn.text.find(text)) >= 0:
            return (Quote(number, start, text),)
    raise ValueError(text)


def budget(
    conversation: Conversation, quote: str, amount: float, confidence: float = 0.9
) -> Answer:
    """An answer to the budget, proved by words of the conversation."""
    value = {"amount_min": amount, "amount_max": amount, "currency": "USD"}
    return Answer("budget", "stated", value, confidence, quoted(conversation, quote), "as said")


def reading(*answers: Answer, reader: str = "embedded/1") -> Reading:
    """What a reader said; the questions of BANT that are not named are not discussed."""
    given = {one.question: one for one in answers}
    every = tuple(
        given.get(one.id, Answer(one.id, "not_discussed", confidence=1.0)) for one in BANT.questions
    )
    return Reading(reader, every)


def keep(
    connection: Connection,
    lead_id: int,
    conversation: Conversation,
    *answers: Answer,
    held_us: int = HELD_US,
    settings: QualifySettings = NOBODY_LOOKS,
) -> tuple[int, ReadingKept]:
    """Keep a conversation with a reading of it; its id and what became of the reading."""
    conversation_id, _ = keep_conversation(
        connection, lead_id, conversation, held_us=held_us, source="test", actor="member:1",
        now_us=NOW_US,
    )  # fmt: skip
    made = reading(*answers)
    return conversation_id, keep_reading(connection, conversation_id, BANT, made, settings, NOW_US)


def known(store: Store, lead_id: int, at_us: int = NOW_US) -> dict[str, Any]:
    """What is known of the budget at an instant, held to a fold from scratch."""
    with store.read() as connection:
        rows = folded_facts(connection, lead_id)
        fresh = next((r.document for r in rows if r.from_us <= at_us < r.until_us), {})
        found = facts_at(connection, lead_id, at_us)
    assert {k: v for k, v in fresh.items() if "#" not in k} == found
    return {key: value for key, value in found.items() if key.startswith("budget")}
