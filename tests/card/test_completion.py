"""What is offered at a cursor (the | in the texts)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwise.card.completion import complete
from leadwise.card.seen import Seen, SeenEvent, SeenName

SEEN = Seen(
    (SeenEvent("webinar_joined", 40, (SeenName("topic", 40, values=(("crm", 30), ("ads", 10))),)),
     SeenEvent("page_viewed", 900, (SeenName("path", 900), SeenName("seconds", 800, True)))),
    (SeenName("country", 70, values=(("es", 50), ("pt", 20))), SeenName("Job Title", 9),
     SeenName("employees", 60, True)),
)  # fmt: skip
HEAD = """card: shop
version: 1
fields:
  country: text
  role: {type: choice, choices: [boss, clerk]}
  opted: {type: boolean}
events:
  page_viewed: {path: text, seconds: number}
  webinar_joined: {topic: text}
measures:
  visits: {on: page_viewed, count: all}
dimensions:
  - id: fit
    criteria:
"""


def offered(text: str) -> list[str]:
    cursor = text.index("|")
    found = complete(text.replace("|", "", 1), cursor, SEEN)
    assert 0 <= found.start <= cursor
    return [each.text for each in found.candidates]


@pytest.mark.parametrize(
    ("text", "first", "never"),
    [
        ("ca|", ["card: "], ["points: "]),
        ("card: x\nver|", ["version: "], ["card: "]),
        (HEAD + "      - {id: a, |", ["label: ", "when: ", "on: "], ["id: ", "fields: "]),
        (HEAD + "      - id: a\n        on: page_viewed\n        |", ["within: ", "half_life: "],
         ["on: ", "tiers: "]),
        (HEAD + "      - {id: a, when: co|", ["country"], ["path", "role"]),
        (HEAD + "      - {id: a, when: role = |", ["'boss'", "'clerk'"], ["country"]),
        (HEAD + "      - {id: a, when: role = 'cl|', points: 1}", ["'clerk'"], ["'boss'"]),
        (HEAD + "      - {id: a, when: \"country in ('es', '|", ["'es'", "'pt'"], ["'boss'"]),
        (HEAD + "      - {id: a, when: coun|- id: b\n        on: page_viewed\n      - id: c\n",
         ["country"], ["role"]),
        (HEAD + "      - id: a\n        when: vi|", ["visits"], ["country"]),
        (HEAD + "      - id: a\n        when: visits > 3 an|", ["and"], ["visits"]),
        (HEAD + "      - {id: a, on: page_viewed, where: pa|", ["path"], ["country", "topic"]),
        (HEAD + "      - {id: a, on: |", ["page_viewed", "webinar_joined", "any"], ["country"]),
        (HEAD + "      - {id: a, on: [page_viewed, |", ["webinar_joined"], ["country"]),
        (HEAD + "      - {id: a, on: page_viewed, within: |", ["7 days", "14 days"], []),
        (HEAD + "      - {id: a, on: webinar_joined, distinct: |", ["topic"], ["path"]),
        (HEAD + "      - {id: a, on: page_viewed, limit: {|", ["times: ", "per: ", "points: "],
         ["id: "]),
        (HEAD + "      - id: a\n        tiers:\n          - {|", ["when: ", "otherwise: "],
         ["id: "]),
        ("card: x\nfields:\n  |", ["country: text", "employees: number",
         'job_title: {type: text, from: Job Title}'], ["card: "]),
        ("card: x\nfields:\n  country: {|", ["type: ", "label: "], ["points: "]),
        ("card: x\nfields:\n  country: {type: |", ["number", "text"], []),
        ("card: x\nfields:\n  country: {type: choice, choices: [|", ["es", "pt"], []),
        ("card: x\nevents:\n  |", ["webinar_joined: {}", "page_viewed: {}"], ["country: text"]),
        ("card: x\nevents:\n  page_viewed:\n    |", ["path: text", "seconds: number"], []),
        ("card: x\nbands:\n  - {id: a, |", ["from: ", "above: "], ["points: "]),
    ],
)  # fmt: skip
def test_what_may_stand_there_is_offered(text: str, first: list[str], never: list[str]) -> None:
    found = offered(text)
    assert set(first) <= set(found), found
    assert not set(never) & set(found)


def test_counts_say_how_often_something_was_seen() -> None:
    text = "card: x\nevents:\n  "
    found = complete(text, len(text), SEEN).candidates
    assert [(each.text, each.count) for each in found] == [
        ("webinar_joined: {}", 40), ("page_viewed: {}", 900),
    ]  # fmt: skip


def test_nothing_is_offered_in_a_comment() -> None:
    assert offered("card: x  # wh|") == []


def test_what_is_accepted_stands_in_the_place_of_what_was_typed() -> None:
    text = HEAD + "      - {id: a, when: role = 'cl', points: 1}\n"
    cursor = text.index("'cl'") + 3
    found = complete(text, cursor, SEEN)
    assert text[found.start : cursor] == "'cl"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(HEAD)), st.text("ab:{}[]'\"-, \n#", max_size=6))
def test_it_never_fails_whatever_is_typed(cursor: int, typed: str) -> None:
    text = HEAD[:cursor] + typed + HEAD[cursor:]
    found = complete(text, cursor + len(typed), SEEN)
    assert found.start <= cursor + len(typed)
