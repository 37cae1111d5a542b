"""Which instants of each lead are asked: plain arithmetic on when leads came and were decided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leadwise.learn.moments.known import NEVER, Ends, Known
from leadwise.learn.moments.watch import Watch
from leadwise.learn.rows import Truths, Wholes

MOST = 3_000_000
"""Beyond so many moments, leads are looked at half as often (and again), which is said."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Instants by lead (its place in `Known.ids`), in order of lead and instant, none twice."""

    lead: Wholes
    as_of_us: Wholes

    def __len__(self) -> int:
        return len(self.lead)


@dataclass(frozen=True, slots=True)
class Spans:
    """From when to when each lead can be looked at: `came_us <= t <= last_us`, where the outcome is
    not there yet and the horizon is over at the end; `any_us` is the same whether the horizon is
    over or not."""

    came_us: Wholes
    last_us: Wholes
    any_us: Wholes

    @property
    def open(self) -> Truths:
        return self.came_us <= self.last_us


def spans_of(known: Known, ends: Ends, end_us: int, horizon_us: int) -> Spans:
    """A moment is before the decision, never at it."""
    before = np.minimum(ends.decided_us - 1, end_us)
    return Spans(known.came_us, np.minimum(before, end_us - horizon_us), before)


def arrivals(spans: Spans) -> Moments:
    leads = np.flatnonzero(spans.open)
    return Moments(leads, spans.came_us[leads])


def chosen(spans: Spans, watch: Watch, every_us: int | None) -> Moments:
    """Arrival, the ages asked for, and each `every_us` after arrival, as far as `spans` goes."""
    parts = [arrivals(spans)] if watch.arrival else []
    if every_us:
        parts.append(repeated(spans, every_us))
    for age in watch.ages_us:
        leads = np.flatnonzero(spans.open & (spans.last_us - age >= spans.came_us))
        parts.append(Moments(leads, spans.came_us[leads] + age))
    return joined(parts)


def repeated(spans: Spans, every_us: int) -> Moments:
    """Each `every_us` after arrival, arrival itself not."""
    times = _times(spans, every_us)
    leads = np.repeat(np.arange(len(times)), times)
    first = np.cumsum(times) - times
    number = np.arange(len(leads)) - first[leads] + 1
    return Moments(leads, spans.came_us[leads] + number * every_us)


def every_of(spans: Spans, watch: Watch) -> int | None:
    """`watch.every_us`, twice as long as often as it takes to stay within `MOST`."""
    every = watch.every_us
    while every and int(_times(spans, every).sum()) > MOST:
        every *= 2
    return every


def unfinished(spans: Spans, watch: Watch, every_us: int | None) -> int:
    """How many moments would be asked if the horizon did not have to be over."""
    late = Spans(spans.came_us, spans.any_us, spans.any_us)
    return len(chosen(late, watch, every_us)) - len(chosen(spans, watch, every_us))


def joined(parts: list[Moments]) -> Moments:
    """All of them in order, each once."""
    lead = np.concatenate([part.lead for part in parts] or [np.empty(0, np.int64)])
    at = np.concatenate([part.as_of_us for part in parts] or [np.empty(0, np.int64)])
    order = np.lexsort((at, lead))
    lead, at = lead[order], at[order]
    fresh = np.ones(len(lead), np.bool_)
    fresh[1:] = (lead[1:] != lead[:-1]) | (at[1:] != at[:-1])
    return Moments(lead[fresh], at[fresh])


def without(some: Moments, others: Moments) -> Moments:
    """Those of `some` that are not among the others."""
    lead = np.concatenate([others.lead, some.lead])
    at = np.concatenate([others.as_of_us, some.as_of_us])
    theirs = np.arange(len(lead)) < len(others)
    order = np.lexsort((~theirs, at, lead))
    lead, at, theirs = lead[order], at[order], theirs[order]
    again = np.zeros(len(lead), np.bool_)
    again[1:] = (lead[1:] == lead[:-1]) & (at[1:] == at[:-1])
    own = ~theirs & ~again
    return Moments(lead[own], at[own])


def _times(spans: Spans, every_us: int) -> Wholes:
    open_ = spans.open & (spans.came_us != NEVER)
    length = np.where(open_, spans.last_us - np.where(open_, spans.came_us, 0), 0)
    times: Wholes = length // every_us
    return times
