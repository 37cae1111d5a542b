"""What `explain` proposes to ask: answers that a person can give, and that bring what they say."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.running import run

CARD = """card: q
version: 1
fields:
  mail: {type: text}
  site: {type: text, fold: case}
  name: {type: text}
  city: {type: text, fold: case}
  start: {type: time}
  made: {type: time}
  long_ago: {type: time}
  large: {type: number}
dimensions:
  - id: d
    criteria:
      - {id: m, when: mail like '%@%', points: 5}
      - {id: c, when: "contains(site, 'Shop')", points: 6}
      - {id: ne, when: name <> 'test', points: 7}
      - {id: ci, when: "lower(city) = 'oslo'", points: 2}
      - {id: st, when: start > '2026-03-04T10:20:30.5Z', points: 8}
      - {id: md, when: days_since(made) < 30.5, points: 9}
      - {id: hh, when: days_since(long_ago) < 1e300, points: 3}
      - {id: la, when: large >= 1e16, points: 1}
bands: [{id: a}, {id: b, from: 8}]
"""
AS_OF = ("--as-of", "2026-06-30T05:06:07Z")
WANTED = {
    "mail": (5, "like '%@%'"),
    "site": (6, "with 'Shop' in it"),
    "name": (7, "any other text"),
    "city": (2, "'oslo'"),
    "start": (8, "2026-03-05"),
    "made": (9, "2026-05-31"),
    "long ago": (3, "2026-06-30"),
    "large": (1, "1e+16"),
}


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card.yaml"
    path.write_text(CARD, encoding="utf-8")
    (tmp_path / "leads.csv").write_text("lead_id\na\n", encoding="utf-8")
    return path


def test_answers_are_such_as_people_give(card: Path) -> None:
    said = run("explain", card, "--leads", card.parent / "leads.csv", "--lead", "a", *AS_OF).stdout
    asked = said.partition("Worth asking\n")[2].partition("\n\n")[0]
    for name, (best, answer) in WANTED.items():
        (line,) = [line for line in asked.splitlines() if line.startswith(f"{name}  ")]
        assert f" +{best}  {answer}  " in line


def test_each_answer_brings_what_it_promises(card: Path) -> None:
    leads = card.parent / "leads.csv"
    said = run("explain", card, "--leads", leads, "--lead", "a", *AS_OF, "--json").stdout
    (lead,) = json.loads(said)["leads"]
    assert len(lead["questions"]) == len(WANTED)
    for question in lead["questions"]:
        with leads.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["lead_id", *question["answer"]])
            rows.writerow(["a", *question["answer"].values()])
        found = run("score", card, "--leads", leads, *AS_OF, "--json").stdout
        (scored,) = json.loads(found)["leads"]
        assert scored["score"] - lead["score"] == question["best"] > 0
        assert scored["band"] == question["band"]
