"""How well a score orders leads that did and did not convert: AUC, lift, capture, bands.

Scores are hundredths of a point. Shares and rates run from 0 to 1. What cannot be said (the lift
where nobody converted) is None, never NaN, and `Evaluation.notes` says why in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leadwise.errors import UserError
from leadwise.report.intervals import wilson
from leadwise.report.ranking import Auc, Tied, auc, captured, gains_curve, score_at

PARTS = 10
FEW_CONVERSIONS = 30
RANGE_WIDTHS = (100, 200, 500, 1_000, 2_000, 5_000)


@dataclass(frozen=True, slots=True)
class Part:
    """A tenth of the leads, best scores first; `number` runs from 1.

    `conversions` may be a fraction: where leads of one score lie on both sides of an edge, the
    order among them is chance, so their conversions are shared out in proportion. `lift` is the
    rate over the base rate, `captured` the share of all conversions in this part and those before.
    """

    number: int
    leads: int
    conversions: float
    rate: float
    lift: float | None
    captured: float | None
    highest: int
    lowest: int


@dataclass(frozen=True, slots=True)
class BandResult:
    """One band: `precision` is the share of its leads that converted, None where it is empty."""

    band: str
    leads: int
    conversions: int
    precision: float | None
    lift: float | None
    share_of_leads: float
    share_of_conversions: float | None


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """The leads with `low <= score < high`, and the 95 percent interval of their rate.

    The last range holds its upper end too, so that 100 is not a range of its own above 90 to 100.

    The interval is E. B. Wilson's (Probable inference, the law of succession, and statistical
    inference, J. Am. Stat. Assoc. 22:209-212, 1927): it holds for few leads too.
    """

    low: int
    high: int
    leads: int
    conversions: int
    rate: float
    rate_low: float
    rate_high: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `evaluate` found. Only leads with an outcome count, save in `leads_without_outcome`.

    `gains` are (share of leads, share of conversions) along the ranking, from (0, 0) to (1, 1), one
    point for each different score; between points the order is chance and the line straight.
    `better_half` is the share of conversions among the better half of the leads.
    """

    leads: int
    conversions: int
    base_rate: float
    auc: Auc | None
    better_half: float | None
    parts: tuple[Part, ...]
    bands: tuple[BandResult, ...]
    ranges: tuple[ScoreRange, ...]
    gains: tuple[tuple[float, float], ...]
    leads_without_outcome: int
    outcomes_without_lead: int
    notes: tuple[str, ...]


def evaluate(
    scores: Iterable[tuple[str, int, str | None]],
    outcomes: Mapping[str, bool],
    bands: Sequence[str] = (),
) -> Evaluation:
    """Compares scores with what became of the leads.

    `scores` are (lead_id, hundredths of a point, band or None), one for each lead; `outcomes` says
    which leads converted; `bands` are the card's, lowest first, so that an empty one is listed too.
    Raises UserError where a lead comes twice or no lead has an outcome.
    """
    judged, missing = _joined(scores, outcomes)
    if not judged:
        raise UserError(
            "no-outcomes",
            f"none of the {missing} scored leads has an outcome, of {len(outcomes)} outcomes given",
            hint="check that leads and outcomes name the same lead_id, written alike",
        )
    leads, won = len(judged), sum(converted for _, _, converted in judged)
    rising = _tied(judged)
    return Evaluation(
        leads=leads,
        conversions=won,
        base_rate=won / leads,
        auc=auc(rising),
        better_half=captured(rising, leads / 2) / won if won else None,
        parts=_parts(rising, leads, won),
        bands=_by_band(judged, bands, won),
        ranges=_by_score(rising),
        gains=gains_curve(rising, leads, won) if won else (),
        leads_without_outcome=missing,
        outcomes_without_lead=len(outcomes) - leads,
        notes=_notes(leads, won, missing, len(outcomes) - leads, len(rising)),
    )


Judged = list[tuple[int, str | None, bool]]


