"""What follow-up brings, as against what would have come anyway: a holdout that gets none.

A score that ranks well may still send the team to leads who would have bought without a call. Only
leads who were left alone by lot can tell. Differences of shares have R. Newcombe's interval (1998,
Interval estimation for the difference between independent proportions, Statist. Med. 17:873-890,
method 10).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from leadwise.errors import UserError
from leadwise.learn.judge.interval import Interval
from leadwise.learn.rows import Truths, Wholes
from leadwise.report.intervals import wilson


@dataclass(frozen=True, slots=True)
class Uplift:
    """Leads of a band: followed up and held out, how many of each were won, the difference of the
    shares (the uplift) with its interval; `text` says what it means."""

    band: str
    treated: int
    treated_won: int
    held_out: int
    held_out_won: int
    uplift: Interval
    text: str


def is_held_out(lead_id: str, experiment: str, share: float) -> bool:
    """Whether a lead is left alone: by lot, but the same lot for ever, whoever asks.

    The lot is a hash of the experiment's name and the lead's id. `share` runs from 0 to 0.5;
    UserError else.
    """
    if not 0 <= share <= 0.5:
        raise UserError(
            "holdout-share",
            f"A holdout of {share:g} cannot be: it lies between 0 and 0.5.",
            hint="0.1 leaves every tenth lead alone.",
        )
    drawn = hashlib.blake2b(f"{experiment}\0{lead_id}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn) / 2**64 < share


def uplift(bands: Sequence[str], band: Wholes, held_out: Truths, won: Truths) -> tuple[Uplift, ...]:
    """Each band's uplift and that of all; one entry a lead, `band` is its place in `bands` at the
    time of the lot."""
    everybody = np.ones(len(won), bool)
    parts = [("all", everybody), *((name, band == place) for place, name in enumerate(bands))]
    return tuple(_of(name, held_out[here], won[here]) for name, here in parts)


def _of(name: str, held_out: Truths, won: Truths) -> Uplift:
    treated, held = int((~held_out).sum()), int(held_out.sum())
    a, b = int(won[~held_out].sum()), int(won[held_out].sum())
    told = difference(a, treated, b, held)
    return Uplift(name, treated, a, held, b, told, _said(name, told, treated, held))


def difference(won: int, of: int, other_won: int, other_of: int) -> Interval:
    """The first share less the second with Newcombe's interval; NaN where a side is empty."""
    if not of or not other_of:
        return Interval(*[float("nan")] * 3)
    p, q = won / of, other_won / other_of
    (low, high), (other_low, other_high) = wilson(won, of), wilson(other_won, other_of)
    return Interval(
        p - q,
        p - q - sqrt((p - low) ** 2 + (other_high - q) ** 2),
        p - q + sqrt((high - p) ** 2 + (q - other_low) ** 2),
    )


def _said(name: str, told: Interval, treated: int, held: int) -> str:
    where = "Over all" if name == "all" else f"In {name}"
    if not treated or not held:
        return f"{where} nothing can be said: nobody was {'left alone' if not held else 'called'}."
    span = f"{told.value:+.1%}, 95 percent interval {told.low:+.1%} to {told.high:+.1%}"
    if told.low > 0:
        return f"{where} follow-up brings more deals: {span} of the leads."
    if told.high < 0:
        return f"{where} follow-up costs deals: {span} of the leads."
    return f"{where} follow-up cannot be told from doing nothing: {span} of the leads."
