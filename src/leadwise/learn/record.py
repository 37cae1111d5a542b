"""Rows out of the record: the mirror's events and facts, the outcomes that people reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa

from leadwise.asking.past import leads_of, received_late
from leadwise.asking.population import Population
from leadwise.card.model import Card
from leadwise.engines.entry import Dataset
from leadwise.engines.entry.notes import Notes
from leadwise.learn.leakage import Suspect, suspects_in_history
from leadwise.learn.moments import Built, LeftOut, Watch
from leadwise.learn.moments.build import created_of, require_rows
from leadwise.learn.moments.dated import UNDATED_FACTS, dated_rows
from leadwise.learn.moments.known import ends_of, known_of
from leadwise.learn.moments.pieces import asked_of
from leadwise.learn.rows import Rows, Wholes, joined
from leadwise.live.everybody import Progress
from leadwise.store.decided import outcomes_of
from leadwise.store.mirror import Mirror, reading, update
from leadwise.store.opening import Store

Goal: TypeAlias = Literal["won", "sales_qualified"]
LATE_COUNTS = (
    "Most events were received more than a day after they happened, as an import is: they count as "
    "of when they happened."
)


def record_rows(
    store: Store,
    folder: Path,
    card: Card,
    watch: Watch,
    now_us: int,
    progress: Progress,
    *,
    goal: Goal = "won",
    memory_limit: str | None = None,
) -> Built:
    """The rows of everybody in the record. `folder` is the mirror's, brought up to date first.

    `card` as for `training_rows`; outcomes are known until `now_us`, if `watch` does not say
    otherwise. Where most of the history was imported, `watch.late_counts` is taken. Raises
    UserError where no row is left.
    """
    update(store, folder, now_us, progress, memory_limit=memory_limit)
    with reading(store, folder) as mirror:
        with store.read() as connection:
            outcomes = outcomes_of(connection, goal)
        end = now_us if watch.end_us is None else min(watch.end_us, now_us)
        watch = replace(watch, end_us=end, late_counts=watch.late_counts or _imported(mirror, card))
        parts = []
        for done, part in enumerate(mirror.parts):
            progress(done, len(mirror.parts), "looking back")
            mine = _of_bucket(outcomes, mirror.buckets, part)
            parts.append(_part(mirror, card, watch, mine, part, memory_limit))
    progress(len(mirror.parts), len(mirror.parts), "looking back")
    return require_rows(_joined(parts, watch))


def recent_rows(
    store: Store,
    folder: Path,
    card: Card,
    watch: Watch,
    now_us: int,
    progress: Progress,
    *,
    since_us: int,
    memory_limit: str | None = None,
) -> Built:
    """The moments since then whether their horizon is over or not: who came, what they scored and
    what was known of them. Nothing is said of outcomes: `won` is False everywhere."""
    watch = replace(watch, horizon_us=1, from_us=since_us)
    found = record_rows(store, folder, card, watch, now_us, progress, memory_limit=memory_limit)
    rows = replace(found.rows, won=np.zeros(len(found.rows), bool))
    return replace(found, rows=rows, left_out=replace(found.left_out, unfinished=0))


def record_scores(
    store: Store,
    folder: Path,
    card: Card,
    rows: Rows,
    progress: Progress,
    *,
    late_counts: bool = False,
    memory_limit: str | None = None,
) -> Wholes:
    """What another card says at the moments of `rows`, in hundredths; `folder` as it is."""
    found = np.zeros(len(rows), np.int64)
    lead = np.array(rows.lead_id.cast(pa.int64()))
    with reading(store, folder) as mirror:
        late_counts = late_counts or _imported(mirror, card)
        for done, part in enumerate(mirror.parts):
            progress(done, len(mirror.parts), "asking another card")
            here = np.flatnonzero(lead % mirror.buckets == part) if part is not None else None
            at = np.arange(len(rows)) if here is None else here
            with mirror.engine(memory_limit) as engine:
                mirror.relate(engine, card, part)
                of = Population(card, Dataset(engine, Notes()), engine)
                ids = pa.array(lead[at], leads_of(of).type)
                found[at] = asked_of(of, ids, rows.as_of_us[at], late_counts=late_counts).score
    return found


def record_suspects(
    store: Store, folder: Path, card: Card, *, goal: Goal = "won", memory_limit: str | None = None
) -> tuple[Suspect, ...]:
    """Fields written after the outcome and events that are it, of everybody; `folder` as it is."""
    with reading(store, folder) as mirror, mirror.engine(memory_limit) as engine:
        with store.read() as connection:
            outcomes = outcomes_of(connection, goal)
        mirror.relate(engine, card)
        of = Population(card, Dataset(engine, Notes()), engine)
        return suspects_in_history(of, _of_bucket(outcomes, mirror.buckets, None))


def _part(
    mirror: Mirror,
    card: Card,
    watch: Watch,
    outcomes: Mapping[str, tuple[bool, int | None]],
    part: int | None,
    memory_limit: str | None,
) -> Built:
    with mirror.engine(memory_limit) as engine:
        mirror.relate(engine, card, part)
        of = Population(card, Dataset(engine, Notes()), engine)
        known = known_of(of, created_of(card, watch), late_counts=watch.late_counts)
        return dated_rows(of, known, ends_of(known, outcomes), watch)


def _of_bucket(
    outcomes: Mapping[int, tuple[bool, int]], buckets: int, part: int | None
) -> dict[str, tuple[bool, int | None]]:
    return {
        str(lead): outcome
        for lead, outcome in outcomes.items()
        if part is None or lead % buckets == part
    }


def _imported(mirror: Mirror, card: Card) -> bool:
    """Whether most events were received more than a day late."""
    with mirror.engine() as engine:
        mirror.relate(engine, replace(card, fields=(), events=(), measures=()))
        late, many = received_late(Population(card, None, engine))
    return 2 * late > many


def _joined(parts: Sequence[Built], watch: Watch) -> Built:
    """The buckets as one; their leads are numbered one after the other."""
    rows, before = [], 0
    for part in parts:
        rows.append(replace(part.rows, lead=part.rows.lead + before))
        before += int(part.rows.lead.max(initial=-1)) + 1
    left = LeftOut(
        *(sum(getattr(part.left_out, field.name) for part in parts) for field in fields(LeftOut))
    )
    notes = [note for part in parts for note in part.notes if note not in part.left_out.lines()]
    dated = any(part.dated_facts for part in parts)
    if dated:
        notes = [note for note in notes if note != UNDATED_FACTS]
    notes += [LATE_COUNTS] if watch.late_counts else []
    said = (*dict.fromkeys(notes), *left.lines())
    return Built(joined(rows), left, said, watch.end_us, dated)
