"""The conformance corpus as dataclasses; tests/conformance/README.md says what a file is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from leadwise.card import parse
from leadwise.card.model import Card
from tests.oracle_conditions import time_us

FOLDER = Path(__file__).parent / "conformance"
DEFAULT_MOMENT = "2026-06-30T00:00:00Z"
KEYS = {"lead", "as_of", "known_by", "score", "band", "grade", "lines", "dimensions", "unknown"}

Row = Mapping[str, str]


@dataclass(frozen=True)
class Ask:
    """A moment of a lead, and what holds at it: the names of `Answer`, points in hundredths."""

    lead: str
    as_of_us: int
    known_by_us: int
    expected: dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A card with its rows (as texts, as a file has them) and its questions."""

    name: str
    file: str
    because: str
    card_text: str
    leads: tuple[Row, ...]
    events: tuple[Row, ...]
    asks: tuple[Ask, ...]

    @property
    def card(self) -> Card:
        return card_of(self.card_text, self.name)


# Read once a process: the tests ask for a case's card many times while they are collected.
@cache
def card_of(text: str, name: str) -> Card:
    parsed = parse(text, name)
    assert parsed.card is not None, parsed.errors
    return parsed.card


@cache
def cases() -> tuple[Case, ...]:
    """All cases, in the order of the files' names."""
    # The base loader keeps every scalar as text: `NO`, `007` and `2026-06-30` stay what they are.
    yaml = YAML(typ="base")
    found: list[Case] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        with path.open(encoding="utf-8") as file:
            found += [case_of(entry, path.stem) for entry in yaml.load(file)]
    return tuple(found)


def case_of(entry: dict[str, Any], file: str) -> Case:
    assert entry.keys() <= {"name", "because", "card", "leads", "events", "ask"}, entry["name"]
    return Case(
        name=entry["name"],
        file=file,
        because=entry["because"],
        card_text=entry["card"],
        leads=tuple(entry["leads"]),
        events=tuple(entry.get("events", ())),
        asks=tuple(ask_of(ask) for ask in entry["ask"]),
    )


def ask_of(entry: dict[str, Any]) -> Ask:
    assert entry.keys() <= KEYS, entry
    as_of = entry.get("as_of", DEFAULT_MOMENT)
    expected: dict[str, Any] = {}
    if "score" in entry:
        expected["score"] = hundredths(entry["score"])
    for key in ("band", "grade"):
        if key in entry:
            expected[key] = None if entry[key] == "null" else entry[key]
    for key in ("lines", "dimensions"):
        if key in entry:
            expected[key] = {name: hundredths(points) for name, points in entry[key].items()}
    if "unknown" in entry:
        expected["unknown"] = tuple(entry["unknown"])
    assert expected, entry
    return Ask(entry["lead"], time_us(as_of), time_us(entry.get("known_by", as_of)), expected)


def hundredths(points: str) -> int:
    exact = Decimal(points) * 100
    assert exact == int(exact), points
    return int(exact)


def only(expected: dict[str, Any], answer: Any) -> dict[str, Any]:
    """What `answer` says to what is expected, and nothing else: to be compared with `expected`."""
    found: dict[str, Any] = {}
    for key, value in expected.items():
        said = getattr(answer, key)
        found[key] = {name: said.get(name) for name in value} if isinstance(value, dict) else said
    return found
