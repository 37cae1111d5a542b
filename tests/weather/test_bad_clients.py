"""Clients that send nonsense, too much, too slowly or not to the end: the others notice nothing."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.web.connections import HEAD_BYTES
from tests.weather.loader import Wire
from tests.weather.malformed import LIMITS, asked, keys, send, target
from tests.weather.nursery import Nursery
from tests.weather.people import People
from tests.weather.servers import Server, resident_mib, until
from tests.weather.wires import ended, head, status, wire

REQUESTS = 600
"""Of ten thousand in the long form: `python -m tests.weather.malformed`."""
GIGABYTE = 2**30
PIECE = 1 << 16


class Treated:
    """A service, the keys to it, and what its memory was at most while it was looked at."""

    def __init__(self, server: Server, write_key: str, admin_key: str) -> None:
        self.server, self.write_key, self.admin_key = server, write_key, admin_key
        assert server.process is not None
        self.pid = server.process.pid

    @property
    def address(self) -> str:
        assert self.server.address is not None
        return self.server.address

    def taken(self) -> float:
        """Seconds that a batch of a good client takes."""
        began = time.monotonic()
        client = Wire(self.write_key)
        batch = People(random.randrange(10**9), 1).batch(3)
        answer = client.post(self.address, {"batch": batch})
        client.close()
        assert answer == (200, b'{"success":true}')
        return time.monotonic() - began

    @contextlib.contextmanager
    def flat(self, mib: float) -> Iterator[None]:
        """Within, the memory of the service never grows by more than this."""
        before, over = resident_mib(self.pid), threading.Event()
        peaks = [before]

        def watch() -> None:
            while not over.wait(0.005):
                peaks.append(resident_mib(self.pid))

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            yield
        finally:
            over.set()
            watching.join()
        assert max(peaks) - before < mib


@pytest.fixture(scope="module")
def treated(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Iterator[Treated]:
    """One service for all of these tests, which has to outlive them."""
    folder: Path = tmp_path_factory.mktemp("treated")
    server = Server(folder, nursery=nursery, variables=LIMITS)
    with server:
        write_key, admin_key = keys(server)
        server.start()
        server.until_ready()
        found = Treated(server, write_key, admin_key)
        found.taken()
        yield found
        found.taken()
        assert server.stop() == 0
    assert [line for line in server.log.splitlines() if '"level": "error"' in line] == []


def test_malformed_requests_to_every_address(treated: Treated) -> None:
    server = treated.server
    addresses = target(server, treated.write_key, treated.admin_key)
    assert len(addresses.routes) > 50
    story = send(server, addresses, REQUESTS, random.Random(11))
    assert story.failed == []
    # Some are right by chance, most are not, and in many ways.
    for code in (200, 400, 401, 404, 405, 422):
        assert story.statuses[code] > 2, story.statuses
    # The first use of an engine loads it, and pages of the store are kept in memory.
    assert story.memory_mib[-1] - story.memory_mib[0] < 150
    treated.taken()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/keys", '{"name": "x", "kind": "api", "scopes": [], "expires": "\\ud800"}'),
        ("/api/score", '{"as_of": "\\ud800"}'),
        ("/api/leads/1/overrides", '{"until": "\\udfff", "points": 1}'),
    ],
)
def test_half_a_character(treated: Treated, path: str, body: str) -> None:
    with wire(treated.address) as opened:
        lines = [f"Authorization: Bearer {treated.admin_key}", "Content-Type: application/json"]
        opened.sendall(head("POST", path, *lines, f"Content-Length: {len(body)}") + body.encode())
        assert status(opened) == 422


def test_a_gigabyte(treated: Treated) -> None:
    """With its length told it is refused at once; in chunks as soon as it is too long."""
    basic = f"Authorization: Basic {_basic(treated.write_key)}"
    with treated.flat(24):
        for path in ("/v1/batch", "/api/score", "/f/contact", "/in/shop"):
            with wire(treated.address) as opened:
                opened.sendall(head("POST", path, basic, f"Content-Length: {GIGABYTE}"))
                assert status(opened) == 413, path
            with wire(treated.address) as opened:
                opened.sendall(head("POST", path, basic, "Transfer-Encoding: chunked"))
                poured = pour(opened, GIGABYTE)
                # Either it stops listening, or it lets the rest run through its fingers.
                assert poured < GIGABYTE or status(opened) in (0, 404, 413), path
    assert treated.taken() < 5


def pour(opened: socket.socket, size: int) -> int:
    """Send so much in chunks; how much was taken before the server had enough."""
    piece = b"%x\r\n" % PIECE + b" " * PIECE + b"\r\n"
    sent = 0
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        while sent < size:
            opened.sendall(piece)
            sent += PIECE
            opened.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                if opened.recv(1, socket.MSG_PEEK):
                    return sent
            opened.settimeout(20)
    opened.settimeout(20)
    return sent


def test_a_bomb(treated: Treated) -> None:
    """A tenth of a megabyte of gzip that would be a tenth of a gigabyte."""
    bomb = gzip.compress(b"\0" * 2**27, 6)
    assert len(bomb) < 150_000
    lines = ["Content-Encoding: gzip", f"Content-Length: {len(bomb)}"]
    lines.append(f"Authorization: Basic {_basic(treated.write_key)}")
    with treated.flat(24):
        for path in ("/v1/batch", "/v1/track", "/in/shop"):
            with wire(treated.address) as opened:
                # What is over the size of one event is not even inflated.
                opened.sendall(head("POST", path, *lines) + bomb)
                assert status(opened) in (404, 413), path
    assert treated.taken() < 5


def test_headers_without_end(treated: Treated) -> None:
    with treated.flat(24), wire(treated.address) as opened:
        opened.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        sent = 0
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            while sent < 2**26:
                opened.sendall(b"x" * PIECE)
                sent += PIECE
        assert sent < 2**24
        assert ended(opened)
    with wire(treated.address) as opened:
        opened.sendall(b"GET /healthz HTTP/1.1\r\n")
        time.sleep(0.1)
        lines = b"".join(b"x-%d: %s\r\n" % (n, b"y" * 90) for n in range(1_000))
        # Only just too many: what is unread when it closes would take the answer with it.
        opened.sendall(lines[: HEAD_BYTES + 1])
        assert status(opened) == 431


def test_slow_ones_keep_nobody_out(treated: Treated) -> None:
    """Hundreds that send a byte at a time, in heads and in bodies."""
    body = head("POST", "/v1/batch", f"Authorization: Basic {_basic(treated.write_key)}",
                "Content-Length: 100000") + b'{"batch":['  # fmt: skip
    with contextlib.ExitStack() as stack, treated.flat(48):
        slow = [stack.enter_context(wire(treated.address)) for _ in range(300)]
        for number, opened in enumerate(slow):
            opened.sendall(body if number % 2 else b"POST /v1/batch HTTP/1.1\r\nHo")
        for byte in b"st: x":
            for opened in slow:
                opened.sendall(bytes([byte]))
            assert treated.taken() < 5


def test_clients_that_leave_in_the_middle(treated: Treated) -> None:
    """Of a request cut anywhere nothing is recorded, and the next one is none the worse."""
    events = _recorded(treated)
    message = {"type": "track", "event": "Cut", "userId": "cut", "messageId": "cut-1"}
    body = json.dumps({"batch": [message]}).encode()
    whole = head("POST", "/v1/batch", f"Authorization: Basic {_basic(treated.write_key)}",
                 f"Content-Length: {len(body)}") + body  # fmt: skip
    chance = random.Random(5)
    for _ in range(300):
        with wire(treated.address) as opened:
            opened.sendall(whole[: chance.randrange(1, len(whole))])
    assert treated.taken() < 5
    assert _recorded(treated) == events + 3
    for _ in range(30):
        with wire(treated.address) as opened:
            opened.sendall(whole)  # and away, before the answer
    until(lambda: _recorded(treated) == events + 4, "what arrived whole is recorded, once")


def _recorded(treated: Treated) -> int:
    text = asked(treated.server, "/metrics").decode()
    line = next(n for n in text.splitlines() if n.startswith('leadwise_events_total{outcome="rec'))
    return int(float(line.split()[-1]))


def _basic(key: str) -> str:
    return Wire(key).basic
