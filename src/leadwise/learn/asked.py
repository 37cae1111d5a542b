"""What a study may be told: how the past is cut, what may be used, what the team can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import Any

from leadwise.asking.instants import DAY_US
from leadwise.learn.moments import Watch


@dataclass(frozen=True, slots=True)
class Asked:
    """`horizon_days` after a moment a win counts; a moment every `every_days` while a lead is open.

    `allow`: fields and events that are truly known by then, though they look as if they gave the
    outcome away; `without`: those not to learn from. `calls_a_day` of the team (None: the
    setting's); `value` of a deal and `cost` of a call for thresholds. `until_us`: outcomes count
    until then (None: until the study was asked). `name` of a model: cards read it as the field
    `model_<name>`; `kinds` of models to choose among (none: all).
    """

    horizon_days: float = 90
    every_days: float = 7
    allow: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    calls_a_day: int | None = None
    value: float | None = None
    cost: float | None = None
    until_us: int | None = None
    name: str = "best"
    kinds: tuple[str, ...] = ()

    @property
    def watch(self) -> Watch:
        return Watch(
            horizon_us=round(self.horizon_days * DAY_US),
            every_us=round(self.every_days * DAY_US),
            end_us=self.until_us,
        )

    def document(self) -> dict[str, Any]:
        """As plain JSON; `from_document` reads it back."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}


def from_document(document: Mapping[str, Any]) -> Asked:
    """What `Asked.document` wrote; names that are not known are left out."""
    known = {name: document[name] for name in asdict(Asked()) if document.get(name) is not None}
    found = replace(Asked(), **known)
    return replace(
        found, allow=tuple(found.allow), without=tuple(found.without), kinds=tuple(found.kinds)
    )


def plain(value: Any) -> Any:
    """Plain data for JSON: lists, and null for what cannot be said."""
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if hasattr(value, "item"):  # a number of numpy's
        value = value.item()
    return None if isinstance(value, float) and not isfinite(value) else value
