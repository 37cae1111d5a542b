"""Rows out of a population with a history: moments, what was known then, what came of it.

A moment counts only where its whole horizon lies before the end, whatever became of the lead: to
keep those of the last weeks that were decided quickly would show quick wins without the slow "no"
beside them (right censoring; E. L. Kaplan and P. Meier 1958, Nonparametric estimation from
incomplete observations, J. Am. Stat. Assoc. 53:457-481, is why they are not called lost).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from leadwise.asking.instants import DAY_US, written
from leadwise.asking.population import Population
from leadwise.card.values import format_duration
from leadwise.errors import UserError
from leadwise.learn.moments.built import Built, LeftOut, numbered
from leadwise.learn.moments.choose import (
    Moments,
    Spans,
    chosen,
    every_of,
    spans_of,
    unfinished,
    without,
)
from leadwise.learn.moments.known import NEVER, Ends, Known
from leadwise.learn.moments.looks import changes, looks_of, narrow
from leadwise.learn.moments.pieces import Answers, asked_of, bands_at, pieces_of
from leadwise.learn.moments.watch import Watch
from leadwise.learn.rows import Rows, Truths

UNDATED_FACTS = (
    "The fields have no known_at: each moment sees the values that the file has now, also those "
    "written later. Events are seen as of each moment."
)
UNDATED_WINS = (
    "{0:,} won leads have no decided_at, so nobody can say what was known before: each lead is "
    "looked at once, when it came, and counts as won if it ever was."
)


def dated_rows(of: Population, known: Known, ends: Ends, watch: Watch) -> Built:
    """The rows of every lead's moments. Raises UserError where no end is known."""
    end = watch.end_us if watch.end_us is not None else _end(known, ends)
    notes = [] if known.dated_facts else [UNDATED_FACTS]
    undated = int((ends.won & (ends.decided_us == NEVER)).sum())
    if undated:
        notes.append(UNDATED_WINS.format(undated))
        watch = replace(watch, arrival=True, every_us=None, bands=False, ages_us=())
    every, spans = watch.every_us, spans_of(known, ends, end, watch.horizon_us)
    if watch.only_decided:
        spans = Spans(np.where(ends.said, spans.came_us, NEVER), spans.last_us, spans.any_us)
    every = every_of(spans, watch)
    if every != watch.every_us and every:
        notes.append(f"Leads are looked at every {format_duration(every)}: oftener is too much.")
    asked, why, answers, told = _asked(of, known, spans, watch, every)
    won = ends.won[asked.lead]
    if not undated:
        # Subtracting keeps clear of an overflow where there is no decision.
        won = won & (ends.decided_us[asked.lead] - watch.horizon_us <= asked.as_of_us)
    left = _left_out(known, spans, ends, watch, every, end)
    order = np.lexsort((asked.lead, asked.as_of_us))
    rows = Rows(
        card=of.card, lead=asked.lead, lead_id=_ids(known, asked).cast(pa.string()),
        as_of_us=asked.as_of_us, when_us=asked.as_of_us, why=why, won=won, score=answers.score,
        band=answers.band, pieces=answers.pieces, piece_names=pieces_of(of.card),
        values=answers.values,
    ).take(order)  # fmt: skip
    notes += [*told, f"Outcomes are known until {written(end)}.", *left.lines()]
    return Built(numbered(rows), left, tuple(notes), end, known.dated_facts)


def _asked(
    of: Population, known: Known, spans: Spans, watch: Watch, every: int | None
) -> tuple[Moments, np.ndarray, Answers, list[str]]:
    """The moments with the card's answers; those of band changes among them."""
    plain = _since(chosen(spans, watch, every), watch.from_us)
    late = watch.late_counts
    answers = asked_of(of, _ids(known, plain), plain.as_of_us, late_counts=late)
    arrival = plain.as_of_us == spans.came_us[plain.lead]
    why = np.where(arrival, "arrival", "open")
    if not watch.bands or len(of.card.bands) < 2:
        return plain, why, answers, []
    looks, days = looks_of(of, known, spans, every, late_counts=late)
    looks = without(_since(looks, watch.from_us), plain)
    slim = replace(of, card=narrow(of.card))
    seen = bands_at(slim, _ids(known, looks), looks.as_of_us, late_counts=late)
    band = np.concatenate([answers.band, seen])
    both = Moments(
        np.concatenate([plain.lead, looks.lead]), np.concatenate([plain.as_of_us, looks.as_of_us])
    )
    order = np.lexsort((both.as_of_us, both.lead))
    changed = np.empty(len(both), np.bool_)
    changed[order] = changes(Moments(both.lead[order], both.as_of_us[order]), band[order])
    why = np.where(changed[: len(plain)], "band", why)
    fresh = _taken(looks, changed[len(plain) :])
    more = asked_of(of, _ids(known, fresh), fresh.as_of_us, late_counts=late)
    often = format_duration(every or 7 * DAY_US)
    brought = "each day" if days == 1 else f"each {days} days"
    told = (
        f"Changes of band were looked for at the end of {brought} on which something became known "
        f"of a lead, and every {often}."
    )
    return (
        Moments(np.append(plain.lead, fresh.lead), np.append(plain.as_of_us, fresh.as_of_us)),
        np.append(why, np.full(len(fresh), "band")),
        _joined(answers, more),
        [told],
    )


def _since(moments: Moments, from_us: int | None) -> Moments:
    return moments if from_us is None else _taken(moments, moments.as_of_us >= from_us)


def _left_out(
    known: Known, spans: Spans, ends: Ends, watch: Watch, every: int | None, end: int
) -> LeftOut:
    seen = known.came_us != NEVER
    counted = ends.said | (not watch.only_decided)
    return LeftOut(
        unfinished=unfinished(spans, watch, every),
        unsaid=int((~ends.said).sum()) if watch.only_decided else 0,
        unseen=int((~seen & counted).sum()),
        late=int((seen & counted & (ends.decided_us <= np.minimum(known.came_us, end))).sum()),
        strangers=ends.strangers,
    )


def _end(known: Known, ends: Ends) -> int:
    dates = [date for date in (known.latest_us, ends.latest_us) if date is not None]
    if not dates:
        raise UserError(
            "learn-rows", "Nothing is dated.", hint="Give the leads known_at, or events times."
        )
    return max(dates)


def _ids(known: Known, moments: Moments) -> pa.Array:
    return known.ids.take(pa.array(moments.lead))


def _taken(moments: Moments, which: Truths) -> Moments:
    return Moments(moments.lead[which], moments.as_of_us[which])


def _joined(one: Answers, two: Answers) -> Answers:
    return Answers(
        np.append(one.score, two.score),
        np.append(one.band, two.band),
        np.concatenate([one.pieces, two.pieces]),
        pa.concat_tables([one.values, two.values]),
    )
