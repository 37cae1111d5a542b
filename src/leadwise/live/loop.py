"""The thread that keeps scores true: it scores what is touched or due, and else waits."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from leadwise.errors import LeadwiseError
from leadwise.live.accounts import AccountRules, accounts_are_due, score_accounts
from leadwise.live.scoring import Pace, Scored, score_touched
from leadwise.live.taking import is_due
from leadwise.store.cards import versions_to_score
from leadwise.store.opening import Store
from leadwise.store.relations import ledger_sql

log = logging.getLogger(__name__)

IDLE_S = 0.25
"""How long to wait before looking again where nobody has said that something was recorded."""
AFTER_FAILURE_S = 1.0


@dataclass(slots=True)
class Pulse:
    """How the loop fares, for health and metrics."""

    scored_leads: int = 0
    band_changes: int = 0
    heavy: int = 0
    lag_us: int = 0
    failures: int = 0
    last_us: int = 0
    last_error: str = ""


class ScoringLoop:
    """Scores in a thread of its own until `stop`. `recorded` says that there may be work."""

    def __init__(
        self, store: Store, clock: Callable[[], int], pace: Pace | None = None,
        account_rules: AccountRules | None = None,
        on_scored: Callable[[Scored], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.pulse = Pulse()
        self._store, self._clock, self._pace = store, clock, pace or Pace()
        self._account_rules = account_rules or AccountRules()
        self._on_scored = on_scored
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="leadwise-scoring", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def recorded(self) -> None:
        """Something was recorded: look at once."""
        self._wake.set()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self, timeout_s: float | None = None) -> None:
        """End after the transaction under way."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                busy = self._turn()
            except LeadwiseError as error:
                self._failed(str(error))
            except Exception as error:
                # A defect must not end scoring for everybody: it is told and tried again.
                log.exception("scoring failed")
                self._failed(f"{type(error).__name__}: {error}")
            else:
                if not busy:
                    self._wake.wait(IDLE_S)
                    self._wake.clear()

    def _turn(self) -> bool:
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

    def _failed(self, message: str) -> None:
        self.pulse.failures += 1
        self.pulse.last_error = message
        log.warning("scoring failed, to be tried again: %s", message)
        self._stopping.wait(AFTER_FAILURE_S)


def wall_clock() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1_000
