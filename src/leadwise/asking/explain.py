"""One lead's score, explained: every line with what stands behind it, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlglot import exp

from leadwise.asking.forecast import BandChange, forecast
from leadwise.asking.population import Moment, Population, ask_each, load_moments
from leadwise.asking.questions import Question, questions
from leadwise.asking.reading import Item, items, read_by
from leadwise.card.model import Card, OccurrenceCriterion
from leadwise.plan import (
    Each,
    Line,
    compile_evidence,
    count_name,
    finished,
    latest_name,
    lines,
)
from leadwise.plan.lines import column_name, total_name


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a line looked at.

    `values` are the fields and measures that its condition reads (None: not known; times are
    microseconds UTC, booleans 0 or 1); `occurrences` and `latest_us` say how many events counted
    and when the latest of them happened, and are None for a line that counts none.
    """

    values: tuple[tuple[str, Any], ...] = ()
    occurrences: int | None = None
    latest_us: int | None = None


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    line: Line
    points: int
    unknown: bool
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Explanation:
    """A ledger whose lines add up to `score` (all in hundredths), and what could change it."""

    lead_id: str
    as_of_us: int
    known_by_us: int
    score: int
    band: str | None
    grade: str | None
    dimensions: tuple[tuple[str, int], ...]
    lines: tuple[ExplainedLine, ...]
    unknown: tuple[str, ...]
    questions: tuple[Question, ...]
    next_change: BandChange | None


def explain(
    of: Population, lead_ids: Sequence[str], as_of_us: int, *, known_by_us: int | None = None
) -> list[Explanation]:
    """Explain each lead's score at `as_of_us`, with what was known by then (or `known_by_us`)."""
    known = as_of_us if known_by_us is None else known_by_us
    moments = [Moment(lead_id, as_of_us, known) for lead_id in lead_ids]
    ledgers = sorted(ask_each(of, moments).to_pylist(), key=lambda row: row["_moment"])
    load_moments(of, moments)
    behind = of.engine.query(_evidence_query(of.card)).to_pylist()
    evidence = {row["_moment"]: row for row in behind}
    changes = forecast(of, lead_ids, as_of_us)
    first = {change.lead_id: change for change in reversed(changes)}
    asking = questions(of, {row["_moment"]: row for row in ledgers}, evidence)
    return [
        explanation(
            of.card,
            row,
            evidence[row["_moment"]],
            asking=asking[row["_moment"]],
            next_change=first.get(row["lead_id"]),
        )
        for row in ledgers
    ]


@lru_cache(maxsize=16)
def _evidence_query(card: Card) -> exp.Select:
    return finished(compile_evidence(card, Each()))


def explanation(
    card: Card,
    ledger: Mapping[str, Any],
    evidence: Mapping[str, Any],
    *,
    asking: tuple[Question, ...] = (),
    next_change: BandChange | None = None,
) -> Explanation:
    """The explanation made of a row of `compile_ledger` and its row of `compile_evidence`."""
    unknown = tuple(ledger["unknown"].split())
    looked_at = evidence_of(card, evidence)
    return Explanation(
        lead_id=str(ledger["lead_id"]),
        as_of_us=ledger["as_of_us"],
        known_by_us=ledger["known_by_us"],
        score=ledger["score"],
        band=ledger["band"],
        grade=ledger["grade"],
        dimensions=tuple((d.id, ledger[total_name(d.id)]) for d in card.dimensions),
        lines=tuple(
            ExplainedLine(
                line,
                ledger[line.name],
                line.id in unknown and line.kind in ("criterion", "adjustment"),
                looked_at.get(line.name, Evidence()),
            )
            for line in lines(card)
        ),
        unknown=unknown,
        questions=asking,
        next_change=next_change,
    )


def evidence_of(card: Card, row: Mapping[str, Any]) -> dict[str, Evidence]:
    """The evidence of each line, by its name, from a row of `compile_evidence`."""
    return {column_name(item.id): _evidence(item, row) for item in items(card)}


def _evidence(item: Item, row: Mapping[str, Any]) -> Evidence:
    values = tuple((name, row[name]) for name in read_by(item))
    if isinstance(item, OccurrenceCriterion):
        return Evidence(values, row[count_name(item.id)], row[latest_name(item.id)])
    return Evidence(values)
