"""The Segment protocol as bytes, without a server: what becomes of each kind of event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leadwise.card.values import parse_time
from leadwise.errors import UserError
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.segment import Arrival, receive, receive_again, write_key_in
from leadwise.ingest.segment.events import TYPES
from leadwise.store.documents import values_of

NOW = parse_time("2026-11-21T19:34:27Z")
PROGRAM = Arrival("site", NOW, "10.0.0.9", "analytics-python/2.4.0")
BROWSER = Arrival("site", NOW, "203.0.113.7", "Mozilla/5.0 (X11) Firefox/150.0")


def batch(*items: object, arrival: Arrival = PROGRAM, **more: object) -> Received:
    return receive("batch", json.dumps({"batch": items, **more}).encode(), arrival)


def one(item: dict[str, Any], arrival: Arrival = PROGRAM, **more: object) -> Message:
    received = batch({"userId": "u1", **item}, arrival=arrival, **more)
    assert not received.refusals, received.refusals
    return received.messages[0]


def refused(item: object, **more: object) -> str:
    received = batch(item, **more)
    assert not received.messages
    return received.refusals[0].code


def test_an_event_of_the_python_client_as_captured() -> None:
    message = one(
        {
            "integrations": {}, "anonymousId": "anon-1", "type": "track",
            "event": "Demo Requested", "properties": {"plan": "enterprise", "seats": 250},
            "timestamp": "2026-11-20T10:00:00.000+00:00", "messageId": "fac66040",
            "context": {"ip": "1.2.3.4", "library": {"name": "analytics-python", "version": "2.4"}},
        },
        sentAt="2026-11-21T19:34:26.000000+00:00",
    )  # fmt: skip
    assert message == Message(
        type="track", source="site", message_id="fac66040", event="demo_requested",
        name="Demo Requested", user_id="u1", anonymous_id="anon-1", received_us=NOW,
        # The sender's clock is a second behind when the request arrives.
        at_us=parse_time("2026-11-20T10:00:01Z"), sent_us=NOW - 1_000_000,
        document={"plan": "enterprise", "seats": 250},
        context={"ip": "1.2.3.4", "library": "analytics-python/2.4"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("item", "event", "document"),
    [
        ({"type": "identify", "traits": {"title": "VP"}}, "identify", {"title": "VP"}),
        ({"type": "identify", "context": {"traits": {"title": "VP", "x": 1}}, "traits": {"x": 2}},
         "identify", {"title": "VP", "x": 2}),
        ({"type": "page", "name": "Pricing", "category": "Docs"}, "page_viewed",
         {"name": "Pricing", "category": "Docs"}),
        ({"type": "page", "name": "Pricing", "properties": {"name": "Own"}}, "page_viewed",
         {"name": "Own"}),
        ({"type": "screen", "name": "Home"}, "screen_viewed", {"name": "Home"}),
        ({"type": "group", "groupId": 9, "traits": {"name": "Acme"}}, "group", {"name": "Acme"}),
        ({"type": "alias", "previousId": "anon-1"}, "alias", {}),
        ({"type": "Track ", "event": "E-Mail   opened!"}, "e_mail_opened", {}),
    ],
)  # fmt: skip
def test_each_type(item: dict[str, Any], event: str, document: dict[str, Any]) -> None:
    message = one(item)
    assert message.type in TYPES
    assert (message.event, values_of(message.document)) == (event, document)


def test_ids_of_group_and_alias() -> None:
    assert one({"type": "group", "groupId": 9}).group_id == "9"
    alias = one({"type": "alias", "previousId": "anon-1", "userId": "u_7"})
    assert (alias.previous_id, alias.user_id) == ("anon-1", "u_7")


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"type": "track", "event": "A"}, "no-identity"),
        ({"type": "track", "event": "A", "userId": "", "anonymousId": None}, "no-identity"),
        ({"type": "track", "event": "A", "userId": "undefined"}, "no-identity"),
        ({"type": "track", "event": "A", "userId": " [object Object] "}, "no-identity"),
        ({"type": "identify", "traits": {"email": "nobody"}}, "no-identity"),
        ({"type": "group", "groupId": "a", "traits": {"email": "info@acme.com"}}, "no-identity"),
        ({"type": "track", "event": "A", "userId": True}, "event-wrong-type"),
        ({"type": "track", "event": "A", "userId": {"id": 1}}, "event-wrong-type"),
        ({"type": "track", "event": ["A"], "userId": "u"}, "event-wrong-type"),
        ({"type": "track", "event": "A", "userId": "u", "properties": "x"}, "event-wrong-type"),
        ({"type": "track", "event": "A", "userId": "u", "timestamp": 1}, "event-wrong-type"),
        ({"type": "track", "event": "A", "userId": "u", "timestamp": "today"}, "event-time"),
        ({"type": "track", "event": " \t", "userId": "u"}, "event-name"),
        ({"type": "track", "event": "A" * 201, "userId": "u"}, "event-name"),
        ({"type": "track", "userId": "u"}, "event-name"),
        ({"event": "A", "userId": "u"}, "event-type"),
        ({"type": "visit", "userId": "u"}, "event-type"),
        ({"type": "alias", "userId": "u"}, "missing-id"),
        ({"type": "alias", "anonymousId": "a", "previousId": "b"}, "missing-id"),
        ({"type": "group", "userId": "u", "groupId": ""}, "missing-id"),
        ({"type": "track", "event": "A", "userId": "u" * 501}, "id-too-long"),
        ({"type": "track", "event": "A", "userId": "u", "messageId": "m" * 501}, "id-too-long"),
        ({"type": "page", "userId": "u", "properties": {"x": "y" * 33_000}}, "event-too-large"),
        ([], "event-not-object"),
        (None, "event-not-object"),
        ("text", "event-not-object"),
    ],
)
def test_what_is_refused(item: object, code: str) -> None:
    assert refused(item) == code


def test_a_bad_event_costs_only_itself_and_can_be_sent_again() -> None:
    good = {"type": "track", "event": "A", "userId": "u"}
    bad = {"type": "track", "event": "B", "userId": "u", "timestamp": "soon\u0000"}
    received = batch(good, bad, 7, good | {"event": "C"})
    assert [message.event for message in received.messages] == ["a", "c"]
    assert [(each.index, each.code) for each in received.refusals] == [
        (1, "event-time"), (2, "event-not-object"),
    ]  # fmt: skip
    assert "\u0000" not in received.refusals[0].reason + received.refusals[0].body
    assert received.refusals[1].body == "7"
    mended = received.refusals[0].body.replace('"soon\\u0000"', '"2026-11-01"')
    again = receive_again(mended, PROGRAM)
    assert again.messages[0].at_us == parse_time("2026-11-01")


def test_a_refused_single_event_keeps_the_type_of_its_path() -> None:
    received = receive("track", b' { "event": "", "userId": "u"}', PROGRAM)
    body = received.refusals[0].body
    assert json.loads(body) == {"type": "track", "event": "", "userId": "u"}
    assert receive_again(body.replace('""', '"A"'), PROGRAM).messages[0].event == "a"
    empty = receive("page", b"{}", PROGRAM).refusals[0]
    assert (empty.code, json.loads(empty.body)) == ("no-identity", {"type": "page"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"type":"track","event":"A","userId":"u","properties":{"x":NaN,"y":1}}', {"y": 1}),
        (b'{"type":"track","event":"A","userId":"u","properties":{"x":"\\ud83d"}}', {"x": "?"}),
        (b'{"type":"track","event":"A","userId":"u","properties":{"x":"a\x01b"}}', {"x": "a\x01b"}),
        (b'{"type":"track","event":"A","userId":"u","properties":{"x":"\xff"}}', {"x": "\ufffd"}),
        (b'{"type":"track","event":"A","userId":"u","properties":{"x":1e999,"y":2}}', {"y": 2}),
        (b'{"type":"track","event":"A","userId":"u","properties":[]}', {}),
        (b'{"type":"track","event":"A","userId":"u","context":[],"properties":{"x":1}}', {"x": 1}),
    ],
)  # fmt: skip
def test_what_real_senders_write_that_strict_readers_refuse(text: bytes, expected: Any) -> None:
    received = receive("batch", b'\xef\xbb\xbf{"batch":[' + text + b"]}", PROGRAM)
    assert values_of(received.messages[0].document) == expected
    huge = b'{"type":"track","event":"A","userId":"u","properties":{"x":' + b"9" * 5000 + b"}}"
    assert receive("track", huge, PROGRAM).messages[0].document == {}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-json"), (b"{", "not-json"), (b"\x00", "not-json"), (b"[" * 50_000, "not-json"),
        (b"[]", "not-a-batch"), (b"{}", "not-a-batch"), (b'{"batch":{}}', "not-a-batch"),
        (b'{"batch":[' + b"0," * 2_500 + b"0]}", "batch-too-long"),
    ],
)  # fmt: skip
def test_bodies_of_which_nothing_can_be_made(body: bytes, code: str) -> None:
    with pytest.raises(UserError) as error:
        receive("batch", body, PROGRAM)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("item", "more", "at"),
    [
        ({}, {}, "2026-11-21T19:34:27Z"),
        ({"timestamp": ""}, {"sentAt": "2020-01-01T00:00:00Z"}, "2026-11-21T19:34:27Z"),
        ({"timestamp": "2026-11-21T19:00:00Z"}, {}, "2026-11-21T19:00:00Z"),
        ({"timestamp": "2026-11-21T20:00:00+01:00"}, {}, "2026-11-21T19:00:00Z"),
        # A clock that is a year behind: ten minutes before it sent is ten minutes before now.
        ({"timestamp": "2025-11-21T10:00:00Z"}, {"sentAt": "2025-11-21T10:10:00Z"},
         "2026-11-21T19:24:27Z"),
        # The browser's client writes sentAt into the event.
        ({"timestamp": "2030-01-01T00:00:00.000Z", "sentAt": "2030-01-01T00:00:01.000Z"}, {},
         "2026-11-21T19:34:26Z"),
        ({"originalTimestamp": "2026-11-20T00:00:00Z"}, {}, "2026-11-20T00:00:00Z"),
        # Another collector had it: its time is right already.
        ({"timestamp": "2026-11-01T00:00:00Z", "sentAt": "2026-11-01T00:00:05Z",
          "receivedAt": "2026-11-01T00:00:06Z"}, {}, "2026-11-01T00:00:00Z"),
        # Nothing happens after it was received.
        ({"timestamp": "2031-01-01T00:00:00Z"}, {}, "2026-11-21T19:34:27Z"),
        ({"timestamp": "2026-11-21T19:00:00Z"}, {"sentAt": "nonsense"}, "2026-11-21T19:00:00Z"),
    ],
)  # fmt: skip
def test_when_it_happened_by_our_clock(item: Any, more: Any, at: str) -> None:
    assert one({"type": "page", **item}, **more).at_us == parse_time(at)


def test_an_import_keeps_times_as_they_are_and_takes_long_events() -> None:
    item = {"type": "page", "userId": "u", "timestamp": "2024-01-01T00:00:00Z",
            "sentAt": "2024-01-02T00:00:00Z", "properties": {"x": "y" * 33_000}}  # fmt: skip
    body = json.dumps({"batch": [item], "sentAt": "2026-01-01T00:00:00Z"}).encode()
    assert receive("import", body, PROGRAM).messages[0].at_us == parse_time("2024-01-01")


def test_whose_address_and_program() -> None:
    page = {"type": "page", "context": {"page": {"url": "https://a.example/", "referrer": "r"}}}
    assert one(page, BROWSER).context == {
        "ip": "203.0.113.7", "user_agent": BROWSER.user_agent,
        "url": "https://a.example/", "referrer": "r",
    }  # fmt: skip
    # A server sends for a person: its own address and program are not the person's.
    assert one(page).context == {"url": "https://a.example/", "referrer": "r"}
    said = {"type": "page", "context": {"ip": "9.9.9.9", "userAgent": "Phone"}}
    assert one(said, BROWSER).context == {"ip": "9.9.9.9", "user_agent": "Phone"}


def test_context_of_the_batch_goes_for_items_that_say_nothing() -> None:
    items = [{"type": "page", "userId": "u"},
             {"type": "page", "userId": "u", "context": {"ip": "2.2.2.2"}}]  # fmt: skip
    context = {"ip": "1.1.1.1", "userAgent": "Phone", "campaign": {"source": "ads"}}
    first, second = batch(*items, context=context).messages
    assert first.context == {"ip": "1.1.1.1", "user_agent": "Phone"}
    assert second.context == {"ip": "2.2.2.2", "user_agent": "Phone"}
    assert first.document == second.document == {"campaign.source": "ads"}


def test_the_campaign_is_of_the_properties_where_they_say_it() -> None:
    campaign = {"context": {"campaign": {"name": "Été", "source": "News"}}}
    track = {"type": "track", "event": "A", "properties": {"campaign.source": "own"}}
    assert one(track | campaign).document == {
        "campaign.source": "own", "campaign.name": "Été", "campaign.name#f": "été",
    }  # fmt: skip
    assert one({"type": "identify", "traits": {"a": 1}} | campaign).document == {"a": 1}


@pytest.mark.parametrize(
    ("item", "email"),
    [
        ({"type": "identify", "traits": {"email": " Dana@ACME.com "}}, "dana@acme.com"),
        ({"type": "identify", "traits": {"email": "nobody"}}, None),
        ({"type": "identify", "traits": {"email": 7}}, None),
        ({"type": "track", "event": "A", "properties": {"email": "d@acme.com"}}, "d@acme.com"),
        ({"type": "page", "context": {"traits": {"email": "d@acme.com"}}}, "d@acme.com"),
        ({"type": "group", "groupId": "g", "traits": {"email": "info@acme.com"}}, None),
    ],
)
def test_whose_email(item: dict[str, Any], email: str | None) -> None:
    assert one(item).email == email


def test_an_email_alone_is_an_identity() -> None:
    received = batch({"type": "identify", "traits": {"email": "dana@acme.com"}})
    assert received.messages[0].user_id is None
    assert received.messages[0].email == "dana@acme.com"


def test_a_missing_message_id_is_the_same_for_the_same_request() -> None:
    timed = {"type": "page", "userId": "u", "timestamp": "2026-11-21T19:00:00Z"}
    first, second = batch(timed, timed).messages
    later = Arrival("site", NOW + 5)
    assert first.message_id != second.message_id
    assert [m.message_id for m in batch(timed, timed, arrival=later).messages] == [
        first.message_id, second.message_id,
    ]  # fmt: skip
    # Without a time, the same again is something that happened again.
    untimed = {"type": "page", "userId": "u"}
    assert batch(untimed).messages[0].message_id != (
        batch(untimed, arrival=later).messages[0].message_id
    )


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b'{"writeKey":"k","batch":[]}', "k"),
        (b'{"batch":[{"writeKey":"k"},{}]}', "k"),
        (b'{"writeKey":"k","event":NaN}', "k"),
        (b'{"writeKey":5}', None),
        (b'{"batch":[]}', None),
        (b"[]", None),
    ],
)
def test_the_write_key_in_a_body(body: bytes, key: str | None) -> None:
    assert write_key_in(body) == key
