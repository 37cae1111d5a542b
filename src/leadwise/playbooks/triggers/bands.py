"""Changes of bands: each starts a playbook once, if what caused it is a cause that is meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from leadwise.asking.instants import written
from leadwise.plan.relations import FOREVER
from leadwise.playbooks.model import BandTrigger
from leadwise.playbooks.triggers.model import Candidate, Live
from leadwise.store.driver import ask
from leadwise.store.said import Change


def changes_between(
    connection: Connection, after_id: int, up_to_id: int, limit: int
) -> list[Change]:
    """Changes of bands in the order of their ids."""
    return [
        Change(*row)
        for row in ask(connection, _CHANGES, after=after_id, up_to=up_to_id, limit=limit)
    ]


def band_candidates(live: Live, changes: Sequence[Change]) -> list[Candidate]:
    """The changes that start this playbook."""
    found = []
    for place, trigger in enumerate(live.playbook.triggers):
        if isinstance(trigger, BandTrigger):
            found += [
                Candidate(
                    f"band:{one.id}", "band", place, one.lead_id, one.at_us, {"event": _told(one)},
                    row_id=one.id,
                )
                for one in changes
                if one.at_us >= live.since_us and fits(trigger, one)
            ]  # fmt: skip
    return found


def fits(trigger: BandTrigger, change: Change) -> bool:
    """Whether a change of band is one that the trigger means."""
    if change.cause not in trigger.causes:
        return False
    return change.to_band in trigger.enters or (
        change.from_band in trigger.leaves and change.to_band not in trigger.leaves
    )


def band_holds(
    connection: Connection, trigger: BandTrigger, one: Candidate, until_us: int = FOREVER
) -> bool:
    """Whether the lead stayed where the change had brought it."""
    asked = {"id": one.row_id, "until": until_us}  # the lead may be part of another by now
    changes = [Change(*row) for row in ask(connection, _SINCE, **asked)]
    if not changes or changes[0].id != one.row_id:
        return False
    first = changes[0]
    if first.to_band in trigger.enters:
        return all(change.to_band in trigger.enters for change in changes)
    return all(change.to_band not in trigger.leaves for change in changes)


def _told(change: Change) -> dict[str, Any]:
    return {
        "name": "band_changed", "at": written(change.at_us), "from_band": change.from_band,
        "to_band": change.to_band, "score": change.score / 100, "cause": change.cause,
    }  # fmt: skip


_COLUMNS = (
    "SELECT id, lead_id, card_version_id, at_us, from_band, to_band, score, cause, event_id "
    "FROM band_change WHERE "
)
_CHANGES = _COLUMNS + "id > :after AND id <= :up_to ORDER BY id LIMIT :limit"
_OF_LEAD = "lead_id = (SELECT lead_id FROM band_change WHERE id = :id) AND id >= :id "
_SINCE = _COLUMNS + _OF_LEAD + "AND at_us <= :until ORDER BY id"
