"""How a connection stands, as far as is known: not what is hoped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sqlalchemy import Connection as Database

from leadwise.connect.opening import missing_variables
from leadwise.store.connections import ConnectionRow, list_exchanges

State: TypeAlias = Literal["paused", "unset", "trouble", "new", "well"]


@dataclass(frozen=True, slots=True)
class Standing:
    """`unset`: variables that its secrets stand in are not set where this is asked (`missing`);
    `trouble`: the last exchange failed; `new`: nothing was exchanged yet, so nobody knows;
    `well`: it went well last, at `last_us`."""

    state: State
    missing: tuple[str, ...] = ()
    last_us: int | None = None


def standing(database: Database, row: ConnectionRow, environment: Mapping[str, str]) -> Standing:
    """How it stands. The environment is that of the process that asks."""
    if row.paused_us is not None:
        return Standing("paused")
    missing = tuple(missing_variables(row, environment))
    if missing:
        return Standing("unset", missing)
    last = list_exchanges(database, row.id, limit=1)
    last_us = last[0].at_us if last else None
    if row.trouble:
        return Standing("trouble", last_us=last_us)
    return Standing("well" if last else "new", last_us=last_us)
