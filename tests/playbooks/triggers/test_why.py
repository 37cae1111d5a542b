"""`why_not`: what is said to somebody who asks why nothing happened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert

from leadwise.errors import UserError
from leadwise.playbooks.model import BandTrigger, EventTrigger, Safety, ScoreTrigger, Step
from leadwise.playbooks.triggers import why
from leadwise.settings import Settings
from leadwise.store.opening import Store
from leadwise.store.schema import event_mark, suppression
from tests.playbooks.conditions.stores import postgres_store, store
from tests.playbooks.conditions.test_conditions import condition
from tests.playbooks.triggers.playing import SECOND_US, Play, follow_up
from tests.playbooks.triggers.test_starting import end_all, leads
from tests.records import DAY_US

__all__ = ["postgres_store", "store"]
VISIT = {"triggers": (EventTrigger("visit"),)}


@pytest.fixture
def play(store: Store, monkeypatch: pytest.MonkeyPatch) -> Play:
    made = Play(store)
    made.card()
    monkeypatch.setattr(why, "read_playbook", made.texts.__getitem__)
    return made


def said(play: Play, lead_id: int, name: str = "call") -> list[str]:
    with play.store.read() as connection:
        found = why.why_not(connection, Settings(), name, lead_id, play.now_us).found
    return [one.text for one in found if one.against]


def test_each_start_says_what_became_of_it(play: Play) -> None:
    one, two = leads(play, 2)
    play.does(one, "visit", received_us=play.now_us - DAY_US)
    play.publish(follow_up(
        triggers=(
            EventTrigger("visit", condition("seats > 2")), BandTrigger(("hot",)),
            ScoreTrigger(rises_past=9_000),
        ),
    ))  # fmt: skip
    assert [text.rpartition(": ")[2] for text in said(play, two)] == [
        "the lead never did that.", "the lead was in no band yet.", "the lead has no score yet.",
    ]  # fmt: skip
    play.does(one, "visit", {"seats": 1})
    robot = play.does(one, "visit", {"seats": 7})
    play.does(one, "visit", {"seats": 7}, received_us=play.now_us + 90 * DAY_US, at_us=play.now_us)
    with play.store.transaction() as connection:
        mark = {"event_id": robot, "reason": "crawler", "marked_us": 1}
        connection.execute(insert(event_mark).values(mark))
    play.enters(one, "warm", "cold")
    play.scores(one, 40)
    found = [text.rpartition(": ")[2] for text in said(play, one)]
    assert set(found) == {
        "the lead did, before the playbook was published.",
        "the lead did, but not as `where` says.",
        "the lead did, but it was a program's doing (crawler).",
        "its last change was from cold to warm (by event), which is not meant.",
        "its score is 40.",
    } | {text for text in found if text.startswith("the lead did, but it was reported more than")}
    assert len([text for text in found if "reported more than" in text]) == 1


def test_what_would_speak_against_a_start_now(play: Play) -> None:
    (one,) = leads(play, 1, {"employees": 1})
    safety = Safety(again_after_us=9 * DAY_US, a_day=1)
    play.publish(follow_up(safety=safety, **VISIT))
    play.does(one, "visit")
    play.take()
    assert any(text.startswith("Run ") and "under way" in text for text in said(play, one))
    end_all(play)
    play.now_us += SECOND_US
    assert said(play, one) == [
        "It may begin again only 9 days after this instant.",
        "Today 1 leads started, which is the most.",
    ]
    play.does(one, "visit")
    play.take()
    assert "It was not started by the event that fitted: it is not to begin again yet." in said(
        play, one
    )
    play.publish(follow_up(number=2, when=condition("employees > 9"), **VISIT))
    assert any(text.startswith("The condition is not met now: ") for text in said(play, one))


def test_a_group_that_cools_down_and_one_that_goes_once(play: Play) -> None:
    (one,) = leads(play, 1)
    play.publish(follow_up(id="first", safety=Safety(group="g"), **VISIT))
    play.publish(follow_up(safety=Safety(group="g", cool_down_us=DAY_US), **VISIT))
    play.does(one, "visit")
    play.take()
    end_all(play)
    assert "It was in it before, and goes through it once only." in said(play, one, "first")
    with play.store.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM playbook_lead WHERE playbook = 'call'")
    assert "A playbook of its group ended: it cools down for 1 day from then on." in said(play, one)


def test_who_wants_no_mails_or_objected_or_is_not_there(play: Play) -> None:
    one, two = leads(play, 2)
    mail = Step("mail-1", "mail", {"template": "t", "kind": "marketing"}, 1)
    version = play.publish(follow_up(steps=(mail,), **VISIT))
    with play.store.transaction() as connection:
        row = {"address": "0@example.com", "reason": "unsubscribed", "at_us": 1, "by": "lead"}
        connection.execute(insert(suppression).values(row))
        connection.exec_driver_sql(f"UPDATE lead SET objected_us = 1 WHERE id = {two}")
    assert "It wants no mails, and the playbook does nothing else." in said(play, one)
    assert "The lead objected to being scored: it is not followed up." in said(play, two)
    with pytest.raises(UserError, match="There is no lead 99"):
        said(play, 99)
    with pytest.raises(UserError, match="No playbook other is live"):
        said(play, one, "other")
    with play.store.transaction() as connection:
        connection.exec_driver_sql(
            f"UPDATE playbook_version SET status = 'paused' WHERE id = {version.id}"
        )
    assert "The playbook is paused: nothing starts." in said(play, one)


def test_a_start_that_waits_says_until_when(play: Play) -> None:
    (one,) = leads(play, 1)
    play.publish(follow_up(safety=Safety(settle_us=DAY_US), **VISIT))
    play.does(one, "visit")
    play.take()
    with play.store.read() as connection:
        found: Any = why.why_not(connection, Settings(), "call", one, play.now_us).found
    (waits,) = [each for each in found if each.what == "waits"]
    assert waits.at_us == play.now_us + DAY_US
    assert replace(waits, at_us=None).text.endswith("until this instant.")
