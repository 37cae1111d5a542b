"""Whether every stored score is what the card's query answers, asked afresh from the events.

Asked at the score's own moment, with what was known by then. Leads that wait to be scored are left
out: their scores are known to be of yesterday.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from leadwise.plan.lines import lines, total_name
from leadwise.store.cards import CardVersion, versions_to_score
from leadwise.store.findings import Finding, counted, fine, wrong
from leadwise.store.relations import ask_ledgers
from leadwise.store.schema import score, touched

AT_ONCE = 300
"""Leads of one question: large enough that the query's own cost is shared."""
SHOWN = 20
"""Differences that are kept; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored value that the query does not answer. `what` is a column, or a line's name."""

    version_id: int
    lead_id: int
    as_of_us: int
    what: str
    stored: object
    asked: object

    def __str__(self) -> str:
        return (
            f"lead {self.lead_id}, card version {self.version_id}, {self.what}: "
            f"{self.stored!r} is stored, {self.asked!r} is the answer"
        )


@dataclass(frozen=True, slots=True)
class ScoresChecked:
    """How many scores were compared and are right, how many leads wait, what is wrong."""

    compared: int
    waiting: int
    wrong: int
    first: tuple[Difference, ...]
    unscored: int
    """Leads that should have a score under the live card, have none and do not wait for one."""

    @property
    def right(self) -> bool:
        return not self.wrong and not self.unscored


def scores_finding(checked: ScoresChecked) -> Finding:
    """What was found, in words."""
    waiting = f"; {counted(checked.waiting, 'lead')} left out, for they wait to be scored"
    said = f"{counted(checked.compared, 'score')} compared with the query's answer"
    if checked.right:
        return fine("scores", f"{said}: all equal{waiting if checked.waiting else ''}")
    parts = [f"{checked.wrong:,} differ"] if checked.wrong else []
    parts += [f"{counted(checked.unscored, 'lead')} without a score"] if checked.unscored else []
    examples = [str(difference) for difference in checked.first]
    return wrong(
        "scores", f"{said}: {', '.join(parts)}{waiting if checked.waiting else ''}", examples,
        hint="That is a defect: please report it. Publishing the card again scores everybody.",
    )  # fmt: skip


def check_scores(
    connection: Connection, progress: Callable[[int, int], None] | None = None
) -> ScoresChecked:
    """Compare them all; `connection` must see one state of the store (`doctor.snapshot`)."""
    versions = versions_to_score(connection)
    waits = select(func.count(touched.c.lead_id.distinct()))
    waiting = connection.execute(waits).scalar_one()
    counts = select(func.count()).select_from(score)
    total = connection.execute(
        counts.where(score.c.card_version_id.in_([version.id for version in versions]))
    ).scalar_one()
    compared = bad = 0
    first: list[Difference] = []
    for version in versions:
        for rows in _stored(connection, version.id):
            found = _differences(connection, version, rows)
            compared += len(rows)
            bad += len({difference.lead_id for difference in found})
            first += found[: SHOWN - len(first)]
            if progress is not None:
                progress(compared, total)
    live = [version for version in versions if version.status == "live"]
    unscored = _unscored(connection, live[0].id) if live else 0
    return ScoresChecked(compared, waiting, bad, tuple(first), unscored)


def _stored(connection: Connection, version_id: int) -> Iterator[Sequence[Row[Any]]]:
    """The version's scores of leads that do not wait, `AT_ONCE` at a time, in order of leads."""
    last = 0
    waits = select(touched.c.lead_id).where(touched.c.lead_id == score.c.lead_id).exists()
    while True:
        rows = connection.execute(
            select(score)
            .where(score.c.card_version_id == version_id, score.c.lead_id > last, ~waits)
            .order_by(score.c.lead_id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        yield rows
        last = rows[-1].lead_id


def _differences(
    connection: Connection, version: CardVersion, rows: Sequence[Row[Any]]
) -> list[Difference]:
    card = version.card
    moments = [(n, row.lead_id, row.as_of_us, row.as_of_us) for n, row in enumerate(rows)]
    answers = {int(str(row[0])): row for row in ask_ledgers(connection, card, moments)}
    amounts = [line.name for line in lines(card)]
    totals = [total_name(dimension.id) for dimension in card.dimensions]
    names = [*amounts, *totals, "score", "band", "grade", "unknown", "stable_until_us"]
    found: list[Difference] = []
    for place, row in enumerate(rows):
        stored = [
            *_filled(row.ledger, len(amounts)), *_filled(row.totals, len(totals)),
            row.score, row.band, row.grade, row.unknown or "", row.stable_until_us,
        ]  # fmt: skip
        answer = answers.get(place)
        if answer is None:
            found.append(_difference(row, "score", row.score, None))
            continue
        asked = list(answer[-len(names) :])
        asked[-2] = asked[-2] or ""
        found += [
            _difference(row, name, have, want)
            for name, have, want in zip(names, stored, asked, strict=True)
            if have != want
        ]
    return found


def _difference(row: Row[Any], what: str, stored: object, asked: object) -> Difference:
    return Difference(row.card_version_id, row.lead_id, row.as_of_us, what, stored, asked)


def _filled(stored: str, length: int) -> list[object]:
    """The amounts of a stored list; `length` of them, whatever is stored."""
    values = json.loads(stored)
    values = list(values) if isinstance(values, list) else []
    return [*values, *([None] * length)][:length]


def _unscored(connection: Connection, version_id: int) -> int:
    return int(connection.execute(text(_UNSCORED), {"version": version_id}).scalar_one())


_UNSCORED = """
SELECT count(*) FROM lead AS l
WHERE l.merged_into IS NULL AND l.erased_us IS NULL AND l.objected_us IS NULL
AND NOT EXISTS (SELECT 1 FROM score AS s WHERE s.card_version_id = :version AND s.lead_id = l.id)
AND NOT EXISTS (SELECT 1 FROM touched AS t WHERE t.lead_id = l.id)
"""
