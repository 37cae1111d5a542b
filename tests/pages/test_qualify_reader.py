"""Who reads a conversation that is added on a page, Leadwise or a model; and how much is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from leadwise.jobs import run_here
from leadwise.qualify.read_job import KIND, read_handler
from leadwise.settings.reader import ModelSettings
from leadwise.store.answers import answers_of_lead
from leadwise.store.conversations import list_conversations
from leadwise.store.members import change_member
from leadwise.web.bodies import FILED_BYTES
from leadwise.web.pages.qualify.uploading import MOST_TEXT
from tests.pages.qualified import CALL, lead_id, upload
from tests.pages.site import PagesSite, pages_site
from tests.qualify.model_server import Reply, serving
from tests.web.api_service import with_leads

SAID = {"status": "stated", "amount_min": 80000, "amount_max": 80000, "currency": "USD",
        "confidence": 0.9,
        "quotes": [{"turn": 1, "words": "80,000 dollars signed off"}]}  # fmt: skip
NOTHING = {"status": "not_discussed", "quotes": []}
REPLY = Reply({"budget": SAID, "authority": NOTHING, "need": NOTHING, "timeline": NOTHING})


@pytest.fixture
def modelled(tmp_path: Path) -> Iterator[PagesSite]:
    """A site whose settings name a model, on a server of this machine."""
    with serving(REPLY) as server:
        model = ModelSettings(name="openai:m-7", base_url=f"{server.url}/v1")
        with pages_site(tmp_path, model=model) as found:
            with_leads(found.leads)
            yield found


def finish(site: PagesSite) -> Any:
    """Do the job that waits, as a worker does."""
    jobs = site.leads.api.with_jobs()
    (job,) = jobs.list(KIND)
    jobs.cancel(job.id)
    return run_here(read_handler(site.leads.store, site.leads.api.settings), job.arguments)


def test_without_a_model_nobody_is_asked_who_reads(site: PagesSite) -> None:
    lead = lead_id(site)
    page = site.client("representative").get(f"/leads/{lead}/conversations").text
    assert 'name="reader"' not in page
    assert "Leadwise reads it itself, in seconds" in page
    assert upload(site, lead, reader="model").status_code == 303
    assert site.leads.api.with_jobs().list(KIND) == [], "it was read here"


def test_where_a_model_is_set_it_is_said_what_is_sent_where(modelled: PagesSite) -> None:
    lead = lead_id(modelled)
    client = modelled.client("representative")
    talk = upload(modelled, lead).headers["location"]
    for path in (f"/leads/{lead}/conversations", talk, "/qualification/batch"):
        page = client.get(path).text
        assert re.search(r'name="reader" value="embedded" checked', page), path
        assert "m-7, a language model" in page
        assert "sent to a server on Leadwise&#39;s own machine (http://127.0.0.1" in page
        assert "names of people and companies are not" in page
        assert "Leadwise reads it itself, in seconds" not in page


def test_a_model_reads_in_a_job_and_the_page_says_how_far_it_is(modelled: PagesSite) -> None:
    lead = lead_id(modelled)
    answer = upload(modelled, lead, reader="model")
    assert "The%20answers%20are%20here%20in%20some%20minutes" in answer.headers["set-cookie"]
    at = answer.headers["location"]
    client = modelled.client("representative")
    assert "A language model is reading it." in client.get(at).text
    path, _, query = at.partition("?")
    part = {"hx-request": "true"}
    assert "every 2s" in client.get(f"{path}/reading?{query}", headers=part).text
    again = client.post(f"{path}/read", data={"frame": "bant", "reader": "model"})
    assert "It is being read already." in client.get(again.headers["location"]).text
    assert finish(modelled)["added"] == 4
    assert "every 2s" not in client.get(f"{path}/reading?{query}", headers=part).text
    done = client.get(at).text
    assert "read by m-7 " in done
    assert re.search(r"<mark[^>]*>80,000 dollars signed off", done)
    trail = modelled.client("administrator").get("/admin/trail").text
    assert "sent to a language model" in trail


def test_many_at_once_go_to_the_reader_that_was_chosen(modelled: PagesSite) -> None:
    client = modelled.client("representative")
    files = [("files", ("ann@acme.example 2026-03-05.txt", CALL.encode(), "text/plain"))]
    assert client.post("/qualification/batch", data={"reader": "model"}, files=files
                       ).status_code == 303  # fmt: skip
    (job,) = modelled.leads.api.with_jobs().list("qualify")
    assert job.arguments["reader"] == "model"


def test_a_days_noon_is_that_of_the_member_and_several_mails_are_one_thread(
    site: PagesSite,
) -> None:
    lead = lead_id(site)
    who = site.members["representative"].id
    site.leads.write(lambda c: change_member(c, who, zone="America/Los_Angeles"))

    def mail(number: int, day: int, text: str) -> tuple[str, tuple[str, bytes, str]]:
        body = (f"From: Ana Ruiz <ana@acme.example>\nTo: sam@vendor.example\nSubject: Re: Offer\n"
                f"Date: Mon, {day} Jan 2027 09:00:00 +0000\nMessage-ID: <{number}@acme.example>\n"
                f"\n{text}\n")  # fmt: skip
        return "file", (f"{number}.eml", body.encode(), "message/rfc822")

    files = [mail(1, 4, "Hello Sam, we have 60,000 EUR approved."), mail(2, 11, "We sign in May.")]
    answer = site.client("representative").post(
        f"/leads/{lead}/conversations", data={"buyer": "acme.example", "frame": "bant"},
        files=files,
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    (held,) = site.leads.store.write(lambda c: list_conversations(c, lead))
    at = datetime.fromtimestamp(held.held_us / 1e6, UTC)
    assert (held.held_on, at.hour) == (at.date().isoformat(), 20), "noon in Los Angeles"
    found = site.leads.store.write(lambda c: answers_of_lead(c, lead))
    assert {one.question for one in found if one.status == "stated"} >= {"budget", "timeline"}


def test_where_nobody_is_the_buyer_the_page_says_what_to_do(site: PagesSite) -> None:
    lead = lead_id(site)
    text = "Ana: We have 80,000 dollars signed off.\nBob: And when?\nAna: By the end of March."
    client = site.client("representative")
    unknown = client.get(upload(site, lead, text, seller="").headers["location"]).text
    assert "Nobody in it is known to be of the buyer" in unknown
    named = client.get(upload(site, lead, text, seller="Bob").headers["location"]).text
    assert "Nobody in it is known" not in named
    assert "80,000 USD" in named


def test_a_text_too_long_to_be_pasted_is_refused_with_what_to_do(site: PagesSite) -> None:
    lead = lead_id(site)
    for many in (1_100_000, 5_100_000):
        page = upload(site, lead, "Ana: " + "x" * many)
        assert page.status_code == 422
        assert re.search(r"What you pasted has [0-9.,]+ .* at most .* are read", page.text)
        assert 'value="Sam Seller"' in page.text, "the form is as it was"
    much = upload(site, lead, "Ana: " + "x" * MOST_TEXT)
    assert much.status_code == 413
    assert "A field holds more than 6 MB of text." in much.text
    assert "Send it in parts" in much.text


def test_files_of_many_megabytes_are_taken(site: PagesSite) -> None:
    client = site.client("representative")
    big = "Ana: " + "x" * 900_000
    files = [("files", (f"ann@acme.example 2026-03-{day:02}.txt", big.encode(), "text/plain"))
             for day in range(1, 9)]  # fmt: skip
    assert client.post("/qualification/batch", files=files).status_code == 303
    most = [("files", ("a.txt", b"x" * (FILED_BYTES + 1), "text/plain"))]
    answer = client.post("/qualification/batch", files=most)
    assert answer.status_code == 413
    assert "too large" in answer.text
