"""Answers start playbooks: what nobody said, what was said, and what was said and is not wanted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from leadwise.playbooks.model import AnswerTrigger
from leadwise.store.opening import Store
from leadwise.store.schema import answer, identity_lead
from tests.playbooks.conditions.stores import postgres_store, store
from tests.playbooks.triggers.playing import HOUR_US, Play, follow_up, put
from tests.records import DAY_US, NOW_US, add_lead, make_live

__all__ = ["postgres_store", "store"]

CARD = """
card: bant
version: 1
fields:
  budget_usd: number
dimensions:
  - id: fit
    criteria:
      - {id: money, when: budget_usd >= 10000, points: 20}
"""
STATES = ("unknown", "failed", "known")


@pytest.fixture
def play(store: Store) -> Play:
    made = Play(store)
    for state in STATES:
        made.publish(follow_up(id=state, triggers=(AnswerTrigger("budget", state, "bant"),)))
    return made


def lead(play: Play, email: str = "a@example.com", **facts: Any) -> int:
    with play.store.transaction() as connection:
        return add_lead(connection, email, facts)


def says(
    play: Play, lead_id: int, status: str = "stated", question: str = "budget", talk: int = 0,
    at_us: int | None = None, **more: Any,
) -> None:  # fmt: skip
    """An answer that was read."""
    at = play.now_us if at_us is None else at_us
    values = {
        "conversation_id": 10 * lead_id + talk, "frame": "bant", "frame_version": 1,
        "question": question, "status": status, "value": {}, "confidence": 90, "quotes": [],
        "why": "",
        "answered_by": "embedded/1", "at_us": at, "said_us": play.now_us, "review": "none",
        **more,
    }  # fmt: skip
    with play.store.transaction() as connection:
        own = select(identity_lead.c.identity_id).where(identity_lead.c.lead_id == lead_id)
        put(connection, answer, identity_id=connection.scalars(own).first(), **values)


def begun(play: Play) -> dict[str, list[int | None]]:
    """The leads of each playbook's runs."""
    play.take()
    return {state: play.leads(state) for state in STATES}


def test_a_question_that_nobody_answered_is_unknown(play: Play) -> None:
    one = lead(play)
    says(play, one, "not_discussed")
    says(play, one, "stated", "authority")
    assert begun(play) == {"unknown": [one], "failed": [], "known": []}


def test_there_is_none_and_contradictions_are_failed_and_known(play: Play) -> None:
    one, two = lead(play), lead(play, "b@example.com")
    says(play, one, "none")
    says(play, two, "contradicted")
    assert begun(play) == {"unknown": [], "failed": [one, two], "known": [one, two]}


def test_what_the_live_card_gives_nothing_for_is_failed(play: Play) -> None:
    with play.store.transaction() as connection:
        make_live(connection, CARD)
    poor, rich = lead(play, budget_usd=500), lead(play, "b@example.com", budget_usd=50_000)
    unread = lead(play, "c@example.com")  # said, but no amount that the card could judge
    for one in (poor, rich, unread):
        says(play, one)
    assert begun(play) == {"unknown": [], "failed": [poor], "known": [poor, rich, unread]}


def test_an_answer_of_before_counts_for_a_later_talk(play: Play) -> None:
    one = lead(play)
    says(play, one, "stated", at_us=NOW_US - HOUR_US)
    says(play, one, "not_discussed", talk=2)
    assert begun(play)["unknown"] == []


def test_a_talk_read_again_and_one_of_long_ago_start_nothing_more(play: Play) -> None:
    one, two = lead(play), lead(play, "b@example.com")
    says(play, one, "none")
    assert begun(play)["failed"] == [one]
    says(play, one, "none", review="replaced")
    says(play, one, "none")
    says(play, two, "none", at_us=NOW_US - 90 * DAY_US)
    assert begun(play)["failed"] == [one]


def test_a_frame_or_question_that_there_is_not_starts_nothing(play: Play) -> None:
    one = lead(play)
    play.publish(follow_up(id="odd", triggers=(AnswerTrigger("no_such", "unknown", "bant"),)))
    says(play, one, "none")
    says(play, one, "none", frame="forgotten", talk=2)
    play.take()
    assert play.leads("odd") == []
