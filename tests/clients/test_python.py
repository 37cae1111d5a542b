"""segment-analytics-python and rudder-sdk-python, as they are, against a running server."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest
import rudderstack.analytics.client
import segment.analytics.client

from leadwise.card.values import HOUR, SECOND, parse_time
from leadwise.ingest.messages import Message
from leadwise.store.documents import values_of
from tests.web.recording import KEY, Recording

PAST = datetime.fromisoformat("2026-10-01T12:00:00+00:00")
TYPES = ["identify", "track", "page", "screen", "group", "alias"]


def tell(client: Any, **more: Any) -> None:
    """Use each call of a client once, then wait until all is sent."""
    client.identify("u_1", traits={"email": "dana@acme.com", "title": "VP", "age": float("nan")})
    client.track("u_1", "Demo Requested", properties={"seats": 250}, timestamp=PAST,
                 anonymous_id="anon-1", **more)  # fmt: skip
    client.page("u_1", "Docs", "Pricing", properties={"url": "https://x.example/pricing"})
    client.screen("u_1", "App", "Home")
    client.group("u_1", "acct_9", traits={"name": "Acme", "employees": 900})
    client.alias("anon-1", "u_1")
    client.flush()
    client.join()


def check(messages: list[Message], library: str) -> None:
    assert [message.type for message in messages] == TYPES
    identify, track, page, screen, group, alias = messages
    assert identify.email == "dana@acme.com"
    assert values_of(identify.document) == {"email": "dana@acme.com", "title": "VP"}
    assert (track.event, track.name) == ("demo_requested", "Demo Requested")
    assert track.document == {"seats": 250}
    assert (track.user_id, track.anonymous_id) == ("u_1", "anon-1")
    # The clocks of both are one, so the correction is what the way takes.
    assert 0 <= track.at_us - parse_time("2026-10-01T12:00:00Z") < 60 * SECOND
    assert page.event == "page_viewed"
    assert page.document["name"] == "Pricing"
    assert page.context["url"] == "https://x.example/pricing"
    assert (screen.event, screen.document["category"]) == ("screen_viewed", "App")
    assert (group.group_id, group.document["employees"]) == ("acct_9", 900)
    assert (alias.previous_id, alias.user_id) == ("anon-1", "u_1")
    for message in messages:
        assert message.source == "site"
        assert message.context["library"].startswith(library)
        assert "user_agent" not in message.context
        assert message.sent_us is not None
        assert abs(message.sent_us - message.received_us) < HOUR
    assert len({message.message_id for message in messages}) == len(messages)


@pytest.mark.parametrize("zipped", [False, True])
def test_segment(address: str, recording: Recording, zipped: bool) -> None:
    failures: list[Any] = []
    client = segment.analytics.client.Client(
        KEY, host=address, gzip=zipped, on_error=lambda *said: failures.append(said)
    )
    tell(client)
    assert not failures
    assert not recording.refusals
    check(recording.messages, "analytics-python/")


def test_rudder(address: str, recording: Recording) -> None:
    failures: list[Any] = []
    client = rudderstack.analytics.client.Client(
        KEY, host=address, on_error=lambda *said: failures.append(said)
    )
    tell(client)
    assert not failures
    check(recording.messages, "analytics-python/")


def test_a_wrong_key_is_not_tried_again(address: str, recording: Recording) -> None:
    for kind in (segment.analytics.client.Client, rudderstack.analytics.client.Client):
        failures: list[Any] = []
        client = kind("wrong", host=address, on_error=lambda *said, to=failures: to.append(said))
        began = time.monotonic()
        client.track("u_1", "A")
        client.flush()
        client.join()
        assert time.monotonic() - began < 10
        assert [(error.status, error.code) for error, _ in failures] == [(401, "no-write-key")]
    assert not recording.received


def test_too_much_at_once_is_sent_again_and_nothing_is_lost(
    address: str, recording: Recording
) -> None:
    recording.full, recording.retry_after_s = True, 0.1
    client = segment.analytics.client.Client(KEY, host=address)
    client.track("u_1", "A")
    deadline = time.monotonic() + 20
    while not recording.turned_away and time.monotonic() < deadline:
        time.sleep(0.02)
    recording.full = False
    client.flush()
    client.join()
    assert recording.turned_away
    assert [message.event for message in recording.messages] == ["a"]
