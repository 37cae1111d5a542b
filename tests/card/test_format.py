"""The canonical form, and what becomes of comments."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from leadwise.card import format_card, format_text, load, parse
from leadwise.errors import CardError

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/card*.yaml"))

MESSY = """# our card
#
# two paragraphs

"version":   2   # counts up
card: 'messy'


# what we know
fields:
    # how many people
    size:
        type: number   # counted in June
        label: 'Company: size'
    #   the country
    country:   {type: text}

events: {viewed: {path: text,   # of the page
                  seconds: number}}
dimensions:
- id: fit
  about: |   # kept
    Two lines
    # no comment
  criteria:
  # small ones

  - when: ( size>1 ) AND  country in ('a#b','c')
    id: small # the id
    points: 5.50

  # pages
  - {id: pages, on: [viewed], points: 1, within: 168 hours}
# the end
"""

TIDY = """# our card
#
# two paragraphs

card: messy
version: 2  # counts up

# what we know
fields:
  # how many people
  # counted in June
  size: {type: number, label: "Company: size"}
  #   the country
  country: {type: text}

events:  # of the page
  viewed: {path: text, seconds: number}

dimensions:
  - id: fit
    about: |  # kept
      Two lines
      # no comment
    criteria:
      # small ones

      # the id
      - {id: small, when: "size > 1 and country in ('a#b', 'c')", points: 5.5}

      # pages
      - {id: pages, on: viewed, within: 7 days, points: 1}
# the end
"""


def test_messy_becomes_tidy() -> None:
    made = format_text(MESSY)
    assert format_text(made) == made
    assert parse(made).card == parse(MESSY).card
    comments = [
        line.split("#", 1)[1].strip() for line in TIDY.split("\n") if re.search(r"(^| )#", line)
    ]
    for comment in comments:
        assert f"#{comment}" in made.replace("# ", "#").replace("#  ", "#"), comment
    assert made == TIDY


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_examples_keep_every_comment(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    made = format_text(text)
    assert parse(made).card == load(path)
    assert format_text(made) == made
    assert sorted(_comments(text)) == sorted(_comments(made))


def _comments(text: str) -> list[str]:
    """Comments on lines of their own, and at the ends of lines without quotes."""
    return re.findall(r"^ *(#.*)$|^[^'\"\n]*?  ?(#.*)$", text, re.M)


def test_long_criteria_become_blocks_and_short_ones_lines() -> None:
    text = format_card(load(next(p for p in EXAMPLES if p.parent.name == "content-engagement")))
    assert "      - id: webinar\n        label: Attended a webinar\n" in text
    assert "      - {id: quiet, label: Gone quiet, when: days_quiet > 60, points: -20}\n" in text
    assert max(len(line) for line in text.split("\n")) <= 100


def test_json_stays_json() -> None:
    text = json.dumps(
        {"version": 1, "card": "j", "fields": {"a": {"type": "number"}},
         "dimensions": [{"id": "d", "criteria": [{"id": "c", "points": 1.5, "when": "a>1"}]}]}
    )  # fmt: skip
    made = format_text(text)
    assert json.loads(made)["dimensions"][0]["criteria"][0] == {
        "id": "c", "when": "a > 1", "points": 1.5,
    }  # fmt: skip
    assert format_text(made) == made


def test_a_broken_card_is_not_formatted() -> None:
    with pytest.raises(CardError):
        format_text("card: x\n")
