"""Pages of what a system's records say, made alike for all systems that are followed by spans."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from leadwise.connect.following import Place, ended
from leadwise.connect.model import Became, Page
from leadwise.errors import UserError
from leadwise.ingest.messages import Message, Refusal

Row: TypeAlias = dict[str, Any]
Told: TypeAlias = tuple[list[Message], list[Became]]
"""What one record says: messages, and what became of somebody."""
UNREADABLE = (UserError, KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What a record that is not of the shape that the system describes fails with."""
LONGEST_BODY = 32_768


def walked(
    ahead: Sequence[Place], left: Mapping[str, int],
    rows_of: Callable[[Place], Iterator[tuple[list[Row], str]]],
    page: Callable[[str, list[Row]], Page],
) -> Iterator[Page]:  # fmt: skip
    """The pages of what is ahead, and at the end the cursor after the span.

    `left` is how many records each kind has; `rows_of` gives parts of them, each with where to go
    on after it; `page` what a part says.
    """
    done = ahead[0].done if ahead else 0
    total = done + sum(left.values())
    for place in ahead:
        for rows, after in rows_of(place):
            done += len(rows)
            cursor = replace(place, after=after, done=done).cursor()
            found = page(place.kind, rows)
            yield replace(found, cursor=cursor, done=done, total=max(done, total))
    if ahead:
        yield Page(ended(ahead[-1]), done=done, total=max(done, total))


def page_of(system: str, rows: Sequence[Row], tell: Callable[[Row], Told]) -> Page:
    """What these records say. One that cannot be read is refused, and holds up no other."""
    messages: list[Message] = []
    outcomes: list[Became] = []
    refusals: list[Refusal] = []
    for index, row in enumerate(rows):
        try:
            said, came = tell(row)
        except UNREADABLE as error:
            told = error if isinstance(error, UserError) else UserError(
                "record-shape", f"{system}'s record is not as expected ({type(error).__name__})."
            )  # fmt: skip
            body = json.dumps(row, ensure_ascii=False, default=str)[:LONGEST_BODY]
            refusals.append(Refusal(index, told.code, told.message, body))
            continue
        messages += said
        outcomes += came
    return Page("", tuple(messages), tuple(outcomes), refusals=tuple(refusals))
