"""Rows to learn from: one for each moment at which somebody would have decided.

A row is the card's query asked at a past moment, with what had reached us by then; its label is
what came of the lead within a horizon after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadwise.card.model import Card

Floats: TypeAlias = NDArray[np.float64]
Wholes: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]
Why: TypeAlias = Literal["arrival", "band", "open", "once"]
"""Why somebody would have decided: the lead came, its band changed, so many days went by while it
was open; `once` where the input has no history."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the hand-made card that has points of its own: a tier, an `otherwise`, an
    `unknown`, an occurrence, an adjustment.

    `place` is the tier's number from 0. `points` are the card's, in hundredths (of an occurrence:
    each one's; of an adjustment: None, its percent stands in the card).
    """

    criterion: str
    kind: Literal["tier", "otherwise", "unknown", "occurrence", "adjustment"]
    place: int = 0
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """`n` rows in order of `when_us`, ties by lead.

    `lead` numbers the leads from 0 (rows of one lead are not independent), `lead_id` is one text a
    row; `won` is the label; `when_us` is `as_of_us`, or the place in the file where only the order
    of rows is known (`dated` is then False). `score` is the hand-made card's, hundredths, as of
    then, `band` its band's place from 0 (-1: none). `pieces` has a column for each of
    `piece_names`: 1 where the tier is the one that counts, or how many occurrences count (aged,
    after `limit.times`, before `limit.points`). `values` has a column for each field and measure
    of `card` (number: double, NULL unknown; text and choice: string; boolean: int64; time: int64
    microseconds).
    """

    card: Card
    lead: Wholes
    lead_id: pa.Array
    as_of_us: Wholes
    when_us: Wholes
    why: NDArray[np.str_]
    won: Truths
    score: Wholes
    band: Wholes
    pieces: Floats
    piece_names: tuple[Piece, ...]
    values: pa.Table
    dated: bool = True
    has_history: bool = True

    def __len__(self) -> int:
        return len(self.won)

    def take(self, which: Wholes | Truths) -> Rows:
        """The rows at these places (or where the mask is true), in the same order."""
        at = np.flatnonzero(which) if which.dtype == np.bool_ else which
        chosen: dict[str, Any] = {
            name: getattr(self, name)[at]
            for name in ("lead", "as_of_us", "when_us", "why", "won", "score", "band", "pieces")
        }
        places = pa.array(at)
        chosen["lead_id"] = self.lead_id.take(places)
        chosen["values"] = self.values.take(places)
        return replace(self, **chosen)

    def numbers(self, name: str) -> Floats:
        """A column of `values` as doubles, NaN where unknown; UserError has no place here: texts
        raise TypeError."""
        column = self.values[name].combine_chunks()
        if pa.types.is_string(column.type):
            raise TypeError(f"{name} is a text")
        found: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return found


class Scorer(Protocol):
    """What orders rows: the larger, the sooner to be called."""

    def __call__(self, rows: Rows) -> Floats: ...


class Learner(Protocol):
    """What makes a scorer out of rows that are over; the same rows give the same scorer."""

    @property
    def name(self) -> str: ...

    def learn(self, rows: Rows) -> Scorer: ...


def by_hand(rows: Rows) -> Floats:
    """The hand-made card as a scorer: its points."""
    return rows.score / 100.0


def joined(parts: Sequence[Rows]) -> Rows:
    """Rows of the same card put one after the other, in order of time again; lead numbers are
    those of the first part's numbering and must agree."""
    first = parts[0]
    chosen: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("lead", "as_of_us", "when_us", "why", "won", "score", "band", "pieces")
    }
    chosen["lead_id"] = pa.concat_arrays([part.lead_id for part in parts])
    chosen["values"] = pa.concat_tables([part.values for part in parts])
    order = np.lexsort((chosen["lead"], chosen["when_us"]))
    return replace(first, **chosen).take(order)
