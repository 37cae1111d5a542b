"""CloudEvents and Standard Webhooks at `/in/<name>`."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from standardwebhooks import Webhook

from leadwise.card.values import parse_time
from leadwise.ingest.cloudevents import cloudevent_again
from leadwise.ingest.incoming import Incoming
from leadwise.ingest.webhooks import webhook_again
from tests.web.recording import NOW, Recording, routes, served

SECRETS = tuple("whsec_" + base64.b64encode(sign * 24).decode() for sign in (b"a", b"b"))
EVENT: dict[str, Any] = {
    "specversion": "1.0", "id": "e-1", "source": "/shop", "type": "com.acme.order.created",
    "time": "2026-11-20T10:00:00Z", "data": {"email": "dana@acme.com", "total": 12.5},
}  # fmt: skip
STRUCTURED = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
BATCHED = {"Content-Type": "application/cloudevents-batch+json"}
SHOP = Incoming("shop", events={"order.paid": "Order Paid"}, traits=frozenset({"person"}))


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Recording, str]]:
    recording = Recording()
    recording.sources["shop"] = SHOP
    recording.sources["billing"] = Incoming(
        "billing", SECRETS, user_id=("customer.id",), email=("customer.mail", "mail")
    )
    with served(routes(recording)) as address:
        yield recording, address


@pytest.fixture
def recording(running: tuple[Recording, str]) -> Recording:
    running[0].received.clear()
    return running[0]


@pytest.fixture
def url(running: tuple[Recording, str], recording: Recording) -> str:
    return running[1] + "/in/"


def signed(body: bytes, secret: str = SECRETS[0], at_us: int = NOW) -> dict[str, str]:
    moment = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    signature = Webhook(secret).sign("msg_1", moment, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at_us // 1_000_000),
        "webhook-signature": f"v1,AAAA v2,zz {signature}",
        "Content-Type": "application/json",
    }


def test_a_structured_event(url: str, recording: Recording) -> None:
    answer = httpx2.post(url + "shop", json=EVENT, headers=STRUCTURED)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    message = recording.messages[0]
    assert (message.type, message.event, message.name) == (
        "track", "com_acme_order_created", "com.acme.order.created",
    )  # fmt: skip
    assert (message.source, message.message_id) == ("shop", "/shop e-1")
    assert message.at_us == parse_time("2026-11-20T10:00:00Z")
    assert (message.email, message.user_id) == ("dana@acme.com", None)
    assert message.document["total"] == 12.5


def test_a_binary_event(url: str, recording: Recording) -> None:
    headers = {
        "ce-specversion": "1.0", "ce-id": "e%202", "ce-source": "/shop", "ce-type": "order.paid",
        "ce-subject": "user-7", "Content-Type": "application/json",
    }  # fmt: skip
    assert httpx2.post(url + "shop", content=b'{"total":1}', headers=headers).is_success
    message = recording.messages[0]
    assert (message.message_id, message.event) == ("/shop e 2", "order_paid")
    assert message.user_id == "user-7"
    text = headers | {"Content-Type": "text/plain", "ce-id": "3"}
    assert httpx2.post(url + "shop", content=b"hello", headers=text).is_success
    assert recording.messages[1].document == {}


def test_a_batch_with_a_bad_event(url: str, recording: Recording) -> None:
    nobody = {key: value for key, value in EVENT.items() if key != "data"} | {"id": "2"}
    items = [EVENT, nobody, 5, EVENT | {"id": ""}, EVENT | {"specversion": "0.3"},
             EVENT | {"time": "soon"}, EVENT | {"id": "3", "type": "person"}]  # fmt: skip
    answer = httpx2.post(url + "shop", json=items, headers=BATCHED)
    assert [(each["index"], each["code"]) for each in answer.json()["refused"]] == [
        (1, "no-identity"), (2, "event-not-object"), (3, "cloudevent-attribute"),
        (4, "cloudevent-attribute"), (5, "event-time"),
    ]  # fmt: skip
    assert [message.type for message in recording.messages] == ["track", "identify"]
    body = recording.refusals[0].body
    again = cloudevent_again(body.replace('"2"', '"2","subject":"u"'), SHOP, NOW)
    assert again.messages[0].user_id == "u"


@pytest.mark.parametrize(
    ("data", "subject", "ids"),
    [
        ({"user_id": 7, "email": "a@b.co"}, "order/17", ("7", None, "a@b.co")),
        ({"anonymousId": "x"}, "order/17", (None, "x", None)),
        ({}, "a@b.co", (None, None, "a@b.co")),
        ({"email": "nobody"}, "user-7", ("user-7", None, None)),
        ([1], "user-7", ("user-7", None, None)),
    ],
)
def test_whose_event_it_is(
    url: str, recording: Recording, data: object, subject: str, ids: tuple[str | None, ...]
) -> None:
    event = EVENT | {"data": data, "subject": subject}
    httpx2.post(url + "shop", json=event, headers=STRUCTURED)
    message = recording.messages[0]
    assert (message.user_id, message.anonymous_id, message.email) == ids


def test_a_signed_webhook(url: str, recording: Recording) -> None:
    body = json.dumps({
        "type": "invoice.paid", "timestamp": "2026-11-21T19:00:00Z",
        "data": {"customer": {"id": 9, "mail": "a@b.co"}, "mail": "c@d.co"},
    }).encode()  # fmt: skip
    for secret in SECRETS:
        assert httpx2.post(url + "billing", content=body, headers=signed(body, secret)).is_success
    message = recording.messages[1]
    assert (message.message_id, message.event) == ("msg_1", "invoice_paid")
    assert (message.user_id, message.email) == ("9", "a@b.co")
    assert message.at_us == parse_time("2026-11-21T19:00:00Z")
    assert message.document["customer.mail"] == "a@b.co"


@pytest.mark.parametrize(
    "spoiled",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1"},
        {"webhook-signature": ""},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": str(NOW // 1_000_000 - 60)},
    ],
)
def test_a_spoiled_signature(url: str, recording: Recording, spoiled: dict[str, str]) -> None:
    body = b'{"type":"a","data":{"mail":"a@b.co"}}'
    answer = httpx2.post(url + "billing", content=body, headers=signed(body) | spoiled)
    assert (answer.status_code, answer.json()["code"]) == (401, "webhook-signature")
    assert not recording.received


def test_other_bodies_and_other_times_are_not_signed(url: str, recording: Recording) -> None:
    body = b'{"type":"a","data":{"mail":"a@b.co"}}'
    posts = [
        (body + b" ", signed(body)),
        (body, signed(body, at_us=NOW - 301_000_000)),
        (body, signed(body, at_us=NOW + 301_000_000)),
        (body, {}),
        (b"\xff", signed(body)),
        # A CloudEvent too must be signed where the source has a secret.
        (json.dumps(EVENT).encode(), STRUCTURED),
    ]
    for content, headers in posts:
        assert httpx2.post(url + "billing", content=content, headers=headers).status_code == 401
    assert not recording.received
    within = signed(body, at_us=NOW - 299_000_000)
    assert httpx2.post(url + "billing", content=body, headers=within).status_code == 200


def test_a_webhook_without_identity_is_kept(url: str, recording: Recording) -> None:
    answer = httpx2.post(url + "shop", json={"type": "order.paid", "data": {"total": 3}})
    assert (answer.status_code, answer.json()["refused"][0]["code"]) == (200, "no-identity")
    body = recording.refusals[0].body
    assert recording.received[0].source == "shop"
    again = webhook_again(body.replace("3", '3,"user_id":"u"'), SHOP, NOW)
    assert again.messages[0].event == "order_paid"


def test_what_cannot_be_read(url: str, recording: Recording) -> None:
    assert httpx2.post(url + "nobody", json=EVENT, headers=STRUCTURED).status_code == 404
    assert httpx2.post(url + "shop", content=b"{", headers=STRUCTURED).status_code == 400
    assert httpx2.post(url + "shop", json=[EVENT], headers=STRUCTURED).status_code == 400
    assert httpx2.post(url + "shop", json=EVENT, headers=BATCHED).status_code == 400
    avro = {"Content-Type": "application/cloudevents+avro"}
    assert httpx2.post(url + "shop", content=b"x", headers=avro).status_code == 400
    assert not recording.received


def test_a_sender_may_ask_whether_it_may_post(url: str, recording: Recording) -> None:
    asks = {"WebHook-Request-Origin": "eventgrid.azure.net"}
    answer = httpx2.options(url + "shop", headers=asks)
    assert (answer.status_code, answer.headers["webhook-allowed-origin"]) == (204, "*")
