"""A plain HTML form becomes a lead."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from leadwise.ingest.forms import Form, Posting, form_again
from tests.web.recording import NOW, Recording, routes, served

FORM = Form("contact", "website", redirect="https://www.acme.example/thanks")
ASK = {"email": "Dana@Acme.com", "name": "Dana", "company": "", "website_url": ""}


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Recording, str]]:
    recording = Recording()
    with served(routes(recording)) as address:
        yield recording, address


@pytest.fixture
def recording(running: tuple[Recording, str], request: pytest.FixtureRequest) -> Recording:
    """Each test has a form of its own, for posts are counted by form."""
    recording = running[0]
    recording.received.clear()
    recording.full = False
    recording.forms = {"contact": Form(**_fields(FORM) | {"name": request.node.name[:100]})}
    return recording


@pytest.fixture
def url(running: tuple[Recording, str], recording: Recording) -> str:
    return f"{running[1]}/f/contact"


def _fields(form: Form) -> dict[str, object]:
    return {name: getattr(form, name) for name in Form.__slots__}


def test_a_form_is_an_identify_and_a_track(url: str, recording: Recording) -> None:
    hidden = {"anonymous_id": "anon-1", "utm_source": "ads", "utm_campaign": "Spring", "utm_x": ""}
    answer = httpx2.post(
        url, data=ASK | hidden,
        headers={"Referer": "https://www.acme.example/contact", "User-Agent": "Mozilla/5.0"},
    )  # fmt: skip
    assert (answer.status_code, answer.headers["location"]) == (303, FORM.redirect)
    known, done = recording.messages
    assert (known.type, known.event, known.email) == ("identify", "identify", "dana@acme.com")
    assert known.document == {"email": "Dana@Acme.com", "name": "Dana"}
    assert (done.type, done.event, done.name) == ("track", "form_submitted", None)
    assert done.document["campaign.source"] == "ads"
    assert done.document["campaign.name"] == "Spring"
    assert str(done.document["form"]).startswith("test_a_form_is")
    for message in (known, done):
        assert message.anonymous_id == "anon-1"
        assert message.source == "website"
        assert message.at_us == message.received_us == NOW
        assert message.context == {
            "ip": "127.0.0.1", "user_agent": "Mozilla/5.0",
            "url": "https://www.acme.example/contact",
        }  # fmt: skip
    assert known.message_id != done.message_id


def test_a_form_with_several_parts(url: str, recording: Recording) -> None:
    files = [("email", (None, "d@acme.com")), ("size", (None, "50")), ("size", (None, "100")),
             ("cv", ("cv.pdf", b"%PDF", "application/pdf"))]  # fmt: skip
    assert httpx2.post(url, files=files).status_code == 303
    assert recording.messages[0].document == {"email": "d@acme.com", "size": "50, 100"}


def test_only_the_fields_that_are_named(url: str, recording: Recording) -> None:
    fields = {"E-mail": "email", "Firma": "company"}
    recording.forms["contact"] = Form("only", "web", fields, event="Demo Requested")
    answer = httpx2.post(url, data={"E-mail": "d@acme.com", "Firma": "Acme", "is_customer": "1"})
    assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")
    assert "Thank you" in answer.text
    assert recording.messages[0].document == {"email": "d@acme.com", "company": "Acme"}
    assert (recording.messages[1].event, recording.messages[1].name) == (
        "demo_requested", "Demo Requested",
    )  # fmt: skip


def test_a_filled_honeypot_is_answered_alike_and_kept(url: str, recording: Recording) -> None:
    answer = httpx2.post(url, data=ASK | {"website_url": "http://spam.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, FORM.redirect)
    assert not recording.messages
    refusal = recording.refusals[0]
    assert refusal.code == "form-honeypot"
    assert recording.received[0].source == "website"
    # A password manager had filled it: a person lets it pass.
    again = form_again(FORM, refusal.body, Posting((), "again", NOW))
    assert again.messages[0].document == {"email": "Dana@Acme.com", "name": "Dana"}


@pytest.mark.parametrize("email", ["", "dana", "<script>@"])
def test_a_person_is_asked_for_an_address(url: str, recording: Recording, email: str) -> None:
    answer = httpx2.post(url, data=ASK | {"email": email})
    assert (answer.status_code, answer.headers["content-type"][:9]) == (400, "text/html")
    assert "name@company.com" in answer.text
    assert "<script>" not in answer.text
    assert not recording.received


def test_a_visitor_without_an_address_is_taken(url: str, recording: Recording) -> None:
    answer = httpx2.post(url, data={"email": "", "q": "yes", "anonymous_id": "anon-1"})
    assert answer.status_code == 303
    assert (recording.messages[0].email, recording.messages[0].document) == (None, {"q": "yes"})


def test_a_script_gets_json(url: str, recording: Recording) -> None:
    accept = {"Accept": "application/json", "Origin": "https://www.acme.example"}
    answer = httpx2.post(url, data=ASK, headers=accept)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert answer.headers["access-control-allow-origin"] == "*"
    answer = httpx2.post(url, data={"email": "x"}, headers=accept)
    assert (answer.status_code, answer.json()["code"]) == (400, "form-email")
    assert httpx2.options(url, headers=accept).status_code == 204


def test_too_many_posts_from_one_address(url: str, recording: Recording) -> None:
    statuses = [httpx2.post(url, data=ASK).status_code for _ in range(4)]
    assert statuses == [303, 303, 303, 429]
    assert 1 <= int(httpx2.post(url, data=ASK).headers["retry-after"]) <= 60
    assert len(recording.received) == 3
    recording.forms["contact"] = FORM  # another form is counted by itself
    assert httpx2.post(url, data=ASK).status_code == 303


def test_what_is_no_form(url: str, recording: Recording) -> None:
    assert httpx2.post(url.replace("contact", "other"), data=ASK).status_code == 404
    assert httpx2.post(url, json=ASK).status_code == 415
    many = httpx2.post(url, data={f"f{number}": "x" for number in range(201)})
    assert many.status_code == 400
    recording.forms["contact"] = Form("large", "web")
    assert httpx2.post(url, data=ASK | {"x": "y" * 300_000}).status_code == 413
    recording.full = True
    assert httpx2.post(url, data=ASK).status_code == 503
