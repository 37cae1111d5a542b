"""Trying a card on everybody before it counts: who would change band and why, what a day would
bring, and how the order would have done on past outcomes.

Asked of the mirror bucket by bucket, nothing is written. Overrides are left out: what is compared
is what the cards say. The calls of a day are counted over past days, for which leads are asked once
a day; of large populations a share stands for all.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from leadwise.asking.compare import (
    NEW_LEDGERS,
    OLD_LEDGERS,
    Calls,
    Comparison,
    compare,
    top_band,
)
from leadwise.asking.population import Population
from leadwise.card.model import Card
from leadwise.engines.entry import Dataset
from leadwise.engines.entry.notes import Notes
from leadwise.live.everybody import Progress
from leadwise.live.trial_days import arrivals, one_in
from leadwise.live.trial_lines import LinePoints, LineUse, counted_lines, differences, uses
from leadwise.live.trial_past import Past, Watched
from leadwise.store.cards import CardVersion, live_version
from leadwise.store.decided import Decided, decided_leads
from leadwise.store.mirror import Mirror, reading, update
from leadwise.store.opening import Store

SHOWN = 100
Bands: TypeAlias = "tuple[str | None, str | None]"


@dataclass(frozen=True, slots=True)
class Mover:
    """A lead whose band would change; scores in hundredths, `lines` are those that differ."""

    lead_id: int
    old_score: int
    new_score: int
    old_band: str | None
    new_band: str | None
    lines: tuple[LinePoints, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """Everybody under the live card (`before`) and the other one (`after`).

    `matrix` counts leads by (old, new) band; `movers` are those of another band whose scores differ
    most (of another score, where neither card has bands). `before` is None, and old bands are,
    where no card is live. `daily` has for each of the `days`, the longest ago first, how many leads
    came into the top band under either card; `asked_daily`: how many leads that was counted with.
    `changed`: how many get another score.
    """

    as_of_us: int
    live_id: int | None
    leads: int
    changed: int
    matrix: Mapping[Bands, int]
    before: Calls | None
    after: Calls
    days: int
    asked_daily: int
    daily: tuple[tuple[float | None, float | None], ...]
    movers: tuple[Mover, ...]
    uses: tuple[LineUse, ...]
    past: Past

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
    calls_a_day: int | None = None,
    memory_limit: str | None = None,
) -> Trial:
    """Compare a card with the live one as of now. `folder` is the mirror's, brought up to date."""
    update(store, folder, now_us, progress, memory_limit=memory_limit)
    with reading(store, folder) as mirror:
        with store.read() as connection:
            live, decided = live_version(connection), decided_leads(connection)
        now_us = max(now_us, mirror.newest_us())  # should the clock have gone back
        return compared(
            mirror, live, card, now_us, progress, decided=decided, days=days,
            calls_a_day=calls_a_day, memory_limit=memory_limit,
        )  # fmt: skip


def compared(
    mirror: Mirror,
    live: CardVersion | None,
    card: Card,
    now_us: int,
    progress: Progress,
    *,
    decided: list[Decided],
    days: int,
    calls_a_day: int | None = None,
    memory_limit: str | None = None,
) -> Trial:
    """The comparison over an open mirror."""
    old_card = live.card if live else card
    counted = _Counted(old_card, card, days, one_in(mirror.manifest.leads, days), mirror.buckets)
    watched = Watched(decided, mirror.buckets)
    for done, part in enumerate(mirror.parts):
        progress(done, len(mirror.parts), "comparing")
        # Fresh engines: what a comparison leaves behind is as large as a bucket's answers.
        with mirror.engine(memory_limit) as one, mirror.engine(memory_limit) as two:
            mirror.relate(one, old_card, part)
            mirror.relate(two, card, part)
            old = Population(old_card, Dataset(one, Notes()), one)
            new = Population(card, Dataset(two, Notes()), two)
            counted.add(old, new, compare(old, new, now_us, days=0), alone=live is None)
            watched.add(old, new, part, now_us)
    progress(len(mirror.parts), len(mirror.parts), "looking back")
    past = watched.past(calls_a_day, alone=live is None)
    return counted.trial(now_us, live, past)


