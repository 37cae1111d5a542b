"""What a loaded model can be asked, whatever kind it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from leadwise.learn.rows import Floats


@dataclass(frozen=True, slots=True)
class Terms:
    """What made the raw scores of `n` rows, in log odds: `base`, the same for all, and a column of
    `values` (n, terms) for each term, which reads the columns `reads[term]` of the matrix. Base and
    values of a row add up to its raw score."""

    base: float
    reads: tuple[tuple[int, ...], ...]
    values: Floats


class Model(Protocol):
    """A model as it was read from its text. `x` is a matrix (rows, columns) as `Features` makes."""

    def raw(self, x: Floats) -> Floats:
        """Log odds of each row."""
        ...

    def terms(self, x: Floats) -> Terms:
        """What made them."""
        ...
