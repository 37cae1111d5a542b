"""Who objects to being scored or is erased has no score in other systems, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update as change

from leadwise.connect.blanking import ERASED, OBJECTED
from leadwise.connect.sender import Pusher
from leadwise.errors import RemoteError
from leadwise.ingest.merging import merge_leads
from leadwise.store.connections import change_connection, list_exchanges
from leadwise.store.doctor_rows import check_identities
from leadwise.store.privacy import erase_person, object_to_scoring, withdraw_objection
from leadwise.store.pushed import list_pushed
from leadwise.store.said import last_ids
from leadwise.store.schema import lead
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served
from tests.connect.core.places import Board, Place, person, place_of, visit
from tests.records import DAY_US, NOW_US

A, B = "a@acme.example", "b@acme.example"


both = pytest.mark.parametrize("place", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with place_of(getattr(request, "param", "sqlite"), tmp_path, request) as made:
        made.say(visit(A, 1, NOW_US), visit(B, 1, NOW_US), person("7", NOW_US, email=A))
        yield made


def follow(place: Place, board: Board) -> dict[str, int]:
    with place.store.read() as connection:
        last = last_ids(connection)[1]
    done = place.pushing().push_changes(place.row, board, last)
    assert done is not None
    return done.states


def states(place: Place) -> dict[int, str]:
    with place.store.read() as connection:
        return {row.lead_id: row.state for row in list_pushed(connection, place.row.id)}


def objects(place: Place, lead_id: int = 1) -> None:
    place.store.write(lambda c: object_to_scoring(c, lead_id, place.clock(), "test"))


def erased(place: Place, lead_id: int = 1) -> None:
    place.store.write(lambda c: erase_person(c, lead_id, place.clock(), "test"))


def test_an_objection_takes_the_score_out_once(place: Place) -> None:
    board = Board()
    follow(place, board)
    place.later(60)
    objects(place)
    assert states(place) == {1: "blanking", 2: "sent"}
    assert follow(place, board) == {"blanked": 1}
    told = board.told[1]
    assert (told.blank, told.band, told.question, told.reasons) == (True, None, None, (OBJECTED,))
    assert (told.remote_id, told.as_of_us) == ("r1", place.clock())
    assert set(told.names) == {("email", A), ("crm", "crm:contact:7")}
    assert states(place) == {1: "blanked", 2: "sent"}
    assert follow(place, board) == {}
    with place.store.read() as connection:
        entry = list_exchanges(connection, place.row.id)[0]
    assert (entry.what, entry.state, entry.detail) == ("blank", "done", "1 scores taken out")


@both
def test_an_erasure_keeps_ids_there_until_the_score_is_out(place: Place) -> None:
    board = Board()
    follow(place, board)
    erased(place)
    with place.store.read() as connection:
        (row,) = [one for one in list_pushed(connection, 1) if one.lead_id == 1]
        assert check_identities(connection).state == "fine"
    assert (row.state, row.remote_id, row.why, row.digest) == ("blanking", "r1 contact:7", None, "")
    board.fails = [RemoteError("busy", permanent=False, status=503)]
    with pytest.raises(RemoteError):
        follow(place, board)
    assert follow(place, board) == {"blanked": 1}
    assert (board.told[1].reasons, board.told[1].names) == ((ERASED,), ())
    assert states(place) == {2: "sent"}


def test_one_known_by_its_id_only_is_looked_after_though_nothing_was_told(place: Place) -> None:
    erased(place)  # a push may have been lost with its process just before it was written down
    assert states(place) == {1: "blanking"}
    erased(place, 2)  # no id there is known of this one
    assert states(place) == {1: "blanking"}


def test_what_is_refused_is_tried_again_and_never_given_up(place: Place) -> None:
    board = Board()
    follow(place, board)
    objects(place)
    board.states = {1: "refused"}
    waits = []
    for _ in range(9):
        assert follow(place, board) == {"blanked": 1}
        assert follow(place, board) == {}
        with place.store.read() as connection:
            waits.append(next(r.wait_us for r in list_pushed(connection, 1) if r.lead_id == 1))
        place.later(waits[-1] / 1_000_000)
    assert waits[:3] == [60_000_000, 240_000_000, 960_000_000]
    assert waits[-1] == DAY_US
    board.states = {}
    assert follow(place, board) == {"blanked": 1}
    assert states(place)[1] == "blanked"


def test_a_record_that_is_gone_there_is_done(place: Place) -> None:
    board = Board()
    follow(place, board)
    objects(place)
    erased(place, 2)
    board.states = dict.fromkeys((1, 2), "unknown")
    assert follow(place, board) == {"blanked": 2}
    assert states(place) == {1: "blanked"}


@both
def test_who_withdraws_is_told_anew(place: Place) -> None:
    board = Board()
    follow(place, board)
    place.later(60)
    objects(place)
    follow(place, board)
    place.later(60)
    place.store.write(lambda c: withdraw_objection(c, 1, place.clock(), "test"))
    place.score()
    assert follow(place, board) == {"sent": 1}
    assert not board.told[1].blank
    place.later(60)
    objects(place)  # and withdraws at once, before anything was done
    place.store.write(lambda c: withdraw_objection(c, 1, place.clock(), "test"))
    place.score()
    follow(place, board)
    assert (board.told[1].blank, states(place)[1]) == (False, "sent")


@both
def test_who_objects_while_the_system_is_told_is_taken_out_again(place: Place) -> None:
    board = Board()
    board.during = partial(objects, place)
    assert follow(place, board) == {"sent": 2}
    board.during = lambda: None
    assert follow(place, board) == {"blanked": 1}
    assert board.told[1].blank


@both
def test_an_objection_counts_under_all_names_of_a_merged_person(place: Place) -> None:
    board = Board()
    follow(place, board)
    objects(place, 2)
    follow(place, board)
    place.store.write(lambda c: merge_leads(c, 1, 2, "manual", "test", place.clock()))
    place.score()
    assert follow(place, board) == {"blanked": 1}
    assert (board.told[1].blank, states(place)) == (True, {1: "blanked", 2: "blanked"})


@both
def test_the_hourly_push_finds_who_was_overlooked(place: Place) -> None:
    board = Board()
    follow(place, board)
    with place.store.transaction() as connection:  # as a record that was put together by hand
        connection.execute(change(lead).where(lead.c.id == 1).values(objected_us=NOW_US))
    done = place.pushing().push_everybody(place.row, board)
    assert done is not None
    assert (done.states, board.told[1].blank) == ({"blanked": 1}, True)


def test_a_connection_that_pushes_no_more_still_takes_out(place: Place) -> None:
    fake = FakeHubSpot(token="pat-1", clock_ms=lambda: place.clock() // 1000)
    for n in ("a", "b"):
        fake.add("contacts", {"email": f"{n}@acme.example"})
    with served(fake) as url:
        with place.store.transaction() as connection:
            change_connection(connection, place.row.id, options={"address": url})
        pusher = Pusher(place.store, {"TOKEN": "pat-1"}, place.clock)
        assert pusher.push_waiting() == 2
        (ana, bob) = (row["properties"] for row in fake.objects["contacts"].values())
        with place.store.transaction() as connection:
            change_connection(connection, place.row.id, pushes=False)
        assert pusher.push_waiting() == 0
        place.later(5)
        erased(place)
        assert pusher.push_waiting() == 1
        assert pusher.push_waiting() == 0
        pusher.stop(1)
    assert (ana["leadwise_band"], ana["leadwise_score"], ana["leadwise_reasons"]) == (
        "",
        "",
        ERASED,
    )
    assert bob["leadwise_band"] == "cold"
    assert states(place) == {2: "sent"}
