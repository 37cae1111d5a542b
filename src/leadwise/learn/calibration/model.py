"""The probability that a score means, as a table that can be read, stored and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from leadwise.learn.rows import Floats

Method: TypeAlias = Literal["isotonic", "beta"]


@dataclass(frozen=True, slots=True)
class Knot:
    """At this score (points, or whatever the order counts in): the probability that the lead is
    won within the horizon, 0 to 1, and its 95 percent interval."""

    score: float
    probability: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What scores meant in the past. Between knots the probability is read off a straight line,
    beyond the first and last it stays theirs.

    `base_rate` is the share won among the `rows` it was fitted on (`won` of them, `leads` leads);
    `least` is the smallest probability ever said, `1 - least` the largest.
    """

    method: Method
    knots: tuple[Knot, ...]
    rows: int
    leads: int
    won: int
    base_rate: float
    least: float
    horizon_us: int | None = None

    def probability(self, score: Floats) -> Floats:
        """The probability of each score."""
        return self._read(score, [knot.probability for knot in self.knots])

    def interval(self, score: Floats) -> tuple[Floats, Floats]:
        """The 95 percent interval of the probability of each score."""
        low = self._read(score, [knot.low for knot in self.knots])
        return low, self._read(score, [knot.high for knot in self.knots])

    def _read(self, score: Floats, values: list[float]) -> Floats:
        read = np.interp(score, [knot.score for knot in self.knots], values)
        clamped: Floats = np.clip(read, self.least, 1 - self.least)
        return clamped

    def document(self) -> dict[str, object]:
        """As plain data, for the record; `from_document` reads it back."""
        return {
            "method": self.method,
            "knots": [[k.score, k.probability, k.low, k.high] for k in self.knots],
            "rows": self.rows, "leads": self.leads, "won": self.won,
            "base_rate": self.base_rate, "least": self.least, "horizon_us": self.horizon_us,
        }  # fmt: skip


def from_document(document: dict[str, object]) -> Calibration:
    """A calibration as `Calibration.document` wrote it."""
    knots = document["knots"]
    assert isinstance(knots, list)
    fields = {name: value for name, value in document.items() if name != "knots"}
    return Calibration(knots=tuple(Knot(*map(float, knot)) for knot in knots), **fields)  # type: ignore[arg-type] # what we wrote ourselves
