"""Conversations with their quotes, the review, segments, frames of one's own, many at once."""

from __future__ import annotations

import csv
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leadwise.qualify.frame.shipped import shipped_text
from leadwise.settings import QualifySettings
from leadwise.store.answers import KeptAnswer as Kept
from leadwise.store.answers import KeptQuote, NewAnswer, count_waiting, current_answers, get_answer
from leadwise.store.conversations import list_conversations
from leadwise.web.pages.qualify import segments
from leadwise.web.pages.qualify.batch import line_of
from leadwise.web.pages.qualify.marking import pieces
from tests.pages.qualified import CALL, lead_id, upload
from tests.pages.site import PagesSite, pages_site
from tests.web.api_service import with_leads

MAIL = b"""From: Ana Ruiz <ana@acme.example>
To: Sam Seller <sam@vendor.example>
Date: Mon, 11 Jan 2027 09:00:00 +0000
Subject: Re: Offer
Message-ID: <1@acme.example>

Hello Sam, we have 60,000 EUR approved for this.
Ana
"""


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[PagesSite]:
    """A site where every answer waits for review."""
    every = QualifySettings(review_below=1.0, review_sample=1.0)
    with pages_site(tmp_path, qualify=every) as found:
        with_leads(found.leads)
        yield found


def waiting(site: PagesSite) -> int:
    found: int = site.leads.store.write(count_waiting)
    return found


def first(site: PagesSite, role: str = "representative") -> tuple[str, int]:
    """The review as it is opened, and the answer on it."""
    page = site.client(role).get("/review").text
    found = re.search(r'action="/review/(\d+)"', page)
    assert found, page
    return page, int(found[1])


def test_quotes_are_marked_where_they_stand_and_no_word_is_lost(site: PagesSite) -> None:
    lead = lead_id(site)
    answer = upload(site, lead)
    assert answer.status_code == 303
    page = site.client("read_only").get(answer.headers["location"]).text
    marked = re.findall(r"<mark[^>]*>(.*?)</mark>", page)
    assert any("80,000 dollars signed off" in one and "Budget" in one for one in marked)
    assert "80,000 USD" in page
    plain = re.sub(r"<a class=\"tag\".*?</a>|<[^>]*>", "", page)
    for line in CALL.strip().splitlines():
        assert line.partition(": ")[2] in plain
    assert "Read it again" not in page, "who may only read changes nothing"


def test_words_that_two_answers_rest_on_are_cut_not_doubled() -> None:
    def kept(id_: int, *places: tuple[int, str]) -> Any:
        quotes = tuple(KeptQuote(0, start, text, "Ana") for start, text in places)
        new = NewAnswer(1, 1, "bant", 1, "q", "stated", {}, 1.0, quotes, "", "x", 1, 1, "none")
        return Kept(**{name: getattr(new, name) for name in NewAnswer.__slots__}, id=id_)

    text = "We sign 80k in <b>March</b>."
    one, two = kept(1, (3, "sign 80k")), kept(2, (8, "80k in <b>March</b>"), (0, "not there"))
    found = pieces(0, text, [(one, "Budget", 0), (two, "Timeline", 1)])
    assert "".join(piece.text for piece in found) == text
    assert [tuple(of.answer_id for of in piece.quotes) for piece in found] == [
        (), (1,), (1, 2), (2,), (),
    ]  # fmt: skip
    anchors = [of.anchor for piece in found for of in piece.quotes if of.anchor]
    assert anchors == ["quote-1-0", "quote-2-0"], "each quote has its place once"
    assert pieces(3, text, [(one, "Budget", 0)])[0].quotes == ()


def test_what_is_uploaded_is_shown_as_text_never_run(site: PagesSite) -> None:
    evil = CALL.replace("Thanks for your time", "<script>alert(1)</script><img src=x>")
    page = site.client("representative").get(upload(site, lead_id(site), evil).headers["location"])
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_a_mail_says_itself_when_it_was_written(site: PagesSite) -> None:
    lead = lead_id(site)
    client = site.client("representative")
    answer = client.post(
        f"/leads/{lead}/conversations", data={"buyer": "acme.example", "frame": "bant"},
        files={"file": ("offer.eml", MAIL, "message/rfc822")},
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    (held,) = site.leads.store.write(lambda c: list_conversations(c, lead))
    assert held.channel == "email_thread"
    assert held.held_on == "2027-01-11"
    assert "60,000 EUR" in client.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": ""}, "Paste the conversation"),
        ({"held_at": ""}, "Say when the conversation was held"),
        ({"held_at": "2031-01-01T10:00"}, "This lies ahead"),
        ({"held_at": "soon"}, "Choose a day and time"),
        ({"text": "\x01\x02\x03\x04" * 40}, "problem"),
    ],
)
def test_what_cannot_be_read_is_said_and_kept_in_the_form(
    site: PagesSite, more: dict[str, str], said: str
) -> None:
    lead = lead_id(site)
    page = upload(site, lead, **more)
    assert page.status_code in (415, 422), page.text
    assert said in page.text
    assert 'value="Sam Seller"' in page.text
    assert not site.leads.store.write(lambda c: list_conversations(c, lead))


