"""Trying a card on everybody before it counts: who would change band, and what a day would bring.

Asked of the mirror bucket by bucket, nothing is written. Overrides are left out: what is compared
is what the cards say. The calls of a day are counted over past days, for which every lead is asked
once a day; of large populations a share stands for all.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from leadwise.asking.compare import Calls, Comparison, compare
from leadwise.asking.population import Population
from leadwise.card.model import Card
from leadwise.engines.entry import Dataset
from leadwise.engines.entry.notes import Notes
from leadwise.live.everybody import Progress
from leadwise.store.cards import CardVersion, live_version
from leadwise.store.mirror import Mirror, reading, update
from leadwise.store.opening import Store

MOST_LEADS_OF_DAYS = 100_000
"""Leads that are asked day by day, before a share stands for all: some millions of moments."""
SHOWN = 100
Bands: TypeAlias = "tuple[str | None, str | None]"


@dataclass(frozen=True, slots=True)
class Mover:
    """A lead whose band would change; scores in hundredths."""

    lead_id: int
    old_score: int
    new_score: int
    old_band: str | None
    new_band: str | None


@dataclass(frozen=True, slots=True)
class Trial:
    """Everybody under the live card (`before`) and the other one (`after`).

    `matrix` counts leads by (old, new) band; `movers` are those of another band whose scores differ
    most. `before` is None, and old bands are, where no card is live. `asked_daily`: how many leads
    the calls of a day were counted with.
    """

    as_of_us: int
    live_id: int | None
    leads: int
    matrix: Mapping[Bands, int]
    before: Calls | None
    after: Calls
    days: int
    asked_daily: int
    movers: tuple[Mover, ...]

    @property
    def moved(self) -> int:
        """How many leads would change their band."""
        return sum(count for (old, new), count in self.matrix.items() if old != new)


def try_card(
    store: Store,
    folder: Path,
    card: Card,
    now_us: int,
    progress: Progress,
    *,
    days: int = 28,
    memory_limit: str | None = None,
) -> Trial:
    """Compare a card with the live one as of now. `folder` is the mirror's, brought up to date."""
    update(store, folder, now_us, progress, memory_limit=memory_limit)
    with reading(store, folder) as mirror:
        with store.read() as connection:
            live = live_version(connection)
        now_us = max(now_us, mirror.newest_us())  # should the clock have gone back
        return compared(mirror, live, card, now_us, progress, days=days, memory_limit=memory_limit)


def compared(
    mirror: Mirror,
    live: CardVersion | None,
    card: Card,
    now_us: int,
    progress: Progress,
    *,
    days: int,
    memory_limit: str | None = None,
) -> Trial:
    """The comparison over an open mirror."""
    counted = _Counted()
    for done, part in enumerate(mirror.parts):
        progress(done, len(mirror.parts), "comparing")
        daily = days if counted.daily < MOST_LEADS_OF_DAYS else 0
        # Fresh engines: what a comparison leaves behind is as large as a bucket's answers.
        with mirror.engine(memory_limit) as one, mirror.engine(memory_limit) as two:
            old_card = live.card if live else card
            mirror.relate(one, old_card, part)
            mirror.relate(two, card, part)
            old = Population(old_card, Dataset(one, Notes()), one)
            new = Population(card, Dataset(two, Notes()), two)
            counted.add(compare(old, new, now_us, days=daily))
    progress(len(mirror.parts), len(mirror.parts), "comparing")
    return counted.trial(now_us, live, days)


class _Counted:
    """What the buckets add up to."""

    def __init__(self) -> None:
        self.matrix: Counter[Bands] = Counter()
        self.bands: tuple[str | None, str | None] = (None, None)
        self.waiting = [0, 0]
        self.arrivals = [0.0, 0.0]
        self.daily = 0
        self.movers: list[Mover] = []

    def add(self, found: Comparison) -> None:
        self.matrix.update(found.matrix)
        self.bands = (found.before.band, found.after.band)
        for place, calls in enumerate((found.before, found.after)):
            self.waiting[place] += calls.waiting
            self.arrivals[place] += calls.per_day or 0
        if found.days:
            self.daily += found.leads.num_rows
        differing = found.leads.filter(
            pc.not_equal(_text(found, "old_band"), _text(found, "new_band"))
        )
        rows = differing.slice(0, SHOWN).to_pylist()
        movers = [
            Mover(
                row["lead_id"], row["old_score"], row["new_score"], row["old_band"],
                row["new_band"],
            )
            for row in rows
        ]  # fmt: skip
        self.movers = heapq.nsmallest(SHOWN, [*self.movers, *movers], key=_farthest_first)

    def trial(self, now_us: int, live: CardVersion | None, days: int) -> Trial:
        leads = sum(self.matrix.values())
        share = leads / self.daily if self.daily else 0.0
        before, after = (
            Calls(band, waiting, arrivals * share if days and band is not None else None)
            for band, waiting, arrivals in zip(self.bands, self.waiting, self.arrivals, strict=True)
        )
        if live is None:
            alone: Counter[Bands] = Counter()
            for (_, new), count in self.matrix.items():
                alone[None, new] += count
            return Trial(now_us, None, leads, alone, None, after, days, self.daily, ())
        return Trial(
            now_us, live.id, leads, dict(self.matrix), before, after, days, self.daily,
            tuple(self.movers),
        )  # fmt: skip


def _text(found: Comparison, column: str) -> pa.ChunkedArray:
    """A card without bands has none: told apart from every band."""
    return pc.fill_null(found.leads[column].cast(pa.string()), "")


def _farthest_first(mover: Mover) -> tuple[int, int]:
    return -abs(mover.new_score - mover.old_score), mover.lead_id
