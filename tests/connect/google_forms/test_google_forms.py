"""Google Forms against its fake: who filled in what, when they want to talk, and nothing twice."""

from __future__ import annotations

import functools
import json

import pytest

from leadwise.connect.google_forms import KIND
from leadwise.connect.model import Source
from leadwise.errors import RemoteError, UserError
from leadwise.testing.google import FakeGoogle
from leadwise.testing.serving import served
from tests.connect.checking import checked
from tests.connect.google_accounts import connection, http

CHECKED = functools.partial(
    checked, file="google/forms_openapi.json", base="", applies=lambda path: path != "/token"
)
NOW = 1_796_029_200_000_000  # 2026-11-30T09:00:00Z


def question(id_: str, title: str, **kind: dict) -> dict:
    return {
        "title": title,
        "questionItem": {"question": {"questionId": id_, **(kind or {"textQuestion": {}})}},
    }


FORM = {
    "info": {"title": "Talk to sales"},
    "items": [
        {"title": "About you", "pageBreakItem": {}},
        question("q1", "E-mail address"),
        question("q2", "Company"),
        question("q3", "When suits you?", dateQuestion={"includeTime": True, "includeYear": True}),
        question("q4", "Your time zone"),
        question("q5", "What is your budget?", choiceQuestion={"type": "RADIO"}),
        question("q6", "Which of our products?", choiceQuestion={"type": "CHECKBOX"}),
        {"title": "Rate us", "questionGroupItem": {"questions": [
            {"questionId": "q7", "rowQuestion": {"title": "Price"}},
            {"questionId": "q8", "rowQuestion": {"title": "Service"}},
        ]}},
        question("q9", "Brief", fileUploadQuestion={"folderId": "f"}),
    ],
}  # fmt: skip


@pytest.fixture
def google():
    fake = FakeGoogle()
    fake.forms["form-1"] = FORM
    return fake


@pytest.fixture
def url(google):
    with served(google) as found, CHECKED(google):
        yield found


def opened(url, mapping=None, **options):
    given = {"form": "form-1", "zone": "Europe/Madrid", **options}
    return KIND.open(connection(url, "google_forms", api="", mapping=mapping, **given), http())


def test_it_says_which_form_it_is_by_its_id_or_its_address(url):
    assert isinstance(opened(url), Source)
    assert opened(url).test() == "Form Talk to sales with 9 questions"
    address = "https://docs.google.com/forms/d/form-1/edit?usp=sharing"
    assert opened(url, form=address).test().startswith("Form Talk to sales")
    with pytest.raises(RemoteError) as caught:
        opened(url, form="gone").test()
    assert caught.value.permanent
    with pytest.raises(UserError):
        opened(url, zone="Nowhere")


def test_a_response_is_who_it_is_and_that_the_form_was_sent(google, url):
    google.answers(
        "form-1", "r1", "2026-11-20T10:00:00.123456Z",
        {"q1": [" Ana@Acme.example "], "q2": ["Acme"], "q3": ["2026-12-01 14:30"],
         "q5": ["50,000 €"], "q6": ["CRM", "Mail"], "q7": ["4"], "q8": ["5"]},
    )  # fmt: skip
    (page,) = opened(url, {"What is your budget?": "budget"}).pull(None, NOW)
    who, sent = page.messages
    assert (who.type, who.email, who.source) == ("identify", "ana@acme.example", "google")
    assert {name: who.document[name] for name in ("company", "budget")} == {
        "company": "Acme", "budget": "50,000 €",
    }  # fmt: skip
    assert sent.event == "form_submitted"
    assert sent.at_us == 1_795_168_800_123_456
    assert sent.document["form"] == "google"
    assert sent.document["when"] == "2026-12-01T13:30:00Z"
    assert sent.document["when_zone"] == "Europe/Madrid"
    assert sent.document["which_of_our_products"] == "CRM, Mail"
    assert sent.document["rate_us_price"] == 4 or sent.document["rate_us_price"] == "4"


