"""Updates are handed to a system: one answer for each, and one at fault alone is refused alone."""

from __future__ import annotations

from collections.abc import Sequence

from leadwise.connect.model import Pushed, Target, Update
from leadwise.errors import RemoteError

OF_ONE = (400, 404, 409, 413, 422)
"""Statuses that may be one record's fault: then the others are tried without it."""


def handed(target: Target, updates: Sequence[Update]) -> list[Pushed]:
    """One answer for each update in their order; where one of them is at fault, of that alone.

    RemoteError where the system takes nothing now.
    """
    try:
        answers = {answer.lead_id: answer for answer in target.push(updates)}
    except RemoteError as error:
        if not error.permanent or error.status not in OF_ONE:
            raise
        if len(updates) == 1:
            return [Pushed(updates[0].lead_id, "refused", updates[0].remote_id, str(error))]
        half = len(updates) // 2
        return handed(target, updates[:half]) + handed(target, updates[half:])
    silent = "Nothing was answered for it."
    return [answers.get(one.lead_id) or Pushed(one.lead_id, "later", one.remote_id, silent)
            for one in updates]  # fmt: skip
