"""How long a connection may say nothing, with the patience of the service cut to half a second."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from leadwise.settings import LimitSettings, Settings
from leadwise.web import bodies, connections
from leadwise.web.bodies import BodyLimit
from leadwise.web.problems import install
from leadwise.web.serving import uvicorn_config
from tests.weather.wires import ended, head, status, wire

PATIENCE = 0.5


async def _length(request: Request) -> Response:
    return JSONResponse(len(await request.body()))


async def _at_once(_request: Request) -> Response:
    return JSONResponse("unread")


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setattr(connections, "HEAD_SECONDS", PATIENCE)
    monkeypatch.setattr(bodies, "BODY_SECONDS", PATIENCE)
    routes = [
        Route("/length", _length, methods=["POST"]),
        Route("/now", _at_once, methods=["POST"]),
    ]
    routes.append(Route("/api/imports", _length, methods=["POST"]))
    app = Starlette(routes=routes)
    install(app)
    config = uvicorn_config(BodyLimit(app, LimitSettings()), Settings(data=tmp_path))
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


@pytest.mark.parametrize("begun", [b"", b"\r\n", b"POST /length HTTP/1.1\r\nHos"])
def test_who_asks_nothing_is_let_go(address: str, begun: bytes) -> None:
    with wire(address, 5) as opened:
        began = time.monotonic()
        opened.sendall(begun)
        assert ended(opened)
        assert PATIENCE - 0.1 < time.monotonic() - began < 4


def test_a_byte_now_and_then_does_not_help(address: str) -> None:
    request, sent = head("POST", "/length", "Content-Length: 0"), list[int]()
    with wire(address, 5) as opened:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for byte in request:
                opened.sendall(bytes([byte]))
                sent.append(byte)
                time.sleep(0.05)
        assert len(sent) < len(request)
        assert ended(opened)


def test_the_next_request_has_its_own_time(address: str) -> None:
    """A kept connection may rest longer than a head may take; then the same holds again."""
    with wire(address, 5) as opened:
        for _ in range(3):
            opened.sendall(head("POST", "/length", "Content-Length: 2") + b"ab")
            assert status(opened) == 200
            time.sleep(PATIENCE * 1.3)
        opened.sendall(b"POST /length HT")
        began = time.monotonic()
        assert ended(opened)
        assert time.monotonic() - began < 4


def test_a_body_that_never_ends(address: str) -> None:
    with wire(address, 5) as opened:
        opened.sendall(head("POST", "/length", "Content-Length: 100") + b"ab")
        assert status(opened) == 408
    with wire(address, 5) as opened:
        # Nobody reads it: it is answered at once, and what still comes is not waited for.
        opened.sendall(head("POST", "/now", "Content-Length: 100") + b"ab")
        assert status(opened) == 200
        opened.sendall(b"cd")
        assert ended(opened)


def test_a_file_may_take_long_as_long_as_it_goes_on(address: str) -> None:
    with wire(address, 5) as opened:
        opened.sendall(head("POST", "/api/imports", "Content-Length: 8"))
        for _ in range(4):
            time.sleep(PATIENCE * 0.6)
            opened.sendall(b"ab")
        assert status(opened) == 200


def test_requests_that_follow_at_once(address: str) -> None:
    """Many in one piece, large bodies too: none is taken for a head that is too long."""
    body = b"x" * 200_000
    one = head("POST", "/length", f"Content-Length: {len(body)}") + body
    with wire(address, 10) as opened:
        opened.sendall(one * 5)
        said = b""
        while said.count(b"200 OK") < 5:
            part = opened.recv(65_536)
            assert part, said
            said += part
        assert said.count(b"200000") == 5