def _joined(
    scores: Iterable[tuple[str, int, str | None]], outcomes: Mapping[str, bool]
) -> tuple[Judged, int]:
    """(score, band, converted) of each lead with an outcome, and how many have none."""
    judged: Judged = []
    seen: set[str] = set()
    for lead, score, band in scores:
        if lead in seen:
            raise UserError(
                "duplicate-lead",
                f"lead {lead!r} has more than one score",
                hint="evaluate scores of one moment: one row for each lead",
            )
        seen.add(lead)
        if lead in outcomes:
            judged.append((score, band, outcomes[lead]))
    return judged, len(seen) - len(judged)


def _tied(judged: Judged) -> list[Tied]:
    """The leads by score, lowest first."""
    found: dict[int, tuple[int, int]] = {}
    for score, _, converted in judged:
        leads, won = found.get(score, (0, 0))
        found[score] = (leads + 1, won + converted)
    return [Tied(score, *found[score]) for score in sorted(found)]


def _parts(rising: Sequence[Tied], leads: int, won: int) -> tuple[Part, ...]:
    """Ten parts whose sizes differ by at most one; as many parts as leads where there are fewer."""
    count = min(PARTS, leads)
    edges = [number * leads // count for number in range(count + 1)]
    held = [captured(rising, edge) for edge in edges]
    parts = []
    for number in range(count):
        size, here = edges[number + 1] - edges[number], held[number + 1] - held[number]
        parts.append(
            Part(
                number=number + 1,
                leads=size,
                conversions=here,
                rate=here / size,
                lift=here / size / (won / leads) if won else None,
                captured=held[number + 1] / won if won else None,
                highest=score_at(rising, edges[number] + 1),
                lowest=score_at(rising, edges[number + 1]),
            )
        )
    return tuple(parts)


def _by_band(judged: Judged, bands: Sequence[str], won: int) -> tuple[BandResult, ...]:
    found: dict[str, tuple[int, int]] = dict.fromkeys(bands, (0, 0))
    for _, band, converted in judged:
        if band is not None:
            leads, here = found.get(band, (0, 0))
            found[band] = (leads + 1, here + converted)
    base_rate = won / len(judged)
    return tuple(
        BandResult(
            band=band,
            leads=leads,
            conversions=here,
            precision=here / leads if leads else None,
            lift=here / leads / base_rate if leads and won else None,
            share_of_leads=leads / len(judged),
            share_of_conversions=here / won if won else None,
        )
        for band, (leads, here) in found.items()
    )


def _by_score(rising: Sequence[Tied]) -> tuple[ScoreRange, ...]:
    """Ranges of one round width, ten or eleven at most, those without leads left out."""
    reach = rising[-1].score - rising[0].score
    width = next((w for w in RANGE_WIDTHS if reach <= PARTS * w), reach // PARTS + 1)
    last = max(rising[0].score, rising[-1].score - 1) // width
    found: dict[int, tuple[int, int]] = {}
    for score, leads, won in rising:
        number = min(score // width, last)
        before = found.get(number, (0, 0))
        found[number] = (before[0] + leads, before[1] + won)
    return tuple(
        ScoreRange(n * width, (n + 1) * width, leads, won, won / leads, *wilson(won, leads))
        for n, (leads, won) in found.items()
    )


def _notes(leads: int, won: int, missing: int, strangers: int, scores: int) -> tuple[str, ...]:
    """What a reader must know before believing the figures."""
    notes = []
    if won == 0:
        notes.append("No lead converted, so nothing can be said about the order (no AUC, no lift).")
    elif won == leads:
        notes.append("Every lead converted, so nothing can be said about the order (no AUC).")
    elif min(won, leads - won) < FEW_CONVERSIONS:
        side = "converted" if won <= leads - won else "did not convert"
        notes.append(f"Only {min(won, leads - won)} of {leads:,} leads {side}: take it as a hint.")
    if scores == 1 and leads > 1:
        notes.append("All leads have the same score: the card does not order them at all.")
    if missing:
        notes.append(f"Scored leads without an outcome, left out: {missing:,}.")
    if strangers:
        notes.append(f"Outcomes of leads that were not scored, left out: {strangers:,}.")
    return tuple(notes)
