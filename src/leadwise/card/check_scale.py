"""Totals: minimum and maximum, bands that rise and can be reached, grades, the time zone."""

from __future__ import annotations

import itertools
import zoneinfo

from leadwise.card.inspection import Inspection
from leadwise.card.model import Band, GradeAxis, Range
from leadwise.card.nearest import listing, suggestion
from leadwise.card.score_range import score_range
from leadwise.card.source import Path
from leadwise.card.values import format_hundredths


def check_scale(found: Inspection) -> None:
    """Reports what is wrong in what stands around the criteria."""
    card = found.card
    if found.whole and not card.dimensions:
        message = "this card has no dimension, so that every score would be 0"
        found.error("no-criteria", message, "add a dimension with criteria", ("dimensions",))
    for i, dimension in enumerate(card.dimensions):
        path: Path = ("dimensions", i)
        _range(found, dimension.range, path)
        if found.whole and not dimension.criteria:
            message = f"dimension '{dimension.id}' has no criteria"
            hint = "add criteria, or remove the dimension"
            found.error("no-criteria", message, hint, (*path, "criteria"))
    _range(found, card.range, ("score",))
    _timezone(found)
    _bands(found)
    if card.grade is not None:
        _axis(found, card.grade.letter, ("grade", "letter"))
        _axis(found, card.grade.number, ("grade", "number"))


def _range(found: Inspection, bounds: Range, path: Path) -> None:
    if bounds.min is not None and bounds.max is not None and bounds.min > bounds.max:
        low, high = format_hundredths(bounds.min), format_hundredths(bounds.max)
        message = f"the minimum {low} is over the maximum {high}"
        found.error("min-over-max", message, "exchange them", (*path, "min"))


def _timezone(found: Inspection) -> None:
    name = found.card.timezone
    if name == "UTC":
        return
    known = zoneinfo.available_timezones()
    if name not in known:
        cities = {zone.rpartition("/")[2]: zone for zone in sorted(known)}
        near = cities.get(name.strip().replace(" ", "_").title())
        hint = f"did you mean '{near}'?" if near else ""
        hint = hint or suggestion(name, sorted(known), "write it as Europe/Madrid")
        found.error("unknown-timezone", f"'{name}' is not a time zone", hint, ("timezone",))


def _bands(found: Inspection) -> None:
    bands = found.card.bands
    for i, band in enumerate(bands):
        path: Path = ("bands", i)
        at: Path = (*path, "above" if band.above else "from")
        if i == 0 and band.threshold is not None:
            message = f"the first band has no threshold: '{band.id}' is everything below the second"
            hint = "remove its number, or put a band before it: - {id: cold}"
            found.error("band-threshold", message, hint, at)
        elif i > 0 and band.threshold is None and found.whole:
            message = f"band '{band.id}' says not where it begins"
            found.error(
                "band-threshold", message, "add from: (included) or above: (excluded)", path
            )
        elif i > 1 and not _rises(bands[i - 1], band):
            shown = format_hundredths(band.threshold or 0)
            before = format_hundredths(bands[i - 1].threshold or 0)
            message = f"bands must rise: {shown} of '{band.id}' stands after {before}"
            found.error("bands-rise", message, "put the bands from low to high", at)
    if found.whole and all(problem.severity == "warning" for problem in found.problems):
        _bands_in_reach(found)


def _rises(low: Band, high: Band) -> bool:
    if low.threshold is None or high.threshold is None:
        return True  # reported by itself
    return (low.threshold, low.above) < (high.threshold, high.above)


def _bands_in_reach(found: Inspection) -> None:
    """A band that no score can fall into, given the most and the least that the card gives."""
    card = found.card
    low, high = score_range(card)
    for i, band in enumerate(card.bands):
        after = card.bands[i + 1] if i + 1 < len(card.bands) else None
        at: Path = ("bands", i)
        if band.threshold is not None and high is not None and not _within(band, high):
            message = f"no lead can reach band '{band.id}'"
            hint = f"the score is at most {format_hundredths(high)}: lower the band's number"
            found.warning("band-out-of-reach", message, hint, (*at, "id"))
        elif after is not None and low is not None and _within(after, low):
            message = f"no lead can fall into band '{band.id}'"
            least = format_hundredths(low)
            hint = f"the score is at least {least}: remove the band, or raise the next"
            found.warning("band-out-of-reach", message, hint, (*at, "id"))


def _within(band: Band, score: int) -> bool:
    """Whether a score is in this band or over it."""
    threshold = band.threshold or 0
    return score > threshold if band.above else score >= threshold


def _axis(found: Inspection, axis: GradeAxis, path: Path) -> None:
    dimensions = [dimension.id for dimension in found.card.dimensions]
    if axis.of not in dimensions and not found.is_lost(axis.of):
        hint = suggestion(axis.of, dimensions, f"the dimensions are {listing(dimensions)}")
        message = f"'{axis.of}' is not a dimension of this card"
        found.error("unknown-dimension", message, hint, (*path, "of"))
    steps = axis.steps
    if not found.whole and not steps:
        return
    if not steps or steps[-1][1] is not None:
        message = "the last step of a grade is for everything below: it needs null"
        found.error_at_key("grade-steps", message, "end with a step such as D: null",
                           (*path, "steps"))  # fmt: skip
    for (sign, before), (next_sign, after) in itertools.pairwise(steps):
        if before is None:
            message = f"step '{sign}' is null, so that '{next_sign}' is never reached"
            found.error_at_key("grade-steps", message, "only the last step is null",
                               (*path, "steps", sign))  # fmt: skip
        elif after is not None and after >= before:
            message = f"steps must fall: '{next_sign}' is not below '{sign}'"
            found.error_at_key("grade-steps", message, "put the steps from high to low",
                               (*path, "steps", next_sign))  # fmt: skip
