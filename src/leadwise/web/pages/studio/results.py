"""A trial's result as a page shows it: bands before and after, days, who changes, past outcomes.

What comes in is the result of a job (`leadwise.live.card_jobs.trial_json`): scores in hundredths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadwise.card import Card
from leadwise.store.cards import CardVersion

FEW = 30
"""Fewer leads than this on one side, and an order of them is a hint at most."""
WINDOWS = (30, 90)
NO_BAND = ""
Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BandCount:
    """Leads in a band under both cards; None: that card does not have it."""

    id: str
    label: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Leads by their band now (rows) and then (columns), the highest bands first."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...], int], ...]
    stays: tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True)
class Window:
    """Leads that got hot on an average day of the last `days`."""

    days: int
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Mover:
    """A lead whose band changes; `way` is 1 up, -1 down, 0 where the bands cannot be compared."""

    lead_id: int
    old_score: int
    new_score: int
    old_band: str
    new_band: str
    way: int
    lines: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a page shows of a trial; `old` is the card that was live, if one was."""

    result: Result
    old: CardVersion | None
    new: Card
    bands: tuple[BandCount, ...]
    matrix: Matrix | None
    windows: tuple[Window, ...]
    movers: tuple[Mover, ...]
    up: int | None
    down: int | None

    @property
    def leads(self) -> int:
        return int(self.result["leads"])

    @property
    def agreement(self) -> float | None:
        """The share of leads that both cards put in the same band."""
        if self.old is None or not self.leads or not self.bands:
            return None
        return 1 - int(self.result["moved"]) / self.leads

    @property
    def top(self) -> str | None:
        """What the new card calls its highest band."""
        return label_of(self.new, self.result["after"]["band"])

    @property
    def never(self) -> tuple[Mapping[str, Any], ...]:
        """The new card's criteria that give nobody points."""
        return tuple(use for use in self.result["criteria"] if use["after"] == 0)

    @property
    def past(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.result["past"]
        return found

    @property
    def callable(self) -> float | None:
        """The share of arriving leads that the team can call; None where that is not known, or
        all: then there is nothing to tell of the best of them."""
        share: float | None = self.past["capacity"]
        return share if share is not None and share < 1 else None

    @property
    def judged(self) -> tuple[Mapping[str, Any], ...]:
        """The goals of which something can be said; one of two that are reached by the same."""
        found = [goal for goal in self.past["goals"] if goal["after"] is not None]
        alike = len({(goal["leads"], goal["reached"]) for goal in found}) == 1
        return tuple(found[-1:] if alike else found)


def shown(result: Result, old: CardVersion | None, new: Card) -> Shown:
    """`old` is the version that was live when the trial was made."""
    before = old.card if old is not None else None
    movers = tuple(_mover(each, before, new) for each in result["movers"])
    has_bands = before is not None and bool(before.bands or new.bands)
    up, down = _directions(result, before, new)
    return Shown(
        result, old, new, _bands(result, before, new),
        _matrix(result, before, new) if has_bands else None,
        _windows(result), movers, up, down,
    )  # fmt: skip


def label_of(card: Card | None, band: str | None) -> str | None:
    """What a card calls one of its bands; the id where it has no other name for it."""
    if band is None:
        return None
    for each in card.bands if card is not None else ():
        if each.id == band:
            return each.label or each.id
    return band


def verdict(gain: Mapping[str, Any] | None) -> str:
    """`better`, `worse`, `same` (not more than chance) or `unknown`."""
    if gain is None or gain["low"] is None:
        return "unknown"
    if gain["low"] > 0:
        return "better"
    return "worse" if gain["high"] < 0 else "same"


def is_few(goal: Mapping[str, Any]) -> bool:
    """Whether there are too few outcomes of one kind to be sure of anything."""
    return bool(min(goal["reached"], goal["leads"] - goal["reached"]) < FEW)


def _bands(result: Result, old: Card | None, new: Card) -> tuple[BandCount, ...]:
    before, after = _totals(result, "from"), _totals(result, "to")
    ids = [band.id for band in reversed(new.bands)]
    own_old = {band.id for band in old.bands} if old is not None else set()
    own_new = set(ids)
    if old is not None:
        ids += [band.id for band in reversed(old.bands) if band.id not in own_new]
    return tuple(
        BandCount(
            band, label_of(new if band in own_new else old, band) or band,
            before.get(band, 0) if band in own_old else None,
            after.get(band, 0) if band in own_new else None,
        )
        for band in ids
    )  # fmt: skip


def _totals(result: Result, side: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for cell in result["bands"]:
        key = cell[side] if cell[side] is not None else NO_BAND
        found[key] = found.get(key, 0) + cell["leads"]
    return found


def _matrix(result: Result, old: Card | None, new: Card) -> Matrix:
    cells = {(c["from"], c["to"]): c["leads"] for c in result["bands"]}
    columns = _present(new, [to for _, to in cells])
    rows = _present(old, [from_ for from_, _ in cells])
    return Matrix(
        tuple(label_of(new, band) or "–" for band in columns),
        tuple(
            (
                label_of(old, row) or "–",
                tuple(cells.get((row, column), 0) for column in columns),
                sum(cells.get((row, column), 0) for column in columns),
            )
            for row in rows
        ),
        tuple(tuple(row == column for column in columns) for row in rows),
    )


def _present(card: Card | None, seen: Sequence[str | None]) -> list[str | None]:
    """All bands of the card, the highest first, then what else there is."""
    own: list[str | None] = [band.id for band in reversed(card.bands)] if card is not None else []
    return own + sorted({band for band in seen if band not in own}, key=str)


def _windows(result: Result) -> tuple[Window, ...]:
    daily = result["daily"]
    return tuple(
        Window(days, _mean([day[0] for day in daily[-days:]]),
               _mean([day[1] for day in daily[-days:]]))
        for days in WINDOWS
        if len(daily) >= days
    )  # fmt: skip


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _mover(each: Mapping[str, Any], old: Card | None, new: Card) -> Mover:
    return Mover(
        each["lead_id"], each["old_score"], each["new_score"],
        label_of(old, each["old_band"]) or "–", label_of(new, each["new_band"]) or "–",
        _way(each["old_band"], each["new_band"], new), tuple(each["lines"]),
    )  # fmt: skip


def _way(old: str | None, new: str | None, card: Card) -> int:
    places = {band.id: place for place, band in enumerate(card.bands)}
    if old not in places or new not in places:
        return 0
    return (places[new] > places[old]) - (places[new] < places[old])


def _directions(result: Result, old: Card | None, new: Card) -> tuple[int | None, int | None]:
    """How many leads go up and how many down; None where not all bands are the new card's."""
    if old is None or {band.id for band in old.bands} - {band.id for band in new.bands}:
        return None, None
    ways = [(_way(cell["from"], cell["to"], new), cell["leads"]) for cell in result["bands"]]
    return sum(n for way, n in ways if way > 0), sum(n for way, n in ways if way < 0)
