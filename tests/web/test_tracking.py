"""The tracking API over HTTP, on a real server."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from leadwise.ingest.segment.events import TYPES
from leadwise.web import posted
from leadwise.web.recorder import WriteKey
from leadwise.web.tracking import tracking_routes
from tests.web.recording import KEY, NOW, Recording, routes, served

BASIC = {"Authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()}
PAGE = {"type": "page", "userId": "u"}


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Recording, httpx2.Client]]:
    recording = Recording()
    with (
        served(routes(recording)) as address,
        httpx2.Client(base_url=address, timeout=20) as client,
    ):
        yield recording, client


@pytest.fixture
def recording(running: tuple[Recording, httpx2.Client]) -> Recording:
    vars(running[0]).update(vars(Recording()))
    return running[0]


@pytest.fixture
def server(running: tuple[Recording, httpx2.Client], recording: Recording) -> httpx2.Client:
    return running[1]


def body_of(*items: object, **more: object) -> bytes:
    return json.dumps({"batch": items, **more}).encode()


def test_every_path_records_its_type(server: httpx2.Client, recording: Recording) -> None:
    event = {"userId": "u", "event": "A", "groupId": "g", "previousId": "p", "type": "nonsense"}
    for type_ in TYPES:
        for path in (type_, type_[0]):
            answer = server.post(f"/v1/{path}", json=event, headers=BASIC)
            assert (answer.status_code, answer.json()) == (200, {"success": True})
            assert recording.received.pop().messages[0].type == type_
    for path in ("batch", "b", "import"):
        answer = server.post(f"/v1/{path}", content=body_of(PAGE, PAGE), headers=BASIC)
        assert answer.json() == {"success": True}
        assert [message.source for message in recording.received.pop().messages] == ["site"] * 2
    assert server.post("/v1/m", content=b'{"series":[]}').json() == {"success": True}
    assert not recording.received


def test_what_is_refused_is_told_and_recorded(server: httpx2.Client, recording: Recording) -> None:
    answer = server.post("/v1/batch", content=body_of(PAGE, 5, PAGE), headers=BASIC)
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "refused": [{
            "index": 1, "code": "event-not-object",
            "reason": "an event is a JSON object. Send {...}.",
        }],
    }  # fmt: skip
    assert len(recording.messages) == 2
    assert recording.refusals[0].body == "5"
    assert server.post("/v1/batch", content=body_of(), headers=BASIC).status_code == 200
    assert len(recording.received) == 1


@pytest.mark.parametrize(
    ("headers", "extra", "status"),
    [
        (BASIC, {}, 200),
        ({}, {"writeKey": KEY}, 200),
        ({"Authorization": "Bearer token"}, {"writeKey": KEY}, 200),
        ({"Authorization": "Basic %%%"}, {"writeKey": KEY}, 200),
        ({"Authorization": "basic " + base64.b64encode(KEY.encode()).decode()}, {}, 200),
        (BASIC, {"writeKey": "other"}, 200),
        ({}, {}, 401),
        ({}, {"writeKey": "other"}, 401),
        ({}, {"writeKey": 7}, 401),
        ({}, {"writeKey": "\x00"}, 401),
        ({"Authorization": "Basic b3RoZXI6"}, {"writeKey": KEY}, 401),
        ({"Authorization": "Basic " + base64.b64encode(b"k" * 300).decode()}, {}, 401),
    ],
)
def test_write_keys(
    server: httpx2.Client,
    recording: Recording,
    headers: dict[str, str],
    extra: dict[str, object],
    status: int,
) -> None:
    answer = server.post("/v1/page", json=PAGE | extra, headers=headers)
    assert answer.status_code == status
    assert len(recording.messages) == (status == 200)
    if status == 401:
        assert answer.json()["code"] == "no-write-key"
        assert answer.headers["access-control-allow-origin"] == "*"


def test_a_key_for_some_pages_only(server: httpx2.Client, recording: Recording) -> None:
    recording.keys[KEY] = WriteKey("site", ("https://www.acme.example",))
    for origin, status in (("https://www.acme.example", 200), ("https://evil.example", 403)):
        answer = server.post("/v1/p", json=PAGE, headers=BASIC | {"Origin": origin})
        assert answer.status_code == status
    assert server.post("/v1/p", json=PAGE, headers=BASIC).status_code == 200  # a program


def test_bodies_as_clients_send_them(server: httpx2.Client, recording: Recording) -> None:
    plain = BASIC | {"Content-Type": "text/plain", "User-Agent": "Mozilla/5.0"}
    assert server.post("/v1/p", content=json.dumps(PAGE).encode(), headers=plain).is_success
    assert recording.messages[0].context == {"ip": "127.0.0.1", "user_agent": "Mozilla/5.0"}
    assert recording.messages[0].received_us == NOW
    zipped = BASIC | {"Content-Encoding": "gzip"}
    assert server.post("/v1/batch", content=gzip.compress(body_of(PAGE)), headers=zipped).is_success
    for content, code in ((b"no gzip", "not-gzip"), (gzip.compress(body_of())[:-9], "not-gzip")):
        answer = server.post("/v1/batch", content=content, headers=zipped)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    other = BASIC | {"Content-Encoding": "br"}
    assert server.post("/v1/batch", content=b"x", headers=other).status_code == 415
    assert len(recording.messages) == 2


def test_sizes(server: httpx2.Client, recording: Recording) -> None:
    long = PAGE | {"properties": {"x": "y" * 32_000}}
    assert server.post("/v1/page", json=long, headers=BASIC).status_code == 200
    longer = PAGE | {"properties": {"x": "y" * 33_000}}
    answer = server.post("/v1/page", json=longer, headers=BASIC)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    answer = server.post("/v1/batch", content=body_of(longer, PAGE), headers=BASIC)
    assert [each["code"] for each in answer.json()["refused"]] == ["event-too-large"]
    assert server.post("/v1/import", content=body_of(longer), headers=BASIC).json() == {
        "success": True
    }
    for content, more in (
        (body_of(*[long] * 17), {}),
        (gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"}),
    ):
        answer = server.post("/v1/batch", content=content, headers=BASIC | more)
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_a_browser_may_ask_from_any_page(server: httpx2.Client) -> None:
    asks = {
        "Origin": "https://www.acme.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = server.options("/v1/t", headers=asks)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in answer.headers


def test_settings_of_the_browser_client(server: httpx2.Client) -> None:
    answer = server.get(f"/v1/projects/{KEY}/settings")
    host = f"{server.base_url.host}:{server.base_url.port}/v1"
    assert answer.json()["integrations"]["Segment.io"] == {
        "apiKey": KEY, "apiHost": host, "protocol": "http",
    }  # fmt: skip
    assert answer.json()["metrics"] == {"sampleRate": 0, "host": host}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert server.get("/v1/projects/other/settings").status_code == 404
    odd = server.get(f"/v1/projects/{KEY}/settings", headers={"Host": "[::1"})
    assert odd.status_code == 400


def test_too_much_at_once_is_to_be_sent_again(server: httpx2.Client, recording: Recording) -> None:
    recording.full = True
    answer = server.post("/v1/batch", content=body_of(PAGE), headers=BASIC)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
    assert "retry-after" in answer.headers["access-control-expose-headers"].lower()


def test_a_runaway_loop_is_told_to_wait(recording: Recording) -> None:
    now = [NOW]
    with served([*tracking_routes(recording, lambda: now[0], per_second=3)]) as address:

        def post() -> httpx2.Response:
            return httpx2.post(f"{address}/v1/page", json=PAGE, headers=BASIC)

        assert [post().status_code for _ in range(4)] == [200, 200, 200, 429]
        assert post().headers["retry-after"] == "1"
        now[0] += 1_000_000
        assert post().status_code == 200


def test_a_body_that_never_ends_is_not_waited_for(
    server: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    monkeypatch.setattr(posted, "LONGEST_WAIT_S", 0.2)
    with socket.create_connection((server.base_url.host, server.base_url.port), 10) as wire:
        head = f"POST /v1/p HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n{auth()}\r\n\r\n"
        wire.sendall(head.encode() + b"{")
        assert wire.recv(1000).startswith(b"HTTP/1.1 408 ")


def auth() -> str:
    return f"Authorization: {BASIC['Authorization']}"


def test_the_messages_are_sentences() -> None:
    """Clients print `code: message`."""
    with served(routes(Recording())) as address:
        said: list[dict[str, Any]] = [
            httpx2.post(f"{address}/v1/batch", content=b"{", headers=BASIC).json(),
            httpx2.post(f"{address}/v1/batch", content=b"{}").json(),
            httpx2.post(f"{address}/v1/batch", content=b"[]", headers=BASIC).json(),
        ]
    for each in said:
        assert each["success"] is False
        assert re.fullmatch(r".*[.)]", each["message"]), each
