"""One system's HTTP: what is tried again and when, what a refusal means, what is never told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import pytest

from leadwise.connect import http as module
from leadwise.connect.http import Http, after_s
from leadwise.errors import RemoteError
from leadwise.testing.serving import Answer, Fake, Query, served


@dataclass
class Echo(Fake):
    """Answers with what it was asked."""

    said: Any = None

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        return 200, {}, self.said if self.said is not None else {"path": path, "n": len(self.calls)}


class Line:
    """A fake, the Http to it, and how long it slept."""

    def __init__(self, fake: Echo, url: str) -> None:
        self.fake, self.url, self.slept = fake, url, list[float]()

    def http(self, **more: Any) -> Http:
        return Http("crm", self.url, sleep=self.slept.append, **more)


@pytest.fixture
def line() -> Iterator[Line]:
    fake = Echo()
    with served(fake) as url:
        yield Line(fake, url)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 0])
def test_reading_is_tried_three_times(line: Line, status: int) -> None:
    line.fake.fail(status, times=2)
    assert line.http().get("/a")["path"] == "/a"
    assert line.slept == [0.5, 2.0]
    line.fake.fail(status, times=3)
    with pytest.raises(RemoteError) as failed:
        line.http().get("/a")
    assert (failed.value.permanent, failed.value.status) == (False, status or None)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 301])
def test_what_is_wrong_for_good_is_asked_once(line: Line, status: int) -> None:
    line.fake.fail(status, headers={"Location": "/elsewhere"})
    with pytest.raises(RemoteError, match=f"GET /a with {status}") as failed:
        line.http().get("/a")
    assert (failed.value.permanent, len(line.fake.calls)) == (True, 1)


@pytest.mark.parametrize(
    ("status", "more", "times"),
    [
        (500, {}, 1),  # it may have been taken
        (0, {}, 1),
        (429, {}, 2),  # it was not
        (503, {}, 2),
        (500, {"headers": {"Idempotency-Key": "k"}}, 2),
        (0, {"headers": {"idempotency-key": "k"}}, 2),
        (500, {"reads": True}, 2),
    ],
)
def test_what_changes_something_is_tried_again_only_where_that_is_safe(
    line: Line, status: int, more: dict[str, Any], times: int
) -> None:
    line.fake.fail(status)
    with suppress(RemoteError):
        line.http().call("POST", "/a", json={}, **more)
    assert len(line.fake.calls) == times


def test_pauses_that_are_asked_for(line: Line) -> None:
    line.fake.fail(429, headers={"Retry-After": "7"})
    line.http().get("/a")
    assert line.slept == [7.0]
    line.fake.fail(503, headers={"Retry-After": "600"}, body="later, please")
    with pytest.raises(RemoteError, match="later, please") as failed:
        line.http().get("/a")  # longer than anybody should hold a thread for
    assert (failed.value.after_s, line.slept) == (600.0, [7.0])


def test_the_least_time_between_requests(line: Line) -> None:
    now = [100.0]
    http = Http("crm", line.url, pace_s=0.25, sleep=line.slept.append, monotonic=lambda: now[0])
    http.get("/a")
    now[0] += 0.1
    http.get("/a")
    now[0] += 9
    http.get("/a")
    assert [round(one, 3) for one in line.slept] == [0.15]


def test_secrets_are_in_no_error_and_no_repr(line: Line) -> None:
    http = line.http(secrets=("tok-123", ""), headers={"Authorization": "Bearer tok-123"},
                     auth=("user", "tok-123"))  # fmt: skip
    line.fake.fail(401, body={"message": "no such token: tok-123", "long": "x" * 900})
    with pytest.raises(RemoteError) as failed:
        http.get("/a")
    assert "(secret)" in str(failed.value)
    assert "tok-123" not in str(failed.value) + repr(http)
    assert len(str(failed.value)) < 400


def test_the_reason_is_found_in_the_systems_own_document(line: Line) -> None:
    line.fake.fail(400, times=2, body={"error": {"text": "Bad\n field"}})
    http = line.http(said=lambda document: document["error"]["text"])
    with pytest.raises(RemoteError, match=r"with 400: Bad field$"):
        http.get("/a")
    with pytest.raises(RemoteError, match="error"):
        line.http().get("/a")


def test_answers_without_json(line: Line) -> None:
    line.fake.said = b""
    assert line.http().get("/a") is None
    line.fake.said = "<html>"
    with pytest.raises(RemoteError, match="not JSON: '<html>'") as failed:
        line.http().get("/a")
    assert not failed.value.permanent


def test_a_dry_run_reads_and_changes_nothing(line: Line) -> None:
    http = line.http(dry=True)
    http.get("/a")
    http.call("POST", "/search", reads=True, json={"q": 1})
    assert http.call("PATCH", "/a", json={"x": 1}) == {}
    assert http.send("DELETE", "/a") is None
    assert [(one.method, one.path, one.body) for one in http.would] == [
        ("PATCH", "/a", {"x": 1}), ("DELETE", "/a", None),
    ]  # fmt: skip
    assert [call.method for call in line.fake.calls] == ["GET", "POST"]


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT_S", 0.2)
    with pytest.raises(RemoteError, match="crm could not be reached for GET /a") as failed:
        Http("crm", "http://127.0.0.1:9", sleep=lambda _: None).get("/a")
    assert not failed.value.permanent


def test_too_slow(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT_S", 0.1)
    line.fake.fail(200, times=3, slow_s=0.3)
    with pytest.raises(RemoteError, match="could not be reached"):
        line.http().get("/a")


def test_what_retry_after_may_say() -> None:
    assert after_s(None, 0) is None
    assert after_s("soon", 0) is None
    assert after_s("1.5", 0) == 1.5
    assert after_s("-3", 0) == 0
    assert after_s(formatdate(1_000_060, usegmt=True), 1_000_000) == 60
    assert after_s(formatdate(999_000, usegmt=True), 1_000_000) == 0
    assert after_s("1970-01-12T13:47:40Z", 1_000_000) == 60
