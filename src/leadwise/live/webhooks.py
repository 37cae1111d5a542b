"""Signed webhooks of band changes (standardwebhooks.com): in order, at least once, with patience.

Each webhook has a cursor in the record, moved on only after its receiver said 2xx; so a process
that is killed sends at most the last message again, with the same `webhook-id`. A receiver that
fails is tried again ever more slowly, and nothing overtakes what it did not take; after three days,
or when it says 410, the webhook is disabled with the reason.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx2
from standardwebhooks.webhooks import Webhook as Signer

from leadwise.asking.instants import written
from leadwise.errors import LeadwiseError, UserError
from leadwise.report.chance import chance
from leadwise.store.following import Horizon
from leadwise.store.opening import Store
from leadwise.store.said import Change, changes_after
from leadwise.store.schema import band_change
from leadwise.store.studies import Goal, calibration_of
from leadwise.store.webhooks import (
    Webhook,
    disable,
    get_webhook,
    only_sender,
    told,
    waiting_webhooks,
)

WAITS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0)
"""Seconds before the next attempt after so many failures in a row; the last one from then on."""
GIVE_UP_SECONDS = 3 * 86_400.0
TIMEOUT_SECONDS = 10.0
AT_ONCE, TURN_SECONDS = 200, 20.0
"""Messages and time of one turn: then the other webhooks are looked at."""
SENDERS = 4
POLL_SECONDS = 0.5
GONE = 410


@dataclass(slots=True)
class Trouble:
    """A receiver that fails: since when, how often in a row, and when it is tried again."""

    since: float
    failures: int
    again: float


@dataclass(slots=True)
class WebhookSender:
    """Sends for all webhooks of a store, from threads of its own: `start`, `stop`."""

    store: Store
    clock_us: Callable[[], int]
    monotonic: Callable[[], float] = time.monotonic
    poll_seconds: float = POLL_SECONDS
    transport: httpx2.BaseTransport | None = None
    goal: Goal = "won"
    _troubles: dict[int, Trouble] = field(default_factory=dict)
    _busy: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _horizon: Horizon = field(default_factory=lambda: Horizon(band_change))
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Send until `stop`."""
        self._thread = threading.Thread(target=self._run, name="leadwise-webhooks", daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Finish the messages that are being sent, within that time."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def send_waiting(self) -> int:
        """One round over all webhooks, one after the other; how many messages were taken."""
        with self._client() as client:
            return sum(self._turn(webhook_id, client) for webhook_id in self._due())

    def _run(self) -> None:
        log = logging.getLogger("leadwise.webhooks")
        with self._client() as client, ThreadPoolExecutor(SENDERS) as pool:
            while not self._stopping.wait(self.poll_seconds):
                try:
                    for webhook_id in self._due():
                        pool.submit(self._turn, webhook_id, client)
                except LeadwiseError as error:
                    log.warning("webhooks wait: %s", error)

    def _client(self) -> httpx2.Client:
        # No redirects: a receiver must not send us on to somewhere else.
        return httpx2.Client(
            timeout=TIMEOUT_SECONDS, follow_redirects=False, transport=self.transport,
            headers={"User-Agent": "Leadwise-Webhooks"},
        )  # fmt: skip

    def _due(self) -> list[int]:
        """The webhooks that have something to be told and may be tried now."""
        with self.store.read() as connection:
            waiting = waiting_webhooks(connection, self._horizon.look(connection))
        now = self.monotonic()
        quiet = {id_ for id_, trouble in self._troubles.items() if trouble.again > now}
        return [id_ for id_ in waiting if id_ not in quiet and id_ not in self._busy]

    def _turn(self, webhook_id: int, client: httpx2.Client) -> int:
        with self._lock:
            if webhook_id in self._busy:
                return 0
            self._busy.add(webhook_id)
        try:
            return self._send_next(webhook_id, client)
        except UserError:
            return 0  # it was deleted meanwhile
        except LeadwiseError as error:
            logging.getLogger("leadwise.webhooks").warning("webhook %s: %s", webhook_id, error)
            return 0
        finally:
            with self._lock:
                self._busy.discard(webhook_id)

    def _send_next(self, webhook_id: int, client: httpx2.Client) -> int:
        taken, until = 0, self.monotonic() + TURN_SECONDS
        with self._alone(webhook_id) as alone:
            if not alone:
                return 0
            with self.store.read() as connection:
                hook = get_webhook(connection, webhook_id)
                changes = changes_after(
                    connection, hook.after_id, up_to_id=self._horizon.id, limit=AT_ONCE
                )
                versions = {change.card_version_id for change in changes}
                means = {one: calibration_of(connection, one, self.goal) for one in versions}
            for change in changes if hook.disabled_us is None else ():
                if self._stopping.is_set() or self.monotonic() > until:
                    break
                if not self._deliver(hook, change, client, means[change.card_version_id]):
                    break
                self.store.write(partial(told, webhook_id=webhook_id, after_id=change.id))
                taken += 1
        return taken

    @contextmanager
    def _alone(self, webhook_id: int) -> Iterator[bool]:
        """Whether this process sends for the webhook. SQLite's record has one process anyway, and
        a transaction that is held open there keeps its log from being put away."""
        if self.store.embedded:
            yield True
            return
        with self.store.read() as connection:
            yield only_sender(connection, webhook_id)

    def _deliver(
        self, hook: Webhook, change: Change, client: httpx2.Client,
        means: Mapping[str, Any] | None,
    ) -> bool:  # fmt: skip
        """Whether the receiver took the message."""
        body = body_of(change, means)
        headers = signed_headers(hook, change, body, self.clock_us())
        try:
            response = client.post(hook.url, content=body.encode(), headers=headers)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            self._failed(hook, type(error).__name__)
            return False
        if response.is_success:
            self._troubles.pop(hook.id, None)
            return True
        if response.status_code == GONE:
            self._disable(hook, "The receiver says 410 Gone.")
        else:
            self._failed(hook, f"status {response.status_code}")
        return False

    def _failed(self, hook: Webhook, said: str) -> None:
        now = self.monotonic()
        before = self._troubles.get(hook.id)
        failures = before.failures + 1 if before else 1
        since = before.since if before else now
        wait = WAITS[min(failures, len(WAITS)) - 1]
        self._troubles[hook.id] = Trouble(since, failures, now + wait)
        logging.getLogger("leadwise.webhooks").info(
            "webhook %s did not take a message (%s); again in %.0f s", hook.id, said, wait
        )
        if now - since >= GIVE_UP_SECONDS:
            self._disable(hook, f"It took nothing for three days; the last answer: {said}.")

    def _disable(self, hook: Webhook, why: str) -> None:
        now_us = self.clock_us()
        self.store.write(lambda connection: disable(connection, hook.id, why, now_us))
        self._troubles.pop(hook.id, None)


def body_of(change: Change, means: Mapping[str, Any] | None = None) -> str:
    """The message: `type`, `timestamp` and `data`, as Standard Webhooks has it. `means` is the
    calibration of the card, where it has one: then there is a probability."""
    found = chance(means, change.score)
    document = {
        "type": "lead.band_changed",
        "timestamp": written(change.at_us),
        "data": {
            "id": change.id,
            "lead_id": change.lead_id,
            "card_version_id": change.card_version_id,
            "from_band": change.from_band,
            "to_band": change.to_band,
            "score": change.score // 100 if change.score % 100 == 0 else change.score / 100,
            **({} if found is None else {"probability": asdict(found)}),
            "cause": change.cause,
            "event_id": change.event_id,
        },
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def signed_headers(hook: Webhook, change: Change, body: str, now_us: int) -> dict[str, str]:
    """The headers of a message; the id is the same however often it is sent."""
    message_id = f"msg_{hook.id}_{change.id}"
    moment = datetime.fromtimestamp(now_us // 1_000_000, UTC)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(now_us // 1_000_000),
        "webhook-signature": Signer(hook.secret).sign(message_id, moment, body),
    }
