"""What only a playbook knows of a lead: its score, its band, whose it is, what its clock says.

Now they are what is shown. In the past the score and the band are those that were shown at the time
(`score_history`), grade and totals those that the live card gives for that instant; who owned a
lead then is not kept, so it is whose it is now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from leadwise.plan import lines
from leadwise.playbooks.conditions.lead_zone import ZoneRules, zone_of
from leadwise.playbooks.conditions.names import total_name
from leadwise.store.bulk import as_list, listed_whole
from leadwise.store.cards import CardVersion
from leadwise.store.documents import Document, canonical
from leadwise.store.driver import ask
from leadwise.store.relations import ask_ledgers

if TYPE_CHECKING:
    from leadwise.playbooks.conditions.deciding import Moment

SHOWN = frozenset({"score", "band"})
CLOCK = frozenset({"local_hour", "local_weekday"})


@dataclass(frozen=True, slots=True)
class Knows:
    """Tells of leads; `live` is the card version that scores, None where there is none."""

    connection: Connection
    live: CardVersion | None
    rules: ZoneRules

    def documents(
        self, moments: Sequence[Moment], wanted: frozenset[str], *, past: bool
    ) -> dict[Moment, Document]:
        """The wanted facts of each moment; what is not known is not in its document."""
        found: dict[Moment, dict[str, object]] = {moment: {} for moment in moments}
        if wanted - CLOCK - {"owner"}:
            if past:
                self._shown_then(found, wanted)
                self._computed(found, wanted - SHOWN - CLOCK - {"owner"})
            else:
                self._shown_now(found)
        if "owner" in wanted:
            self._owners(found)
        if wanted & CLOCK:
            self._clocks(found)
        return {
            moment: canonical({name: value for name, value in facts.items() if name in wanted})
            for moment, facts in found.items()
        }

    def _shown_now(self, found: dict[Moment, dict[str, object]]) -> None:
        if self.live is None:
            return
        names = [total_name(one.id) for one in self.live.card.dimensions]
        sql = (
            "SELECT lead_id, shown_score, shown_band, grade, totals FROM score "  # noqa: S608 - our own SQL
            f"WHERE card_version_id = :version AND lead_id IN {listed_whole(self.connection)}"
        )
        rows = ask(self.connection, sql, version=self.live.id, list=_leads(found))
        by_lead = {row[0]: row[1:] for row in rows}
        for moment, facts in found.items():
            if (row := by_lead.get(moment.lead_id)) is not None:
                points, band, grade, totals = row
                facts.update(_totals(names, json.loads(totals)))
                facts.update({"score": points / 100, "band": band, "grade": grade})

    def _shown_then(self, found: dict[Moment, dict[str, object]], wanted: frozenset[str]) -> None:
        if not wanted & SHOWN:
            return
        sql = (
            "SELECT lead_id, as_of_us, shown_score, shown_band FROM score_history "  # noqa: S608 - our own SQL
            f"WHERE lead_id IN {listed_whole(self.connection)} AND as_of_us <= :last "
            "ORDER BY lead_id, as_of_us, id"
        )
        last = max((moment.as_of_us for moment in found), default=0)
        said: dict[int, list[tuple[Any, ...]]] = {}
        for row in ask(self.connection, sql, list=_leads(found), last=last):
            said.setdefault(row[0], []).append(row)
        for moment, facts in found.items():
            before = [row for row in said.get(moment.lead_id, ()) if row[1] <= moment.as_of_us]
            if before:
                facts.update({"score": before[-1][2] / 100, "band": before[-1][3]})

    def _computed(self, found: dict[Moment, dict[str, object]], wanted: frozenset[str]) -> None:
        if self.live is None or not wanted:
            return
        card, moments = self.live.card, list(found)
        names = [total_name(one.id) for one in card.dimensions]
        number = len(lines(card))
        asked = [(n, one.lead_id, one.as_of_us, one.as_of_us) for n, one in enumerate(moments)]
        for row in ask_ledgers(self.connection, card, asked):
            facts = found[moments[row[0]]]
            facts.update(_totals(names, row[4 + number : 4 + number + len(names)]))
            facts["grade"] = row[-3]

    def _owners(self, found: dict[Moment, dict[str, object]]) -> None:
        sql = (
            "SELECT o.lead_id, m.email FROM lead_owner AS o "  # noqa: S608 - our own SQL
            "JOIN member AS m ON m.id = o.member_id "
            f"WHERE o.lead_id IN {listed_whole(self.connection)}"
        )
        owners = dict(ask(self.connection, sql, list=_leads(found)))
        for moment, facts in found.items():
            facts["owner"] = owners.get(moment.lead_id)

    def _clocks(self, found: dict[Moment, dict[str, object]]) -> None:
        told = facts_then(self.connection, found)
        for moment, facts in found.items():
            zone = zone_of(told[moment], self.rules, moment.as_of_us)
            there = datetime.fromtimestamp(moment.as_of_us / 1_000_000, UTC).astimezone(zone)
            facts.update({"local_hour": there.hour, "local_weekday": there.isoweekday()})


def facts_then(connection: Connection, moments: Iterable[Moment]) -> dict[Moment, Document]:
    """The document of each moment's lead, as it was known then; empty where there is none."""
    asked = list(moments)
    sql = (
        "SELECT lead_id, from_us, until_us, doc FROM lead_fact "  # noqa: S608 - our own SQL
        f"WHERE lead_id IN {listed_whole(connection)} AND until_us > :first AND from_us <= :last"
    )
    instants = [one.as_of_us for one in asked] or [0]
    rows: dict[int, list[tuple[Any, ...]]] = {}
    for row in ask(connection, sql, list=as_list({one.lead_id for one in asked}),
                   first=min(instants), last=max(instants)):  # fmt: skip
        rows.setdefault(row[0], []).append(row)
    found: dict[Moment, Document] = {}
    for one in asked:
        own = (r for r in rows.get(one.lead_id, ()) if r[1] <= one.as_of_us < r[2])
        doc: Any = next((row[3] for row in own), {})
        found[one] = json.loads(doc) if isinstance(doc, str) else doc
    return found


def _leads(found: Iterable[Moment]) -> str:
    return as_list({moment.lead_id for moment in found})


def _totals(names: Sequence[str], totals: Sequence[int]) -> dict[str, object]:
    return {name: total / 100 for name, total in zip(names, totals, strict=True)}
