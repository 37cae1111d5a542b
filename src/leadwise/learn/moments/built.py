"""What comes of choosing moments: rows, what was left out and why, and what a reader must know."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from leadwise.learn.rows import Rows


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Numbers of what did not become rows.

    `unfinished`: moments whose horizon was not over at the end; `unsaid`: leads without an outcome
    of which nobody can say what they came to; `unseen`: leads that nothing dates; `late`: leads of
    which nothing was known before they were decided; `strangers`: outcomes of leads that are not
    among the leads.
    """

    unfinished: int = 0
    unsaid: int = 0
    unseen: int = 0
    late: int = 0
    strangers: int = 0

    def lines(self) -> tuple[str, ...]:
        """One sentence for each that is not 0."""
        said = {
            "unfinished": "moments left out because their horizon was not over",
            "unsaid": "leads left out because they have no outcome",
            "unseen": "leads left out because nothing says when they came",
            "late": "leads left out because nothing was known of them before they were decided",
            "strangers": "outcomes of leads that are not among the leads",
        }
        counts = {field.name: getattr(self, field.name) for field in fields(self)}
        return tuple(f"{counts[name]:,} {text}." for name, text in said.items() if counts[name])


@dataclass(frozen=True, slots=True)
class Built:
    """The rows to learn from. `end_us` is the last instant of which outcomes are known, None where
    nothing is dated; `dated_facts`: fields are known since an instant, so that none was written
    after its moment."""

    rows: Rows
    left_out: LeftOut
    notes: tuple[str, ...]
    end_us: int | None
    dated_facts: bool = False


def numbered(rows: Rows) -> Rows:
    """The same with leads numbered from 0 without gaps."""
    _, lead = np.unique(rows.lead, return_inverse=True)
    return replace(rows, lead=lead.astype(np.int64))
