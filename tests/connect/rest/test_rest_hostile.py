"""Interfaces that do not keep to their description, or mean ill."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from leadwise.connect import http as http_module
from leadwise.connect.http import Http
from leadwise.connect.model import Connection
from leadwise.connect.rest import KIND
from leadwise.errors import LeadwiseError, RemoteError
from leadwise.testing.serving import Answer, Fake, Query, served

NOW_US = 1_790_000_000_000_000
KEY = 'k+y/ä&"=%'
TEXT = """
rest: desk
url: URL/v2
auth: AUTH
pull:
  path: /tickets
  records: items
  paging: PAGING
  event: solved
  at: at
  identity: {email: email}
ask:
  path: /people/{email}
  record: ''
  fields: {title: title}
"""


@dataclass
class Ill(Fake):
    """Answers with what it is told to, always."""

    said: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    echo: bool = False

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        if self.echo:
            key = query["api_key"]
            then = f"/v2/tickets?api_key={quote(key, safe='')}&page={len(self.calls)}"
            return 200, {}, {"items": [ticket(len(self.calls))], "next": then}
        return self.status, dict(self.headers), self.said


def ticket(number: int = 1) -> dict[str, Any]:
    return {"id": number, "email": "ann@acme.example", "at": "2026-01-01T10:00:00Z"}


@pytest.fixture
def ill() -> Iterator[tuple[Ill, str]]:
    fake = Ill()
    with served(fake) as url:
        yield fake, url


def opened(url: str, paging: str = "{page: page}", auth: str = "bearer", secret: str = "t0") -> Any:
    text = TEXT.replace("URL", url).replace("PAGING", paging).replace("AUTH", auth)
    connection = Connection(1, "desk", "rest", {"text": text}, {"secret": secret}, {})
    return KIND.open(connection, Http("desk", sleep=lambda _: None))


@pytest.mark.parametrize(
    "paging", ["{page: page}", "{offset: skip}", "{cursor: {param: c, from: next}}", "{next: next}"]
)
def test_the_same_page_for_ever_is_told(ill: tuple[Ill, str], paging: str) -> None:
    fake, url = ill
    fake.said = {"items": [ticket()], "next": "/v2/tickets?c=1"}
    with pytest.raises(RemoteError, match="the same page again") as raised:
        list(opened(url, paging).pull(None, NOW_US))
    assert raised.value.permanent
    assert len(fake.calls) <= 3


def test_a_cursor_that_repeats_itself_over_nothing_ends_the_pull(ill: tuple[Ill, str]) -> None:
    fake, url = ill
    fake.said = {"items": [], "next": "same"}
    pages = list(opened(url, "{cursor: {param: c, from: next}}").pull(None, NOW_US))
    assert "place" not in json.loads(pages[-1].cursor)


@pytest.mark.parametrize("paging", ["{next: next}"])
def test_a_key_in_the_next_address_is_not_kept(ill: tuple[Ill, str], paging: str) -> None:
    fake, url = ill
    fake.echo = True
    pages = opened(url, paging, "{query: api_key}", KEY).pull(None, NOW_US)
    cursors = [next(pages).cursor for _ in range(3)]
    for cursor in cursors:
        assert "api_key" not in cursor
        assert KEY not in cursor
    assert [call.query.all("api_key") for call in fake.calls] == [[KEY]] * 3
    assert [call.query.all("page") for call in fake.calls][1:] == [["0"], ["1"]]


@pytest.mark.parametrize("said", [KEY, quote(KEY, safe=""), json.dumps({"your key": KEY})])
def test_a_key_is_told_in_no_form(ill: tuple[Ill, str], said: str) -> None:
    fake, url = ill
    fake.status, fake.said = 403, f"{said} is wrong"
    with pytest.raises(RemoteError) as raised:
        opened(url, auth="{query: api_key}", secret=KEY).test()
    for form in (KEY, quote(KEY, safe=""), json.dumps(KEY)[1:-1]):
        assert form not in str(raised.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_sends_us_to_an_inner_address(ill: tuple[Ill, str], status: int) -> None:
    """Redirects are followed nowhere, least of all to where only this machine may go."""
    fake, url = ill
    with served(Ill(said={"items": []})) as inner:
        fake.status, fake.headers = status, {"Location": f"{inner}/latest/meta-data"}
        with pytest.raises(RemoteError, match=str(status)) as raised:
            opened(url).test()
    assert raised.value.permanent
    assert len(fake.calls) == 1


def test_what_a_person_is_called_leads_to_no_other_path(ill: tuple[Ill, str]) -> None:
    fake, url = ill
    for name in (".", ".."):
        assert opened(url).ask({"email": name}) is None
    assert fake.calls == []


@pytest.mark.parametrize(
    "answer", ["[" * 200_000, "{", "\x00", '{"items": 3}', "<html></html>", '{"items": {"a": [1]}}',
               '{"items": [NaN, 1, null, [], {"id": {}}]}', "\ufeff[]", '"x"', "null"],
)  # fmt: skip
def test_no_answer_breaks_anything(ill: tuple[Ill, str], answer: str) -> None:
    fake, url = ill
    fake.said = answer
    rest = opened(url)
    with suppress(LeadwiseError):
        list(rest.pull(None, NOW_US))
    with suppress(LeadwiseError):
        rest.ask({"email": "a@b.example"})
    assert len(fake.calls) >= 2


def test_an_answer_without_end_is_not_read(
    ill: tuple[Ill, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, url = ill
    fake.said = json.dumps({"items": [], "x": "a" * 300_000})
    monkeypatch.setattr(http_module, "MOST_BYTES", 200_000)
    with pytest.raises(RemoteError, match="over 200,000 bytes") as raised:
        opened(url).test()
    assert raised.value.permanent


def test_what_unpacks_to_too_much_is_not_read(
    ill: tuple[Ill, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, url = ill
    fake.said = gzip.compress(b" " * 5_000_000)
    fake.headers = {"Content-Encoding": "gzip"}
    monkeypatch.setattr(http_module, "MOST_BYTES", 200_000)
    with pytest.raises(RemoteError, match="over 200,000 bytes"):
        opened(url).test()
    monkeypatch.setattr(http_module, "MOST_BYTES", 10_000_000)
    fake.said = gzip.compress(json.dumps({"items": [ticket()]}).encode())
    assert opened(url).test().startswith("1 records")


def test_what_drips_for_ever_is_left(ill: tuple[Ill, str], monkeypatch: pytest.MonkeyPatch) -> None:
    fake, url = ill
    fake.said = {"items": []}
    monkeypatch.setattr(http_module, "LONGEST_S", -1.0)
    with pytest.raises(RemoteError, match="an answer without end"):
        opened(url).test()
