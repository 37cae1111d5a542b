"""What names and expressions mean: scopes, types, and what they refuse."""

from __future__ import annotations

import pytest

from leadwise.card import Card, event_scope, lead_scope, parse, parse_condition, type_of
from leadwise.card.typecheck import condition_faults

TEXT = """
card: types
version: 1
fields:
  size: {type: number}
  country: {type: text, fold: case}
  role: {type: choice, choices: [VP, manager], fold: case}
  opted: {type: boolean}
  created: {type: time}
events:
  viewed: {path: text, seconds: number, at_home: boolean, since: time}
  sent: {form: {type: choice, choices: [short, long]}}
measures:
  visits: {on: viewed, count: all}
  papers: {on: viewed, distinct: path}
  longest: {on: viewed, max: seconds}
  last_form: {on: any, last: form}
  last_since: {on: viewed, last: since}
  quiet: {on: any, days_since: last}
  first: {on: any, days_since: first}
dimensions:
  - id: fit
    criteria:
      - {id: a, when: size > 1, points: 1}
"""


@pytest.fixture(scope="module")
def card() -> Card:
    parsed = parse(TEXT)
    assert parsed.card is not None, parsed.problems
    return parsed.card


def test_scopes(card: Card) -> None:
    lead = lead_scope(card)
    assert {n: m.type for n, m in lead.names.items() if m.role == "measure"} == {
        "visits": "number", "papers": "number", "longest": "number", "last_form": "choice",
        "last_since": "time", "quiet": "number", "first": "number",
    }  # fmt: skip
    assert lead.names["last_form"].choices == ("short", "long")
    assert [n for n, m in lead.names.items() if m.moving] == ["quiet", "first"]
    assert [n for n, m in lead.names.items() if m.count] == ["visits", "papers"]
    assert lead.names["country"].fold
    assert list(event_scope(card, ("sent",)).names) == ["form"]
    assert list(event_scope(card, ("any",)).names) == [
        "path",
        "seconds",
        "at_home",
        "since",
        "form",
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("size + 1", "number"), ("country", "text"), ("role", "choice"), ("created", "time"),
     ("opted", "boolean"), ("size > 1", "boolean"), ("lower(role)", "text"), ("quiet", "number"),
     ("coalesce(role, 'none')", "text"), ("coalesce(created, '2026-01-01')", "time"),
     ("coalesce(1, size)", "number"), ("days_since(created)", "number"), ("'x'", "text")],
)  # fmt: skip
def test_types(card: Card, text: str, kind: str) -> None:
    assert type_of(parse_condition(text), lead_scope(card)) == kind


@pytest.mark.parametrize(
    "text",
    ["size > 1", "1 < size", "opted", "not opted", "opted = true", "opted is null",
     "country = 'es'",
     "role = 'vp'", "role in ('Vp', 'manager')", "country in ('a', 'b')", "role = country",
     "created >= '2026-06-30'", "created between '2026-01-01' and '2026-02-01T00:00:00Z'",
     "last_since > created", "size / 2 - -visits > 3", "quiet > 60", "60 < quiet",
     "quiet between 30 and 60",
     "coalesce(quiet, days_since(created), 999) > 60", "days_since(created) < -1",
     "coalesce(opted, false)", "coalesce(role, 'none') = 'none'", "lower(country) like '%x%'",
     "contains(role, 'p') or starts_with(country, 'e')", "quiet is null", "(size > 1) = opted"],
)  # fmt: skip
def test_what_makes_sense(card: Card, text: str) -> None:
    assert condition_faults(parse_condition(text), lead_scope(card)) == ()


@pytest.mark.parametrize(
    ("text", "code", "span"),
    [
        ("contry = 'es'", "unknown-name", (0, 6)),
        ("size = '1'", "type-mismatch", (7, 10)),
        ("'1' = size", "type-mismatch", (0, 3)),
        ("country = 5", "type-mismatch", (10, 11)),
        ("size in (1, 'x')", "type-mismatch", (12, 15)),
        ("opted = 'yes'", "type-mismatch", (8, 13)),
        ("created > 5", "type-mismatch", (10, 11)),
        ("created > size", "type-mismatch", (10, 14)),
        ("size > created", "type-mismatch", (7, 14)),
        ("created + 1 > 5", "type-mismatch", (0, 7)),
        ("-country > 5", "type-mismatch", (1, 8)),
        ("coalesce(size, 'x') > 5", "type-mismatch", (15, 18)),
        ("lower(size) = 'x'", "type-mismatch", (6, 10)),
        ("size like '1%'", "type-mismatch", (0, 4)),
        ("days_since(size) > 1", "type-mismatch", (11, 15)),
        ("days_since(size + 1) > 1", "wrong-arguments", (11, 19)),
        ("role = 'boss'", "unknown-choice", (7, 13)),
        ("role in ('vp', 'boss')", "unknown-choice", (15, 21)),
        ("last_form = 'Short'", "unknown-choice", (12, 19)),
        ("created > '2026-13-40'", "bad-time", (10, 22)),
        ("created in ('soon')", "bad-time", (12, 18)),
        ("country > 'a'", "order-on-text", (0, 7)),
        ("country between 'a' and 'b'", "order-on-text", (0, 7)),
        ("opted > false", "order-on-text", (0, 5)),
        ("size", "not-a-condition", (0, 4)),
        ("country and opted", "not-a-condition", (0, 7)),
        ("not created", "not-a-condition", (4, 11)),
        ("1 = 1", "constant-condition", (0, 5)),
        ("opted or 'a' = 'a'", "constant-condition", (9, 18)),
        ("true", "constant-condition", (0, 4)),
        ("opted and (1 is null)", "constant-condition", (11, 20)),
        ("quiet + 1 > 5", "moving-value", (0, 5)),
        ("-quiet > 5", "moving-value", (1, 6)),
        ("quiet > size", "moving-value", (0, 5)),
        ("size < quiet", "moving-value", (7, 12)),
        ("quiet > first", "moving-value", (8, 13)),
        ("quiet > 30 * 2", "moving-value", (0, 5)),
        ("coalesce(quiet, visits) > 3", "moving-value", (16, 22)),
        ("days_since(created) / 7 > 1", "moving-value", (0, 19)),
        ("quiet = 3", "moving-equality", (0, 5)),
    ],
)
def test_what_makes_no_sense(card: Card, text: str, code: str, span: tuple[int, int]) -> None:
    faults = condition_faults(parse_condition(text), lead_scope(card))
    assert [(fault.code, fault.span) for fault in faults] == [(code, span)]
    assert faults[0].hint


def test_events_have_no_moment(card: Card) -> None:
    faults = condition_faults(parse_condition("days_since(since) > 3"), event_scope(card, ("any",)))
    assert [fault.code for fault in faults] == ["moving-value"]
    assert condition_faults(parse_condition("at_home"), event_scope(card, ("viewed",))) == ()
