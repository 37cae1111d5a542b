"""The thread that keeps scores true: it scores what is touched or due, and else waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from leadwise.live.accounts import AccountRules, accounts_are_due, score_accounts
from leadwise.live.scoring import Pace, Scored, score_touched
from leadwise.live.taking import is_due
from leadwise.live.turns import Pulse, Turns
from leadwise.store.cards import versions_to_score
from leadwise.store.opening import Store
from leadwise.store.relations import ledger_sql


@dataclass(slots=True)
class Scoring(Pulse):
    """How the loop fares."""

    scored_leads: int = 0
    band_changes: int = 0
    heavy: int = 0


class ScoringLoop(Turns):
    """Scores in a thread of its own until `stop`. `recorded` says that there may be work."""

    def __init__(
        self, store: Store, clock: Callable[[], int], pace: Pace | None = None,
        account_rules: AccountRules | None = None,
        on_scored: Callable[[Scored], None] = lambda _: None,
    ) -> None:  # fmt: skip
        super().__init__("scoring")
        self.pulse: Scoring = Scoring()
        self._store, self._clock, self._pace = store, clock, pace or Pace()
        self._account_rules = account_rules or AccountRules()
        self._on_scored = on_scored

    def turn(self) -> bool:
        """One transaction of each kind; whether there was anything to do."""
        now_us = self._clock()
        with self._store.read() as connection:
            leads = is_due(connection, now_us)
            accounts = accounts_are_due(connection, now_us)
            if leads:
                # Compiled here where it is new: seconds for a large card, and nobody waits for it.
                for version in versions_to_score(connection):
                    ledger_sql(version.card, connection.dialect.name)
        self.pulse.last_us = now_us
        if leads:
            scored = self._store.write(
                lambda connection: score_touched(connection, self._clock(), self._pace),
                "scores",
                alone=True,
            )
            self._tell(scored)
            # Nothing taken: another process has locked these leads and scores them.
            leads = scored.leads + scored.taken + scored.heavy > 0
        if accounts:
            scored_accounts = self._store.write(
                lambda connection: score_accounts(connection, self._clock(), self._account_rules),
                "scores",
                alone=True,
            )
            accounts = scored_accounts > 0
        return leads or accounts

    def _tell(self, scored: Scored) -> None:
        pulse = self.pulse
        pulse.scored_leads += scored.leads
        pulse.band_changes += scored.band_changes
        pulse.heavy += scored.heavy
        pulse.lag_us = scored.lag_us
        self._on_scored(scored)


def wall_clock() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1_000
