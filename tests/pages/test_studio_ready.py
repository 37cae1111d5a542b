"""Ready-made cards: each checks, teaches, and gives leads the scores that its text promises."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

import leadwise
from leadwise.card import check_text, parse
from leadwise.qualify.answer import Answer, Value
from leadwise.qualify.fields import facts_of
from leadwise.qualify.frame.shipped import shipped_frame
from leadwise.web.pages.studio.ready import READY, ready_text

AS_OF = "2026-06-30T00:00:00Z"


def scores(
    name: str, leads: list[dict[str, Any]], events: list[dict[str, Any]] | None = None
) -> Any:
    card = parse(ready_text(name)).card
    assert card is not None
    fields = {field.source for field in card.fields}
    columns = {key: [lead.get(key) for lead in leads] for key in ("lead_id", *fields)}
    seen = None
    if events is not None:
        names = (
            "lead_id",
            "event",
            "timestamp",
            *{p.source for e in card.events for p in e.properties},
        )
        seen = pa.table({key: [event.get(key) for event in events] for key in names})
    found = leadwise.score(card, pa.table(columns), seen, as_of=AS_OF).to_pylist()
    return {row["lead_id"]: (row["score"], row["band"]) for row in found}


def event(lead: str, name: str, day: int, **values: Any) -> dict[str, Any]:
    return {"lead_id": lead, "event": name, "timestamp": f"2026-06-{day:02d}T12:00:00Z", **values}


@pytest.mark.parametrize("name", READY)
def test_each_checks_and_teaches(name: str) -> None:
    text = ready_text(name)
    assert check_text(text) == ()
    notes = [line for line in text.split("\n") if line.lstrip().startswith("#")]
    assert len(notes) >= 5
    assert all(len(line) <= 140 for line in text.split("\n"))


def test_icp_adds_up_to_70() -> None:
    best = {"lead_id": "best", "industry": "Software", "employees": "500", "title": "Chief of IT",
            "country": "ES", "uses_our_platform": "yes", "growth_percent": "30"}  # fmt: skip
    found = scores("icp-70", [best, {"lead_id": "small", "employees": "5", "country": "us"}])
    assert found["best"] == (70.0, "inside")
    assert found["small"] == (6.0, "outside")  # 3 each for industry and title that are not known


def test_bant_adds_up_to_100_and_no_need_is_worth_nothing() -> None:
    best = {"lead_id": "best", "budget_usd": "100000", "authority": "c_level",
            "need_match": "full", "timeline_months": "3"}  # fmt: skip
    found = scores("bant", [best, {**best, "lead_id": "idle", "need_match": None,
                                   "need_status": "none"}])  # fmt: skip
    assert found == {"best": (100.0, "pursue"), "idle": (0.0, "nurture")}


@pytest.mark.parametrize("name", ["bant", "anum", "champ"])
def test_bant_scores_what_the_frames_write(name: str) -> None:
    """Whole points from the answers of a frame, with no field named otherwise."""
    said: dict[str, Value] = {
        "money": {"amount_min": 60_000.0, "amount_max": 90_000.0, "currency": "USD"},
        "authority": {"level": "director", "role": "decision_maker"},
        "need": {"match": "full", "coverage": 50.0},
        "timeline": {"months": 5.0},
        "choice": {"choice": "first"},
    }
    frame = shipped_frame(name)
    answers = [Answer(one.id, "stated", said[one.kind]) for one in frame.questions]
    lead = {key: str(fact) for key, fact in facts_of(frame, answers).items()}
    found = scores("bant", [{"lead_id": "one", **lead}])
    assert found == {"one": (15.0 + 20 + 25 + 10, "pursue")}


def test_b2b_software() -> None:
    ann = {"lead_id": "ann", "title": "Founder", "industry": "Media", "employees": "60",
           "email": "ann@acme.example", "country": "es"}  # fmt: skip
    bob = {**ann, "lead_id": "bob", "title": "Student", "email": "bob@gmail.com"}
    events = [
        event("ann", "demo_requested", 29), event("ann", "page_viewed", 29, path="/pricing"),
        event("ann", "page_viewed", 29, path="/pricing"), event("bob", "demo_requested", 29),
    ]  # fmt: skip
    found = scores("b2b-software", [ann, bob], events)
    assert found["ann"][1] == "hot"
    assert 55 + 29 < found["ann"][0] - 5 < 55 + 30  # one view of prices a day counts
    assert found["bob"] == (0.0, "cold")


def test_event_marketing() -> None:
    leads = [{"lead_id": "came", "role": "decides", "opted_in": "yes"},
             {"lead_id": "left", "role": "uses", "opted_in": "yes"},
             {"lead_id": "no", "role": "decides", "opted_in": "no"}]  # fmt: skip
    events = [
        event(lead, name, 29, **values)
        for lead, stayed in (("came", 50), ("left", 5), ("no", 50))
        for name, values in (
            ("registered", {"topic": "a"}), ("attended", {"topic": "a", "minutes": stayed}),
            ("question_asked", {}),
        )
    ]  # fmt: skip
    found = scores("event-marketing", leads, events)
    assert found["came"][1] == "call"
    assert found["left"][1] == "later"
    assert found["no"] == (0.0, "later")


def test_words_of_titles_are_not_found_inside_other_words() -> None:
    titles = ("Director of International Sales", "Sales Intern", "Intern", "Internal Audit Manager",
              "Product Owner", "Owner", "PhD student", "Intern at IT")  # fmt: skip
    leads = [{"lead_id": title, "title": title, "employees": "60"} for title in titles]
    b2b = {title: score for title, (score, _) in scores("b2b-software", leads, []).items()}
    none = {title for title, score in b2b.items() if score == 0}
    assert none == {"Sales Intern", "Intern", "PhD student", "Intern at IT"}
    assert b2b["Owner"] == b2b["Product Owner"] + 20
    icp = scores("icp-70", leads)
    assert icp["Owner"][0] == icp["Product Owner"][0] + 15
