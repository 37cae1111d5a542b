"""When bands change by themselves, with no new event: every whole second of it.

Each answer carries `stable_until_us`, before which no whole second can differ. So it is asked at
the start, and again and again at the first whole second that an answer does not vouch for, until
the answers vouch for the whole horizon. Between two neighbouring answers nothing changes, so a
difference between them happened exactly at the second one; a rise and fall in between cannot be
missed. Instants at which something is bound to happen (an occurrence leaves its window, an event
known already takes place) are asked in the first round, which saves rounds and changes no answer.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlglot import exp

from leadwise.asking.instants import YEAR_US, next_whole_second
from leadwise.asking.population import Moment, Population, ask_each, load_moments
from leadwise.card.model import Card
from leadwise.card.values import LAST_US
from leadwise.plan import Each, compile_instants, finished


@dataclass(frozen=True, slots=True)
class BandChange:
    """A lead's band from `at_us` (a whole second) on, and its score then in hundredths."""

    lead_id: str
    at_us: int
    from_band: str
    to_band: str
    score: int


@dataclass(slots=True)
class _Path:
    """What has been answered for one lead: instants in order, and at each the answer."""

    instants: list[int] = field(default_factory=list)
    answers: dict[int, tuple[str, int, int]] = field(default_factory=dict)  # band, score, stable

    def add(self, at_us: int, answer: tuple[str, int, int]) -> None:
        insort(self.instants, at_us)
        self.answers[at_us] = answer

    def open_after(self, at_us: int, end_us: int) -> int | None:
        """The whole second to be asked next after this answer, if any is needed."""
        following = next_whole_second(self.answers[at_us][2])
        place = bisect_right(self.instants, at_us)
        known = self.instants[place] if place < len(self.instants) else end_us + 1
        return following if following < known else None


def forecast(
    of: Population, lead_ids: Sequence[str], start_us: int, *, horizon_us: int = YEAR_US
) -> list[BandChange]:
    """Every change of band after `start_us`, up to and with `start_us + horizon_us`.

    With what is known at the start and nothing new; in the order of leads, then of time.
    """
    if not of.card.bands:
        return []
    end_us = end_of(start_us, horizon_us)
    starts = [Moment(lead_id, start_us, start_us) for lead_id in lead_ids]
    paths = {lead_id: _Path() for lead_id in lead_ids}
    pending = list(_distinct([*starts, *_instants(of, starts, end_us)]))
    while pending:
        for row in ask_each(of, pending, stable=True).to_pylist():
            answer = (row["band"], row["score"], row["stable_until_us"])
            paths[row["lead_id"]].add(row["as_of_us"], answer)
        openings = ((m.lead_id, paths[m.lead_id].open_after(m.as_of_us, end_us)) for m in pending)
        pending = [Moment(lead, at_us, start_us) for lead, at_us in openings if at_us is not None]
    return [change for lead_id in lead_ids for change in _changes(lead_id, paths[lead_id])]


def end_of(start_us: int, horizon_us: int) -> int:
    """The last instant that is looked at; none lies after the year 9999."""
    return min(start_us + horizon_us, LAST_US)


def _instants(of: Population, starts: Sequence[Moment], end_us: int) -> Iterator[Moment]:
    """Whole seconds up to the end at which something is bound to happen to these leads."""
    tree = _instants_query(of.card)
    if tree is None:
        return
    load_moments(of, starts)
    for row in of.engine.query(tree).to_pylist():
        at_us = next_whole_second(row["at_us"])
        if at_us <= end_us:
            start = starts[row["_moment"]]
            yield Moment(start.lead_id, at_us, start.known_by_us)


@lru_cache(maxsize=16)
def _instants_query(card: Card) -> exp.Select | exp.Union | None:
    tree = compile_instants(card, Each())
    return tree if tree is None else finished(tree)


def _distinct(moments: Iterable[Moment]) -> Iterable[Moment]:
    return dict.fromkeys(moments)


def _changes(lead_id: str, path: _Path) -> Iterator[BandChange]:
    before: str | None = None
    for at_us in path.instants:
        band, score, _ = path.answers[at_us]
        if before is not None and band != before:
            yield BandChange(lead_id, at_us, before, band, score)
        before = band
