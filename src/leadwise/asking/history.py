"""What is true now about then: a score at each of many instants."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from leadwise.asking.population import Moment, Population, ask_each
from leadwise.errors import UserError

# A question of this size is still answered in seconds; more is surely a slip of the unit.
MOST_MOMENTS = 2_000_000


def instants(from_us: int, to_us: int, every_us: int) -> list[int]:
    """from, from + every, ... up to and with `to`. Raises UserError where that makes no sense."""
    if every_us <= 0 or to_us < from_us:
        raise UserError(
            "history-range",
            "A history goes from an earlier instant to a later one, in steps longer than nothing.",
            hint="For example --from 2026-01-01 --to 2026-06-30 --every '1 week'.",
        )
    at = range(from_us, to_us + 1, every_us)
    _require_few(1, len(at))  # before they are all written down
    return list(at)


def history(
    of: Population, lead_ids: Sequence[str], at: Sequence[int], *, known_by_us: int
) -> pa.Table:
    """Raw ledgers of these leads at these instants, with all that was known by `known_by_us`.

    In one query, sorted by lead and instant.
    """
    _require_few(len(lead_ids), len(at))
    moments = [Moment(lead_id, at_us, known_by_us) for lead_id in lead_ids for at_us in at]
    return ask_each(of, moments).sort_by([("_moment", "ascending")]).drop_columns(["_moment"])


def _require_few(leads: int, instants: int) -> None:
    """Raise UserError where too many moments are asked for."""
    if leads * instants > MOST_MOMENTS:
        people = "one lead" if leads == 1 else f"{leads:,} leads"
        raise UserError(
            "history-too-long",
            f"{people} at {instants:,} instants are more than {MOST_MOMENTS:,} moments.",
            hint="Ask for fewer leads, a shorter time or longer steps.",
        )
