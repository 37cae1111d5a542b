"""Fields written after the outcome, events that are the outcome: what the instants show."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadwise.asking.instants import DAY_US, SECOND_US
from leadwise.asking.past import events_first_done, fields_first_known
from leadwise.asking.population import Population
from leadwise.learn.leakage.bounds import wilson
from leadwise.learn.leakage.suspect import Suspect
from leadwise.learn.moments.known import NEVER, Ends, Known, ends_of, known_of
from leadwise.learn.rows import Truths, Wholes
from leadwise.plan.relations import ALWAYS

FEWEST = 20
AFTER = 0.5
"""A field that is surely written after the outcome more often than before."""
NEAR, NEAR_US = 0.8, DAY_US
"""An event that comes so often within a day of the outcome, or after it."""
SURE = 0.3
"""An event tells the outcome where exceptions are surely fewer than this part of what they are
among all; its instant says the rest."""
GRACE_US = 60 * SECOND_US


def suspects_in_history(
    of: Population, outcomes: Mapping[str, tuple[bool, int | None]]
) -> tuple[Suspect, ...]:
    """Fields first, then events, in the order of the card; none where no outcome has a date."""
    known = known_of(of, None)
    ends = ends_of(known, outcomes)
    if not (ends.decided_us != NEVER).any():
        return ()
    found = _fields(of, known, ends) if of.card.fields else []
    return (*found, *(_events(of, known, ends) if known.events else []))


def _fields(of: Population, known: Known, ends: Ends) -> list[Suspect]:
    """When each field was first known of each lead, against when the lead was decided."""
    table = fields_first_known(of)
    decided = ends.decided_us[_places(known, table)]
    found = []
    for place, field in enumerate(of.card.fields):
        first, there = _instants(table[f"first_{place}"])
        dated = there & (first > ALWAYS) & (decided != NEVER)
        suspect = _written_after(field.name, first[dated], decided[dated])
        if suspect is None and field.type == "time":
            instant, there = _instants(table[f"value_{place}"])
            both = there & (decided != NEVER)
            suspect = _is_decision(field.name, instant[both], decided[both])
        if suspect:
            found.append(suspect)
    return found


def _written_after(name: str, first: Wholes, decided: Wholes) -> Suspect | None:
    n, after = len(first), int((first >= decided).sum())
    if n < FEWEST or wilson(after, n)[0] < AFTER:
        return None
    return Suspect(
        name, "written after",
        f"'{name}' was first known after the outcome for {after:,} of {n:,} decided leads "
        f"({after / n:.0%}).",
        {"after": after, "leads": n},
    )  # fmt: skip


def _is_decision(name: str, value: Wholes, decided: Wholes) -> Suspect | None:
    n, same = len(value), int((abs(value - decided) <= GRACE_US).sum())
    if n < FEWEST or wilson(same, n)[0] < AFTER:
        return None
    return Suspect(
        name, "tells the outcome",
        f"'{name}' is the very minute of the decision for {same:,} of {n:,} leads.",
        {"same": same, "leads": n},
    )  # fmt: skip


def _events(of: Population, known: Known, ends: Ends) -> list[Suspect]:
    """Which decided leads each kind of event happened to, and how close to the decision."""
    table = events_first_done(of)
    lead = _places(known, table)
    first = table["first_us"].to_numpy().astype(np.int64)
    names = pa.array([e.name for e in of.card.events], pa.string())
    kind = pc.index_in(table["event"], value_set=names)
    kinds = pc.fill_null(kind, -1).to_numpy().astype(np.int64)
    dated = (lead >= 0) & (ends.decided_us[lead] != NEVER)
    base = float(ends.won[ends.decided_us != NEVER].mean())
    found = []
    for place, event in enumerate(of.card.events):
        mine = dated & (kinds == place)
        gap = ends.decided_us[lead[mine]] - first[mine]
        suspect = _tells(event.name, ends.won[lead[mine]], gap, base)
        if suspect:
            found.append(suspect)
    return found


def _tells(name: str, won: Truths, gap_us: Wholes, base: float) -> Suspect | None:
    """`gap_us` is how long before the decision it first happened; negative: after it."""
    n, near = len(won), int((gap_us <= NEAR_US).sum())
    if n < FEWEST or wilson(near, n)[0] < NEAR:
        return None
    hits, after = int(won.sum()), int((gap_us <= GRACE_US).sum())
    for word, count, rate in (("won", hits, base), ("lost", n - hits, 1 - base)):
        if 1 - wilson(count, n)[0] < (1 - rate) * SURE:
            return Suspect(
                name, "tells the outcome",
                f"'{name}' happens to leads that are {word} ({count:,} of {n:,}, against "
                f"{rate:.0%} of all), at the decision or after it for {after:,} of them, within a "
                f"day before it for {near - after:,}.",
                {"leads": n, "same": count, "base": rate, "after": after, "near": near},
            )  # fmt: skip
    return None


def _places(known: Known, table: pa.Table) -> Wholes:
    """The lead of each row: its place in `known.ids`, -1 for one that is not there."""
    place = pc.index_in(table["lead_id"].combine_chunks(), value_set=known.ids)
    found: Wholes = pc.fill_null(place, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def _instants(column: pa.ChunkedArray) -> tuple[Wholes, Truths]:
    array = column.combine_chunks().cast(pa.int64())
    there = pc.is_valid(array).to_numpy(zero_copy_only=False)
    return pc.fill_null(array, 0).to_numpy(zero_copy_only=False).astype(np.int64), there
