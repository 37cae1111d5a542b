"""How the moments are chosen at which somebody would have decided."""

from __future__ import annotations

from dataclasses import dataclass

from leadwise.asking.instants import DAY_US
from leadwise.errors import UserError

CREATED = "created_at"
"""The field that says when a lead came, where the card has it and nothing else is said."""


LONGEST_US = 36_500 * DAY_US
"""As in the card language: beyond, instants would have no place in 64 bits."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Which moments of a lead become rows. Durations are microseconds.

    `horizon_us` is how long after a moment a win still counts. Moments: `arrival`; every `every_us`
    after it while the lead is open; once at each age of `ages_us`; each change of the card's band
    (`bands`). `end_us` is the last instant of which outcomes are known: the latest of events, facts
    and outcomes if not given, never the clock. `created` names the time field that says when a lead
    came (`created_at` if the card has it). A lead without an outcome is open; with `only_decided`
    it is left out. `late_counts`: what was received late counts as of when it happened, as it must
    where a history was imported in one go; otherwise a moment never sees it. `from_us`: no moment
    before it.
    """

    horizon_us: int
    every_us: int | None = 7 * DAY_US
    bands: bool = True
    arrival: bool = True
    end_us: int | None = None
    ages_us: tuple[int, ...] = ()
    created: str | None = None
    only_decided: bool = False
    late_counts: bool = False
    from_us: int | None = None

    def __post_init__(self) -> None:
        if self.horizon_us <= 0 or (self.every_us is not None and self.every_us <= 0):
            raise UserError(
                "learn-watch",
                "The horizon and the time between two moments must be longer than nothing.",
                hint="Give a horizon such as 90 days.",
            )
        if max(self.horizon_us, self.every_us or 0, *self.ages_us, 0) > LONGEST_US:
            raise UserError(
                "learn-watch",
                "The horizon and the time between two moments are 36,500 days at most.",
                hint="Give a horizon such as 90 days.",
            )
        if not (self.arrival or self.bands or self.every_us or self.ages_us):
            raise UserError(
                "learn-watch",
                "No moments are asked for.",
                hint="Take arrival, band changes, or every so many days.",
            )
