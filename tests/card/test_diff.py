"""What changed, in words; and the hash."""

from __future__ import annotations

import pytest

from leadwise.card import content_hash, diff, parse
from leadwise.card.model import Card

OLD = """
card: words
version: 1
fields:
  size: {type: number, label: Size}
  role: {type: choice, choices: [vp, other]}
events: {viewed: {path: text}}
measures:
  visits: {on: viewed, count: all}
dimensions:
  - id: fit
    criteria:
      - id: budget
        tiers:
          - {when: size > 100, points: 30}
          - {when: size > 10, points: 10}
          - {otherwise: 5}
      - {id: boss, when: role = 'vp', points: 20}
    max: 40
  - id: engagement
    criteria:
      - {id: pages, on: viewed, points: 1, within: 14 days, limit: {times: 5}}
      - {id: often, when: visits > 3, points: 5}
    adjustments:
      - {id: less, when: visits > 9, percent: -50}
score: {max: 100}
bands:
  - {id: cold}
  - {id: warm, from: 20}
grade:
  letter: {of: fit, steps: {A: 30, B: null}}
  number: {of: engagement, steps: {1: 5, 2: null}}
"""


def card(text: str) -> Card:
    parsed = parse(text)
    assert parsed.card is not None, parsed.problems
    return parsed.card


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("version: 1", "version: 2"), "card: version from 1 to 2"),
        (
            ("size > 100, points: 30", "size > 100, points: 25"),
            "budget: points of tier 1 from 30 to 25",
        ),
        (("size > 10, ", "size > 20, "), 'budget: when of tier 2 from "size > 10" to "size > 20"'),
        (("          - {otherwise: 5}\n", ""), "budget: removed tier 3"),
        (("{otherwise: 5}", "{otherwise: 6}"), "budget: otherwise from 5 to 6"),
        (("label: Size", "label: Staff"), "field 'size': label changed"),
        (
            ("[vp, other]", "[vp, boss, other]"),
            "field 'role': choices from [vp, other] to [vp, boss, other]",
        ),
        (("{path: text}", "{path: text, ms: number}"), "event 'viewed': added ms number"),
        (("count: all", "distinct: path"), "measure 'visits': removed count all"),
        (("within: 14 days", "within: 7 days"), 'pages: within from "14 days" to "7 days"'),
        (("{times: 5}", "{times: 5, per: day}"), "pages: limit: added per day"),
        (("percent: -50", "percent: -25"), "adjustment 'less': percent from -50 to -25"),
        (("max: 40", "max: 50"), "dimension 'fit': max from 40 to 50"),
        (("    max: 40\n", ""), "dimension 'fit': removed max 40"),
        (("{max: 100}", "{min: 0, max: 100}"), "score: added min 0"),
        (("from: 20", "above: 25"), 'band \'warm\': threshold from "from 20" to "above 25"'),
        (("id: warm", "id: hot"), "renamed band 'warm' to 'hot'"),
        (("id: boss", "id: chief"), "renamed criterion 'boss' to 'chief'"),
        (("{A: 30, ", "{A: 35, "), "grade: letter: steps: A from 30 to 35"),
        (("timezone", "timezone"), ""),
    ],
)
def test_one_change(change: tuple[str, str], words: str) -> None:
    found = diff(card(OLD), card(OLD.replace(*change)))
    assert (words in found) if words else found == ()
    assert (content_hash(card(OLD)) == content_hash(card(OLD.replace(*change)))) == (not words)


def test_criteria_come_go_and_move() -> None:
    boss = "      - {id: boss, when: role = 'vp', points: 20}\n"
    moved = OLD.replace(boss, "").replace("    adjustments:", boss + "    adjustments:")
    assert diff(card(OLD), card(moved)) == (
        "criterion 'boss' moved from 'fit' to 'engagement'",
    ) or ("criterion 'boss' moved from 'fit' to 'engagement'" in diff(card(OLD), card(moved)))
    new = OLD.replace(boss, boss + "      - {id: new, when: size > 5, points: 3}\n")
    assert diff(card(OLD), card(new)) == ("added criterion 'new' (points 3, when \"size > 5\")",)
    assert diff(card(new), card(OLD)) == ("removed criterion 'new'",)


def test_order_counts() -> None:
    swapped = (
        OLD.replace("size: {type: number, label: Size}", "@")
        .replace("role: {type: choice, choices: [vp, other]}", "size: {type: number, label: Size}")
        .replace("@", "role: {type: choice, choices: [vp, other]}")
    )
    assert diff(card(OLD), card(swapped)) == ("fields stand in another order",)
    assert content_hash(card(OLD)) != content_hash(card(swapped))


def test_hash_is_of_the_content_only() -> None:
    spaced = "# a comment\n" + OLD.replace("when: size > 100", "when: ( size>100 )")
    assert content_hash(card(OLD)) == content_hash(card(spaced))
    assert len(content_hash(card(OLD))) == 64
