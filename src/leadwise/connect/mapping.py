"""Their fields to ours: what a connector does by itself, and over it what the team says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def mapped(
    values: Mapping[str, Any], own: Mapping[str, str], team: Mapping[str, str]
) -> dict[str, Any]:
    """The values by our names. `own` is the connector's, `team` that of `Connection.mapping`.

    A field that neither knows keeps its name; one mapped to the empty text is left out. Of several
    fields that become one the first that has a value counts, the team's before the connector's.
    """
    found: dict[str, Any] = {}
    for field in sorted(values, key=lambda field: field not in team):
        name = team.get(field, own.get(field, field))
        if name and found.get(name) in (None, ""):
            found[name] = values[field]
    return found


def fields_for(
    wanted: Iterable[str], own: Mapping[str, str], team: Mapping[str, str]
) -> tuple[str, ...]:
    """Their fields to ask for: those that the connector knows and the team maps, and those that the
    card wants (`Connection.wanted`) under their own names; none that is left out."""
    ours = {team.get(field, name) for field, name in own.items()} | set(team.values())
    also = [name for name in wanted if name not in ours and name not in team]
    asked = [*own, *(field for field in team if field not in own), *also]
    return tuple(field for field in asked if team.get(field, own.get(field, field)))
