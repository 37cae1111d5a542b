"""The form beside a call and the form for a prospect."""

from __future__ import annotations

import html
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from leadwise.qualify.frame.shipped import NAMES, shipped_frame
from leadwise.qualify.recording import plain
from leadwise.store.answers import KeptAnswer, answers_of_lead, current_answers
from leadwise.store.leads import facts_at
from leadwise.web.pages.qualify.controls import asked, is_same
from leadwise.web.pages.qualify.filled import answered
from leadwise.web.pages.qualify.prospect_words import WORDS
from leadwise.web.pages.texts import texts
from tests.pages.qualified import lead_id, upload
from tests.pages.site import PagesSite, pages_site
from tests.web.api_service import with_leads

JSON = {"accept": "application/json"}


def standing(site: PagesSite, lead: int, frame: str = "bant") -> dict[str, KeptAnswer]:
    """What stands of a lead."""
    return site.leads.store.write(lambda c: current_answers(c, lead, frame))


def facts(site: PagesSite, lead: int) -> dict[str, Any]:
    found = site.leads.store.write(lambda c: facts_at(c, lead, site.leads.now[0]))
    return {name: value for name, value in found.items() if name.startswith("budget")}


def send(site: PagesSite, lead: int, **fields: str) -> Any:
    """One question saved as a script does it."""
    data = {"frame": "bant"} | {name.replace("__", "."): value for name, value in fields.items()}
    client = site.client("representative")
    return client.post(f"/leads/{lead}/qualify", data=data, headers=JSON)


def checked(page: str, name: str) -> list[str]:
    """The values of a choice that are chosen."""
    return re.findall(rf'name="{re.escape(name)}" value="([^"]*)" checked', page)


def test_an_answer_is_saved_alone_and_stays_when_the_page_is_opened_again(site: PagesSite) -> None:
    lead = lead_id(site)
    page = site.client("representative").get(f"/leads/{lead}/qualify").text
    assert checked(page, "budget.pick") == ["not_discussed"], "unknown is never no"
    assert "How do you usually fund a project like this" in page
    answer = send(site, lead, budget__pick="o:from-25k", budget__currency="eur")
    assert answer.status_code == 200
    assert answer.json()["saved"] == ["budget"]
    assert "How do you usually fund" not in answer.json()["beside"], "it is not asked any more"
    (kept,) = standing(site, lead).values()
    assert kept.value == {"amount_min": 25000, "amount_max": 50000, "currency": "EUR"}
    assert kept.answered_by == site.members["representative"].actor
    assert facts(site, lead)["budget_usd"] == 25000
    again = site.client("representative").get(f"/leads/{lead}/qualify").text
    assert checked(again, "budget.pick") == ["o:from-25k"]
    assert "Saved at" in again


def test_what_changes_takes_the_place_of_what_was_there(site: PagesSite) -> None:
    lead = lead_id(site)
    send(site, lead, budget__pick="o:from-25k", budget__currency="USD")
    site.leads.now[0] += 60_000_000
    send(site, lead, budget__pick="none")
    assert standing(site, lead)["budget"].status == "none"
    assert facts(site, lead) == {"budget_status": "none"}
    send(site, lead, budget__pick="not_discussed")
    assert standing(site, lead) == {}
    assert facts(site, lead) == {}, "what was taken back is unknown again, not no"


def test_the_whole_form_without_scripts_saves_only_what_is_new(site: PagesSite) -> None:
    lead = lead_id(site)
    upload(site, lead)
    read = standing(site, lead)
    client = site.client("representative")
    data = {
        "frame": "bant", "budget.pick": "fields", "budget.amount_min": "80000",
        "budget.amount_max": "80,000", "budget.currency": "USD",
        "timeline.pick": "o:within-3-months",
        "authority.pick": "not_discussed", "need.pick": "o:full",
        "need.items": "Overselling\nHours",
        "need.intensity": "70",
    }  # fmt: skip
    answer = client.post(f"/leads/{lead}/qualify", data=data)
    assert answer.status_code == 303
    now = standing(site, lead)
    assert now["budget"].id == read["budget"].id, "the same answer stays the reader's"
    assert now["authority"].id == read["authority"].id, "not said today: what is known stays"
    assert now["need"].value["items"] == ["Overselling", "Hours"]
    assert now["need"].value["match"] == "full"
    assert now["timeline"].answered_by.startswith("member:")


