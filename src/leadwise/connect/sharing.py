"""Records there that several leads here go by: each bears one score, that of the latest instant."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

from leadwise.connect.model import Pushed, Update

Record = TypeVar("Record", bound=Hashable)


def each_its_own(
    updates: Sequence[Update], of: Sequence[Sequence[Record]]
) -> tuple[list[list[Record]], dict[int, Pushed]]:
    """The records of each update without those that are another's: a score goes before a blank, a
    later one before an earlier. Who has none left is answered already (by its lead's id)."""
    owner: dict[Record, Update] = {}
    for update, records in zip(updates, of, strict=True):
        for record in records:
            had = owner.get(record)
            if had is None or _rank(update) > _rank(had):
                owner[record] = update
    own: list[list[Record]] = []
    answered: dict[int, Pushed] = {}
    for update, records in zip(updates, of, strict=True):
        left = [one for one in records if owner[one] is update]
        own.append(left)
        if records and not left:
            other = owner[records[0]].lead_id
            why = f"Its record there is lead {other}, too: they may be one person."
            answered[update.lead_id] = (
                Pushed(update.lead_id, "same", update.remote_id) if update.blank
                else Pushed(update.lead_id, "refused", update.remote_id, why)
            )  # fmt: skip
    return own, answered


def _rank(update: Update) -> tuple[bool, int]:
    return not update.blank, update.as_of_us
