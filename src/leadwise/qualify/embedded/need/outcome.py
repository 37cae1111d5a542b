"""What a whole talk says of the need, where the sentence model is there: full, partial, low, none
or not discussed, each with a share.

What counts of a talk are the two sentences that have most of each class (`shades/need.yaml`), how
many sentences have a sign of each kind, and whether a question about a pain was confirmed or
denied. How much each of them weighs is learned from labelled conversations (bench/fit_need.py,
which leaves out every other sign at random, so that known words weigh no more than they are worth
where the words are new) and stands in `shades/need_outcome.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import exp
from typing import Any

from leadwise.qualify.embedded.need.hurt import Hurt, Kind
from leadwise.qualify.embedded.vectors import SHA_256

CLASSES = ("grave", "pain", "mild", "trivial", "fine", "needless", "apart", "other")
OUTCOMES = ("full", "partial", "low", "none", "not_discussed")
_KINDS: tuple[Kind, ...] = ("grave", "mild", "trivial", "fine", "needless", "pain")
_MOST = 3
"""Sentences with a sign from which more of them say no more."""


def outcome(said: Sequence[Hurt]) -> Mapping[str, float] | None:
    """The share of each outcome, adding up to 1; None where the sentence model heard nothing."""
    fitted = _fitted()
    if fitted["model"] != SHA_256 or not any(one.shares for one in said):
        return None
    found = features(said)
    sums = [
        each["bias"] + sum(w * f for w, f in zip(each["weights"], found, strict=True))
        for each in (fitted["outcomes"][name] for name in OUTCOMES)
    ]
    power = [exp(one - max(sums)) for one in sums]
    return {name: one / sum(power) for name, one in zip(OUTCOMES, power, strict=True)}


def features(said: Sequence[Hurt]) -> list[float]:
    """What counts of a talk: 24 numbers of 0 to 1.5."""
    best = [sorted((one.shares[name] for one in said if one.shares), reverse=True)[:2]
            for name in CLASSES]  # fmt: skip
    signs = [sum(one.has(kind) > 0 for one in said if one.is_need) for kind in _KINDS]
    return [
        *(max(two, default=0.0) for two in best),
        *(sum(two) / 2 for two in best),
        *(min(one, _MOST) / 2 for one in signs),
        float(any(one.answer == "yes" for one in said)),
        float(any(one.answer == "no" for one in said)),
    ]


@cache
def _fitted() -> Any:
    place = files("leadwise.qualify.embedded.shades") / "need_outcome.json"
    return json.loads(place.read_text("utf-8"))
