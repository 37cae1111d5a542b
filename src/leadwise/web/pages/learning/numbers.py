"""Figures of a study's document as people read them: with their interval, or a dash.

A document is plain JSON; what could not be told is null in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from babel.dates import format_skeleton

from leadwise.web.pages.reports.figures import Cell
from leadwise.web.pages.reports.words import NOTHING, percent
from leadwise.web.pages.visit import Visit

Document: TypeAlias = Mapping[str, Any]
CHANCE = 0.5
"""The AUC of an order by lot."""


@dataclass(frozen=True, slots=True)
class Span:
    """A figure and the ends of its 95 percent interval; None where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def told(self) -> bool:
        """Whether there is an interval."""
        return self.low is not None and self.high is not None

    @property
    def above(self) -> bool:
        """Whether all of it lies above nothing."""
        return self.low is not None and self.low > 0

    @property
    def below(self) -> bool:
        """Whether all of it lies below nothing."""
        return self.high is not None and self.high < 0


def span_of(found: object) -> Span:
    """The interval of a document: `{"value", "low", "high"}`, or nothing."""
    if not isinstance(found, Mapping):
        return Span(None, None, None)
    return Span(*(number_of(found.get(name)) for name in ("value", "low", "high")))


def number_of(found: object) -> float | None:
    """A number of a document."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found)


def listed(document: Document, name: str) -> Sequence[Any]:
    """A list of a document, empty where there is none."""
    found = document.get(name)
    return found if isinstance(found, Sequence) and not isinstance(found, str) else ()


def part_of(document: Document, name: str) -> Document:
    """A part of a document, empty where there is none."""
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def sentences(document: Document, name: str) -> tuple[str, ...]:
    """The sentences under a name."""
    return tuple(str(each) for each in listed(document, name))


def decimal(visit: Visit, value: float | None, digits: int = 2) -> str:
    """A number, so many digits after the point."""
    return NOTHING if value is None else visit.texts.number(value, digits)


def signed(visit: Visit, value: float | None, digits: int = 3) -> str:
    """A difference, with its sign."""
    said = decimal(visit, value, digits)
    return f"+{said}" if value is not None and value > 0 else said


def share(visit: Visit, value: float | None) -> str:
    """A share as percent."""
    return NOTHING if value is None else percent(visit, value)


def spanned(visit: Visit, span: Span, digits: int = 2, *, plus: bool = False) -> str:
    """`0.71 (0.68 to 0.74)`."""
    one = signed if plus else decimal
    return _said(visit, span, lambda value: one(visit, value, digits))


def spanned_share(visit: Visit, span: Span) -> str:
    """`12 % (9 % to 15 %)`."""
    return _said(visit, span, lambda value: share(visit, value))


def _said(visit: Visit, span: Span, write: Any) -> str:
    if not span.told:
        return str(write(span.value))
    return visit.texts.say(
        "%(value)s (%(low)s to %(high)s)", value=write(span.value), low=write(span.low),
        high=write(span.high),
    )  # fmt: skip


def cell(visit: Visit, value: float | None, digits: int = 2) -> Cell:
    """A cell of a number."""
    return Cell(None if value is None else round(value, 6), decimal(visit, value, digits))


def share_cell(visit: Visit, value: float | None) -> Cell:
    """A cell of a share."""
    return Cell(None if value is None else round(value, 6), share(visit, value))


def cells(visit: Visit, span: Span, digits: int = 2) -> tuple[Cell, Cell, Cell]:
    """The figure and both ends."""
    first, low, high = (cell(visit, each, digits) for each in (span.value, span.low, span.high))
    return first, low, high


def share_cells(visit: Visit, span: Span) -> tuple[Cell, Cell, Cell]:
    """The share and both ends."""
    first, low, high = (share_cell(visit, each) for each in (span.value, span.low, span.high))
    return first, low, high


def count_cell(visit: Visit, found: object) -> Cell:
    """A cell of a whole number."""
    value = number_of(found)
    if value is None:
        return Cell(None, NOTHING)
    return Cell(int(value), visit.texts.number(int(value)))


def month_name(visit: Visit, name: str) -> str:
    """`2026-05` as the language writes a month; other names as they are."""
    try:
        at = datetime.strptime(name, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        return name
    return format_skeleton("yMMM", at, tzinfo=UTC, locale=visit.texts.locale)
