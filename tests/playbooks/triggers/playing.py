"""A record with a live card and playbooks made by hand, and what happens to its leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select

from leadwise.playbooks.model import Playbook, Step
from leadwise.playbooks.triggers import Taken, Taker
from leadwise.settings import Settings
from leadwise.store.documents import canonical
from leadwise.store.opening import Store
from leadwise.store.playbooks import PlaybookVersion, add_playbook, set_playbook_status
from leadwise.store.runs import RunRow, list_runs
from leadwise.store.schema import (
    band_change,
    event,
    identity_lead,
    playbook_version,
    score_history,
)
from tests.playbooks.conditions.test_conditions import playbook
from tests.records import DAY_US, NOW_US, make_live

HOUR_US = DAY_US // 24
SECOND_US = 1_000_000
WAIT = Step("wait-1", "wait", {"for": DAY_US}, 1)


@dataclass
class Play:
    """What a test works with: the clock stands at `now_us` until it is moved."""

    store: Store
    settings: Settings = field(default_factory=Settings)
    now_us: int = NOW_US
    texts: dict[str, Playbook] = field(default_factory=dict)
    said: int = 0
    told: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.taker = Taker(self.store, self.settings, self.texts.__getitem__)

    def publish(self, own: Playbook, **status: Any) -> PlaybookVersion:
        """A playbook, live from now on; another version of it is retired."""
        text = f"{own.id} {own.number} {len(self.texts)}"
        self.texts[text] = own
        with self.store.transaction() as connection:
            version = add_playbook(
                connection, playbook=own.id, number=own.number, digest=text, text=text, by="t",
                now_us=self.now_us,
            )  # fmt: skip
            table = playbook_version
            live = select(table.c.id).where(table.c.playbook == own.id, table.c.status == "live")
            for id_ in list(connection.scalars(live)):
                set_playbook_status(connection, id_, "retired")
            given = {"status": "live", "published_us": self.now_us, **status}
            set_playbook_status(connection, version.id, **given)
        return version

    def take(self) -> Taken:
        """All there is to take now."""
        self.taker.total = Taken()
        for _ in range(60):
            if not self.taker.take(self.now_us):
                break
        return self.taker.total

    def runs(self, name: str | None = None) -> list[RunRow]:
        """All runs, the oldest first."""
        with self.store.read() as connection:
            return list_runs(connection, playbook=name, limit=10_000)[::-1]

    def leads(self, name: str | None = None) -> list[int | None]:
        """The leads of all runs."""
        return [run.lead_id for run in self.runs(name)]

    def card(self) -> None:
        """The small card, live."""
        with self.store.transaction() as connection:
            make_live(connection)

    def enters(
        self, lead_id: int, band: str | None, before: str | None = None, cause: str = "event",
        at_us: int | None = None, score: int = 5_000,
    ) -> int:  # fmt: skip
        """A change of band."""
        with self.store.transaction() as connection:
            return put(
                connection, band_change, lead_id=lead_id, card_version_id=1,
                at_us=self.now_us if at_us is None else at_us, from_band=before, to_band=band,
                score=score, cause=cause,
            )  # fmt: skip

    def scores(
        self, lead_id: int, *points: float, version: int = 1, cause: str = "event"
    ) -> None:  # fmt: skip
        """Scores that were said of a lead one after the other, a second apart."""
        for number in points:
            self.now_us += SECOND_US
            hundredths = round(number * 100)
            before = self.told.get((lead_id, version))
            self.told[lead_id, version] = hundredths
            with self.store.transaction() as connection:
                put(
                    connection, score_history, lead_id=lead_id, card_version_id=version,
                    as_of_us=self.now_us, score=hundredths, shown_score=hundredths,
                    shown_before=before, cause=cause,
                )  # fmt: skip

    def does(
        self, lead_id: int, name: str, doc: Mapping[str, Any] | None = None, *,
        at_us: int | None = None, received_us: int | None = None, source: str = "site",
        type_: str = "track", message_id: str | None = None,
    ) -> int:  # fmt: skip
        """An event of a lead, written as the record has it."""
        self.said += 1
        received = self.now_us if received_us is None else received_us
        with self.store.transaction() as connection:
            own = select(identity_lead.c.identity_id).where(identity_lead.c.lead_id == lead_id)
            return put(
                connection, event, identity_id=connection.scalars(own.limit(1)).one(),
                source=source, message_id=message_id or f"m{self.said}", type=type_, event=name,
                at_us=received if at_us is None else at_us, received_us=received,
                doc=canonical(doc or {}),
            )  # fmt: skip


def put(connection: Connection, table: Any, **values: Any) -> int:
    """A row; its id."""
    return int(connection.execute(insert(table).values(values)).inserted_primary_key[0])


def follow_up(**more: Any) -> Playbook:
    """A playbook of one step that waits."""
    return playbook(**{"id": "call", "steps": (WAIT,), **more})
