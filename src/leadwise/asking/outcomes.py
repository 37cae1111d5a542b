"""What became of leads, beside what was said of them: the input of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from leadwise.asking.population import Moment, Population, ask, ask_each
from leadwise.card.model import Card, Variable
from leadwise.engines.entry import read
from leadwise.engines.entry.read import Source
from leadwise.errors import UserError
from leadwise.plan import At
from leadwise.plan.relations import FACTS

WON = ("yes", "true", "1", "won", "converted")
LOST = ("no", "false", "0", "lost", "not converted")
NAMES = ("lead_id", "outcome", "decided_at")
SHOWN = 8

# An outcomes file is read as a leads file with these two fields, so it may be whatever that may be.
_OUTCOMES = Card(
    id="outcomes",
    version=1,
    dimensions=(),
    fields=(
        Variable("outcome", "text", "outcome"),
        Variable("decided_at", "time", "decided_at"),
    ),
)


def read_outcomes(
    source: Source,
    *,
    columns: Mapping[str, str] | None = None,
    won: Sequence[str] = (),
) -> dict[str, tuple[bool, int | None]]:
    """For each lead whether it converted, and when that was decided (microseconds UTC) if known.

    The columns are lead_id, outcome and perhaps decided_at; `columns` says which they are, as for
    leads. `won` are the values of `outcome` that mean a conversion, all others then mean none;
    without it `WON` and `LOST` are understood, and anything else is a UserError. A lead whose
    outcome is empty has none.
    """
    own = {name: column for name, column in (columns or {}).items() if name in NAMES}
    with read(_OUTCOMES, source, columns=own) as dataset:
        rows = [row for batch in dataset.engine.read(FACTS) for row in batch.to_pylist()]
        missing = {column.name for column in dataset.notes.missing_columns}
    if "outcome" in missing:
        raise UserError(
            "outcomes-column",
            "The outcomes have no column 'outcome'.",
            hint="Say which column it is with --column outcome=NAME.",
        )
    given = [row for row in rows if row["outcome"] is not None]
    if not won:
        _require_words({row["outcome"] for row in given})
    wanted = set(won) or set(WON)
    return {
        row["lead_id"]: (_word(row["outcome"], won) in wanted, row["decided_at"]) for row in given
    }


def without_outcomes(columns: Mapping[str, str] | None) -> dict[str, str]:
    """The part of `columns` that leads and events have a use for."""
    only_ours = {"outcome", "decided_at"}
    return {name: column for name, column in (columns or {}).items() if name not in only_ours}


def judged_scores(
    of: Population, outcomes: Mapping[str, tuple[bool, int | None]], as_of_us: int
) -> list[tuple[str, int, str | None]]:
    """(lead_id, score in hundredths, band) of every lead.

    A lead whose outcome says when it was decided is scored as of that instant and with what was
    known by then, so that nothing is used that nobody could have known; all others at `as_of_us`.
    """
    decided = {lead: at_us for lead, (_, at_us) in outcomes.items() if at_us is not None}
    scores = {row["lead_id"]: row for row in _columns(ask(of, At(as_of_us, as_of_us)))}
    moments = [Moment(lead, at_us, at_us) for lead, at_us in decided.items() if lead in scores]
    if moments:
        scores |= {row["lead_id"]: row for row in _columns(ask_each(of, moments))}
    return [(lead, row["score"], row["band"]) for lead, row in scores.items()]


def _columns(ledgers: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ledgers.select(["lead_id", "score", "band"]).to_pylist()
    return rows


def _word(outcome: str, won: Sequence[str]) -> str:
    return outcome if won else outcome.strip().lower()


def _require_words(found: set[str]) -> None:
    strange = sorted(word for word in found if word.strip().lower() not in (*WON, *LOST))
    if strange:
        listed = ", ".join(repr(word) for word in strange[:SHOWN])
        more = f" and {len(strange) - SHOWN} more" if len(strange) > SHOWN else ""
        raise UserError(
            "outcomes-words",
            f"Which of these outcomes is a conversion: {listed}{more}?",
            hint="Name each that is one with --won VALUE.",
        )