class _Counted:
    """What the buckets add up to."""

    def __init__(self, old: Card, new: Card, days: int, share: int, buckets: int) -> None:
        self.cards, self.days, self.share, self.buckets = (old, new), days, share, buckets
        self.matrix: Counter[Bands] = Counter()
        self.waiting = [0, 0]
        self.daily = [[0] * days if top_band(card) is not None else [] for card in self.cards]
        self.asked = self.changed = 0
        self.uses: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self.movers: list[Mover] = []

    def add(self, old: Population, new: Population, found: Comparison, *, alone: bool) -> None:
        engine = old.read.engine
        self.matrix.update(found.matrix)
        for place, calls in enumerate((found.before, found.after)):
            self.waiting[place] += calls.waiting
        self.changed += pc.sum(pc.not_equal(found.leads["difference"], 0)).as_py() or 0
        for place, relation in enumerate((OLD_LEDGERS, NEW_LEDGERS)):
            self.uses[place].update(counted_lines(engine, relation, self.cards[place]))
        if not alone:
            self._add_movers(old, found)
        as_of_us = found.as_of_us
        for place, of in enumerate((old, new)):
            if place == 0 and alone:
                continue
            counts = arrivals(of, as_of_us, self.days, self.buckets, self.share)
            self.daily[place] = [
                one + other for one, other in zip(self.daily[place], counts, strict=True)
            ]
        ids = found.leads["lead_id"].cast(pa.int64()).to_pylist()
        self.asked += sum(1 for lead_id in ids if lead_id // self.buckets % self.share == 0)

    def _add_movers(self, old: Population, found: Comparison) -> None:
        moved = pc.not_equal(_text(found, "old_band"), _text(found, "new_band"))
        if not self.cards[0].bands and not self.cards[1].bands:
            moved = pc.not_equal(found.leads["difference"], 0)
        rows = found.leads.filter(moved).slice(0, SHOWN).to_pylist()
        movers = [
            Mover(
                row["lead_id"], row["old_score"], row["new_score"], row["old_band"],
                row["new_band"],
            )
            for row in rows
        ]  # fmt: skip
        kept = heapq.nsmallest(SHOWN, [*self.movers, *movers], key=_farthest_first)
        fresh = [mover.lead_id for mover in kept if mover in movers]
        why = differences(old.read.engine, *self.cards, fresh)
        self.movers = [
            replace(mover, lines=why[mover.lead_id]) if mover.lead_id in why else mover
            for mover in kept
        ]

    def trial(self, now_us: int, live: CardVersion | None, past: Past) -> Trial:
        leads = sum(self.matrix.values())
        weight = leads / self.asked if self.asked else 0.0
        before, after = (
            Calls(
                top_band(card), waiting,
                weight * sum(daily) / self.days if self.days and card.bands else None,
            )
            for card, waiting, daily in zip(self.cards, self.waiting, self.daily, strict=True)
        )  # fmt: skip
        matrix: Counter[Bands] = self.matrix
        if live is None:
            matrix = Counter()
            for (_, new), count in self.matrix.items():
                matrix[None, new] += count
        daily = tuple(
            (
                weight * self.daily[0][day] if live and self.daily[0] else None,
                weight * self.daily[1][day] if self.daily[1] else None,
            )
            for day in range(self.days)
        )
        used = uses(self.cards[0] if live else None, self.cards[1], *self.uses)
        return Trial(
            now_us, live.id if live else None, leads, self.changed if live else leads,
            dict(matrix), before if live else None, after, self.days, self.asked, daily,
            tuple(self.movers), used, past,
        )  # fmt: skip


def _text(found: Comparison, column: str) -> pa.ChunkedArray:
    """A card without bands has none: told apart from every band."""
    return pc.fill_null(found.leads[column].cast(pa.string()), "")


def _farthest_first(mover: Mover) -> tuple[int, int]:
    return -abs(mover.new_score - mover.old_score), mover.lead_id