def test_a_conversation_is_kept_once_read_again_and_deleted(site: PagesSite) -> None:
    lead = lead_id(site)
    at = upload(site, lead).headers["location"]
    assert upload(site, lead).headers["location"] == at
    client, path = site.client("representative"), at.partition("?")[0]
    assert client.post(f"{path}/read", data={"frame": "meddic"}).status_code == 303
    assert "MEDDIC" in client.get(f"{path}?frame=meddic").text
    assert current(site, lead)["budget"].value["amount_min"] == 80000
    gone = client.post(f"{path}/delete")
    assert gone.headers["location"] == f"/leads/{lead}/conversations"
    assert client.get(path).status_code == 404
    assert current(site, lead) == {}


def current(site: PagesSite, lead: int, frame: str = "bant") -> dict[str, Kept]:
    return site.leads.store.write(lambda c: current_answers(c, lead, frame))


def test_the_review_goes_on_one_answer_at_a_time(watched: PagesSite) -> None:
    lead = lead_id(watched)
    upload(watched, lead)
    left = waiting(watched)
    page, id_ = first(watched)
    assert f"{left} answers wait" in page
    assert "80,000 dollars signed off" in page
    assert "And who decides in the end?" in page, "the turn after it"
    client = watched.client("representative")
    skipped = client.get(re.search(r'href="(/review\?after=\d+)" data-key="s"', page)[1]).text
    assert f'action="/review/{id_}"' not in skipped
    assert client.post(f"/review/{id_}", data={"how": "confirm"}).status_code == 303
    assert waiting(watched) == left - 1
    assert watched.leads.store.write(lambda c: get_answer(c, id_)).review == "confirmed"


def test_the_second_of_two_reviewers_is_told(watched: PagesSite) -> None:
    upload(watched, lead_id(watched))
    _, id_ = first(watched)
    one, other = watched.client("representative"), watched.client("marketing")
    assert one.post(f"/review/{id_}", data={"how": "reject"}).status_code == 303
    answer = other.post(f"/review/{id_}", data={"how": "confirm"})
    assert answer.status_code == 303
    assert "Somebody was quicker" in other.get(answer.headers["location"]).text
    assert watched.leads.store.write(lambda c: get_answer(c, id_)).review == "rejected"


def test_who_presses_twice_is_not_told_of_somebody_else(watched: PagesSite) -> None:
    at = upload(watched, lead_id(watched)).headers["location"]
    _, id_ = first(watched)
    client = watched.client("representative")
    for _ in range(2):
        answer = client.post(f"/review/{id_}", data={"how": "confirm"})
    assert "You have decided on this answer already." in client.get("/review").text
    again = client.get(f"/review?answer={id_}")
    assert again.headers["location"].partition("?")[0] == at.partition("?")[0]
    link = re.search(r'href="(/review\?answer=(\d+)&amp;back=conversation)"', client.get(at).text)
    assert link is not None
    page = client.get(link[1].replace("&amp;", "&")).text
    assert 'name="back" value="conversation"' in page
    data = {"how": "reject", "back": "conversation"}
    answer = client.post(f"/review/{link[2]}", data=data)
    assert answer.headers["location"].startswith("/conversations/")


def test_a_correction_counts_from_the_day_of_the_conversation(watched: PagesSite) -> None:
    lead = lead_id(watched)
    upload(watched, lead)
    _, id_ = first(watched)
    client = watched.client("representative")
    wrong = {"how": "correct", "budget.pick": "fields", "budget.amount_min": "x"}
    page = client.post(f"/review/{id_}", data=wrong)
    assert page.status_code == 422
    assert 'value="x"' in page.text
    right = wrong | {"budget.amount_min": "90000", "budget.currency": "EUR"}
    assert client.post(f"/review/{id_}", data=right).status_code == 303
    now, had = current(watched, lead)["budget"], watched.leads.store.write(
        lambda c: get_answer(c, id_)
    )  # fmt: skip
    assert had.review == "corrected"
    assert now.value["amount_min"] == 90000
    assert (now.at_us, now.quotes) == (had.at_us, had.quotes)


def test_an_empty_review_says_so(site: PagesSite) -> None:
    assert "Nothing waits for review" in site.client("representative").get("/review").text


def test_the_leads_page_has_its_answers_and_what_to_ask(site: PagesSite) -> None:
    lead = lead_id(site)
    upload(site, lead)
    client = site.client("read_only")
    assert f'hx-get="/leads/{lead}/answers"' in client.get(f"/leads/{lead}").text
    part = client.get(f"/leads/{lead}/answers", headers={"hx-request": "true"}).text
    assert "<html" not in part
    assert "80,000 USD" in part
    assert "We have 80,000 dollars signed off" in part
    assert "What made you look into this now?" in part
    assert "Fill in the form" not in part


