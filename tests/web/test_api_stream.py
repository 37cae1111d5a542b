"""The stream: each change once, in order, also to who comes back; the slow are let go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from leadwise.store.following import Horizon
from leadwise.store.keys import revoke_key
from leadwise.store.opening import Store
from leadwise.store.schema import band_change, meta
from leadwise.web import stream
from leadwise.web.stream import EventStream, Feed
from tests.databases import postgres_database
from tests.web.api_service import Running, message, running, with_leads

ALL = frozenset({"band", "score"})


@pytest.fixture
def service(tmp_path: Path):
    with running(tmp_path, jobs=False) as found:
        with_leads(found)
        yield found


def always() -> bool:
    return True


def parsed(message_: bytes) -> tuple[str, dict[str, Any]] | None:
    lines = message_.decode().strip().split("\n")
    fields = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
    return (fields["event"], json.loads(fields["data"])) if "data" in fields else None


async def take(messages: AsyncGenerator[bytes], count: int) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            told = parsed(await anext(messages))
            found += [told] if told else []
    return found


async def listening(feed: Feed, count: int) -> None:
    async with asyncio.timeout(10):
        while len(feed.clients) < count:
            await asyncio.sleep(0.01)


def views(service: Running, user: str, count: int) -> Callable[[], None]:
    """Record page views that lift somebody unknown into the next band or not."""
    sent = [message("page", user, n, ago=0.5, event="page_viewed") for n in range(count)]
    return lambda: service.say(*sent)


def test_clients_are_told_what_happens_and_what_they_missed(service: Running) -> None:
    feed = service.api.feed

    async def run() -> None:
        one, two = feed.messages(ALL, None, always), feed.messages(frozenset({"band"}), 1, always)
        async with aclosing(one), aclosing(two):
            missed = await take(two, 2)  # it has seen the first of three
            assert [told["id"] for _, told in missed] == [2, 3]
            assert missed[0][1]["to_band"] == "cold"
            waiting = asyncio.create_task(take(one, 2)), asyncio.create_task(take(two, 1))
            await listening(feed, 2)
            await asyncio.to_thread(views(service, "dee", 3))
            both = await asyncio.gather(*waiting)
        assert sorted(kind for kind, _ in both[0]) == ["band", "score"]
        assert both[0][0][1]["shown_score" if both[0][0][0] == "score" else "score"] == 3
        assert [told["id"] for _, told in both[1]] == [4]
        assert not feed.clients

    asyncio.run(run())


def test_who_comes_back_misses_nothing_while_changes_go_on(service: Running) -> None:
    """A client that reconnects all the time, with the id it saw last, sees each change once."""
    feed = service.api.feed

    async def run() -> list[int]:
        writing = asyncio.to_thread(lambda: [views(service, f"u{n}", 1)() for n in range(40)])
        task, seen = asyncio.create_task(writing), [3]
        while len(seen) < 41:  # forty changes, four at a time
            messages = feed.messages(frozenset({"band"}), seen[-1], always)
            async with aclosing(messages):
                seen += [told["id"] for _, told in await take(messages, 4)]
        await task
        return seen

    assert asyncio.run(run()) == list(range(3, 44))


def test_a_client_that_takes_nothing_is_let_go_and_harms_nobody(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "QUEUE", 2)
    feed = service.api.feed

    async def run() -> None:
        slow, quick = feed.messages(ALL, None, always), feed.messages(ALL, None, always)
        async with aclosing(slow), aclosing(quick):
            first = asyncio.create_task(take(slow, 1))
            also = asyncio.create_task(take(quick, 1))
            await listening(feed, 2)
            await asyncio.to_thread(views(service, "a", 1))
            await first
            await also
            for n in range(6):
                task = asyncio.create_task(take(quick, 2))
                await asyncio.to_thread(views(service, f"b{n}", 1))
                await task
            with pytest.raises(StopAsyncIteration):
                await take(slow, 99)  # what it had in its queue, then the end
        assert not feed.clients

    asyncio.run(run())


def test_a_key_that_is_revoked_is_told_nothing_more(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BEAT_SECONDS", 0.05)
    allowed = [True]

    async def run() -> None:
        messages = service.api.feed.messages(ALL, None, lambda: allowed[0])
        async with aclosing(messages), asyncio.timeout(10):
            while await anext(messages) != stream.BEAT:
                pass
            allowed[0] = False
            rest = [message_ async for message_ in messages]
        assert rest == []

    asyncio.run(run())


def ask_stream(
    service: Running, read: Callable[[dict[str, Any]], Any], headers: dict[str, str]
) -> None:
    """GET /api/stream as a server would; `read` returns True once it has seen enough."""
    done = asyncio.Event()
    given = {"authorization": f"Bearer {service.keys['read:leads']}", **headers}
    scope = {
        "type": "http", "method": "GET", "path": "/api/stream", "raw_path": b"/api/stream",
        "query_string": b"only=band", "root_path": "", "scheme": "http", "http_version": "1.1",
        "headers": [(k.encode(), v.encode()) for k, v in given.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "asgi": {"version": "3.0"},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        await done.wait()
        return {"type": "http.disconnect"}

    async def send(message_: Any) -> None:
        if read(message_):
            done.set()

    async def run() -> None:
        async with asyncio.timeout(20):
            await service.app(scope, receive, send)

    asyncio.run(run())


def test_over_http_it_begins_where_last_event_id_says(service: Running) -> None:
    seen: list[dict[str, Any]] = []

    def read(message_: dict[str, Any]) -> bool:
        seen.append(message_)
        return b"id: 3" in message_.get("body", b"")

    ask_stream(service, read, {"last-event-id": "1"})
    headers = dict(seen[0]["headers"])
    assert headers[b"content-type"].startswith(b"text/event-stream")
    assert headers[b"cache-control"] == b"no-store"
    body = b"".join(message_.get("body", b"") for message_ in seen)
    assert body.startswith(b"retry: ")
    assert b"id: 2\nevent: band\ndata: {" in body
    assert b"id: 1\n" not in body
    assert not service.api.feed.clients
    answer = service.client("read:cards").get("/api/stream")
    assert answer.status_code == 403
    wrong = service.client("read:leads").get("/api/stream", headers={"Last-Event-ID": "x"})
    assert wrong.status_code == 422


def test_a_socket_that_is_stuck_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STUCK_SECONDS", 0.05)
    ended: list[bool] = []

    async def endless() -> AsyncGenerator[bytes]:
        try:
            while True:
                yield b"x"
        finally:
            ended.append(True)

    async def run() -> None:
        async def receive() -> dict[str, Any]:
            await asyncio.sleep(60)
            return {}

        async def send(message_: Any) -> None:
            if message_["type"] == "http.response.body" and message_["body"]:
                await asyncio.sleep(60)

        async with asyncio.timeout(10):
            await EventStream(endless())({}, receive, send)

    asyncio.run(run())
    assert ended == [True]


def test_as_many_listen_as_may(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_CLIENTS", 0)
    answer = service.client("read:leads").get("/api/stream")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy-listeners")


def test_a_hundred_clients_cost_one_poller(service: Running) -> None:
    asked = [0]
    feed = service.api.feed
    original = feed._new

    def counting() -> Any:
        asked[0] += 1
        return original()

    async def run() -> None:
        clients = [feed.messages(ALL, None, always) for _ in range(100)]
        tasks = [asyncio.create_task(take(client, 2)) for client in clients]
        await listening(feed, 100)
        await asyncio.to_thread(views(service, "a", 1))
        found = await asyncio.gather(*tasks)
        assert {json.dumps(one, sort_keys=True) for one in found} == {
            json.dumps(found[0], sort_keys=True)
        }
        for client in clients:
            await client.aclose()

    object.__setattr__(feed, "poll_seconds", 0.05)
    with replaced(feed, counting):
        asyncio.run(run())
    assert 1 <= asked[0] < 60


@contextmanager
def replaced(feed: Feed, method: Callable[[], Any]) -> Iterator[None]:
    original = Feed._new
    Feed._new = lambda _: method()
    try:
        yield
    finally:
        Feed._new = original
    assert feed is not None


@pytest.fixture(scope="module")
def postgres_store(postgres_url: str) -> Iterator[Store]:
    with postgres_database(postgres_url) as url, Store(url) as store:
        yield store


CHANGE = {"lead_id": 1, "card_version_id": 1, "at_us": 1, "score": 0, "cause": "event"}


def test_a_smaller_id_that_is_committed_later_is_waited_for(postgres_store: Store) -> None:
    """On PostgreSQL ids are given before the transactions commit."""
    horizon = Horizon(band_change)

    def look() -> int:
        with postgres_store.read() as connection:
            return horizon.look(connection)

    def add(connection: Any) -> int:
        made = band_change.insert().values(CHANGE).returning(band_change.c.id)
        return int(connection.execute(made).scalar_one())

    with postgres_store.transaction() as slow:
        first = add(slow)
        with postgres_store.transaction() as quick:
            second = add(quick)
        assert second == first + 1
        assert look() == first - 1
        assert look() == first - 1
    assert look() == second
    # One that is given back is not waited for, once whoever ran then has ended.
    with postgres_store.transaction() as gone:
        lost = add(gone)
        gone.rollback()
    with postgres_store.transaction() as other:
        other.execute(meta.insert().values(key="busy", value="yes"))  # somebody writes meanwhile
        with postgres_store.transaction() as after:
            last = add(after)
        assert last == lost + 1
        assert look() == second
    assert look() == last
    # Where nobody writes, a gap is known to stay at the first look.
    with postgres_store.transaction() as gone:
        add(gone)
        gone.rollback()
    with postgres_store.transaction() as after:
        last = add(after)
    assert look() == last


def test_a_revoked_key_is_not_usable(service: Running) -> None:
    from leadwise.web.keys import check_key

    secret = service.keys["read:leads"]
    assert check_key(service.store, secret, 5) is not None
    service.write(lambda connection: revoke_key(connection, 1, 5))
    assert check_key(service.store, secret, 5) is None
