"""The guided start: whatever is answered, the card checks."""

from __future__ import annotations

import itertools

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import leadwise
from leadwise.card import check_text, parse
from leadwise.store.drafts import get_draft
from leadwise.web.pages.studio.guided import FADES, OUT, SIZES, TITLES, Answers, card_of
from leadwise.web.pages.studio.starting import _domains, _words, whole_number
from leadwise.web.pages.texts import texts
from tests.pages.site import PagesSite

SAY = texts("en").say


def sound(answers: Answers) -> str:
    text = card_of(answers, SAY)
    assert check_text(text) == (), (text, check_text(text))
    return text


def test_every_combination_of_answers_gives_a_card_that_checks() -> None:
    """Each question open or answered, all together; then each choice of each by itself."""
    whole = {
        "titles": tuple(TITLES), "industries": ("Software", "It's: odd"), "countries": ("es",),
        "size": 50, "budget": 10_000, "strong": ("demo_requested",),
        "some": ("page_viewed", "demo_requested"), "out": OUT, "competitors": ("rival.example",),
        "calls": 30,
    }  # fmt: skip
    names = list(whole)
    # Every combination of any two, with all others open and with all others answered.
    for chosen in itertools.combinations(names, 2):
        sound(Answers(**{name: whole[name] for name in chosen}))
        rest = {name: whole[name] for name in names if name not in chosen}
        sound(Answers(**rest))
    for change in (
        *({"size": size} for size in SIZES), *({"fades": fades} for fades in FADES),
        *({"titles": (kind,)} for kind in TITLES), *({"out": (kind,)} for kind in OUT),
        *({"calls": calls} for calls in (1, 20, 21, 60, 61, 999_999_999)),
    ):  # fmt: skip
        sound(Answers(**change))
        sound(Answers(**{**whole, **change}))


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda name: name != "any")
WORDS = st.text(max_size=30).map(_words)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.builds(
        Answers,
        titles=st.lists(st.sampled_from(list(TITLES)), unique=True).map(tuple),
        industries=WORDS, countries=WORDS, size=st.sampled_from(SIZES),
        budget=st.integers(0, 999_999_999),
        strong=st.lists(NAMES, max_size=3, unique=True).map(tuple),
        some=st.lists(NAMES, max_size=3, unique=True).map(tuple),
        out=st.lists(st.sampled_from(OUT), unique=True).map(tuple),
        fades=st.sampled_from(list(FADES)), calls=st.integers(0, 500),
    )
)  # fmt: skip
def test_so_do_answers_that_nobody_would_think_of(answers: Answers) -> None:
    sound(answers)


def test_answers_become_a_draft_with_notes(site: PagesSite) -> None:
    client = site.client("marketing")
    page = client.get("/studio/start").text
    assert "Demo requested" in page
    assert "seen 3 times" in page
    values = {"titles": ["chief"], "industries": "Software, Banks", "size": "50",
              "budget": "10.000",
              "strong": ["demo_requested"], "some": ["page_viewed"], "out": ["student"],
              "fades": "week", "calls": "15"}  # fmt: skip
    answer = client.post("/studio/start", data=values)
    assert answer.status_code == 303
    with site.leads.store.read() as connection:
        draft = get_draft(connection, int(answer.headers["location"].rsplit("/", 1)[1]))
    assert check_text(draft.text) == ()
    for said in ("# Question 2: your industries.", "industry in ('Software', 'Banks')",
                 "budget >= 10000", "half_life: 7 days", "employees >= 50",
                 "# Question 10: you can make 15 calls a day."):  # fmt: skip
        assert said in draft.text


def test_what_was_answered_stays_where_something_is_wrong(site: PagesSite) -> None:
    answer = site.client("marketing").post(
        "/studio/start", data={"budget": "a lot", "industries": "Toys", "titles": "manager"}
    )
    assert answer.status_code == 422
    assert 'value="a lot"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="Toys"' in answer.text
    assert 'value="manager" checked' in answer.text


def test_domains_are_what_is_left_of_addresses() -> None:
    said = "Rival.example, a@other.example, ?, rival.example, https://www.third.example/x, ñ.es"
    assert _domains(said) == ("rival.example", "other.example", "third.example", "ñ.es")


@pytest.mark.parametrize(
    ("said", "number"),
    [("", 0), (" 40 ", 40), ("10.000", 10_000), ("1 234 567", 1_234_567), ("10\u202f000", 10_000),
     ("1.5", None), ("12,50", None), ("-5", None), ("1e6", None), ("٣", None), ("9" * 40, None)],
)  # fmt: skip
def test_whole_numbers(said: str, number: int | None) -> None:
    assert whole_number(said) == number


def test_titles_of_a_guided_card_mean_what_they_say() -> None:
    card = parse(sound(Answers(titles=tuple(TITLES), out=("student",)))).card
    assert card is not None
    points = {
        "Chief of IT": 20, "CEO": 20, "Owner": 20, "President": 20, "Vice President Sales": 15,
        "Head of Sales": 15, "Product Owner": 0, "Team Lead": 10, "Leadership trainer": 0,
        "Data Engineer": 5, "International Sales Manager": 10, "Marketing Intern": 0, "Student": 0,
    }  # fmt: skip
    leads = pa.table({"lead_id": list(points), "title": list(points)})
    found = leadwise.score(card, leads, as_of="2026-06-30T00:00:00Z").to_pylist()
    assert {row["lead_id"]: row["score"] for row in found} == points


def test_who_fits_and_asks_is_hot_however_much_else_could_be_done() -> None:
    strong = ("demo_requested", "trial_started", "offer_asked", "call_booked")
    answers = Answers(industries=("Banks",), countries=("es",), size=50, strong=strong,
                      some=("page_viewed", "mail_opened"), calls=30)  # fmt: skip
    card = parse(sound(answers)).card
    assert card is not None
    leads = pa.table({"lead_id": ["asks", "fits", "odd"], "industry": ["banks", "Banks", "toys"],
                      "country": ["ES", "es", "us"], "employees": [60, 60, 2]})  # fmt: skip
    events = pa.table({"lead_id": ["asks", "odd"], "event": ["demo_requested"] * 2,
                       "timestamp": ["2026-06-29T12:00:00Z"] * 2})  # fmt: skip
    found = leadwise.score(card, leads, events, as_of="2026-06-30T00:00:00Z").to_pylist()
    assert {row["lead_id"]: row["band"] for row in found} == {
        "asks": "hot", "fits": "warm", "odd": "cold"
    }  # fmt: skip
