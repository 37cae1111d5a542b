"""How two cards would have ordered the leads whose outcome is known by now.

Each lead is scored as of an instant before its outcome, so that nothing is used that came of it:
when marketing handed it over (its first `mql`), else a day after its first event. What was received
late, as an import is, counts as of when it happened. Intervals are percentiles of a bootstrap over
the leads (B. Efron 1979, Bootstrap methods: another look at the jackknife, Ann. Statist. 7:1-26),
in which both cards see the same leads, so their difference has an interval of its own.
"""

# ruff: noqa: S608 - the SQL is made of our own names and whole numbers

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import pyarrow as pa

from leadwise.asking.instants import DAY_US
from leadwise.asking.population import Population
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.plan import Each, compile_ledger, render
from leadwise.plan.relations import EVENTS, MOMENTS
from leadwise.report.ranking import Tied, auc, captured, gains_curve
from leadwise.store.decided import Decided

GoalName: TypeAlias = Literal["qualified", "won"]
FIRST_DAY_US = DAY_US
ARRIVING_DAYS = 90
RESAMPLED, FEWEST_RESAMPLED, MOST_DRAWN = 200, 50, 2_000_000
"""How often leads are drawn again; of very many leads less often: for them chance is small."""
CURVE_POINTS = 60
TENTH = 0.1


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 percent interval; None where nothing can be said of chance."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Order:
    """How well a card ordered: `auc` 0 to 1; `lift` of the best tenth (1: as good as any); `top`
    the share of all goals among the best leads that the team can call; `curve` (share of leads,
    share of goals), the best first."""

    auc: Figure
    lift: Figure
    top: Figure | None
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """One way to see success: `leads` of which the outcome is known, `reached` of them it.

    `before` is None where no card was live, both are where all or none reached it. The last two are
    what the new card adds.
    """

    name: GoalName
    leads: int
    reached: int
    before: Order | None
    after: Order | None
    auc_gain: Figure | None
    top_gain: Figure | None


@dataclass(frozen=True, slots=True)
class Past:
    """`at_mql` leads were scored when handed over, `after_arrival` a day after their first event;
    `unseen` have none before their outcome. `capacity` is the share of arriving leads that the team
    can call: None where its calls or the leads of a day are not known."""

    at_mql: int
    after_arrival: int
    unseen: int
    per_day: float
    capacity: float | None
    goals: tuple[Goal, ...]


class Judged(NamedTuple):
    """A decided lead with its scores at the time, in hundredths."""

    old: int
    new: int
    qualified: bool
    won: bool | None


class Watched:
    """Collects bucket by bucket what `past` tells of."""

    def __init__(self, decided: Iterable[Decided], buckets: int):
        self._decided = list(decided)
        self._buckets = buckets
        self.at_mql = self.after_arrival = self.unseen = self.arrived = 0
        self.judged: list[Judged] = []

    def add(self, old: Population, new: Population, part: int | None, as_of_us: int) -> None:
        """Score the decided leads of a bucket, which both populations hold."""
        one, two = old.read.engine, new.read.engine
        since_us = as_of_us - ARRIVING_DAYS * DAY_US
        self.arrived += _first_events(one, since_us)
        here = [d for d in self._decided if part is None or d.lead_id % self._buckets == part]
        moments = self._moments(one, here)
        if not moments:
            return
        before, after = _scores(old, one, moments), _scores(new, two, moments)
        for lead in here:
            if lead.lead_id in after:
                score = after[lead.lead_id]
                self.judged.append(
                    Judged(before[lead.lead_id], score, lead.qualified, lead.won)
                )  # fmt: skip

    def _moments(self, engine: DuckDBEngine, here: Sequence[Decided]) -> dict[int, int]:
        arrived = _arrivals(engine, [lead.lead_id for lead in here])
        found: dict[int, int] = {}
        for lead in here:
            first_us = arrived.get(lead.lead_id)
            if first_us is None or first_us >= lead.at_us:
                self.unseen += 1
            elif lead.mql_us is not None and lead.mql_us < lead.at_us:
                found[lead.lead_id] = lead.mql_us
                self.at_mql += 1
            else:
                found[lead.lead_id] = min(first_us + FIRST_DAY_US, lead.at_us - 1)
                self.after_arrival += 1
        return found

    def past(self, calls_a_day: int | None, *, alone: bool) -> Past:
        """What it comes to; `alone`: there is no old card."""
        per_day = self.arrived / ARRIVING_DAYS
        capacity = None
        if calls_a_day is not None and self.arrived:
            capacity = min(1.0, calls_a_day / per_day)
        qualified: list[Case] = [(j.old, j.new, j.qualified) for j in self.judged]
        won: list[Case] = [(j.old, j.new, j.won) for j in self.judged if j.won is not None]
        first = _goal("qualified", qualified, capacity, alone=alone)
        # Where no stage between is reported both are the same, and need not be worked out twice.
        same = qualified == won
        second = replace(first, name="won") if same else _goal("won", won, capacity, alone=alone)
        goals = (first, second)
        return Past(self.at_mql, self.after_arrival, self.unseen, per_day, capacity, goals)


Case: TypeAlias = tuple[int, int, bool]
"""Old score, new score, whether the goal was reached."""


