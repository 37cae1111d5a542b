"""Many cases as one card, for an engine on which each query costs seconds.

Every name and id gets its case's prefix, every lead's id too. What belongs to a whole card (bands,
grade, adjustments and bounds of the score) cannot be merged; such cases are asked by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from leadwise.asking.population import Moment, Population
from leadwise.card.expression import Name
from leadwise.card.model import (
    Adjustment,
    Card,
    Criterion,
    Dimension,
    Event,
    Measure,
    OccurrenceCriterion,
    Occurrences,
    Range,
    Tier,
    Variable,
)
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.engines.entry import Dataset
from leadwise.engines.entry.dataset import TABLES
from tests.asking_engines import from_files
from tests.corpus import Case
from tests.oracle import Answer

T = TypeVar("T")
OURS = {"lead_id", "event", "at_us", "received_us", "from_us", "until_us"}


@dataclass(frozen=True)
class Merged:
    """Cases with the same time zone as one card, its tables and moments, in the cases' order."""

    cases: tuple[Case, ...]
    card: Card
    tables: dict[str, pa.Table]
    moments: tuple[Moment, ...]

    def population(self, engine: DuckDBEngine) -> Population:
        dataset = Dataset.from_arrow(self.card, **self.tables, engine=engine)
        return Population(self.card, dataset, engine)


def is_mergeable(card: Card) -> bool:
    return not (card.adjustments or card.bands or card.grade) and card.range == Range()


def prefix(place: int) -> str:
    return f"k{place}_"


def merge(cases: Sequence[Case], folder: Path, engine: DuckDBEngine) -> Merged:
    """Reads each case as the product reads files, then puts all tables under one card."""
    cards = [case.card for case in cases]
    tables: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
    moments = []
    for place, (case, card) in enumerate(zip(cases, cards, strict=True)):
        from_files(card, case.leads, case.events, folder, engine)
        for name in TABLES:
            tables[name].append(prefixed(engine.read(name), prefix(place)))
        moments += [
            Moment(prefix(place) + ask.lead, ask.as_of_us, ask.known_by_us) for ask in case.asks
        ]
    card = merged_card([under(card, prefix(place)) for place, card in enumerate(cards)])
    whole = {n: pa.concat_tables(t, promote_options="default") for n, t in tables.items()}
    return Merged(tuple(cases), card, whole, tuple(moments))


def prefixed(data: pa.Table | pa.RecordBatchReader, start: str) -> pa.Table:
    """The values of lead_id and event, and the names of the card's own columns, with the prefix."""
    table = data if isinstance(data, pa.Table) else data.read_all()
    names = [name if name in OURS else start + name for name in table.column_names]
    columns = [
        pa.array([start + value for value in table[name].to_pylist()], pa.string())
        if name in ("lead_id", "event")
        else table[name]
        for name in table.column_names
    ]
    return pa.table(columns, names=names)


def merged_card(cards: Sequence[Card]) -> Card:
    return replace(
        cards[0],
        dimensions=tuple(d for card in cards for d in card.dimensions),
        fields=tuple(v for card in cards for v in card.fields),
        events=tuple(e for card in cards for e in card.events),
        measures=tuple(m for card in cards for m in card.measures),
    )


def under(card: Card, start: str) -> Card:
    """The card with the prefix before every name and id."""

    def named(variables: Iterable[Variable]) -> tuple[Variable, ...]:
        return tuple(replace(v, name=start + v.name) for v in variables)

    def happening(which: Occurrences) -> Occurrences:
        on = tuple(e.name for e in card.events) if which.on == ("any",) else which.on
        return Occurrences(tuple(start + name for name in on), put(which.where), which.within)

    def put(part: T) -> T:
        return renamed(part, start)

    def criterion(old: Criterion) -> Criterion:
        if isinstance(old, OccurrenceCriterion):
            return replace(
                old,
                id=start + old.id,
                occurrences=happening(old.occurrences),
                distinct=None if old.distinct is None else start + old.distinct,
                when=put(old.when),
            )
        tiers = tuple(Tier(put(tier.when), tier.points) for tier in old.tiers)
        return replace(old, id=start + old.id, tiers=tiers)

    def adjustment(old: Adjustment) -> Adjustment:
        return replace(old, id=start + old.id, when=put(old.when))

    def measure(old: Measure) -> Measure:
        return replace(
            old,
            name=start + old.name,
            occurrences=happening(old.occurrences),
            property=None if old.property is None else start + old.property,
        )

    def dimension(old: Dimension) -> Dimension:
        return replace(
            old,
            id=start + old.id,
            criteria=tuple(map(criterion, old.criteria)),
            adjustments=tuple(map(adjustment, old.adjustments)),
        )

    return replace(
        card,
        dimensions=tuple(map(dimension, card.dimensions)),
        fields=named(card.fields),
        events=tuple(Event(start + e.name, named(e.properties)) for e in card.events),
        measures=tuple(map(measure, card.measures)),
    )


def renamed(part: T, start: str) -> T:
    """The same tree of a condition with the prefix before each name."""
    if isinstance(part, Name):
        return replace(part, name=start + part.name)
    if isinstance(part, tuple):
        return tuple(renamed(item, start) for item in part)
    if is_dataclass(part) and not isinstance(part, type):
        changes: dict[str, Any] = {
            f.name: renamed(getattr(part, f.name), start) for f in fields(part) if f.name != "span"
        }
        return replace(part, **changes)
    return part


def part_of(answer: Answer, start: str) -> Answer:
    """What the merged answer says of one case; its score is the sum of its dimensions."""
    dimensions = cut(answer.dimensions, start)
    return Answer(
        lines=cut(answer.lines, start),
        dimensions=dimensions,
        score=sum(dimensions.values()),
        band=None,
        grade=None,
        unknown=tuple(i.removeprefix(start) for i in answer.unknown if i.startswith(start)),
        edge=0.0,
    )


def cut(amounts: dict[str, int], start: str) -> dict[str, int]:
    return {k.removeprefix(start): v for k, v in amounts.items() if k.startswith(start)}
