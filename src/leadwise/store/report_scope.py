"""What a report is asked of: a time, a goal, which leads; and the same as SQL.

The statements of reports are run by `leadwise.store.driver.ask`, with `Scope.values` as parameters.
Leads that are part of others, were erased, or objected to being scored are in no report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from sqlalchemy import Connection

from leadwise.store.driver import ask

Goal: TypeAlias = Literal["accepted", "qualified", "won"]
GOALS: tuple[Goal, ...] = get_args(Goal)
REACHED: dict[Goal, tuple[str, ...]] = {
    "accepted": ("sales_accepted", "sales_qualified", "opportunity", "won"),
    "qualified": ("sales_qualified", "opportunity", "won"),
    "won": ("won",),
}
"""The outcomes that say that a lead reached a goal: a later stage is beyond an earlier one."""
CALLS = ("called", "no_answer")
"""The outcomes that are calls, whether or not anybody took them."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Instants are microseconds; the period goes from `start_us` to before `end_us`.

    `live_id` is the version of the card that is live (0 where there is none), by which `band` means
    the band of now. `version_id` takes only what that version said; None: whatever was live then.
    `owner_id` is a member, 0 whoever has none; `source` the one that a lead's first event is of.
    """

    start_us: int
    end_us: int
    now_us: int
    horizon_us: int
    goal: Goal = "won"
    live_id: int = 0
    version_id: int | None = None
    band: str | None = None
    owner_id: int | None = None
    source: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of the statements."""
        return {
            "start": self.start_us, "end": self.end_us, "now": self.now_us,
            "horizon": self.horizon_us, "live": self.live_id, "version": self.version_id or 0,
            "band": self.band or "", "owner": self.owner_id or 0, "source": self.source or "",
        }  # fmt: skip

    @property
    def goals(self) -> str:
        """SQL of the list of outcomes that reach the goal."""
        return listed_texts(REACHED[self.goal])

    @property
    def leads(self) -> str:
        """SQL of the condition on `l`, the row of `lead`: one of those that the report is about."""
        said = "l.merged_into IS NULL AND l.erased_us IS NULL AND l.objected_us IS NULL"
        if self.band is not None:
            said += (
                " AND EXISTS (SELECT 1 FROM score AS own WHERE own.card_version_id = :live "
                "AND own.lead_id = l.id AND own.shown_band = :band)"
            )
        if self.owner_id == 0:
            said += " AND NOT EXISTS (SELECT 1 FROM lead_owner AS o WHERE o.lead_id = l.id)"
        elif self.owner_id is not None:
            said += (
                " AND EXISTS (SELECT 1 FROM lead_owner AS o "
                "WHERE o.lead_id = l.id AND o.member_id = :owner)"
            )
        if self.source is not None:
            said += f" AND {_FIRST_SOURCE} = :source"
        return said

    def of_version(self, row: str) -> str:
        """SQL of the condition that a row is of the version asked for, behind an AND."""
        return "" if self.version_id is None else f" AND {row}.card_version_id = :version"


_FIRST_SOURCE = (
    # Of each identity the first event, by index; of these the first.
    "(SELECT e.source FROM identity_lead AS i JOIN event AS e ON e.id = "
    "(SELECT f.id FROM event AS f WHERE f.identity_id = i.identity_id AND f.at_us >= i.from_us "
    "AND f.at_us < i.until_us ORDER BY f.at_us, f.id LIMIT 1) "
    "WHERE i.lead_id = l.id ORDER BY e.at_us, e.id LIMIT 1)"
)


def firsts(rows: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Of (lead, instant) the first instant of each lead."""
    found: dict[int, int] = {}
    for lead_id, at_us in rows:
        before = found.get(lead_id)
        if before is None or at_us < before:
            found[lead_id] = at_us
    return found


def listed_texts(texts: tuple[str, ...]) -> str:
    """SQL of a list of texts that are in the code."""
    return ", ".join(f"'{text}'" for text in texts)


def sources(connection: Connection, most: int = 100) -> list[str]:
    """The names of the sources that events came from, by name, by skipping along the index."""
    sql = (
        "WITH RECURSIVE one(source) AS (SELECT min(source) FROM event UNION ALL "
        "SELECT (SELECT min(source) FROM event WHERE source > one.source) FROM one "
        "WHERE one.source IS NOT NULL) SELECT source FROM one WHERE source IS NOT NULL LIMIT :most"
    )
    return [row[0] for row in ask(connection, sql, most=most)]
