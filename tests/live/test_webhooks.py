"""Webhooks, told to a real server: signed, in order, each at least once, with patience."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from leadwise.live.webhooks import GIVE_UP_SECONDS, WAITS, WebhookSender
from leadwise.store.opening import Store
from leadwise.store.schema import band_change
from leadwise.store.webhooks import (
    Webhook,
    create_webhook,
    delete_webhook,
    enable,
    get_webhook,
    told,
)
from tests.databases import make_tables, postgres_database


@dataclass
class Receiver:
    """A server that answers as it is told, 200 if not told otherwise."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)
    wait_s: float = 0.0

    def ids(self) -> list[int]:
        """The band changes that it took or refused, in the order in which they came."""
        return [json.loads(body)["data"]["id"] for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            time.sleep(found.wait_s)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            found.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(found.answers.pop(0) if found.answers else 200)
            self.send_header("content-length", "0")
            self.send_header("location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        with Store(str(tmp_path / "record.db")) as opened:
            _create(opened)
            yield opened
        return
    with (
        postgres_database(request.getfixturevalue("postgres_url")) as url,
        Store(url) as opened,
    ):
        _create(opened)
        yield opened


def _create(store: Store) -> None:
    make_tables(store)


def add(store: Store, count: int) -> None:
    rows = [
        {"lead_id": n + 1, "card_version_id": 1, "at_us": 1_000_000, "from_band": None,
         "to_band": "hot", "score": 1250, "cause": "event", "event_id": n}
        for n in range(count)
    ]  # fmt: skip
    store.write(lambda connection: connection.execute(band_change.insert(), rows))


def make(store: Store, url: str, after_id: int | None = None) -> Webhook:
    return store.write(lambda c: create_webhook(c, url, by="test", now_us=1, after_id=after_id))


def look(store: Store, webhook_id: int) -> Webhook:
    with store.read() as connection:
        return get_webhook(connection, webhook_id)


@dataclass
class Time:
    """A monotonic clock that is moved by hand."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def sender(store: Store, clock: Time | None = None) -> WebhookSender:
    return WebhookSender(store, lambda: time.time_ns() // 1000, clock or Time())


def test_each_change_is_told_once_in_order_and_signed(store: Store, receiver: Receiver) -> None:
    add(store, 2)
    hook = make(store, receiver.url)  # told of what is to come
    early = make(store, receiver.url, after_id=0)
    add(store, 3)
    sending = sender(store)
    assert sending.send_waiting() == 8
    assert sending.send_waiting() == 0
    own = [json.loads(b)["data"]["id"] for h, b in receiver.got
           if h["webhook-id"].startswith(f"msg_{hook.id}_")]  # fmt: skip
    assert own == [3, 4, 5]
    assert look(store, hook.id).after_id == look(store, early.id).after_id == 5
    headers, body = receiver.got[0]
    verifier = Verifier(hook.secret)
    assert verifier.verify(body, headers) == {
        "type": "lead.band_changed", "timestamp": "1970-01-01T00:00:01Z",
        "data": {"id": 3, "lead_id": 1, "card_version_id": 1, "from_band": None, "to_band": "hot",
                 "score": 12.5, "cause": "event", "event_id": 0},
    }  # fmt: skip
    with pytest.raises(Exception, match="signature"):
        verifier.verify(body.replace("hot", "cold"), headers)
    with pytest.raises(Exception, match="signature"):
        Verifier(early.secret).verify(body, headers)


def test_nothing_overtakes_what_was_not_taken(store: Store, receiver: Receiver) -> None:
    """Back-off grows; a later message waits for the one before; redirects are no success."""
    hook, clock = make(store, receiver.url), Time()
    add(store, 2)
    receiver.answers = [500, 302, 404]
    sending = sender(store, clock)
    for wait in WAITS[:3]:
        assert sending.send_waiting() == 0
        clock.seconds += wait - 0.01
        assert sending.send_waiting() == 0
        clock.seconds += 0.02
    assert receiver.ids() == [1, 1, 1]
    assert sending.send_waiting() == 2
    assert receiver.ids() == [1, 1, 1, 1, 2]
    ids = {headers["webhook-id"] for headers, _ in receiver.got}
    assert ids == {f"msg_{hook.id}_1", f"msg_{hook.id}_2"}


def test_a_process_that_ended_in_between_sends_the_last_again(
    store: Store, receiver: Receiver
) -> None:
    hook = make(store, receiver.url)
    add(store, 3)
    store.write(lambda c: told(c, hook.id, 1))
    assert sender(store).send_waiting() == 2
    assert receiver.ids() == [2, 3]
    store.write(lambda c: told(c, hook.id, 1))  # never back
    assert sender(store).send_waiting() == 0


def test_gone_or_silent_for_three_days_is_disabled(store: Store, receiver: Receiver) -> None:
    hook, clock = make(store, receiver.url), Time()
    add(store, 1)
    receiver.answers = [410]
    sending = sender(store, clock)
    sending.send_waiting()
    assert "410" in str(look(store, hook.id).disabled_why)
    assert sending.send_waiting() == 0
    assert len(receiver.got) == 1
    store.write(lambda c: enable(c, hook.id))
    receiver.answers = [503, 503]
    sending.send_waiting()
    clock.seconds += GIVE_UP_SECONDS + 1
    sending.send_waiting()
    assert "503" in str(look(store, hook.id).disabled_why)
    store.write(lambda c: enable(c, hook.id))
    assert sending.send_waiting() == 1
    nobody = make(store, "http://127.0.0.1:1/", after_id=0)
    assert sending.send_waiting() == 0
    store.write(lambda c: delete_webhook(c, nobody.id))
    clock.seconds += 10
    assert sending.send_waiting() == 0


def test_two_processes_share_the_work_and_send_nothing_twice(
    postgres_url: str, receiver: Receiver
) -> None:
    with postgres_database(postgres_url) as url, Store(url) as one, Store(url) as two:
        _create(one)
        hook = make(one, receiver.url)
        add(one, 60)
        receiver.wait_s = 0.002
        senders = [
            WebhookSender(each, lambda: time.time_ns() // 1000, poll_seconds=0.01)
            for each in (one, two)
        ]
        for each in senders:
            each.start()
        until = time.monotonic() + 20
        while look(one, hook.id).after_id < 60 and time.monotonic() < until:
            time.sleep(0.02)
        for each in senders:
            each.stop(10)
        assert receiver.ids() == list(range(1, 61))
