"""Dry runs over a record: what would have begun, what held it back, what would have been sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, update

from leadwise.playbooks.dry_run import DryRun, replay
from leadwise.playbooks.dry_run.of_store import StorePast
from leadwise.playbooks.model import (
    BandTrigger,
    EventTrigger,
    Goal,
    MessageTrigger,
    Playbook,
    Safety,
    ScheduleTrigger,
    ScoreTrigger,
    Step,
)
from leadwise.settings import Settings
from leadwise.settings.playbooks import PlaybookSettings
from leadwise.store.contacts import add_contact
from leadwise.store.opening import Store
from leadwise.store.outcomes import add_outcome
from leadwise.store.schema import event_mark, lead, playbook_run
from tests.playbooks.conditions.stores import postgres_store, store
from tests.playbooks.conditions.test_conditions import condition
from tests.playbooks.triggers.playing import HOUR_US, SECOND_US, Play, follow_up
from tests.records import DAY_US, NOW_US, add_lead

__all__ = ["postgres_store", "store"]

DAYS = 30
END_US = NOW_US // DAY_US * DAY_US
FROM_US = END_US - DAYS * DAY_US
MAIL = Step("mail-1", "mail", {"template": "t", "kind": "marketing"}, 1)
LOUD = PlaybookSettings(quiet_from="", quiet_until="")


@pytest.fixture
def play(store: Store) -> Play:
    made = Play(store, Settings(playbooks=LOUD))
    made.card()
    return made


def leads(play: Play, number: int, facts: dict[str, Any] | None = None) -> list[int]:
    with play.store.transaction() as connection:
        at_us = NOW_US - 60 * DAY_US
        return [add_lead(connection, f"{n}@e.com", facts or {}, at_us=at_us) for n in range(number)]


def ran(play: Play, playbook: Playbook, **own: Any) -> DryRun:
    """The last thirty days with the playbook in them."""
    settings = LOUD.model_copy(update=own)
    whole = Settings(playbooks=settings)
    with play.store.read() as connection:
        return replay(playbook, StorePast(connection, whole), settings, FROM_US, END_US)


def begun(told: DryRun) -> list[tuple[str, int]]:
    """The leads and the days (from 0) of the runs."""
    return [(one.lead, (one.at_us - FROM_US) // DAY_US) for one in told.begun]


def day(number: float) -> int:
    return FROM_US + round(number * DAY_US)


def test_bands_as_they_were_said_and_events_begin_runs(play: Play) -> None:
    one, two, three = leads(play, 3)
    play.enters(one, "hot", "warm", at_us=day(3))
    play.enters(two, "hot", None, "import", at_us=day(3))
    play.enters(one, "hot", "warm", at_us=day(-1))  # before
    play.does(two, "visit", {"page": "/pricing"}, received_us=day(5))
    robot = play.does(three, "visit", {"page": "/pricing"}, received_us=day(6))
    play.does(three, "visit", {"page": "/"}, received_us=day(7))
    with play.store.transaction() as connection:
        mark = {"event_id": robot, "reason": "crawler", "marked_us": 1}
        connection.execute(insert(event_mark).values(mark))
    where = EventTrigger("visit", condition("page = '/pricing'"))
    told = ran(play, follow_up(triggers=(BandTrigger(("hot",)), where)))
    assert begun(told) == [(str(one), 3), (str(two), 5)]
    assert [run.why for run in told.begun] == ["warm to hot", "visit"]
    with play.store.read() as connection:
        assert connection.execute(playbook_run.select()).all() == []  # nothing is written


def test_conditions_are_asked_as_of_then(play: Play) -> None:
    (one,) = leads(play, 1)
    play.now_us = day(4) - 3 * SECOND_US
    play.scores(one, 10)
    play.now_us = day(10) - 3 * SECOND_US
    play.scores(one, 60)
    for at in (2, 5, 12):
        play.does(one, "visit", received_us=day(at))
    own = follow_up(
        triggers=(EventTrigger("visit"),), when=condition("score < 20"), safety=Safety(0)
    )
    told = ran(play, own)
    assert begun(told) == [(str(one), 5)]
    assert dict(told.refused) == {"`when` is unknown": 1, "does not meet `when`": 1}


def test_again_settling_and_the_days_number_count(play: Play) -> None:
    five = leads(play, 5)
    for number, one in enumerate(five):
        play.enters(one, "hot", "warm", at_us=day(2) + number)
    play.enters(five[0], "hot", "warm", at_us=day(20))
    play.enters(five[4], "warm", "hot", at_us=day(2) + HOUR_US)
    own = follow_up(triggers=(BandTrigger(("hot",)),), safety=Safety(10 * DAY_US, a_day=2))
    assert begun(ran(play, own)) == [
        (str(five[0]), 2), (str(five[1]), 2), (str(five[2]), 3), (str(five[3]), 3),
        (str(five[0]), 20),
    ]  # fmt: skip
    settled = ran(play, replace(own, safety=Safety(settle_us=2 * HOUR_US)))
    assert [lead for lead, _ in begun(settled)] == [str(one) for one in five[:4]]
    # When it was five[4]'s turn it was hot no more, and five[0] never begins a second time.
    assert dict(settled.refused) == {"holds no more": 1, "was in the playbook before": 1}


def test_mails_wait_for_quiet_hours_and_caps_and_what_was_really_sent(play: Play) -> None:
    one, two = leads(play, 2, {"timezone": "Europe/Helsinki"})
    play.now_us = day(5) + 20 * HOUR_US  # ten in the evening there
    play.does(one, "visit")
    play.does(two, "visit", received_us=play.now_us - 10 * HOUR_US)
    with play.store.transaction() as connection:
        add_contact(connection, two, "mail", "other", play.now_us - 12 * HOUR_US)
    steps = (MAIL, replace(MAIL, id="mail-2", next=2), replace(MAIL, id="mail-3", next=3))
    own = follow_up(triggers=(EventTrigger("visit"),), steps=steps)
    told = ran(play, own, quiet_from="20:00", quiet_until="08:00", mails_a_day=1, mails_a_week=0)
    assert told.waited["quiet hours"] == 1
    assert told.waited["the caps on mails"] == 2 + 3
    ends = [datetime.fromtimestamp((run.ended_us or 0) // SECOND_US, UTC) for run in told.begun]
    assert [run.mails for run in told.begun] == [3, 3]
    assert max(told.mails.values()) <= 2  # one of each a day
    assert sorted(end.hour for end in ends) == [6, 8]


def test_waits_branches_and_goals_go_by_what_the_lead_did(play: Play) -> None:
    replies, opens, silent = leads(play, 3)
    steps = (
        MAIL,
        Step("wait-1", "wait",
             {"event": EventTrigger("opened"), "at_most": 3 * DAY_US, "late": 4}, 2),
        Step("if-1", "if", {"condition": condition("country = 'ES'"), "then": 3}, 5),
        replace(MAIL, id="spain", next=5),
        replace(MAIL, id="late", next=5),
        replace(MAIL, id="all", next=6),
    )  # fmt: skip
    goals = (Goal("replied", event=EventTrigger("replied")), Goal("won", outcome="won"))
    for one in (replies, opens, silent):
        play.does(one, "visit", received_us=day(2))
    play.does(opens, "opened", received_us=day(3))
    play.does(replies, "replied", received_us=day(4))
    with play.store.transaction() as connection:
        add_outcome(connection, opens, "won", at_us=day(1), now_us=NOW_US, source="s",
                    message_id="1")  # fmt: skip
    own = follow_up(triggers=(EventTrigger("visit"),), steps=steps, goals=goals)
    told = ran(play, own, mails_a_day=0, mails_a_week=0)
    found = {run.lead: (run.mails, run.ended, (run.ended_us or 0) - day(0)) for run in told.begun}
    assert found == {
        str(replies): (1, "goal: replied", 5 * DAY_US),
        str(opens): (2, "done", 3 * DAY_US),
        str(silent): (3, "done", 5 * DAY_US),
    }


def test_who_may_not_be_followed_up_is_told_and_left_out(play: Play) -> None:
    one, two = leads(play, 2)
    with play.store.transaction() as connection:
        connection.execute(update(lead).where(lead.c.id == one).values(objected_us=1))
    for lead_id in (one, two):
        play.does(lead_id, "message_received", received_us=day(3), source="support")
    told = ran(play, follow_up(triggers=(MessageTrigger("support"),)))
    assert begun(told) == [(str(two), 3)]
    assert (told.triggers, dict(told.refused)) == (2, {"is no lead to follow up": 1})


def test_scores_and_schedules_of_the_past(play: Play) -> None:
    one, two = leads(play, 2)
    play.now_us = day(6)
    play.scores(one, 50, 95, 92, 80, 96)
    play.now_us = day(6)
    play.scores(two, 20)
    rises = follow_up(triggers=(ScoreTrigger(9_000, None, 500),), safety=Safety(0), steps=())
    assert [run.why for run in ran(play, rises).begun] == ["score 50 to 95", "score 80 to 96"]
    weekly = follow_up(
        triggers=(ScheduleTrigger("0 9 * * 1", "UTC"),), when=condition("score > 50"),
        safety=Safety(0), steps=(),
    )  # fmt: skip
    told = ran(play, weekly)
    assert {run.lead for run in told.begun} == {str(one)}
    weekdays = {datetime.fromtimestamp(run.at_us // SECOND_US, UTC).weekday() for run in told.begun}
    assert weekdays == {0}
    assert len(told.begun) == 3


def test_a_score_that_was_not_back_far_enough_begins_nothing_again(play: Play) -> None:
    one, two = leads(play, 2)
    for lead_id, scores in ((one, (50, 95, 89, 96)), (two, (50, 95, 84, 96))):
        play.now_us = day(6)
        play.scores(lead_id, *scores)
    rises = follow_up(triggers=(ScoreTrigger(9_000, None, 500),), safety=Safety(0), steps=())
    told = ran(play, rises)
    assert [run.lead for run in told.begun] == [str(one), str(two), str(two)]
    assert dict(told.refused) == {"was not back since": 1}


def test_conditions_of_many_runs_are_asked_together(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    met = StorePast.met

    def counted(self: StorePast, playbook: Any, condition: Any, moments: Any) -> Any:
        known = list(moments)
        asked.append(len(known))
        return met(self, playbook, condition, known)

    monkeypatch.setattr(StorePast, "met", counted)
    for number, one in enumerate(leads(play, 12, {"country": "ES"})):
        play.does(one, "visit", received_us=day(number / 4))
    wait = Step("wait", "wait", {"for": 2 * DAY_US}, 2)
    steps = (
        MAIL, wait,
        Step("if-1", "if", {"condition": condition("country = 'ES'"), "then": 3}, 5),
        replace(wait, id="wait-2", next=4), replace(MAIL, id="mail-2", next=5),
    )  # fmt: skip
    own = follow_up(
        triggers=(EventTrigger("visit"),), steps=steps,
        safety=Safety(0, still=condition("country <> 'FR'")),
    )  # fmt: skip
    told = ran(play, own, mails_a_day=0, mails_a_week=0)
    assert [run.mails for run in told.begun] == [2] * 12
    assert (len(asked), sum(asked)) == (2, 12 * 4)


def test_what_a_dry_run_cannot_know_is_told(play: Play) -> None:
    (one,) = leads(play, 1)
    play.does(one, "visit", received_us=day(3))
    wait = Step("wait", "wait", {"until": "{{ step.book.at }}"}, 1)
    told = ran(play, follow_up(triggers=(EventTrigger("visit"),), steps=(wait,)))
    assert told.notes == ["What waits until an instant of a template goes on at once here."]


def test_the_same_past_is_played_the_same(play: Play) -> None:
    (one,) = leads(play, 1)
    play.does(one, "visit", received_us=day(3))
    own = follow_up(triggers=(EventTrigger("visit"),))
    assert ran(play, own) == ran(play, own)
