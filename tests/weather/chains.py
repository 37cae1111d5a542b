"""Whether each change of band was told exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, TypeAlias

from sqlalchemy import Connection

Band: TypeAlias = str | None
Chain: TypeAlias = list[tuple[Band, Band]]
"""From which band to which, in order."""


def broken_chains(connection: Connection) -> Iterator[str]:
    """Each lead's changes are a chain without a gap or a repetition, up to what is shown now.

    They are also the moves of the shown band in its history, one for one.
    """
    told, moved, shown = _told(connection), _moved(connection), _shown(connection)
    problems: Counter[str] = Counter()
    examples: dict[str, object] = {}
    for lead_id in told.keys() | moved.keys() | shown.keys():
        own = told.get(lead_id, [])
        found = _problems(own, moved.get(lead_id, []))
        if lead_id in shown and own and own[-1][1] != shown[lead_id]:
            found.append("the last band change is not to the band that is shown")
        for what in found:
            problems[what] += 1
            examples.setdefault(what, (lead_id, own, moved.get(lead_id)))
    for what, count in problems.items():
        yield f"{what}: {count} leads, such as {examples[what]}"


def _problems(own: Chain, moved: Chain) -> list[str]:
    found = []
    if not own:
        found.append("a scored lead never came into its band")
    elif own[0][0] is not None or any(one[1] != other[0] for one, other in pairwise(own)):
        found.append("the chain of band changes has a gap")
    if any(from_band == to_band for from_band, to_band in own):
        found.append("a band change is none")
    if own != moved:
        found.append("the band changes are not those of the history")
    return found


def _told(connection: Connection) -> dict[int, Chain]:
    told: dict[int, Chain] = {}
    sql = "SELECT lead_id, from_band, to_band FROM band_change ORDER BY id"
    for lead_id, from_band, to_band in _rows(connection, sql):
        told.setdefault(lead_id, []).append((from_band, to_band))
    return told


def _moved(connection: Connection) -> dict[int, Chain]:
    moved: dict[int, Chain] = {}
    last: dict[int, Band] = {}
    sql = "SELECT lead_id, shown_band FROM score_history ORDER BY id"
    for lead_id, band in _rows(connection, sql):
        if lead_id not in last or last[lead_id] != band:
            moved.setdefault(lead_id, []).append((last.get(lead_id), band))
        last[lead_id] = band
    return moved


def _shown(connection: Connection) -> dict[int, Band]:
    return dict(_rows(connection, "SELECT lead_id, shown_band FROM score"))


def _rows(connection: Connection, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(sql)]
