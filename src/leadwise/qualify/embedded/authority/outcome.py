"""What a whole talk says of the main buyer's part in deciding, where the sentence model is there:
decision maker, influencer, end user or consultant, each with a share.

What counts is their level, the strongest sign of each kind that words give, and how much of each
class (`shades/authority.yaml`) their sentences have, in answers to a question about who decides and
elsewhere. How much each of them weighs is learned from labelled conversations
(bench/fit_authority.py, which leaves out signs at random, so that known words weigh no more than
they are worth where the words are new) and stands in `shades/authority_outcome.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import exp
from typing import Any

from leadwise.qualify.embedded.authority.said import Kind, Sign
from leadwise.qualify.embedded.authority.sensed import Heard
from leadwise.qualify.embedded.vectors import SHA_256

ROLES = ("decision_maker", "influencer", "end_user", "consultant")
CLASSES = ("decides", "owns", "recommends", "shares", "uses", "others", "consults")
_LEVELS = ("c_level", "vp", "director", "manager", "individual", None)
_KINDS: tuple[tuple[Kind, ...], ...] = (
    ("mine", "own"), ("denied",), ("theirs",), ("recommend",), ("uses",), ("consult",)
)  # fmt: skip
_STRONGEST = 3.0
"""The weight of a sign from which more says no more."""
_NO_ANSWER = 0.5
"""How much a sentence's classes count for that answers no question about who decides."""
_BEST = 3
"""Sentences whose classes count together."""


def role_shares(found: Sequence[float]) -> Mapping[str, float] | None:
    """The share of each role, adding up to 1; None where the model is not the one that they were
    fitted for."""
    fitted = _fitted()
    if fitted["model"] != SHA_256:
        return None
    sums = [
        each["bias"] + sum(w * f for w, f in zip(each["weights"], found, strict=True))
        for each in (fitted["roles"][name] for name in ROLES)
    ]
    power = [exp(one - max(sums)) for one in sums]
    return {name: one / sum(power) for name, one in zip(ROLES, power, strict=True)}


def features(
    level: str | None, signs: Sequence[Sign], heard: Sequence[Heard], buyers: int, is_short: bool
) -> list[float]:
    """What counts of a talk: 37 numbers of 0 to 1. `signs` and `heard` are the main buyer's,
    `buyers` is how many speak on their side."""
    words = [one for one in signs if not one.is_sensed]
    strongest = [
        min(max((one.weight for one in words if one.kind in kinds), default=0.0), _STRONGEST)
        for kinds in _KINDS
    ]
    classes: list[float] = []
    for name in CLASSES:
        answers = [one.classes[name] for one in heard if one.is_answer]
        others = [one.classes[name] for one in heard if not one.is_answer]
        best = sorted([*answers, *(_NO_ANSWER * one for one in others)], reverse=True)[:_BEST]
        classes += [max(answers, default=0.0), max(others, default=0.0), sum(best) / _BEST]
    return [
        *(float(level == one) for one in _LEVELS),
        *(one / _STRONGEST for one in strongest),
        *classes,
        max((one.classes["others"] for one in heard if one.start), default=0.0),
        float(any(one.is_answer for one in heard)),
        float(buyers > 1),
        float(is_short),
    ]


@cache
def _fitted() -> Any:
    place = files("leadwise.qualify.embedded.shades") / "authority_outcome.json"
    return json.loads(place.read_text("utf-8"))
