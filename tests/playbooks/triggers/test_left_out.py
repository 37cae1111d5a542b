"""Why nothing was started is remembered, as far as it is worth a row."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from leadwise.playbooks.model import EventTrigger, Safety, ScheduleTrigger
from leadwise.playbooks.triggers.left_out import KEPT
from leadwise.playbooks.triggers.model import REMEMBERED
from leadwise.store.left_out import counted, forget_left_out, left_out
from leadwise.store.opening import Store
from leadwise.store.schema import playbook_left_out
from tests.playbooks.conditions.stores import postgres_store, store
from tests.playbooks.conditions.test_conditions import condition
from tests.playbooks.triggers.playing import SECOND_US, Play, follow_up
from tests.playbooks.triggers.test_starting import leads

__all__ = ["postgres_store", "store"]
VISIT = {"triggers": (EventTrigger("visit"),)}


@pytest.fixture
def play(store: Store) -> Play:
    made = Play(store)
    made.card()
    return made


def told(play: Play, **asked: Any) -> list[tuple[int, str]]:
    with play.store.read() as connection:
        return [(one.lead_id, one.why) for one in left_out(connection, **asked)]


def test_each_reason_is_kept_with_its_lead(play: Play) -> None:
    one, two = leads(play, 2, {"country": "ES"})
    play.publish(follow_up(when=condition("employees > 9"), **VISIT))
    play.publish(follow_up(id="once", **VISIT))
    for _ in range(2):
        play.does(one, "visit")
        play.take()
        play.now_us += SECOND_US
    play.does(two, "visit")
    play.take()
    assert told(play, playbook="call") == [
        (two, "`when` is unknown"), (one, "`when` is unknown"), (one, "`when` is unknown"),
    ]  # fmt: skip
    assert told(play, playbook="once") == [(one, "is in the playbook")]
    assert {why for _, why in told(play, lead_ids=[one])} == {
        "`when` is unknown", "is in the playbook",
    }  # fmt: skip
    with play.store.read() as connection:
        assert counted(connection, "call") == {"`when` is unknown": 3}
        assert counted(connection, "cal") == {}


def test_rows_have_an_end_and_the_number_is_told_all_the_same(play: Play) -> None:
    crowd = leads(play, REMEMBERED + 20, {"employees": 1})
    play.publish(follow_up(when=condition("employees > 9"), **VISIT))
    rounds = KEPT // REMEMBERED + 3
    for _ in range(rounds):
        for lead_id in crowd:
            play.does(lead_id, "visit")
        play.take()
        play.now_us += SECOND_US
    with play.store.read() as connection:
        rows = connection.scalar(select(func.count()).select_from(playbook_left_out))
        assert rows is not None
        assert rows <= KEPT
        assert counted(connection, "call") == {"does not meet `when`": rounds * len(crowd)}
        # The latest are there.
        latest = left_out(connection, playbook="call", limit=1)[0]
        assert latest.at_us == play.now_us - SECOND_US
    with play.store.transaction() as connection:
        assert forget_left_out(connection, play.now_us - SECOND_US, 10) == 10
        while forget_left_out(connection, play.now_us, 500):
            pass
        assert connection.scalar(select(func.count()).select_from(playbook_left_out)) == 0


def test_whom_a_schedule_passes_by_is_worth_no_row(play: Play) -> None:
    small, large = leads(play, 1, {"employees": 1})[0], None
    with play.store.transaction() as connection:
        from tests.records import add_lead

        large = add_lead(connection, "large@example.com", {"employees": 50})
    own = follow_up(
        triggers=(ScheduleTrigger("* * * * *", "UTC"),), when=condition("employees > 9"),
        safety=Safety(again_after_us=None),
    )  # fmt: skip
    play.publish(own)
    for _ in range(2):
        play.now_us += 61 * SECOND_US
        play.take()
    assert play.leads() == [large]
    assert told(play) == [(large, "is in the playbook")]
    assert small not in [lead_id for lead_id, _ in told(play)]


def test_what_did_not_hold_for_long_enough_is_kept(play: Play) -> None:
    from leadwise.playbooks.model import BandTrigger

    (one,) = leads(play, 1)
    play.publish(
        follow_up(triggers=(BandTrigger(("hot",)),), safety=Safety(settle_us=10 * SECOND_US))
    )
    play.enters(one, "hot")
    play.take()
    assert told(play) == []
    play.now_us += SECOND_US
    play.enters(one, "cold", "hot")
    play.now_us += 20 * SECOND_US
    play.take()
    assert play.leads() == []
    assert told(play) == [(one, "holds no more")]
