"""Rows out of a file without a history: one for each lead, with what the file says of it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from leadwise.asking.population import Population
from leadwise.learn.moments.built import Built, LeftOut, numbered
from leadwise.learn.moments.known import NEVER, Ends, Known, places_in_file
from leadwise.learn.moments.pieces import asked_of, pieces_of
from leadwise.learn.moments.watch import Watch
from leadwise.learn.rows import Rows, Wholes

NO_HISTORY = (
    "The input has no history: one row a lead, with the values that the file has now. Nothing "
    "shows whether a value was written before or after the outcome (a duration of the call, say): "
    "look at each field and ask whether it is known at the moment of deciding."
)
IN_ORDER = "The rows are taken to stand in the file in order of time, as was said."
NO_ORDER = (
    "The rows have no dates and no order in time, so that nothing can be tried out on later leads "
    "than it was learned from."
)


def flat_rows(
    of: Population, known: Known, ends: Ends, watch: Watch, *, in_order: bool = False
) -> Built:
    """One row a lead whose outcome is known, `why` is "once".

    In order of the file where the caller says so, else of the time of creation, else of the
    decision; where there is none of these `when_us` is 0 throughout. A dated lead without an
    outcome is not won where its horizon was over at the end; where there are some whose horizon was
    not, all leads of that last time are left out, decided or not.
    """
    when, dated = _when(of, known, ends, in_order=in_order)
    end = watch.end_us if watch.end_us is not None else _end(known, ends)
    kept, won = ends.said, ends.won
    unfinished = unsaid = 0
    if dated and end is not None:
        # A win long after is one of which nobody waited to hear; undated ones stay as they are.
        won = won & ((ends.decided_us == NEVER) | (ends.decided_us - watch.horizon_us <= when))
    if dated and not watch.only_decided and end is not None:
        seen = when != NEVER
        recent = seen & (when > end - watch.horizon_us)
        kept = kept | (seen & ~recent)
        if (recent & ~ends.said).any():  # those decided already would be the quick ones only
            kept, unfinished = kept & ~recent, int(recent.sum())
    unseen = int((kept & (when == NEVER)).sum())
    kept = kept & (when != NEVER)
    unsaid = len(kept) - int(kept.sum()) - unfinished - unseen
    order = np.flatnonzero(kept)
    order = order[np.lexsort((order, when[order]))]
    as_of = when[order] if dated else np.full(len(order), end or 0, np.int64)
    ids = known.ids.take(pa.array(order))
    answers = asked_of(of, ids, as_of)
    rows = Rows(
        card=of.card, lead=order, lead_id=ids.cast(pa.string()), as_of_us=as_of,
        when_us=when[order], why=np.full(len(order), "once"), won=won[order],
        score=answers.score, band=answers.band, pieces=answers.pieces,
        piece_names=pieces_of(of.card), values=answers.values, dated=dated, has_history=False,
    )  # fmt: skip
    said = IN_ORDER if in_order else None if dated else NO_ORDER
    left = LeftOut(unfinished, unsaid, unseen, 0, ends.strangers)
    notes = tuple(note for note in (NO_HISTORY, said, *left.lines()) if note)
    return Built(numbered(rows), left, notes, end)


def _when(of: Population, known: Known, ends: Ends, *, in_order: bool) -> tuple[Wholes, bool]:
    if in_order:
        return places_in_file(of, known), False
    when = np.where(known.came_us == NEVER, ends.decided_us, known.came_us)
    if (when[ends.said] == NEVER).all():
        return np.zeros(len(when), np.int64), False
    return when, True


def _end(known: Known, ends: Ends) -> int | None:
    dates = np.concatenate([known.came_us, ends.decided_us])
    dates = dates[dates != NEVER]
    return int(dates.max()) if len(dates) else None
