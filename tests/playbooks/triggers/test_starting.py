"""What starts playbooks, each thing once, and what speaks against a start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, update

from leadwise.playbooks.model import (
    BandTrigger,
    EventTrigger,
    Goal,
    MessageTrigger,
    Safety,
    ScheduleTrigger,
    ScoreTrigger,
    Step,
    TaskTrigger,
)
from leadwise.playbooks.triggers import schedules
from leadwise.settings import Settings
from leadwise.settings.playbooks import PlaybookSettings
from leadwise.store.experiments import begin_experiment
from leadwise.store.opening import Store
from leadwise.store.outcomes import add_outcome
from leadwise.store.runs import change_run, end_run, hold_run
from leadwise.store.schema import event_mark, held_out, lead, playbook_run, suppression, task
from leadwise.store.templates import keep_template
from tests.playbooks.conditions.stores import postgres_store, store
from tests.playbooks.conditions.test_conditions import condition
from tests.playbooks.triggers.playing import HOUR_US, SECOND_US, Play, follow_up, put
from tests.records import DAY_US, NOW_US, add_lead

__all__ = ["postgres_store", "store"]

ALWAYS = Safety(again_after_us=0)


@pytest.fixture
def play(store: Store) -> Play:
    made = Play(store)
    made.card()
    return made


def leads(play: Play, number: int, facts: dict[str, Any] | None = None) -> list[int]:
    with play.store.transaction() as connection:
        return [add_lead(connection, f"{n}@example.com", facts or {}) for n in range(number)]


def end_all(play: Play) -> None:
    """End all runs as of now."""
    with play.store.transaction() as connection:
        for run in play.runs():
            held = hold_run(connection, run.id)
            if held is not None and held.ended_us is None:
                end_run(connection, held, "done", "over", play.now_us)


# Bands ----------------------------------------------------------------------------------------


def test_a_change_of_band_starts_a_run_once(play: Play) -> None:
    one, two, three = leads(play, 3)
    play.publish(follow_up(triggers=(BandTrigger(enters=("hot",)),)))
    change = play.enters(one, "hot", "warm")
    play.enters(two, "warm", "cold")
    play.enters(three, "hot", None, "import")
    assert play.take().started == 1
    assert play.take().looked == 0
    (run,) = play.runs()
    assert (run.lead_id, run.trigger, run.at, run.due_us) == (one, f"band:{change}", 0, NOW_US)
    assert run.doc["trigger"]["by"] == "band"
    assert run.doc["event"]["to_band"] == "hot"


def test_leaving_a_band_and_causes_that_are_named(play: Play) -> None:
    one, two, three = leads(play, 3)
    trigger = BandTrigger(leaves=("hot", "warm"), causes=("card",))
    play.publish(follow_up(triggers=(trigger,)))
    play.enters(one, "warm", "hot", "card")  # still in one of them
    play.enters(two, "cold", "hot", "card")
    play.enters(three, "cold", "hot", "event")
    play.take()
    assert play.leads() == [two]


def test_nothing_begins_for_what_happened_before_publishing(play: Play) -> None:
    one, two = leads(play, 2)
    play.enters(one, "hot")
    play.now_us += HOUR_US
    play.publish(follow_up(triggers=(BandTrigger(enters=("hot",)), EventTrigger("visit"))))
    play.does(one, "visit", at_us=play.now_us - 1)
    play.enters(two, "hot")
    play.take()
    assert play.leads() == [two]


def test_a_new_version_has_what_the_old_one_had_not_come_to_and_no_more(play: Play) -> None:
    one, two = leads(play, 2)
    own = follow_up(triggers=(BandTrigger(enters=("hot",)),))
    play.publish(own)
    play.enters(one, "hot")
    play.take()
    play.now_us += HOUR_US
    play.enters(two, "hot")
    play.now_us += SECOND_US
    second = play.publish(replace(own, number=2))
    play.take()
    assert play.leads() == [one, two]
    assert play.runs()[1].version_id == second.id


def test_a_playbook_that_is_paused_starts_nothing_and_makes_up_for_nothing(play: Play) -> None:
    one, two = leads(play, 2)
    other = play.publish(follow_up(id="other", triggers=(BandTrigger(enters=("cold",)),)))
    version = play.publish(follow_up(triggers=(BandTrigger(enters=("hot",)),)), status="paused")
    play.enters(one, "hot")
    play.take()
    assert other.id != version.id
    from leadwise.store.playbooks import set_playbook_status

    with play.store.transaction() as connection:
        set_playbook_status(connection, version.id, "live")
    play.enters(two, "hot")
    play.take()
    assert play.leads() == [two]


# Again, groups, the day's number -----------------------------------------------------------------


def test_never_a_second_time_unless_it_is_said(play: Play) -> None:
    (one,) = leads(play, 1)
    for name, again in (("never", None), ("month", 30 * DAY_US), ("always", 0)):
        safety = Safety(again_after_us=again)
        play.publish(follow_up(id=name, triggers=(BandTrigger(("hot",)),), safety=safety))
    counts = []
    for day in (0, 1, 29, 31):
        play.now_us = NOW_US + day * DAY_US
        play.enters(one, "hot", "warm")
        play.take()
        end_all(play)
        counts.append([len(play.runs(name)) for name in ("never", "month", "always")])
    assert counts == [[1, 1, 1], [1, 1, 2], [1, 1, 3], [1, 2, 4]]


def test_no_second_run_of_a_state_while_one_is_under_way(play: Play) -> None:
    (one,) = leads(play, 1)
    play.publish(follow_up(id="state", triggers=(BandTrigger(("hot",)),), safety=ALWAYS))
    play.publish(follow_up(id="deed", triggers=(EventTrigger("visit"),), safety=ALWAYS))
    for _ in range(2):
        play.enters(one, "hot", "warm")
        play.does(one, "visit")
        play.take()
    assert (len(play.runs("state")), len(play.runs("deed"))) == (1, 2)


def test_two_changes_at_once_start_one_run(play: Play) -> None:
    (one,) = leads(play, 1)
    play.publish(follow_up(triggers=(BandTrigger(("hot", "warm")),), safety=Safety(DAY_US)))
    play.enters(one, "warm", "cold")
    play.enters(one, "hot", "warm")
    taken = play.take()
    assert (taken.started, taken.refused["is in the playbook"]) == (1, 1)


def test_a_group_cools_down_after_one_of_it_ended(play: Play) -> None:
    (one,) = leads(play, 1)
    safety = Safety(again_after_us=0, cool_down_us=7 * DAY_US, group="mails")
    play.publish(follow_up(id="first", triggers=(EventTrigger("visit"),), safety=safety))
    play.publish(follow_up(id="second", triggers=(EventTrigger("reply"),), safety=safety))
    play.does(one, "visit")
    play.take()
    end_all(play)
    started = []
    for day in (6, 8):
        play.now_us = NOW_US + day * DAY_US
        play.does(one, "reply")
        started.append(play.take().started)
    assert started == [0, 1]


@pytest.mark.parametrize(("over", "days"), [("wait", [2, 4, 5]), ("leave out", [2, 2, 2])])
def test_no_more_than_a_days_number(play: Play, over: Any, days: list[int]) -> None:
    five = leads(play, 5)
    safety = Safety(a_day=2, over=over)
    play.publish(follow_up(triggers=(BandTrigger(("hot",)),), safety=safety))
    for one in five:
        play.enters(one, "hot", at_us=NOW_US + one)
    counts = []
    for day in range(3):
        play.now_us = NOW_US + day * DAY_US
        play.take()
        counts.append(len(play.runs()))
    assert counts == days
    assert play.leads() == five[: days[-1]]  # who came first begins first


def test_a_day_is_one_of_the_teams_clock(store: Store) -> None:
    settings = Settings(playbooks=PlaybookSettings(zone="Pacific/Auckland"))
    play = Play(store, settings)
    play.card()
    one, two = leads(play, 2)
    play.now_us = NOW_US // DAY_US * DAY_US + 10 * HOUR_US  # eleven at night there
    play.publish(follow_up(triggers=(BandTrigger(("hot",)),), safety=Safety(a_day=1)))
    play.enters(one, "hot")
    play.enters(two, "hot")
    play.take()
    play.now_us += 2 * HOUR_US
    play.take()
    assert play.leads() == [one, two]


# Settling ----------------------------------------------------------------------------------------


def test_a_trigger_must_hold_for_as_long_as_is_said(play: Play) -> None:
    stays, leaves, returns = leads(play, 3)
    safety = Safety(settle_us=HOUR_US)
    play.publish(follow_up(triggers=(BandTrigger(("hot",)),), safety=safety))
    for one in (stays, leaves, returns):
        play.enters(one, "hot", "warm")
    play.take()
    play.now_us += HOUR_US // 2
    play.enters(leaves, "warm", "hot")
    play.enters(returns, "warm", "hot")
    play.enters(returns, "hot", "warm")
    assert play.take().started == 0
    play.now_us = NOW_US + HOUR_US
    assert play.take().started == 1
    assert play.leads() == [stays]
    play.now_us += HOUR_US // 2
    play.take()
    assert play.leads() == [stays, returns]


def test_a_goal_reached_while_it_settles_starts_nothing(play: Play) -> None:
    one, two = leads(play, 2)
    safety = Safety(settle_us=HOUR_US)
    goals = (Goal("booked", event=EventTrigger("meeting_booked")),)
    play.publish(follow_up(triggers=(BandTrigger(("hot",)),), safety=safety, goals=goals))
    play.does(two, "meeting_booked")  # before, for something else
    play.now_us += SECOND_US
    for lead_id in (one, two):
        play.enters(lead_id, "hot")
    play.take()
    play.now_us += SECOND_US
    play.does(one, "meeting_booked")
    play.now_us += HOUR_US
    assert play.take().refused["has reached a goal"] == 1
    assert play.leads() == [two]


# Conditions and whom nobody follows up ----------------------------------------------------------


def test_when_must_be_met_and_unknown_is_not(play: Play) -> None:
    with play.store.transaction() as connection:
        small = add_lead(connection, "a@example.com", {"employees": 5})
        large = add_lead(connection, "b@example.com", {"employees": 500})
        unknown = add_lead(connection, "c@example.com")
    own = follow_up(triggers=(BandTrigger(("hot",)),), when=condition("employees > 100"))
    play.publish(own)
    for one in (small, large, unknown):
        play.enters(one, "hot")
    refused = play.take().refused
    assert play.leads() == [large]
    assert (refused["does not meet `when`"], refused["`when` is unknown"]) == (1, 1)


def test_who_objected_was_erased_or_is_part_of_another(play: Play) -> None:
    objected, erased, part, whole = leads(play, 4)
    play.publish(follow_up(triggers=(BandTrigger(("hot",)),)))
    with play.store.transaction() as connection:
        for one, values in (
            (objected, {"objected_us": 1}), (erased, {"erased_us": 1}),
            (part, {"merged_into": whole}),
        ):  # fmt: skip
            connection.execute(update(lead).where(lead.c.id == one).values(**values))
    for one in (objected, erased, part):
        play.enters(one, "hot")
    play.take()
    assert play.leads() == [whole]


def test_after_a_merge_what_the_other_began_counts(play: Play) -> None:
    from leadwise.store.schema import merge

    one, two = leads(play, 2)
    play.publish(follow_up(triggers=(BandTrigger(("hot",)),)))
    play.enters(one, "hot")
    play.take()
    end_all(play)
    with play.store.transaction() as connection:
        connection.execute(update(lead).where(lead.c.id == one).values(merged_into=two))
        put(connection, merge, kept_id=two, other_id=one, at_us=1, cause="x", actor="x", moved=[])
    play.enters(two, "hot", "warm")
    assert play.take().refused["was in the playbook before"] == 1
    assert play.leads() == [one]


def test_who_is_left_alone_by_lot_gets_no_follow_up(play: Play) -> None:
    everybody = leads(play, 40)
    with play.store.transaction() as connection:
        begin_experiment(connection, "half", 0.5, ["hot"], by="t", now_us=NOW_US - 1)
    play.publish(follow_up(triggers=(BandTrigger(("hot",)),)))
    play.publish(follow_up(id="ticket", triggers=(MessageTrigger("support"),)))
    for one in everybody:
        play.enters(one, "hot")
        play.does(one, "asked", source="support")
    play.take()
    from leadwise.learn.refinement.uplift import is_held_out

    wanted = [one for one in everybody if not is_held_out(str(one), "half", 0.5)]
    assert 0 < len(wanted) < 40
    assert play.leads("call") == wanted
    assert play.leads("ticket") == everybody


def test_a_lot_that_was_drawn_counts_as_it_was_drawn(play: Play) -> None:
    one, two = leads(play, 2)
    with play.store.transaction() as connection:
        made = begin_experiment(connection, "x", 0.001, ["hot"], by="t", now_us=NOW_US)
        for lead_id, held in ((one, 1), (two, 0)):
            values = {"experiment_id": made.id, "lead_id": lead_id, "at_us": 1, "band": "hot"}
            connection.execute(insert(held_out).values(**values, held=held))
    play.publish(follow_up(triggers=(EventTrigger("visit"),)))
    for lead_id in (one, two):
        play.does(lead_id, "visit")
    play.take()
    assert play.leads() == [two]


def test_whoever_wants_no_mails_is_not_put_through_mails_alone(play: Play) -> None:
    one, two = leads(play, 2)
    with play.store.transaction() as connection:
        row = {"address": "0@example.com", "reason": "unsubscribed", "at_us": 1, "by": "lead"}
        connection.execute(insert(suppression).values(row))
    mail = Step("mail-1", "mail", {"template": "t", "kind": "marketing"}, 1)
    receipt = Step("mail-1", "mail", {"template": "receipt", "kind": "marketing"}, 1)
    call = Step("task-1", "task", {"title": "Call"}, 2)
    trigger = {"triggers": (EventTrigger("visit"),)}
    play.publish(follow_up(id="mails", steps=(mail,), **trigger))
    play.publish(follow_up(id="both", steps=(mail, call), **trigger))
    play.publish(follow_up(id="answers", steps=(receipt,), **trigger))
    with play.store.transaction() as connection:
        text = "---\nsubject: Yours\nkind: transactional\n---\nThank you\n"
        keep_template(connection, "receipt", text, by="t", now_us=1)
    for lead_id in (one, two):
        play.does(lead_id, "visit")
    play.take()
    assert (play.leads("mails"), play.leads("both")) == ([two], [one, two])
    assert play.leads("answers") == [one, two]


# Events ------------------------------------------------------------------------------------------


def test_an_event_starts_a_run_if_its_properties_fit_and_no_robot_did_it(play: Play) -> None:
    one, two, three = leads(play, 3)
    where = condition("amount > 100")
    play.publish(follow_up(triggers=(EventTrigger("order", where),)))
    play.does(one, "order", {"amount": 500, "item": "x"})
    play.does(two, "order", {"amount": 5})
    robot = play.does(three, "order", {"amount": 500})
    with play.store.transaction() as connection:
        mark = {"event_id": robot, "reason": "crawler", "marked_us": 1}
        connection.execute(insert(event_mark).values(mark))
    play.take()
    (run,) = play.runs()
    assert run.lead_id == one
    assert run.doc["event"]["amount"] == 500
    assert run.doc["event"]["properties"] == {"amount": 500, "item": "x"}


def test_a_click_is_not_believed_before_the_gate_has_had_its_time(play: Play) -> None:
    person, robot = leads(play, 2)
    play.publish(follow_up(triggers=(EventTrigger("email_clicked"),)))
    play.does(person, "email_clicked")
    clicked = play.does(robot, "email_clicked")
    assert play.take().started == 0
    with play.store.transaction() as connection:
        mark = {"event_id": clicked, "reason": "burst", "marked_us": 1}
        connection.execute(insert(event_mark).values(mark))
    play.now_us += 60 * SECOND_US
    play.take()
    assert play.leads() == [person]


def test_what_is_reported_late_starts_nothing_and_out_of_order_does(play: Play) -> None:
    one, two, three = leads(play, 3)
    play.publish(follow_up(triggers=(EventTrigger("visit"),)))
    play.now_us += 10 * DAY_US
    play.does(one, "visit", at_us=play.now_us - 2 * DAY_US)
    play.does(two, "visit", at_us=play.now_us)
    play.does(three, "visit", at_us=play.now_us - HOUR_US)
    play.take()
    assert play.leads() == [three, two]  # as they happened


def test_two_starts_of_a_playbook_that_fit_one_event_start_one_run(play: Play) -> None:
    (one,) = leads(play, 1)
    both = (EventTrigger("visit", condition("n > 1")), EventTrigger("visit", condition("n > 0")))
    play.publish(follow_up(triggers=both, safety=ALWAYS))
    play.does(one, "visit", {"n": 2})
    play.take()
    assert play.leads() == [one]


def test_a_message_starts_a_run_each_time_and_says_what_it_said(play: Play) -> None:
    (one,) = leads(play, 1)
    play.publish(follow_up(triggers=(MessageTrigger("support"),)))
    for text in ("it is broken", "still broken"):
        play.does(one, "message_received", {"text": text}, source="support")
    play.does(one, "identify", {"text": "who I am"}, source="support", type_="identify")
    play.does(one, "message_received", {"text": "elsewhere"}, source="chat")
    play.take()
    texts = [run.doc["message"]["text"] for run in play.runs()]
    assert texts == ["it is broken", "still broken"]


# Scores ------------------------------------------------------------------------------------------


def test_a_score_that_rises_past_starts_once_until_it_was_back(play: Play) -> None:
    (one,) = leads(play, 1)
    trigger = ScoreTrigger(rises_past=9_000, back=500)
    play.publish(follow_up(triggers=(trigger,), safety=ALWAYS))
    started = []
    for points in (80, 90, 91, 95, 88, 92, 85, 90.01, 99):
        play.scores(one, points)
        started.append(play.take().started)
        end_all(play)
    assert started == [0, 0, 1, 0, 0, 0, 0, 1, 0]


def test_hysteresis_holds_within_one_round(play: Play) -> None:
    (one,) = leads(play, 1)
    play.publish(follow_up(triggers=(ScoreTrigger(9_000, None, 500),), safety=ALWAYS))
    play.scores(one, 80, 95, 88, 92)
    assert play.take().started == 1
    end_all(play)
    play.scores(one, 80, 88)
    play.take()
    play.scores(one, 95)
    assert play.take().started == 1


def test_a_score_that_falls_below_and_a_card_that_changes(play: Play) -> None:
    one, two, three = leads(play, 3)
    play.publish(follow_up(triggers=(ScoreTrigger(None, 2_000),)))
    play.scores(one, 30, 20, 19.99)
    play.scores(two, 30)
    play.scores(two, 10, version=2)  # another card says so
    play.scores(three, 10)  # its first score fell from nowhere
    play.take()
    assert play.leads() == [one]


def test_a_score_by_an_import_rises_past_nothing(play: Play) -> None:
    one, two = leads(play, 2)
    play.publish(follow_up(triggers=(ScoreTrigger(rises_past=5_000),)))
    for lead_id, cause in ((one, "import"), (two, "event")):
        play.scores(lead_id, 80, cause=cause)
    play.take()
    assert play.leads() == [two]


# Tasks, schedules --------------------------------------------------------------------------------


def test_tasks_that_are_done_refused_or_overdue(play: Play) -> None:
    four = leads(play, 4)
    for state in ("done", "refused", "overdue"):
        play.publish(follow_up(id=state, triggers=(TaskTrigger("call", state),)))
    with play.store.transaction() as connection:
        for lead_id, values in zip(
            four,
            (
                {"state": "done", "ended_us": NOW_US}, {"state": "refused", "ended_us": NOW_US},
                {"state": "open", "due_us": NOW_US + SECOND_US}, {"state": "open"},
            ),
            strict=True,
        ):  # fmt: skip
            own = {"kind": "call", "title": "t", "about": "", "created_us": 1, "doc": {}}
            put(connection, task, lead_id=lead_id, **{**own, **values})
        put(
            connection, task, lead_id=four[3], kind="review", title="t", about="", state="done",
            created_us=1, ended_us=NOW_US, doc={},
        )  # fmt: skip
    assert play.take().started == 0  # somebody may still be writing
    play.now_us += 60 * SECOND_US
    play.take()
    play.take()
    assert [play.leads(name) for name in ("done", "refused", "overdue")] == [
        [four[0]], [four[1]], [four[2]],
    ]  # fmt: skip


def test_very_many_tasks_of_one_instant_are_all_taken(play: Play) -> None:
    from leadwise.playbooks.triggers.tasks import tasks_between

    (one,) = leads(play, 1)
    with play.store.transaction() as connection:
        for second in (0, 0, 0, 0, 0, 1, 2, 2):
            put(
                connection, task, lead_id=one, kind="call", title="t", about="", state="done",
                created_us=1, ended_us=NOW_US + second, doc={},
            )  # fmt: skip
        after, seen = NOW_US - 1, []
        while after < NOW_US + 2:
            found, after = tasks_between(connection, after, NOW_US + 2, 3)
            seen.append(len(found))
    assert seen == [5, 1, 2]


def test_a_schedule_goes_through_all_leads_that_meet_when(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedules, "PART", 30)
    with play.store.transaction() as connection:
        for number in range(70):
            add_lead(connection, f"{number}@example.com", {"employees": number})
    trigger = ScheduleTrigger("0 9 * * *", "Europe/Madrid")
    own = follow_up(
        triggers=(trigger,), when=condition("employees >= 65"), safety=Safety(again_after_us=1)
    )
    nine = NOW_US // DAY_US * DAY_US + 8 * HOUR_US  # nine in Madrid, in winter
    play.now_us = nine - HOUR_US
    play.publish(own)
    assert play.take().started == 0
    play.now_us = nine
    assert play.taker.take(play.now_us)
    assert len(play.runs()) == 0  # the first part has none of them
    play.take()
    assert len(play.runs()) == 5
    end_all(play)
    play.take()
    assert len(play.runs()) == 5
    play.now_us = nine + 3 * DAY_US + HOUR_US  # nobody worked for three days: made up for once
    play.take()
    assert len(play.runs()) == 10


# Waking ------------------------------------------------------------------------------------------


def test_runs_are_woken_by_what_they_await_and_by_goals(play: Play) -> None:
    waits, replies, wins, other = leads(play, 4)
    step = Step("wait-1", "wait", {"event": EventTrigger("reply"), "at_most": DAY_US}, 1)
    goals = (Goal("won", outcome="won"), Goal("booked", event=EventTrigger("booked")))
    play.publish(follow_up(triggers=(BandTrigger(("hot",)),), steps=(step,), goals=goals))
    for one in (waits, replies, wins, other):
        play.enters(one, "hot")
    play.take()
    with play.store.transaction() as connection:
        for run in play.runs():
            later = {"due_us": NOW_US + 9 * DAY_US, "awaits": "reply"}
            change_run(connection, run.id, **later)
    play.does(waits, "reply")
    play.does(replies, "booked")
    play.does(other, "visit")
    with play.store.transaction() as connection:
        add_outcome(connection, wins, "won", at_us=NOW_US, now_us=NOW_US, source="s",
                    message_id="1")  # fmt: skip
    assert play.take().woken == 3
    due = {run.lead_id: run.due_us for run in play.runs()}
    assert due[other] == NOW_US + 9 * DAY_US
    assert {due[one] for one in (waits, replies, wins)} == {NOW_US}


def test_where_nobody_wants_anything_nothing_is_done(play: Play) -> None:
    (one,) = leads(play, 1)
    play.does(one, "visit")
    assert not play.taker.take(play.now_us)
    play.publish(follow_up(triggers=(EventTrigger("visit"),)), status="draft")
    assert not play.taker.take(play.now_us)
    with play.store.read() as connection:
        assert connection.execute(playbook_run.select()).all() == []


def test_each_start_by_score_has_to_be_back_for_itself(play: Play) -> None:
    (one,) = leads(play, 1)
    starts = (ScoreTrigger(6_000, None, 500), ScoreTrigger(None, 9_000, 500))
    play.publish(follow_up(triggers=starts, safety=ALWAYS))
    started = []
    for points in (50, 65, 92, 85, 91, 89, 96, 89, 54, 61):
        play.scores(one, points)
        started.append(play.take().started)
        end_all(play)
    #                 rises        falls              falls      rises
    assert started == [0, 1, 0, 1, 0, 0, 0, 1, 0, 1]