def test_when_is_meant_where_the_respondent_is(google, url):
    google.answers("form-1", "r1", "2026-11-20T10:00:00Z",
                   {"q3": ["2026-12-01 14:30"], "q4": ["America/New_York"]},
                   email="ann@acme.example")  # fmt: skip
    (page,) = opened(url).pull(None, NOW)
    sent = page.messages[1]
    assert sent.email == "ann@acme.example"
    assert (sent.document["when"], sent.document["when_zone"]) == (
        "2026-12-01T19:30:00Z", "America/New_York",
    )  # fmt: skip


def test_a_day_and_a_time_asked_for_apart_are_one_instant(google, url):
    items = [question("d", "Day", dateQuestion={"includeYear": True}),
             question("t", "Hour", timeQuestion={}),
             question("l", "How long", timeQuestion={"duration": True})]  # fmt: skip
    google.forms["form-1"] = {"info": {"title": "x"}, "items": items}
    google.answers("form-1", "r1", "2026-11-20T10:00:00Z",
                   {"d": ["2026-12-01"], "t": ["14:30"], "l": ["00:45"]},
                   email="a@acme.example")  # fmt: skip
    (page,) = opened(url).pull(None, NOW)
    assert page.messages[1].document["when"] == "2026-12-01T13:30:00Z"
    assert page.messages[1].document["how_long"] == "00:45"


def test_what_is_no_instant_stays_as_it_was_said(google, url):
    google.answers("form-1", "r1", "2026-11-20T10:00:00Z", {"q2": ["some Tuesday"]},
                   email="a@acme.example")  # fmt: skip
    (page,) = opened(url, {"q2": "when"}).pull(None, NOW)
    assert page.messages[1].document["when"] == "some Tuesday"
    assert "when_zone" not in page.messages[1].document


def test_the_team_says_what_a_question_is_by_title_or_id_and_what_is_left_out(google, url):
    google.answers("form-1", "r1", "2026-11-20T10:00:00Z",
                   {"q2": ["ana@acme.example"], "q5": ["secret"], "q6": ["x"]})  # fmt: skip
    (page,) = opened(url, {"q2": "email", "What is your budget?": "", "q6": "product"}).pull(
        None, NOW
    )
    assert page.messages[0].email == "ana@acme.example"
    assert page.messages[0].document["product"] == "x"
    assert "secret" not in json.dumps(page.messages[0].document)


def test_a_response_of_nobody_is_kept_with_the_reason_and_holds_up_nobody(google, url):
    google.answers("form-1", "r1", "2026-11-20T10:00:00Z", {"q2": ["Acme"]})
    google.answers("form-1", "r2", "2026-11-20T10:00:01Z", {}, email="a@acme.example")
    (page,) = opened(url).pull(None, NOW)
    assert [one.code for one in page.refusals] == ["no-identity"]
    assert "Acme" in page.refusals[0].body
    assert len(page.messages) == 2


def test_only_what_is_new_is_asked_for_and_a_changed_response_is_new(google, url):
    google.page = 2
    for number in range(5):
        google.answers("form-1", f"r{number}", f"2026-11-20T10:00:0{9 - number}Z", {},
                       email=f"p{number}@acme.example")  # fmt: skip
    form = opened(url)
    pages = list(form.pull(None, NOW))
    assert [one.done for one in pages] == [2, 4, 5]
    assert len({one.message_id for page in pages for one in page.messages}) == 10
    (page,) = form.pull(pages[-1].cursor, NOW)
    assert [one.email for one in page.messages[::2]] == ["p0@acme.example"], "the latest, again"
    known = {one.message_id for one in page.messages}
    google.answers("form-1", "r3", "2026-11-20T11:00:00Z", {}, email="p3@acme.example",
                   first="2026-11-20T10:00:06Z")  # fmt: skip
    (page,) = form.pull(page.cursor, NOW)
    assert [one.message_id for one in page.messages if one.message_id not in known] == [
        "r3:2026-11-20T11:00:00Z:identify", "r3:2026-11-20T11:00:00Z:track",
    ]  # fmt: skip
    rest = list(form.pull(pages[0].cursor, NOW))
    assert len(rest) == 2, "a pull that was cut off goes on at its page"


