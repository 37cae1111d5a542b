"""A store that messages are recorded in and whose touched leads are scored, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from leadwise.ingest.emails import normalised_email
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import Recalled, Recorded, record
from leadwise.live.scoring import Pace, Scored, score_touched
from leadwise.store import identities
from leadwise.store.documents import canonical
from leadwise.store.opening import Store
from tests.records import NOW_US

SECOND_US = 1_000_000


@dataclass
class Recording:
    """Messages in, leads and scores out. `now_us` is moved by hand."""

    store: Store
    now_us: int = NOW_US
    pace: Pace = field(default_factory=Pace)
    recalled: Recalled = field(default_factory=Recalled)
    numbers: Any = field(default_factory=count)

    def message(
        self, type_: str, *, traits: Mapping[str, Any] | None = None, **given: Any
    ) -> Message:
        email = normalised_email((traits or {}).get("email", ""))
        values: dict[str, Any] = {
            "type": type_, "source": "test", "message_id": f"m{next(self.numbers)}",
            "event": given.pop("event", type_), "at_us": self.now_us, "received_us": self.now_us,
            "document": canonical(traits or {}), "email": email, **given,
        }  # fmt: skip
        return Message(**values)

    def send(self, *messages: Message, rules: GateRules | None = None) -> Recorded:
        """Record in one transaction."""
        return self.store.write(
            lambda c: record(
                c, Received(messages), rules or GateRules(), self.now_us, recalled=self.recalled
            )
        )

    def identify(self, **given: Any) -> Recorded:
        return self.send(self.message("identify", **given))

    def track(self, event: str, **given: Any) -> Recorded:
        return self.send(self.message("track", event=event, **given))

    def score(self, after_s: float = 0) -> Scored:
        """Score all that is touched or due, some seconds later."""
        self.now_us += int(after_s * SECOND_US)
        done = Scored()
        while True:
            one = self.store.write(
                lambda c: score_touched(c, self.now_us, self.pace), "scores", alone=True
            )
            if one == Scored():
                return done
            done = Scored(
                done.taken + one.taken, done.leads + one.leads,
                done.band_changes + one.band_changes, done.heavy + one.heavy,
            )  # fmt: skip

    def lead(self, kind: str, value: str) -> int:
        """The lead that an identity belongs to now."""
        with self.store.read() as connection:
            ids = identities.find(connection, [(kind, value)])
            owner = identities.owners(connection, ids.values())
        return owner[ids[kind, value]].lead_id

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.store.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]

    def score_of(self, lead_id: int) -> tuple[int, str] | None:
        """Its score in hundredths and its band, as stored under the live card."""
        found = self.rows(
            "SELECT s.score, s.band FROM score AS s JOIN card_version AS v "
            f"ON v.id = s.card_version_id WHERE v.status = 'live' AND s.lead_id = {lead_id}"
        )
        return (found[0][0], found[0][1]) if found else None
