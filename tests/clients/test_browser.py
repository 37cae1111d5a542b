"""The browser bundle of @segment/analytics-next, and a plain form, in Chromium.

The page stands on another origin than the server, as it does in life.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Template
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from leadwise.card.values import MINUTE
from leadwise.ingest.forms import Form
from tests.web.recording import KEY, Recording, served

pytestmark = pytest.mark.xdist_group("npm")
PAGE = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))
BATCHING = {
    "integrations": {
        "Segment.io": {
            "deliveryStrategy": {"strategy": "batching", "config": {"size": 3, "timeout": 500}}
        }
    }
}


@pytest.fixture
def site(address: str, node_modules: Path) -> Iterator[str]:
    """The address of a web site that uses the bundle."""
    bundle = node_modules / "@segment" / "analytics-next" / "dist" / "umd" / "standalone.js"

    async def page(request: Request) -> Response:
        options = request.query_params.get("options", "{}")
        return HTMLResponse(PAGE.substitute(KEY=KEY, ADDRESS=address, OPTIONS=options))

    async def script(_: Request) -> Response:
        return FileResponse(bundle, media_type="text/javascript")

    with served([Route("/pricing", page), Route("/analytics.min.js", script)]) as found:
        yield found


def wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


def visit(browser: Any, url: str, address: str, site: str) -> tuple[Any, list[str]]:
    """The page, and the addresses it asked for that are neither the site's nor the server's."""
    elsewhere: list[str] = []
    page = browser.new_context(user_agent="Mozilla/5.0 (X11; Linux) Test/1.0").new_page()

    def note(request: Any) -> None:
        if not request.url.startswith((address, site)):
            elsewhere.append(request.url)

    page.on("request", note)
    page.goto(url)
    page.wait_for_function("typeof analytics.alias === 'function'")  # the bundle loads on its own
    return page, elsewhere


def test_events_one_by_one(chromium: Any, address: str, site: str, recording: Recording) -> None:
    url = f"{site}/pricing?utm_source=ads&utm_campaign=Spring"
    page, elsewhere = visit(chromium, url, address, site)
    page.evaluate("analytics.alias('u_1')")
    page.evaluate("analytics.track('Demo Requested', {seats: 250})")
    page.evaluate("analytics.identify('u_1', {email: 'dana@acme.com'})")
    page.evaluate("analytics.group('acct_9', {name: 'Acme'})")
    wait(lambda: len(recording.messages) == 5)
    page.context.close()
    by_type = {message.type: message for message in recording.messages}
    viewed, track, identify = by_type["page"], by_type["track"], by_type["identify"]
    assert (viewed.event, viewed.document["name"]) == ("page_viewed", "Pricing")
    assert viewed.document["campaign.source"] == "ads"
    assert viewed.document["campaign.name"] == "Spring"
    assert viewed.context["url"] == url
    assert viewed.anonymous_id
    assert viewed.user_id is None
    assert (track.event, track.anonymous_id) == ("demo_requested", viewed.anonymous_id)
    assert track.document["seats"] == 250
    assert (identify.user_id, identify.anonymous_id) == ("u_1", viewed.anonymous_id)
    assert identify.email == "dana@acme.com"
    assert by_type["group"].group_id == "acct_9"
    assert by_type["alias"].user_id == "u_1"
    assert by_type["alias"].previous_id == viewed.anonymous_id
    for message in recording.messages:
        assert message.message_id.startswith("ajs-next-")
        assert message.context["user_agent"] == "Mozilla/5.0 (X11; Linux) Test/1.0"
        assert message.context["ip"] == "127.0.0.1"
        assert message.context["library"].startswith("analytics.js/")
        assert abs(message.received_us - message.at_us) < MINUTE
    assert not recording.refusals
    assert not elsewhere


def test_events_in_batches(chromium: Any, address: str, site: str, recording: Recording) -> None:
    url = f"{site}/pricing?options={json.dumps(BATCHING)}"
    page, elsewhere = visit(chromium, url, address, site)
    page.evaluate("analytics.track('A'); analytics.track('B'); analytics.track('C')")
    wait(lambda: len(recording.messages) == 4)
    page.context.close()
    assert sorted(message.event for message in recording.messages) == ["a", "b", "c", "page_viewed"]
    assert any(len(received.messages) > 1 for received in recording.received)
    assert not elsewhere


def test_a_form_continues_the_visit(
    chromium: Any, address: str, site: str, recording: Recording
) -> None:
    recording.forms["contact"] = Form("contact", "website", redirect=f"{site}/pricing")
    page, _ = visit(chromium, f"{site}/pricing", address, site)
    wait(lambda: recording.messages)
    page.evaluate("document.forms[0].anonymous_id.value = analytics.user().anonymousId()")
    page.fill("[name=email]", "dana@acme.com")
    page.fill("[name=company]", "Acme")
    page.click("button")
    page.wait_for_url(f"{site}/pricing")
    wait(lambda: len(recording.messages) >= 3)
    page.context.close()
    visited = recording.messages[0].anonymous_id
    known, done = (m for m in recording.messages if m.source == "website")
    assert known.document == {"email": "dana@acme.com", "company": "Acme"}
    assert done.event == "form_submitted"
    assert known.anonymous_id == done.anonymous_id == visited
    assert known.context["url"].startswith(site)