def test_segments_count_and_lead_to_their_leads(
    site: PagesSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = lead_id(site)
    upload(site, lead)
    client = site.client("read_only")
    page = client.get("/qualification").text
    assert 'standing=stated" aria-label="Budget, Answered: 1"' in page
    listed = client.get("/qualification/leads?question=budget&standing=stated").text
    assert f'href="/leads/{lead}"' in listed
    unknown = client.get("/qualification/leads?question=budget&standing=unknown").text
    assert f'href="/leads/{lead}"' not in unknown
    rows = list(csv.DictReader(client.get("/qualification.csv").text.splitlines()))
    assert [row["question"] for row in rows] == ["budget", "authority", "need", "timeline"]
    for row in rows:
        assert sum(int(row[name]) for name in row if name != "question") == 3
    found = client.get("/qualification.csv?question=budget&standing=stated")
    (row,) = csv.DictReader(found.text.splitlines())
    assert (row["lead"], row["answer"]) == (str(lead), "80,000 USD")
    monkeypatch.setattr(segments, "AT_ONCE", 1)
    every = client.get("/qualification.csv?question=budget&standing=unknown").text.splitlines()
    assert len(every) == 3, "all of them, in however many steps"
    assert client.get("/qualification?frame=none-such").status_code == 200


def test_a_frame_of_ones_own_is_checked_saved_and_asked(site: PagesSite) -> None:
    client = site.client("marketing")
    text = shipped_text("bant").replace("frame: bant", "frame: our-bant")
    bad = client.post("/frames/bant", data={"text": text.replace("kind: money", "kind: mony"),
                                            "how": "save"})  # fmt: skip
    assert bad.status_code == 422
    assert "money" in bad.text
    assert client.post("/frames/bant", data={"text": text, "how": "check"}).status_code == 200
    saved = client.post("/frames/bant", data={"text": text, "how": "save"})
    assert saved.headers["location"] == "/frames/our-bant"
    page = client.get("/frames/our-bant").text
    assert "version: 2" in page, "the next version is ready to be written"
    again = client.post("/frames/our-bant", data={"text": text, "how": "save", "last": "1"})
    assert again.status_code == 422, "version 1 is there already"
    newer = text.replace("version: 1", "version: 2", 1)
    assert client.post("/frames/our-bant", data={"text": newer, "how": "save", "last": "1"}
                       ).status_code == 303  # fmt: skip
    late = client.post("/frames/our-bant", data={"text": newer, "how": "save", "last": "1"})
    assert late.status_code == 422, "somebody saved it meanwhile"
    form = site.client("representative").get(f"/leads/{lead_id(site)}/qualify?frame=our-bant")
    assert 'name="frame" value="our-bant"' in form.text
    assert site.client("read_only").get("/frames/nothing").status_code == 404


def test_past_conversations_become_a_job(site: PagesSite) -> None:
    lead = lead_id(site)
    client = site.client("representative")
    line = json.dumps({"lead_id": lead, "held_at": "2026-03-04T09:00:00Z", "text": CALL})
    files = [
        ("files", ("past.jsonl", line.encode() + b"\n\n", "application/x-ndjson")),
        ("files", ("ann@acme.example 2026-03-05.txt", CALL.encode(), "text/plain")),
    ]
    answer = client.post("/qualification/batch", data={"seller": "Sam Seller"}, files=files)
    assert answer.status_code == 303, answer.text
    (job,) = site.leads.api.with_jobs().list("qualify")
    sent = Path(str(job.arguments["path"])).read_text().splitlines()
    assert json.loads(sent[0])["lead_id"] == lead
    assert json.loads(sent[1]) == {
        "data": b64encode(CALL.encode()).decode(),
        "name": "ann@acme.example 2026-03-05.txt", "email": "ann@acme.example",
        "held_on": "2026-03-05", "seller": ["Sam Seller"],
    }  # fmt: skip
    assert 'hx-trigger="every 2s"' in client.get("/qualification/batch").text
    assert client.post("/qualification/batch", data={}).status_code == 422


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Lead 17 2026-03-04.vtt", {"lead_id": 17, "held_on": "2026-03-04"}),
        ("a.b@mail.acme.co.uk_2026.03.04.eml",
         {"email": "a.b@mail.acme.co.uk", "held_on": "2026-03-04"}),
        ("ana@acme.example.txt", {"email": "ana@acme.example"}),
        ("2026-13-40 call.txt", {}),
    ],
)  # fmt: skip
def test_a_file_says_by_its_name_whose_it_is(name: str, line: dict[str, Any]) -> None:
    found = json.loads(line_of(name, b"Ana: hello", []))
    assert found == {"data": "QW5hOiBoZWxsbw==", "name": name} | line
