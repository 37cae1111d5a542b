"""What an engine holds of a population: its leads, when each came, whether there is a history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadwise.asking.past import leads_as_read, leads_of, when_created, when_known, when_seen
from leadwise.asking.population import Population
from leadwise.learn.rows import Truths, Wholes
from leadwise.plan.relations import FOREVER

NEVER = FOREVER
"""An instant that does not come."""


@dataclass(frozen=True, slots=True)
class Known:
    """`ids` are the leads in order of their id, in the type that the engine keeps; `came_us` is
    when each is first known to have been there (`NEVER` where nothing tells).

    `events` and `dated_facts` say whether there is a history of them; `latest_us` is the last
    instant at which something was received (None: nothing has a date).
    """

    ids: pa.Array
    came_us: Wholes
    many: Wholes
    events: bool
    dated_facts: bool
    latest_us: int | None

    @property
    def flat(self) -> bool:
        """Whether there is one row a lead, and nothing says since when it holds."""
        return not self.events and not self.dated_facts


@dataclass(frozen=True, slots=True)
class Ends:
    """What became of each lead of `Known.ids`: `said` whether there is an outcome, `won`, and
    `decided_us` when (`NEVER` where that is not known or not decided); `strangers` are outcomes of
    leads that are not there; `latest_us` is the last decision of all (None: none has a date)."""

    said: Truths
    won: Truths
    decided_us: Wholes
    strangers: int
    latest_us: int | None


def known_of(of: Population, created: str | None, *, late_counts: bool = False) -> Known:
    """Ask the engine; `created` is the time field that says when a lead came."""
    ids = leads_of(of)
    event, fact = when_seen(of, late_counts=late_counts), when_known(of)
    tables = [event, fact, *([when_created(of, created)] if created is not None else [])]
    came = np.full(len(ids), NEVER, np.int64)
    for table in tables:
        came = np.minimum(came, _placed(ids, table, "first_us", NEVER))
    latest = [pc.max(table["last_us"]).as_py() for table in (event, fact) if table.num_rows]
    return Known(
        ids,
        came,
        _placed(ids, event, "many", 0),
        event.num_rows > 0,
        fact.num_rows > 0,
        max(latest, default=None),
    )


def ends_of(known: Known, outcomes: Mapping[str, tuple[bool, int | None]]) -> Ends:
    """The outcomes beside the leads."""
    texts = known.ids.cast(pa.string())
    given = pa.array(list(outcomes), pa.string())
    place = pc.index_in(texts, value_set=given)
    said = pc.is_valid(place).to_numpy(zero_copy_only=False)
    at = pc.fill_null(place, 0).to_numpy().astype(np.int64)
    won = np.array([pair[0] for pair in outcomes.values()] or [False])
    decided = np.array(
        [NEVER if pair[1] is None else pair[1] for pair in outcomes.values()] or [NEVER], np.int64
    )
    dated = decided[decided != NEVER]
    return Ends(
        said,
        won[at] & said,
        np.where(said, decided[at], NEVER),
        len(given) - int(said.sum()),
        int(dated.max()) if len(dated) else None,
    )


def places_in_file(of: Population, known: Known) -> Wholes:
    """The place of each lead's row, from 0, in the order in which the file was read."""
    read = leads_as_read(of)
    numbers = pc.index_in(known.ids, value_set=read.cast(known.ids.type))
    found: Wholes = pc.fill_null(numbers, 0).to_numpy().astype(np.int64)
    return found


def _placed(ids: pa.Array, table: pa.Table, column: str, none: int) -> Wholes:
    """A column beside the leads, `none` for those that are not in the table."""
    if not table.num_rows:
        return np.full(len(ids), none, np.int64)
    place = pc.index_in(ids, value_set=table["lead_id"].combine_chunks().cast(ids.type))
    values = table[column].combine_chunks().cast(pa.int64())
    found: Wholes = pc.fill_null(values.take(place), none).to_numpy().astype(np.int64)
    return found
