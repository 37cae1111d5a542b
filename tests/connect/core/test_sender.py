"""Scores are told within seconds by a running thread, with patience for systems that fail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leadwise.connect.sender import WAITS_S, Pusher
from leadwise.store.connections import change_connection, list_exchanges
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served
from tests.connect.core.places import Place, person, place_of, visit
from tests.records import NOW_US

TOKEN = "pat-sender"


class Seconds:
    """A monotonic clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with place_of(request.param, tmp_path, request) as made:
        yield made


@pytest.fixture
def fake(place: Place) -> Iterator[FakeHubSpot]:
    """A HubSpot with one contact, to which the connection leads."""
    fake = FakeHubSpot(token=TOKEN, clock_ms=lambda: NOW_US // 1000)
    fake.add("contacts", {"email": "ana@acme.example"})
    with served(fake) as url:
        with place.store.transaction() as connection:
            change_connection(connection, place.row.id, options={"address": url})
        yield fake


def pusher(place: Place, seconds: Seconds, **more: Any) -> Pusher:
    return Pusher(place.store, {"TOKEN": TOKEN, **more}, place.clock, monotonic=seconds)


def band(fake: FakeHubSpot) -> str | None:
    (row,) = fake.objects["contacts"].values()
    found: str | None = row["properties"].get("leadwise_band")
    return found


def change(place: Place, **values: Any) -> None:
    with place.store.transaction() as connection:
        change_connection(connection, place.row.id, **values)


def test_a_defect_does_not_end_pushing_for_good(
    place: Place, fake: FakeHubSpot, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Pusher(place.store, {"TOKEN": TOKEN}, place.clock, poll_s=0.02)
    real, left = running._due, [3]

    def due(_: Pusher) -> list[Any]:
        if left[0]:
            left[0] -= 1
            raise ZeroDivisionError
        return real()

    monkeypatch.setattr(Pusher, "_due", due)
    assert not running.alive
    running.start()
    try:
        place.say(visit("ana@acme.example", 1, NOW_US))
        assert _soon(lambda: band(fake) == "cold", 30)
        assert running.alive
        assert left == [0]
    finally:
        running.stop(10)
    assert not running.alive


def test_a_change_of_band_is_told_within_seconds(place: Place, fake: FakeHubSpot) -> None:
    running = Pusher(place.store, {"TOKEN": TOKEN}, place.clock, poll_s=0.05)
    running.start()
    try:
        place.say(visit("ana@acme.example", 1, NOW_US))
        assert _soon(lambda: band(fake) == "cold")
        place.say(visit("ana@acme.example", 1, NOW_US, "demo_requested"))
        assert _soon(lambda: band(fake) == "warm")
    finally:
        running.stop(5)
    assert len(fake.made("GET", "/crm/v3/properties/contacts/groups")) == 1  # prepared once


def _soon(true: Any, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return bool(true())


def test_a_system_that_fails_is_left_alone_ever_longer_and_loses_nothing(
    place: Place, fake: FakeHubSpot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadwise.connect.http.ATTEMPTS", 1)
    seconds = Seconds()
    sender = pusher(place, seconds)
    place.say(visit("ana@acme.example", 1, NOW_US))
    fake.fail(503, times=2)
    assert sender.push_waiting() == 0
    assert "503" in str(place.row.trouble)
    calls = len(fake.calls)
    assert sender.push_waiting() == 0
    assert len(fake.calls) == calls  # left alone
    seconds.now += WAITS_S[0]
    sender.push_waiting()
    assert len(fake.calls) == calls + 1
    seconds.now += WAITS_S[0]
    sender.push_waiting()
    assert len(fake.calls) == calls + 1  # longer now
    seconds.now += WAITS_S[1]
    assert sender.push_waiting() == 1
    assert (band(fake), place.row.trouble) == ("cold", None)
    with place.store.read() as connection:
        log = [(e.what, e.state) for e in list_exchanges(connection, place.row.id)]
    assert log == [("push", "done"), ("prepare", "done"), ("push", "failed")]


def test_as_long_as_the_system_asks_for(place: Place, fake: FakeHubSpot) -> None:
    seconds = Seconds()
    sender = pusher(place, seconds)
    place.say(visit("ana@acme.example", 1, NOW_US))
    fake.fail(429, headers={"Retry-After": "7200"})
    sender.push_waiting()
    seconds.now += 7_199
    sender.push_waiting()
    assert len(fake.calls) == 1
    seconds.now += 2
    assert sender.push_waiting() == 1


def test_a_paused_connection_rests_and_goes_on_where_it_was(
    place: Place, fake: FakeHubSpot
) -> None:
    sender = pusher(place, Seconds())
    place.say(visit("ana@acme.example", 1, NOW_US))
    change(place, paused_us=NOW_US)
    assert (sender.push_waiting(), fake.calls) == (0, [])
    change(place, paused_us=None)
    assert sender.push_waiting() == 1
    place.say(visit("ana@acme.example", 1, NOW_US, "demo_requested"))
    change(place, pushes=False)
    assert sender.push_waiting() == 0
    change(place, pushes=True)
    assert sender.push_waiting() == 1
    assert band(fake) == "warm"


def test_a_missing_secret_is_told_and_comes_right_when_it_is_given(
    place: Place, fake: FakeHubSpot
) -> None:
    seconds = Seconds()
    sender = Pusher(place.store, {}, place.clock, monotonic=seconds)
    place.say(visit("ana@acme.example", 1, NOW_US))
    assert sender.push_waiting() == 0
    assert "variable TOKEN" in str(place.row.trouble)
    change(place, secrets={"token": TOKEN})
    seconds.now += 3_600
    assert sender.push_waiting() == 1
    assert place.row.trouble is None
    with place.store.read() as connection:
        assert TOKEN not in str(list_exchanges(connection, place.row.id))


def test_what_is_pulled_of_our_own_push_is_no_news(place: Place, fake: FakeHubSpot) -> None:
    """HubSpot says that the contact changed: by our score, and by nothing else."""
    place.pulling().receive(place.row, _page(place, 0))
    place.score()
    sender = pusher(place, Seconds())
    assert sender.push_waiting() == 1
    place.later(5)
    assert place.pulling().receive(place.row, _page(place, 1)).events == 0
    place.score()
    assert sender.push_waiting() == 0


def _page(place: Place, number: int) -> Any:
    from leadwise.connect.model import Page

    told = person("101", place.clock(), number, email="ana@acme.example", city="Vigo")
    return Page("", (told,))