def test_a_question_that_is_worded_anew_is_the_same_question(google, url):
    google.answers("form-1", "r1", "2026-11-20T10:00:00Z",
                   {"q1": ["ana@acme.example"], "q5": ["10k"]})  # fmt: skip
    (page,) = opened(url).pull(None, NOW)
    assert page.messages[0].document["what_is_your_budget"] == "10k"
    worded = {"q1": "Where do we reach you?", "q5": "How much may it cost?", "q2": "E-mail address"}
    items = []
    for item in FORM["items"]:
        id_ = item.get("questionItem", {}).get("question", {}).get("questionId")
        items.append({**item, "title": worded.get(id_, item["title"])})
    google.forms["form-1"] = {**FORM, "items": items}
    google.answers("form-1", "r2", "2026-11-20T11:00:00Z",
                   {"q1": ["ben@acme.example"], "q5": ["20k"], "q2": ["Acme"]})  # fmt: skip
    (page,) = opened(url).pull(page.cursor, NOW)
    (one,) = [m for m in page.messages if m.type == "identify" and m.email == "ben@acme.example"]
    assert one.document["what_is_your_budget"] == "20k"
    assert one.document["company"] == "Acme"
    mapped = {"How much may it cost?": "budget"}
    (page,) = opened(url, mapping=mapped).pull(page.cursor, NOW)
    (one,) = [m for m in page.messages if m.type == "identify" and m.email == "ben@acme.example"]
    assert one.document["budget"] == "20k"


def test_a_form_without_responses_is_no_trouble(url):
    (page,) = opened(url).pull(None, NOW)
    assert (page.messages, page.done) == ((), 0)
    assert next(opened(url).pull(page.cursor, NOW)).cursor == page.cursor


def test_a_failure_of_google_passes_and_is_said_in_words(google, url):
    google.fail(500, 3, path="/responses", body={"error": {"status": "INTERNAL", "message": "x"}})
    with pytest.raises(RemoteError, match="INTERNAL") as caught:
        list(opened(url).pull(None, NOW))
    assert not caught.value.permanent
    google.fail(429, path="/responses", headers={"Retry-After": "120"})
    with pytest.raises(RemoteError) as caught:
        list(opened(url).pull(None, NOW))
    assert caught.value.after_s == 120


def test_googles_own_library_takes_the_fake_for_google(google, url):
    discovery = pytest.importorskip("googleapiclient.discovery", reason="not installed")
    from google.oauth2.credentials import Credentials

    google.answers("form-1", "r1", "2026-11-20T10:00:00Z", {"q2": ["Acme"]}, email="a@acme.example")
    opened(url).test()
    service = discovery.build(
        "forms", "v1", credentials=Credentials(next(iter(google.tokens))), static_discovery=True,
        client_options={"api_endpoint": url},
    )  # fmt: skip
    assert service.forms().get(formId="form-1").execute()["info"]["title"] == "Talk to sales"
    found = service.forms().responses().list(formId="form-1").execute()["responses"]
    assert [one["respondentEmail"] for one in found] == ["a@acme.example"]


def test_another_event_and_name_are_the_teams_to_say(google, url):
    google.answers("form-1", "r1", "2026-11-20T10:00:00Z", {}, email="a@acme.example")
    form = opened(url, event="Call Requested", name="contact")
    (page,) = form.pull(None, NOW)
    assert page.messages[1].event == "call_requested"
    assert page.messages[1].name == "Call Requested"
    assert page.messages[1].document["form"] == "contact"
