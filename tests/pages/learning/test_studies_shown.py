"""Pages of studies: verdict, figures, what is made of an answer. The past is made up, the studies
are real."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from leadwise.card import parse
from leadwise.store.drafts import drop_draft, get_draft
from leadwise.store.studies import ask_study, end_study, latest_study
from tests.pages.learning.past import ASKED, site_with_a_past
from tests.pages.site import PagesSite, pages_site
from tests.records import NOW_US


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesSite]:
    with site_with_a_past(tmp_path_factory.mktemp("past")) as site:
        yield site


def study_of(site: PagesSite, kind: Any) -> Any:
    with site.leads.store.read() as connection:
        found = latest_study(connection, kind, 1)
    assert found is not None
    return found


def page(site: PagesSite, address: str, role: str = "marketing") -> str:
    answer = site.client(role).get(f"/learning{address}")
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def draft_made(site: PagesSite, answer: Any) -> Any:
    assert answer.status_code == 303, answer.text
    number = int(answer.headers["location"].removeprefix("/studio/drafts/"))
    with site.leads.store.read() as connection:
        return get_draft(connection, number)


VERDICTS = {
    "backtest": "The card&#39;s order predicts who buys: AUC",
    "card": "On later leads the learned card|The learned card orders later leads",
    "refine": "help the order|helps the order",
    "calibration": "A lead with 0 points comes to the goal with",
    "drift": "changed by more than chance allows",
}


@pytest.mark.parametrize("name", VERDICTS)
def test_the_short_answer_stands_before_every_figure(past: PagesSite, name: str) -> None:
    text = page(past, f"/{name}", "read_only")
    verdict = re.search(VERDICTS[name], text)
    assert verdict is not None, text
    assert verdict.start() < text.index("report-figure")
    assert "Ask again" not in text, "who may not ask has no button"
    assert "Ask again" in page(past, f"/{name}")
    assert re.search(VERDICTS[name], page(past, "")) is not None


def test_more_calls_find_more_buyers_as_the_study_has_it(past: PagesSite) -> None:
    document = study_of(past, "backtest").document
    tried = document["capacity"]
    shares = tried["orders"]["card"]
    assert tried["per_day"][0] == 1
    assert shares == sorted(shares)
    assert 0 < shares[0] <= shares[-1] <= 1
    text = page(past, "/backtest?calls=1")
    shown = re.search(r'data-found="0">([\d.]+)%<', text)
    assert shown is not None
    assert abs(float(shown[1]) - 100 * shares[0]) < 0.6
    for wrong in ("0", "many", "-3", "9" * 30):
        text = page(past, f"/backtest?calls={wrong}")
        assert "Give a whole number of calls, at least 1." in text
        assert f'value="{wrong}"' in text


def test_every_table_can_be_had_as_a_file(past: PagesSite) -> None:
    client = past.client("read_only")
    found = 0
    for name in VERDICTS:
        for address in re.findall(r'href="(/learning/studies/[^"]+\.csv)"', page(past, f"/{name}")):
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert answer.headers["content-type"].startswith("text/csv")
            assert len(answer.text.splitlines()) > 1, address
            found += 1
    assert found >= 11
    assert client.get("/learning/studies/1/nothing.csv").status_code == 404
    assert client.get("/learning/studies/999/bands.csv").status_code == 404


def test_only_ticked_lines_come_into_the_draft(past: PagesSite) -> None:
    study = study_of(past, "refine")
    text = page(past, "/refine")
    offered = re.findall(r'name="take" value="([^"]+)"', text)
    proposed = {f"{p['criterion']}:{p['tier']}": p for p in study.document["proposals"]}
    assert offered
    assert set(offered) <= set(proposed)
    assert 'name="take"' not in page(past, "/refine", "read_only")
    taken = offered[0]
    client = past.client("marketing")
    made = draft_made(past, client.post(f"/learning/refine/{study.id}/draft", data={"take": taken}))
    card = parse(made.text).card
    assert card is not None
    assert "# a guess" in made.text, "comments are kept"
    assert (made.based_on, card.version) == (1, 2)
    points = points_of(card)
    assert points[taken] == proposed[taken]["proposed"]
    for name, one in proposed.items():
        if name != taken:
            assert points[name] == one["now"], "what was not ticked stays"
    nothing = client.post(f"/learning/refine/{study.id}/draft", data={"take": "size:9"})
    assert nothing.status_code in (400, 422)
    assert "No line is ticked." in nothing.text


def points_of(card: Any) -> dict[str, float]:
    found = {}
    for criterion in card.criteria:
        if not hasattr(criterion, "tiers"):
            found[f"{criterion.id}:each"] = criterion.points / 100
            continue
        for place, tier in enumerate(criterion.tiers, 1):
            found[f"{criterion.id}:{place}"] = tier.points / 100
        found[f"{criterion.id}:otherwise"] = (criterion.otherwise or 0) / 100
    return found


def test_the_learned_card_opens_as_its_draft_and_as_another_once_that_is_gone(
    past: PagesSite,
) -> None:
    study = study_of(past, "learn")
    client = past.client("marketing")
    address = f"/learning/card/{study.id}/draft"
    first = draft_made(past, client.post(address))
    assert first.id == study.document["draft_id"]
    assert first.text == study.document["learned"]["text"]
    past.leads.write(lambda c: drop_draft(c, first.id))
    again = draft_made(past, client.post(address))
    assert (again.text, again.based_on) == (first.text, 1)
    other = study_of(past, "refine").id
    assert client.post(f"/learning/card/{other}/draft").status_code == 404


def test_a_threshold_comes_from_what_is_typed_and_goes_into_a_draft(past: PagesSite) -> None:
    study = study_of(past, "calibrate")
    assert (
        sum(rows for _, rows, _ in study.document["scores"])
        == study.document["calibration"]["rows"]
    )
    text = page(past, "/calibration?calls=1&leads=4")
    found = re.search(r"From (\d+) points on there are as many leads as your team can call", text)
    assert found is not None, text
    points = int(found[1])
    scores = study.document["scores"]
    above = sum(rows for score, rows, _ in scores if score >= points)
    assert above <= sum(rows for _, rows, _ in scores) / 4
    assert "From" in page(past, "/calibration?value=1000&cost=300")
    assert "never pays" in page(past, "/calibration?value=10&cost=9.9")
    assert "all leads that come" in page(past, "/calibration?calls=9&leads=4")
    wrong = page(past, "/calibration?value=-3&cost=x")
    assert wrong.count("Give a number above 0.") == 2
    client = past.client("marketing")
    address = f"/learning/calibration/{study.id}/draft"
    made = draft_made(past, client.post(address, data={"band": "hot", "points": str(points)}))
    card = parse(made.text).card
    assert card is not None
    assert [band.threshold for band in card.bands] == [None, 1000, points * 100]
    for data in ({"band": "hot", "points": "3"}, {"band": "cold", "points": "30"},
                 {"band": "hot", "points": "x"}, {}):  # fmt: skip
        assert client.post(address, data=data).status_code in (400, 422), data


def test_a_study_that_was_refused_says_why_and_lets_one_ask_again(past: PagesSite) -> None:
    why = "Refused: 'closed_at' is written after the outcome."

    def work(connection: Any) -> None:
        asked = ask_study(connection, "drift", 1, "sales_qualified", ASKED.document(), by="test",
                          now_us=NOW_US, job_id="study:refused")  # fmt: skip
        end_study(connection, asked.id, NOW_US, problem=why)

    past.leads.write(work)
    text = page(past, "/drift?goal=sales_qualified")
    assert "Refused: &#39;closed_at&#39;" in text
    assert 'name="allow"' in text
    assert "Refused" not in page(past, "/drift")


def test_what_was_typed_wrongly_stays_in_the_form(past: PagesSite) -> None:
    sent = {"horizon": "soon", "allow": "stage", "version": "1", "goal": "won"}
    answer = past.client("marketing").post("/learning/backtest", data=sent)
    assert answer.status_code == 422
    assert 'value="soon"' in answer.text
    assert 'value="stage"' in answer.text
    assert "Give a whole number of days, from 1 to 3650." in answer.text


def test_without_a_card_and_without_an_answer_pages_say_what_to_do(tmp_path: Any) -> None:
    with pages_site(tmp_path) as site:
        for name in ("", "/backtest", "/card", "/refine", "/calibration", "/drift"):
            assert "There is no card for leads yet." in page(site, name)
        assert "No lead was ever left alone." in page(site, "/experiments")
        sent = site.client("marketing").post("/learning/backtest", data={"horizon": "90"})
        assert sent.headers["location"] == "/learning/backtest"