def test_the_form_sent_as_it_came_saves_nothing(site: PagesSite) -> None:
    lead = lead_id(site)
    upload(site, lead)
    before = standing(site, lead)
    assert {"budget", "authority", "timeline"} <= before.keys()
    frame, data = shipped_frame("bant"), {"frame": "bant"}
    for question in frame.questions:
        had = before.get(question.id)
        shown = asked(question, plain(had) if had else None, texts("en"), currency="USD")
        filled = dict(shown.typed) | {"pick": next(c.value for c in shown.choices if c.chosen)}
        data |= {f"{question.id}.{name}": value for name, value in filled.items()}
    answer = site.client("representative").post(f"/leads/{lead}/qualify", data=data)
    assert answer.status_code == 303
    after = standing(site, lead)
    assert {name: one.id for name, one in after.items()} == {n: o.id for n, o in before.items()}


def test_a_form_that_was_shown_before_others_answered_takes_nothing_back(site: PagesSite) -> None:
    lead = lead_id(site)
    client = site.client("representative")
    page = client.get(f"/leads/{lead}/qualify").text
    at = re.search(r'name="at" value="(\d+)"', page)
    shown = dict(re.findall(r'name="(was\.[a-z]+)" value="([^"]*)"', page))
    assert at is not None
    assert len(shown) == 4
    shown = {name: html.unescape(value) for name, value in shown.items()}
    send(site, lead, at=at[1], budget__pick="o:from-25k", budget__currency="USD")
    stale = {"frame": "bant", "at": at[1], "budget.pick": "not_discussed",
             "timeline.pick": "none"} | shown  # fmt: skip
    assert client.post(f"/leads/{lead}/qualify", data=stale).status_code == 303
    assert standing(site, lead)["budget"].value["amount_min"] == 25000
    assert standing(site, lead)["timeline"].status == "none"
    for nonsense in ("[", "[1]", '{"value": 3}', '{"status": []}', "[" * 5000):
        odd = stale | {"was.timeline": nonsense, "timeline.pick": "o:within-3-months"}
        assert client.post(f"/leads/{lead}/qualify", data=odd).status_code == 303
    assert standing(site, lead)["timeline"].value["months"] == 3


def test_pains_are_kept_though_nobody_said_yet_how_bad_they_are(site: PagesSite) -> None:
    lead = lead_id(site)
    send(site, lead, need__items="Overselling\nHours", need__intensity="")
    assert standing(site, lead)["need"].value["items"] == ["Overselling", "Hours"]


@pytest.mark.parametrize(
    ("typed", "amount"), [("80k", 80_000), ("1.2M", 1_200_000), ("1,5 m", 1_500_000), ("80", 80)]
)
def test_amounts_may_be_typed_as_they_are_noted(site: PagesSite, typed: str, amount: float) -> None:
    lead = lead_id(site)
    send(site, lead, budget__pick="fields", budget__amount_min=typed, budget__currency="EUR")
    assert standing(site, lead)["budget"].value["amount_min"] == amount


def test_a_link_has_the_address_by_which_others_reach_the_service(tmp_path: Path) -> None:
    with pages_site(tmp_path, public_url="https://leads.example.com") as site:
        with_leads(site.leads)
        lead = lead_id(site)
        page = site.client("representative").post(
            f"/leads/{lead}/qualify/link", data={"frame": "bant", "language": "en"}
        )
        assert 'value="https://leads.example.com/q/' in page.text


def test_what_is_wrong_is_said_beside_its_question_and_the_others_are_saved(
    site: PagesSite,
) -> None:
    lead = lead_id(site)
    data = {"frame": "bant", "budget.pick": "fields", "budget.amount_min": "about nine",
            "timeline.pick": "none"}  # fmt: skip
    page = site.client("representative").post(f"/leads/{lead}/qualify", data=data)
    assert page.status_code == 422
    assert 'value="about nine"' in page.text
    assert re.search(r'id="fault-budget">Write a number', page.text)
    assert list(standing(site, lead)) == ["timeline"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"need.pick": "o:full", "need.intensity": "150"}, "Write a number from 0 to 100."),
        ({"need.pick": "o:full", "need.items": "a\n" * 101}, "Write at most 100 lines."),
        ({"budget.pick": "o:from-25k", "budget.currency": "euros"}, "three letters of a currency"),
        ({"budget.pick": "fields", "budget.amount_min": "-5"}, "Write an amount of 0 or more."),
        ({"budget.pick": "fields", "budget.amount_min": "9", "budget.amount_max": "8"},
         "The lower amount is above the upper one."),
        ({"authority.pick": "fields", "authority.title": "x" * 2001},
         "Write at most 2,000 characters."),
    ],
)  # fmt: skip
def test_what_no_record_takes_is_said_in_the_words_of_the_form(
    site: PagesSite, typed: dict[str, str], said: str
) -> None:
    lead = lead_id(site)
    page = site.client("representative").post(
        f"/leads/{lead}/qualify", data={"frame": "bant"} | typed
    )
    assert page.status_code == 422
    assert said in page.text
    assert standing(site, lead) == {}


def test_a_form_of_a_lead_that_is_gone_saves_nothing(site: PagesSite) -> None:
    assert send(site, 987654, budget__pick="none").status_code == 404


