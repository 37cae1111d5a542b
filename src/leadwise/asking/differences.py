"""Which lines of the ledger differ between two cards, for the leads that are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leadwise.asking.population import Moment, Population, ask_each
from leadwise.plan import Line, lines


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line under the old and under the new card, in hundredths; None: the card has none."""

    line: Line
    old: int | None
    new: int | None

    @property
    def difference(self) -> int:
        return (self.new or 0) - (self.old or 0)


def line_changes(
    old: Population, new: Population, lead_ids: Sequence[str], as_of_us: int
) -> dict[str, tuple[LineChange, ...]]:
    """For each lead the lines that differ, the greatest difference first; they add up to it."""
    moments = [Moment(lead_id, as_of_us, as_of_us) for lead_id in lead_ids]
    before, after = _ledgers(old, moments), _ledgers(new, moments)
    known = {line.name: line for line in (*lines(new.card), *lines(old.card))}
    found: dict[str, tuple[LineChange, ...]] = {}
    for lead_id in lead_ids:
        one, two = before[lead_id], after[lead_id]
        changes = [LineChange(line, one.get(name), two.get(name)) for name, line in known.items()]
        differing = [change for change in changes if change.difference]
        found[lead_id] = tuple(sorted(differing, key=lambda change: -abs(change.difference)))
    return found


def _ledgers(of: Population, moments: Sequence[Moment]) -> dict[str, dict[str, Any]]:
    names = {line.name for line in lines(of.card)}
    rows = ask_each(of, moments).to_pylist()
    return {row["lead_id"]: {k: v for k, v in row.items() if k in names} for row in rows}
