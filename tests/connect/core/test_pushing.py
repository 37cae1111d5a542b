"""Scores reach the other system: what changed, once, never the older over the newer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import update as change

from leadwise.connect.pushing import Pushing
from leadwise.errors import RemoteError
from leadwise.live.overrides import add_override
from leadwise.live.scoring import score_touched
from leadwise.store.cards import live_version
from leadwise.store.connections import get_cursor, list_exchanges, only_pusher
from leadwise.store.privacy import erase_person
from leadwise.store.pushed import count_pushed, list_pushed
from leadwise.store.said import last_ids
from leadwise.store.schema import lead, score_history
from tests.connect.core.places import Board, Place, person, place_of, visit
from tests.records import DAY_US, NOW_US

A, B, C = (f"{who}@acme.example" for who in "abc")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with place_of(request.param, tmp_path, request) as made:
        yield made


def follow(place: Place, board: Board) -> dict[str, int]:
    """What a follower does once."""
    with place.store.read() as connection:
        last = last_ids(connection)[1]
    done = place.pushing().push_changes(place.row, board, last)
    assert done is not None
    return done.states


def cursor(place: Place, what: str = "push") -> str | None:
    with place.store.read() as connection:
        return get_cursor(connection, place.row.id, what)


def states(place: Place) -> dict[int, str]:
    with place.store.read() as connection:
        return {row.lead_id: row.state for row in list_pushed(connection, place.row.id)}


def test_what_is_told_of_a_lead(place: Place) -> None:
    board = Board()
    place.say(visit(A, 1, NOW_US), visit(A, 2, NOW_US), visit(A, 1, NOW_US, "demo_requested"),
              person("7", NOW_US, email=A))  # fmt: skip
    assert follow(place, board) == {"sent": 1}
    told = board.told[1]
    assert (told.score, told.band, told.card, told.as_of_us) == (4000, "warm", "small 1", NOW_US)
    assert told.reasons == ("Asked +30", "Visits +10")
    assert told.question == "Employees?"
    assert set(told.names) == {("email", A), ("crm", "crm:contact:7")}
    with place.store.read() as connection:
        (sent,) = list_exchanges(connection, place.row.id)
    assert (sent.what, sent.state, sent.records, sent.detail) == ("push", "done", 1, "1 sent")


def test_many_changes_of_a_lead_are_one_update_and_the_same_is_not_sent_twice(place: Place) -> None:
    board = Board()
    for number in range(3):
        place.later(1)
        place.say(visit(A, number, place.clock()), visit(B, number, place.clock()))
    assert follow(place, board) == {"sent": 2}
    assert board.pushes == [[1, 2]]
    assert follow(place, board) == {}
    place.later(60)
    place.say(visit(A, 9, place.clock()))  # beyond the limit: the score stays
    assert follow(place, board) == {}
    place.say(visit(A, 10, place.clock(), "demo_requested"))
    assert follow(place, board) == {"sent": 1}
    assert (board.told[1].band, board.told[1].remote_id) == ("warm", "r1")


def test_points_that_fade_are_told_when_a_whole_point_is_gone(place: Place) -> None:
    board = Board()
    place.say(visit(A, 1, NOW_US, "demo_requested"))
    assert follow(place, board) == {"sent": 1}
    place.later(3_600)  # 30 points halve in 30 days: 0.03 points in an hour
    _due(place)
    assert follow(place, board) == {}
    place.later(3 * 86_400)
    _due(place)
    assert follow(place, board) == {"sent": 1}
    assert board.told[1].score < 2900


def _due(place: Place) -> None:
    """Score those whose time has come."""
    assert place.store.write(lambda c: score_touched(c, place.now[0])).leads


def test_what_a_person_says_over_the_score_is_what_is_told(place: Place) -> None:
    board = Board()
    place.say(visit(A, 1, NOW_US))
    place.store.write(partial(_overridden, now_us=place.clock()))
    place.score()
    follow(place, board)
    assert board.told[1].band == "hot"


def _overridden(connection: Connection, now_us: int) -> None:
    version = live_version(connection)
    assert version is not None
    add_override(connection, version.card, 1, band="hot", points=None, reason="big fish",
                 until_us=None, actor="test", now_us=now_us)  # fmt: skip


def test_a_connection_that_takes_nothing_is_told_later_without_loss(place: Place) -> None:
    board = Board(fails=[RemoteError("busy", permanent=False, status=429, after_s=9)])
    place.say(visit(A, 1, NOW_US), visit(B, 1, NOW_US))
    with pytest.raises(RemoteError, match="busy"):
        follow(place, board)
    assert (cursor(place), states(place)) == (None, {})
    assert follow(place, board) == {"sent": 2}


def test_one_record_that_poisons_a_batch_is_refused_alone(place: Place) -> None:
    board = Board(poison={3})
    place.say(*(visit(f"p{n}@a.example", 1, NOW_US) for n in range(5)))
    assert follow(place, board) == {"sent": 4, "refused": 1}
    assert states(place)[3] == "refused"
    with place.store.read() as connection:
        (sent,) = list_exchanges(connection, place.row.id)
    assert (sent.state, sent.detail) == ("refused", "1 refused, 4 sent; The batch is not valid.")
    wrong_token = Board(fails=[RemoteError("no", permanent=True, status=401)])
    place.say(visit("p0@a.example", 2, NOW_US))
    with pytest.raises(RemoteError):
        follow(place, wrong_token)
    assert len(wrong_token.pushes) == 1  # no use in trying them one by one


def test_what_is_put_off_is_tried_again_ever_later(place: Place) -> None:
    board = Board(states={1: "later", 2: "unknown"})
    place.say(visit(A, 1, NOW_US), visit(B, 1, NOW_US))
    assert follow(place, board) == {"later": 1, "unknown": 1}
    assert follow(place, board) == {}
    waits = []
    for _ in range(3):
        with place.store.read() as connection:
            waits.append(next(r.wait_us for r in list_pushed(connection, 1) if r.lead_id == 1))
        place.later(waits[-1] / 1_000_000)
        assert follow(place, board)["later"] == 1
    assert waits == [60_000_000, 240_000_000, 960_000_000]
    board.states = {}
    place.later(DAY_US / 1_000_000)
    assert follow(place, board) == {"sent": 2}
    place.later(DAY_US / 1_000_000)
    assert follow(place, board) == {}


def test_leads_that_are_none_any_more_are_not_told_and_do_not_stay_due(place: Place) -> None:
    board = Board(states=dict.fromkeys((1, 2, 3), "later"))
    place.say(*(visit(who, 1, NOW_US) for who in (A, B, C)))
    follow(place, board)
    with place.store.transaction() as connection:
        connection.execute(change(lead).where(lead.c.id == 2).values(merged_into=1))
        connection.execute(change(lead).where(lead.c.id == 3).values(objected_us=NOW_US))
    board.states = {}
    place.later(61)
    assert follow(place, board) == {"sent": 1}
    assert set(board.told) == {1}
    assert follow(place, board) == {}


def test_what_was_told_of_who_is_erased_meanwhile_is_taken_out_again(place: Place) -> None:
    board = Board()
    place.say(visit(A, 1, NOW_US), visit(B, 1, NOW_US))
    board.during = lambda: place.store.write(lambda c: erase_person(c, 1, NOW_US, "test"))
    assert follow(place, board) == {"sent": 2}
    assert states(place) == {1: "blanking", 2: "sent"}
    board.during = lambda: None
    assert follow(place, board) == {"blanked": 1}
    assert (board.told[1].blank, board.told[1].remote_id, board.told[1].names) == (True, "r1", ())
    assert states(place) == {2: "sent"}


def test_an_older_score_is_never_told_over_a_newer(place: Place) -> None:
    board = Board()
    place.say(visit(A, 1, NOW_US), visit(A, 1, NOW_US, "demo_requested"))
    follow(place, board)
    with place.store.transaction() as connection:  # a restored record knows an older score only
        connection.exec_driver_sql(f"UPDATE score SET as_of_us = {NOW_US - 1}, shown_score = 100")
    done = place.pushing().push_everybody(place.row, board)
    assert done is not None
    assert (done.states, done.skipped) == ({}, 1)


def test_where_the_system_has_a_newer_one_a_later_score_is_told_though_it_says_the_same(
    place: Place,
) -> None:
    board = Board(states={1: "newer"})
    place.say(visit(A, 1, NOW_US))
    assert follow(place, board) == {"newer": 1}
    board.states = {}
    place.later(60)
    with place.store.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE score SET as_of_us = {place.clock()}")
    done = place.pushing().push_everybody(place.row, board)
    assert done is not None
    assert done.states == {"sent": 1}


def test_everybody_is_told_at_first_and_after_an_interruption_the_rest(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadwise.connect.pushing.AT_ONCE", 2)
    place.say(*(visit(f"p{n}@a.example", 1, NOW_US) for n in range(5)))
    board = Board()

    def killed() -> None:
        if len(board.pushes) == 1:
            raise KeyboardInterrupt

    board.during = killed
    with pytest.raises(KeyboardInterrupt):
        place.pushing().push_everybody(place.row, board)
    assert (cursor(place, "push everybody"), sorted(board.told)) == ("2", [1, 2])
    board.during = lambda: None
    done = place.pushing().push_everybody(place.row, board)
    assert done is not None
    assert (done.states, board.pushes) == ({"sent": 3}, [[1, 2], [3, 4], [5]])
    assert cursor(place, "push everybody") is None
    assert follow(place, board) == {}  # what was said before is told by now
    again = place.pushing().push_everybody(place.row, board, again=True)
    assert again is not None
    assert again.states == {"sent": 5}
    with place.store.read() as connection:
        assert count_pushed(connection, place.row.id) == {"sent": 5}


def test_a_log_that_was_shortened_by_an_erasure_is_followed_on(place: Place) -> None:
    board = Board()
    place.say(visit(A, 1, NOW_US), visit(B, 1, NOW_US))
    follow(place, board)
    with place.store.transaction() as connection:  # as an erasure does
        connection.execute(score_history.delete().where(score_history.c.lead_id == 2))
    assert follow(place, board) == {}
    place.say(visit(A, 1, NOW_US, "demo_requested"))
    assert follow(place, board) == {"sent": 1}


@pytest.mark.parametrize("place", ["postgres"], indirect=True)  # SQLite's has one process anyway
def test_two_processes_do_not_push_at_once(place: Place) -> None:
    place.say(visit(A, 1, NOW_US))
    board, inner = Board(), Board()
    found: list[object] = []

    def meanwhile() -> None:
        with place.store.read() as connection:
            found.append(only_pusher(connection, place.row.id))
        other = Pushing(place.store, place.clock)
        found.append(other.push_everybody(place.row, inner))

    board.during = meanwhile
    follow(place, board)
    assert found == [False, None]
    assert inner.pushes == []