def test_a_form_of_a_frame_that_is_gone_saves_nothing_under_another(site: PagesSite) -> None:
    lead = lead_id(site)
    assert send(site, lead, frame="gone", budget__pick="none").status_code == 404
    assert standing(site, lead) == {}


def test_every_option_of_every_shipped_frame_comes_back_as_it_was_chosen() -> None:
    english, day = texts("en"), date(2027, 1, 15)
    tried = 0
    for name in NAMES:
        frame = shipped_frame(name)
        for question in frame.questions:
            shown = asked(question, None, english, currency=frame.currency)
            for choice in shown.choices:
                if choice.value == "fields":
                    continue
                typed = {"pick": choice.value, "currency": frame.currency or ""}
                answer = answered(frame, question, typed, english, day)
                again = asked(question, answer, english)
                assert [one.value for one in again.choices if one.chosen] == [choice.value]
                tried += 1
    assert tried > 60


def link(site: PagesSite, lead: int, language: str = "en", frame: str = "bant") -> str:
    """The path of a link that a representative makes."""
    page = site.client("representative").post(
        f"/leads/{lead}/qualify/link", data={"frame": frame, "language": language}
    )
    found = re.search(r'value="https?://[^/]*(/q/[^"]+)"', page.text)
    assert found
    return found[1]


def test_a_prospect_answers_without_signing_in(site: PagesSite) -> None:
    lead = lead_id(site)
    upload(site, lead)
    path = link(site, lead, "es")
    stranger = site.client(None)
    page = stranger.get(path)
    assert page.status_code == 200
    assert '<html lang="es">' in page.text
    assert "80" not in re.sub(r"<[^>]*>", "", page.text).replace("100.000", ""), "nothing is told"
    assert "noindex" in page.headers["x-robots-tag"]
    data = {"budget.pick": "not_discussed", "budget.amount_min": "40.000",
            "budget.currency": "EUR", "timeline.pick": "none"}  # fmt: skip
    answer = stranger.post(path, data=data)
    assert answer.status_code == 303
    assert "Gracias" in stranger.get(answer.headers["location"]).text
    now = standing(site, lead)
    assert now["budget"].answered_by == "prospect"
    assert now["budget"].value["amount_min"] == 40000, "as Spanish writes forty thousand"
    assert now["timeline"].status == "none"


def test_a_link_ends_and_is_good_for_nothing_else(site: PagesSite) -> None:
    lead = lead_id(site)
    path = link(site, lead)
    stranger = site.client(None)
    assert stranger.get(path[:-1] + ("0" if path[-1] != "0" else "1")).status_code == 410
    assert stranger.get("/q/nothing").status_code == 410
    body = path.removeprefix("/q/").partition(".")[0]
    assert stranger.get(f"/q/{body}.").status_code == 410
    site.leads.now[0] += 15 * 24 * 3600 * 1_000_000
    assert stranger.get(path).status_code == 410
    assert stranger.post(path, data={"budget.pick": "none"}).status_code == 410
    assert standing(site, lead) == {}


def test_a_link_cannot_fill_the_record(site: PagesSite) -> None:
    lead = lead_id(site)
    path, stranger = link(site, lead), site.client(None)
    last = 0
    for number in range(50):
        data = {"budget.pick": "fields", "budget.amount_min": str(1000 + number)}
        last = stranger.post(path, data=data).status_code
        site.leads.now[0] += 1_000_000
    assert last == 429
    kept = site.leads.store.write(lambda c: answers_of_lead(c, lead, every=True))
    assert 1 <= len(kept) <= 40
    assert len({one.at_us for one in kept}) == 1, "corrections take the place of what they correct"


def test_what_a_prospect_leaves_open_or_writes_wrongly(site: PagesSite) -> None:
    lead = lead_id(site)
    path, stranger = link(site, lead, "de"), site.client(None)
    assert stranger.post(path, data={"budget.pick": "not_discussed"}).status_code == 422
    page = stranger.post(path, data={"budget.pick": "fields", "budget.amount_min": "viel"})
    assert page.status_code == 422
    assert WORDS["de"]["wrong"] in page.text
    assert standing(site, lead) == {}
    assert stranger.post(path, data={"need.pick": "o:full"},
                         headers={"sec-fetch-site": "cross-site"}).status_code == 403  # fmt: skip


def test_every_language_of_the_form_has_every_word() -> None:
    for language, words in WORDS.items():
        assert words.keys() == WORDS["en"].keys(), language


def test_same_answers_are_the_same(site: PagesSite) -> None:
    lead = lead_id(site)
    upload(site, lead)
    for one in standing(site, lead).values():
        assert is_same(plain(one), plain(one))
        assert not is_same(None, plain(one))
