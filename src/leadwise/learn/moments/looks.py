"""Where the card's band changed: the card is asked at the end of each day that brought something.

A band changes when something becomes known, or by ageing. So the card is asked of each lead as of
the last thing that was received on each day (not of every day, which for a million leads would be a
hundred times more), and at the moments that are asked anyway; ageing shows at the latter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from leadwise.asking.instants import DAY_US
from leadwise.asking.past import last_of_days
from leadwise.asking.population import Population
from leadwise.card import expression as tree
from leadwise.card.model import Card, OccurrenceCriterion
from leadwise.learn.moments.choose import Moments, Spans, arrivals, joined, repeated
from leadwise.learn.moments.known import Known
from leadwise.learn.rows import Truths, Wholes
from leadwise.plan.decided import all_adjustments

MOST_PAIRS = 250_000_000
"""Looks times events of the lead: beyond it the days are taken together, two, four, eight ..."""
WEEK_US = 7 * DAY_US


def looks_of(
    of: Population, known: Known, spans: Spans, every_us: int | None, *, late_counts: bool = False
) -> tuple[Moments, int]:
    """When to look for a change of band beside the moments asked anyway, and how many days were
    taken together."""
    days = 1
    while _pairs(known, spans, days) > MOST_PAIRS:
        days *= 2
    parts = [arrivals(spans), _brought(of, known, spans, days, late_counts=late_counts)]
    if every_us is None:
        parts.append(repeated(spans, WEEK_US))
    return joined(parts), days


def changes(moments: Moments, band: Wholes) -> Truths:
    """Where the band differs from that of the moment before; `moments` are in order."""
    found = np.zeros(len(moments), np.bool_)
    same = moments.lead[1:] == moments.lead[:-1]
    found[1:] = same & (band[1:] != band[:-1])
    return found


def narrow(card: Card) -> Card:
    """The card without the measures that its score does not use."""
    conditions = [one.when for one in all_adjustments(card)]
    for criterion in card.criteria:
        if isinstance(criterion, OccurrenceCriterion):
            conditions += [criterion.when] if criterion.when is not None else []
        else:
            conditions += [tier.when for tier in criterion.tiers]
    used = {name for condition in conditions for name in tree.names(condition)}
    return replace(card, measures=tuple(m for m in card.measures if m.name in used))


def _pairs(known: Known, spans: Spans, days: int) -> int:
    length = np.where(spans.open, spans.last_us - spans.came_us, 0) // (days * DAY_US) + 2
    return int((np.minimum(known.many, length) * known.many)[spans.open].sum())


def _brought(
    of: Population, known: Known, spans: Spans, days: int, *, late_counts: bool
) -> Moments:
    table = last_of_days(of, days, late_counts=late_counts)
    place = pc.index_in(table["lead_id"], value_set=known.ids)
    lead = pc.fill_null(place, -1).to_numpy().astype(np.int64)
    at = table["at_us"].to_numpy()
    mine = (lead >= 0) & (at > spans.came_us[lead]) & (at <= spans.last_us[lead])
    return Moments(lead[mine], at[mine])
