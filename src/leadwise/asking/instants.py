"""Instants and durations as people write them, and as the plan counts them (microseconds UTC)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from leadwise.card.values import FIRST_US, LAST_US, parse_time
from leadwise.errors import UserError

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
YEAR_US = 365 * DAY_US
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Instant: TypeAlias = datetime | str | int


def microseconds(instant: Instant, name: str) -> int:
    """An instant in microseconds since 1970 UTC; a text is ISO 8601, without offset UTC.

    `name` is the option or argument that an error is about. Raises UserError.
    """
    if isinstance(instant, bool) or not isinstance(instant, datetime | str | int):
        raise _not_an_instant(instant, name)
    if isinstance(instant, int):
        if not FIRST_US <= instant <= LAST_US:
            raise _not_an_instant(instant, name)
        return instant
    if isinstance(instant, datetime):
        aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        return microseconds((aware - EPOCH) // timedelta(microseconds=1), name)
    try:
        return parse_time(instant)
    except ValueError as error:
        raise _not_an_instant(instant, name) from error


def now_us() -> int:
    """The machine's clock."""
    return microseconds(datetime.now(UTC), "now")


def moment_of(us: int) -> datetime:
    """The instant as a datetime in UTC."""
    return EPOCH + timedelta(microseconds=us)


def written(us: int) -> str:
    """The instant as text: `2026-06-30T00:00:00Z`, with a fraction only where there is one."""
    moment = moment_of(us)
    spec = "microseconds" if moment.microsecond else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def next_whole_second(us: int) -> int:
    """The first whole second that is not before the instant."""
    return -(-us // SECOND_US) * SECOND_US


def _not_an_instant(instant: object, name: str) -> UserError:
    return UserError(
        "time-unreadable",
        f"{name}: {instant!r} is not a time.",
        hint="Write it as 2026-06-30 or 2026-06-30T12:00:00+02:00; without an offset it is UTC.",
    )
