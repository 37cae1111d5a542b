"""Names of events: as they are sent, and the plain form that cards are matched with."""

from __future__ import annotations

from functools import lru_cache

from leadwise.engines.entry.events import plain_name
from leadwise.errors import UserError
from leadwise.ingest.texts import LONGEST_NAME, one_line


@lru_cache(maxsize=4096)
def event_names(sent: str) -> tuple[str, str | None]:
    """The plain name, and the name sent where that differs.

    A name without any of a-z and 0-9 (in another script) is its own plain name. UserError
    `event-name`: none is given, or it is too long.
    """
    name = one_line(sent, LONGEST_NAME + 1)
    if not name:
        raise UserError("event-name", "the event has no name", hint='Send "event": "...".')
    if len(name) > LONGEST_NAME:
        raise UserError(
            "event-name",
            f"the event's name has over {LONGEST_NAME} characters",
            hint="Send a short name and put the rest into properties.",
        )
    plain = plain_name(name) or name.lower()[:LONGEST_NAME]
    return plain, None if plain == name else name
