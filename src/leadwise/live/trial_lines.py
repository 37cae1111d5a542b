"""What the lines of two cards come to: how many leads each gives points, and where one differs."""

# ruff: noqa: S608 - names are quoted, ids are whole numbers

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadwise.asking.compare import NEW_LEDGERS, OLD_LEDGERS
from leadwise.card.model import Card
from leadwise.engines.duckdb import DuckDBEngine, quoted
from leadwise.plan import Line, lines

COUNTED = ("criterion", "adjustment")
"""Kinds of lines that somebody wrote to apply to leads; limits and ranges only hold them back."""


@dataclass(frozen=True, slots=True)
class LinePoints:
    """A line of a lead's ledger under both cards, in hundredths; None: a card has no such line."""

    label: str
    old: int | None
    new: int | None

    @property
    def difference(self) -> int:
        return (self.new or 0) - (self.old or 0)


@dataclass(frozen=True, slots=True)
class LineUse:
    """How many leads a criterion or adjustment gives or takes points; None: not in that card."""

    id: str
    dimension: str | None
    label: str
    before: int | None
    after: int | None


def counted_lines(engine: DuckDBEngine, relation: str, card: Card) -> dict[str, int]:
    """For each such line how many of the relation's leads have points by it."""
    wanted = [line for line in lines(card) if line.kind in COUNTED]
    if not wanted:
        return {}
    counts = ", ".join(f"count(*) FILTER ({quoted(line.name)} <> 0)" for line in wanted)
    (row,) = engine.connection.execute(f"SELECT {counts} FROM {relation}").fetchall()
    return dict(zip((line.name for line in wanted), row, strict=True))


def uses(
    old: Card | None, new: Card, before: Mapping[str, int], after: Mapping[str, int]
) -> tuple[LineUse, ...]:
    """The counts of both cards side by side: the new card's order, then what only the old has."""
    found: dict[str, Line] = {line.name: line for line in lines(new) if line.kind in COUNTED}
    if old is not None:
        for line in lines(old):
            if line.kind in COUNTED:
                found.setdefault(line.name, line)
    own = set(before) if old is not None else set()
    of_new = {line.name for line in lines(new)}
    return tuple(
        LineUse(
            line.id, line.dimension, line.label,
            before.get(name, 0) if name in own else None,
            after.get(name, 0) if name in of_new else None,
        )
        for name, line in found.items()
    )  # fmt: skip


def differences(
    engine: DuckDBEngine, old: Card, new: Card, lead_ids: Sequence[int]
) -> dict[int, tuple[LinePoints, ...]]:
    """For each lead the lines that differ, the greatest difference first, out of what `compare`
    left in the engine."""
    if not lead_ids:
        return {}
    before = _rows(engine, OLD_LEDGERS, old, lead_ids)
    after = _rows(engine, NEW_LEDGERS, new, lead_ids)
    known = {line.name: line for line in (*lines(new), *lines(old))}
    found = {}
    for lead_id in lead_ids:
        one, two = before[lead_id], after[lead_id]
        both = [LinePoints(ln.label, one.get(name), two.get(name)) for name, ln in known.items()]
        differing = [each for each in both if each.difference]
        found[lead_id] = tuple(sorted(differing, key=lambda each: -abs(each.difference)))
    return found


def _rows(
    engine: DuckDBEngine, relation: str, card: Card, lead_ids: Sequence[int]
) -> dict[int, dict[str, int]]:
    names = [line.name for line in lines(card)]
    listed = ", ".join(str(int(lead_id)) for lead_id in lead_ids)
    columns = ", ".join(["lead_id", *(quoted(name) for name in names)])
    rows = engine.connection.execute(
        f"SELECT {columns} FROM {relation} WHERE lead_id IN ({listed})"
    ).fetchall()
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}
