"""Which money: by sign, code or word beside the figure, by the places named, by the language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from leadwise.qualify.talk import Conversation

_EURO = frozenset({"de", "fr", "fi", "es"})
"""Languages whose money is the euro where no place says otherwise."""
_SURE = frozenset("euro eur yen rand baht naira peso kr".split())
_LINK = r"(?:\s?[.,]?[-–]{1,2})?\s{0,2}(?:(?:of|de|in|en)\s|d['’])?"


@dataclass(frozen=True, slots=True)
class Currencies:
    """What the word file says. Patterns by code; a family ("dollar") is a code of its own."""

    words: re.Pattern[str]
    signs: Mapping[str, str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    cents: re.Pattern[str]
    codes: tuple[str, ...]
    families: Mapping[str, tuple[str, ...]]
    places: Mapping[str, re.Pattern[str]]

    def standing_alone(self, text: str) -> list[str]:
        """The currencies that a text names beside no figure. Short words are other words as well
        ("won", "mad"): they count only as codes in capitals."""
        return [
            self.code(match)
            for match in self.words.finditer(text)
            if (len(match.group()) > 4 or match.group().lower() in _SURE)
            or (len(match.group()) == 3 and match.group().isupper())
            or (len(match.group()) == 3 and text[max(0, match.start() - 1)] == "(")
        ]

    def code(self, match: re.Match[str]) -> str:
        """The code or family of a match."""
        if match.lastgroup and match.lastgroup != "sign":
            return self.codes[int(match.lastgroup[1:])]
        return self.signs[match["sign"].lower()]


@cache
def currencies() -> Currencies:
    """The currencies that the reader knows."""
    folder = files("leadwise.qualify.embedded.words") / "currencies"
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(
        (folder / "currencies.yaml").read_text("utf-8")
    )
    codes = tuple(found["names"])
    worded = "|".join(
        rf"(?P<c{number}>{'|'.join(found['names'][code])})" for number, code in enumerate(codes)
    )
    # the longer first: "US$" before "$", "singapore dollars" before "dollars" by order of the file
    signed = "|".join(re.escape(one) for one in sorted(found["signs"], key=len, reverse=True))
    before = rf"(?:(?<![^\W\d_])(?P<sign>{signed})|(?<!\w)(?:{worded}))[\s.]{{0,2}}$"
    after = rf"{_LINK}(?:(?P<sign>{signed})(?![^\W\d_])|(?:{worded})(?!\w))"
    return Currencies(
        re.compile(rf"(?<!\w)(?:{worded})(?!\w)", re.IGNORECASE),
        {sign.lower(): code for sign, code in found["signs"].items()},
        re.compile(before, re.IGNORECASE),
        re.compile(after, re.IGNORECASE),
        re.compile(rf"\s{{0,2}}(?:{'|'.join(found['cents'])})(?!\w)", re.IGNORECASE),
        codes,
        found["families"],
        {code: _words(one) for code, one in found["places"].items()},
    )


def _words(items: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(items)})(?!\w)", re.IGNORECASE)


def places_of(conversation: Conversation) -> Counter[str]:
    """How often places of each money are named; the buyer's side counts twice."""
    counted: Counter[str] = Counter()
    texts = [(2 if turn.side == "buyer" else 1, turn.text) for turn in conversation.turns]
    texts += [(1, speaker) for speaker in {turn.speaker for turn in conversation.turns}]
    for code, pattern in currencies().places.items():
        for weight, text in texts:
            counted[code] += weight * len(pattern.findall(text))
    return +counted


def currency_of(
    said: str | None, others: Iterable[str | None], conversation: Conversation, language: str
) -> str | None:
    """The code of an amount. `said` is what stands beside it (a code, a family, None), `others`
    what stands beside the other amounts of the conversation, the nearest first."""
    known = [one for one in others if one]
    families = currencies().families
    if said and said not in families:
        return said
    if said:
        among = families[said]
        for one in known:
            if one in among:
                return one
        return _likeliest(places_of(conversation), among) or among[0]
    for one in known:
        found = currency_of(one, known, conversation, language)
        if found:
            return found
    placed = _likeliest(places_of(conversation), None)
    return placed or ("EUR" if language in _EURO else None)


def _likeliest(places: Counter[str], among: Iterable[str] | None) -> str | None:
    allowed = set(among) if among is not None else set(places)
    ranked = [(count, code) for code, count in places.most_common() if code in allowed]
    return ranked[0][1] if ranked else None
