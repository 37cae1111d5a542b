"""`POST /connect/<name>` over HTTP: signatures, repeats, handshakes, limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from leadwise.connect.model import Kind, Page
from leadwise.errors import RemoteError
from leadwise.store.connections import add_connection, change_connection, list_exchanges
from leadwise.store.schema import event
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served
from leadwise.web.connect_in import MOST_BYTES, Receiving, connect_routes
from tests.connect.core.places import Place, place_of
from tests.records import NOW_US

URL = "https://leads.example/connect/crm"
NOW_MS = NOW_US // 1000


class Shaking:
    """A system that wants to be answered in its own words, or fails."""

    answer: Any = '{"challenge": "x"}'

    def test(self) -> str:
        return "nobody"

    def receive(self, _: Any) -> Page | str:
        if isinstance(self.answer, Exception):
            raise self.answer
        found: str = self.answer
        return found


class Silent:
    """A system that tells nothing by webhooks."""

    def test(self) -> str:
        return "nobody"


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    with place_of("sqlite", tmp_path, request) as made:
        yield made


@pytest.fixture
def fake(place: Place) -> Iterator[FakeHubSpot]:
    fake = FakeHubSpot(clock_ms=lambda: NOW_MS)
    with served(fake) as url:
        with place.store.transaction() as connection:
            change_connection(
                connection, place.row.id, options={"address": url},
                secrets={"token": fake.token, "client_secret": "env:HOOK"},
            )  # fmt: skip
        yield fake


@pytest.fixture
def client(place: Place, fake: FakeHubSpot) -> Iterator[TestClient]:
    of = Receiving(place.store, place.pulling(), {"HOOK": fake.client_secret},
                   "https://leads.example/")  # fmt: skip
    with TestClient(Starlette(routes=connect_routes(of, place.clock))) as made:
        yield made


def events(place: Place) -> list[str]:
    with place.store.read() as connection:
        return list(connection.scalars(select(event.c.event).order_by(event.c.id)))


def changed(id_: str) -> dict[str, Any]:
    return {"subscriptionType": "contact.propertyChange", "objectId": int(id_),
            "propertyName": "city", "propertyValue": "Vigo"}  # fmt: skip


def test_a_webhook_is_recorded_once(place: Place, fake: FakeHubSpot, client: TestClient) -> None:
    ana = fake.add("contacts", {"email": "ana@acme.example", "city": "Vigo"})
    headers, body = fake.webhook(URL, changed(ana))
    for _ in range(2):
        answer = client.post("/connect/crm", content=body, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert events(place) == ["identify"]
    with place.store.read() as connection:
        log = [(e.what, e.detail) for e in list_exchanges(connection, place.row.id)]
    assert log == [("webhook", "1 known before"), ("webhook", "1 new")]


def test_the_address_is_the_public_one_with_its_parameters(
    place: Place, fake: FakeHubSpot, client: TestClient
) -> None:
    ana = fake.add("contacts", {"email": "ana@acme.example"})
    headers, body = fake.webhook(f"{URL}?a=1&b=%20c", changed(ana))
    assert client.post("/connect/crm?a=1&b=%20c", content=body, headers=headers).is_success
    headers, body = fake.webhook("http://testserver/connect/crm", changed(ana))
    assert client.post("/connect/crm", content=body, headers=headers).status_code == 401
    assert len(events(place)) == 1


def test_who_does_not_sign_is_refused_and_nothing_is_asked(
    place: Place, fake: FakeHubSpot, client: TestClient
) -> None:
    headers, body = fake.webhook(URL, changed("1"))
    for bad in ({}, {**headers, "X-HubSpot-Signature-v3": "AAAA"}):
        answer = client.post("/connect/crm", content=body, headers=bad)
        assert (answer.status_code, answer.json()["code"]) == (401, "webhook-signature")
    assert fake.calls == []
    assert events(place) == []


def test_what_is_refused(place: Place, fake: FakeHubSpot, client: TestClient) -> None:
    assert client.post("/connect/nobody", content=b"[]").status_code == 404
    assert client.post("/connect/a%00b", content=b"[]").status_code == 404
    big = client.post("/connect/crm", content=b"x" * (MOST_BYTES + 1))
    assert (big.status_code, big.json()["code"]) == (413, "body-too-large")
    assert client.get("/connect/crm").status_code == 405
    with place.store.transaction() as connection:
        change_connection(connection, place.row.id, paused_us=NOW_US)
    answer = client.post("/connect/crm", content=b"[]")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3600")


def test_what_the_system_itself_fails_at_is_to_be_sent_again(
    place: Place, fake: FakeHubSpot, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadwise.connect.http.FIRST_WAIT_S", 0.0)
    headers, body = fake.webhook(URL, changed("1"))
    fake.fail(500, times=3)
    answer = client.post("/connect/crm", content=body, headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert fake.token not in answer.text


def test_how_a_connection_is_set_up_is_not_told_to_whoever_asks(
    place: Place, client: TestClient
) -> None:
    with place.store.transaction() as connection:
        change_connection(connection, place.row.id, secrets={"token": "env:PRIVATE_NAME"})
    answer = client.post("/connect/crm", content=b"[]")
    assert (answer.status_code, answer.json()["code"]) == (503, "not-now")
    assert "PRIVATE_NAME" not in answer.text


def test_handshakes_and_systems_without_webhooks(
    place: Place, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = Shaking()
    kinds = {"shaking": Kind("shaking", "S", "", (), lambda _c, _h: system),
             "silent": Kind("silent", "S", "", (), lambda _c, _h: Silent())}  # fmt: skip
    monkeypatch.setattr("leadwise.connect.opening.kind_named", kinds.__getitem__)
    with place.store.transaction() as connection:
        for name in kinds:
            add_connection(connection, name, name, options={}, secrets={}, by="t", now_us=NOW_US)
    answer = client.post("/connect/shaking", content=b"")
    assert (answer.json(), answer.headers["content-type"]) == (
        {"challenge": "x"}, "application/json",
    )  # fmt: skip
    system.answer = "challenge"
    assert client.post("/connect/shaking", content=b"").text == "challenge"
    system.answer = RemoteError("busy", permanent=False, after_s=7.0)
    assert client.post("/connect/shaking", content=b"").headers["retry-after"] == "7"
    assert client.post("/connect/silent", content=b"").status_code == 404