def _goal(name: GoalName, cases: Sequence[Case], capacity: float | None, *, alone: bool) -> Goal:
    leads, reached = len(cases), sum(case[2] for case in cases)
    if not 0 < reached < leads:
        return Goal(name, leads, reached, None, None, None, None)
    before, after = _Measured(cases, 0, capacity), _Measured(cases, 1, capacity)
    times = max(FEWEST_RESAMPLED, min(RESAMPLED, MOST_DRAWN // leads))
    chance = random.Random(leads)  # noqa: S311 - the same trial says the same again
    for _ in range(times):
        drawn = chance.choices(cases, k=leads)
        if 0 < sum(case[2] for case in drawn) < leads:
            before.again(drawn)
            after.again(drawn)
    gains = None if alone else (_gain(before, after, "auc"), _gain(before, after, "top"))
    return Goal(
        name, leads, reached, None if alone else before.order(), after.order(),
        gains[0] if gains else None, gains[1] if gains else None,
    )  # fmt: skip


class _Measured:
    """A card's figures of the leads, and of every sample drawn from them."""

    def __init__(self, cases: Sequence[Case], place: int, capacity: float | None):
        self._place, self._capacity = place, capacity
        self._rising = _tied(cases, place)
        self.values = self._figures(self._rising, len(cases))
        self.samples: dict[str, list[float]] = {name: [] for name in self.values}

    def again(self, drawn: Sequence[Case]) -> None:
        for name, value in self._figures(_tied(drawn, self._place), len(drawn)).items():
            self.samples[name].append(value)

    def order(self) -> Order:
        leads = sum(tied.leads for tied in self._rising)
        won = sum(tied.conversions for tied in self._rising)
        figures = {name: _figure(self.values[name], self.samples[name]) for name in self.values}
        curve = _thinned(gains_curve(self._rising, leads, won))
        return Order(figures["auc"], figures["lift"], figures.get("top"), curve)

    def _figures(self, rising: Sequence[Tied], leads: int) -> dict[str, float]:
        won = sum(tied.conversions for tied in rising)
        found = auc(rising)
        figures = {
            "auc": found.value if found else 0.5,
            "lift": captured(rising, leads * TENTH) / won / TENTH,
        }
        if self._capacity is not None:
            figures["top"] = captured(rising, leads * self._capacity) / won
        return figures


def _gain(before: _Measured, after: _Measured, name: str) -> Figure | None:
    if name not in after.values:
        return None
    pairs = zip(after.samples[name], before.samples[name], strict=True)
    return _figure(after.values[name] - before.values[name], [new - old for new, old in pairs])


def _figure(value: float, samples: Sequence[float]) -> Figure:
    """The middle 95 percent of the samples."""
    if len(samples) < FEWEST_RESAMPLED // 2:
        return Figure(value, None, None)
    ordered = sorted(samples)
    cut = round(0.025 * (len(ordered) - 1))
    return Figure(value, ordered[cut], ordered[-1 - cut])


def _tied(cases: Iterable[Case], place: int) -> list[Tied]:
    """By score, the lowest first."""
    leads: dict[int, int] = {}
    won: dict[int, int] = {}
    for case in cases:
        score = case[place]
        leads[score] = leads.get(score, 0) + 1
        if case[2]:
            won[score] = won.get(score, 0) + 1
    return [Tied(score, leads[score], won.get(score, 0)) for score in sorted(leads)]


def _thinned(curve: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Few enough points to be drawn and kept; the first and the last are among them."""
    step = max(1, -(-len(curve) // CURVE_POINTS))
    kept = [*curve[::step]]
    if kept[-1] != curve[-1]:
        kept.append(curve[-1])
    return tuple((round(x, 4), round(y, 4)) for x, y in kept)


def _first_events(engine: DuckDBEngine, since_us: int) -> int:
    """How many leads had their first event at or after an instant."""
    ((found,),) = engine.connection.execute(
        f"SELECT count(*) FROM (SELECT min(at_us) AS first_us FROM {EVENTS} GROUP BY lead_id) "
        f"WHERE first_us >= {since_us}"
    ).fetchall()
    return int(found)


def _arrivals(engine: DuckDBEngine, lead_ids: Sequence[int]) -> dict[int, int]:
    """When each lead had its first event."""
    if not lead_ids:
        return {}
    engine.load("asked", pa.table({"lead_id": pa.array(lead_ids, pa.int64())}))
    rows = engine.connection.execute(
        f"SELECT lead_id, min(at_us) FROM {EVENTS} SEMI JOIN asked USING (lead_id) GROUP BY lead_id"
    ).fetchall()
    engine.drop("asked")
    return dict(rows)


def _scores(of: Population, engine: DuckDBEngine, moments: dict[int, int]) -> dict[int, int]:
    """The score of each lead at its instant, with all that is known by now of the time before."""
    at = pa.array(moments.values(), pa.int64())
    table = {"_moment": pa.array(range(len(moments)), pa.int64()),
             "lead_id": pa.array(moments.keys(), pa.int64()), "as_of_us": at,
             "known_by_us": pa.array([LATEST_US] * len(moments), pa.int64())}  # fmt: skip
    engine.load(MOMENTS, pa.table(table))
    sql = render(compile_ledger(of.card, Each()), "duckdb")
    rows = engine.connection.execute(f"SELECT lead_id, score FROM ({sql})").fetchall()
    engine.drop(MOMENTS)
    return dict(rows)


LATEST_US = 2**61
"""Later than anything was received."""
