"""Senders that never give up: a batch is sent again until it is answered with 200.

They keep which messages were acknowledged. Sometimes a batch that was acknowledged is sent once
more, as a client does that missed the answer.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.weather.people import Json, People

Address = Callable[[int], str | None]
"""Where the sender of this number finds a server just now; None where none is known to run."""

PATIENCE_SECONDS = 60.0
"""How long after `stop` the last batches may go without an answer of 200."""
ANSWER_SECONDS = 60.0


@dataclass
class Sent:
    """What all senders together have seen."""

    tried: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    """Batches that nobody took, and answers that should never be."""


@dataclass
class Load:
    """Senders at work until `stop`."""

    address: Address
    key: str
    senders: int = 3
    batch: int = 20
    pause_s: float = 0.02
    seed: int = 1
    sent: Sent = field(default_factory=Sent)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for number in range(self.senders):
            thread = threading.Thread(target=self._send, args=(number,), name=f"sender-{number}")
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Begin no further batch, and wait until those begun are acknowledged."""
        self._stopping.set()
        end = time.monotonic() + PATIENCE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads) and not self._over.is_set():
            self.sent.lost.append(f"no answer of 200 within {PATIENCE_SECONDS:.0f} s")
            self._over.set()

    def give_up(self) -> None:
        """End at once, whatever is acknowledged."""
        self._over.set()
        self.stop()

    def _send(self, number: int) -> None:
        people = People(number, self.seed)
        chance = random.Random(f"{self.seed} again {number}")
        wire = Wire(self.key)
        while not self._stopping.is_set():
            batch = people.batch(chance.randrange(1, 2 * self.batch))
            ids = {message["messageId"] for message in batch}
            self.sent.tried |= ids
            if not self._until_taken(wire, number, batch):
                return
            self.sent.acknowledged |= ids
            if chance.random() < 0.1:
                self._until_taken(wire, number, batch)
            self._stopping.wait(self.pause_s * chance.random() * 2)
        wire.close()

    def _until_taken(self, wire: Wire, number: int, batch: list[Json]) -> bool:
        while not self._over.is_set():
            address = self.address(number)
            if address is None:
                time.sleep(0.02)
                continue
            try:
                status, answer = wire.post(address, {"batch": batch})
            except (OSError, http.client.HTTPException) as error:
                self.sent.answers[type(error).__name__] += 1
                time.sleep(0.02)
                continue
            self.sent.answers[str(status)] += 1
            if status == 200:
                if b"refused" in answer:
                    self.sent.lost.append(answer.decode())
                return True
            if status not in (429, 503):
                self.sent.lost.append(f"{status}: {answer.decode(errors='replace')}")
                return True
            time.sleep(0.05)
        return False


class Wire:
    """One kept-alive connection to whichever server there is."""

    def __init__(self, key: str) -> None:
        self.basic = base64.b64encode(f"{key}:".encode()).decode()
        self.headers: dict[str, str] = {}
        """Of the last answer, by their names in lower case."""
        self._sent = {"Authorization": f"Basic {self.basic}", "Content-Type": "application/json"}
        self._address, self._connection = "", http.client.HTTPConnection("127.0.0.1")

    def post(self, address: str, body: Json) -> tuple[int, bytes]:
        """The status and body of the answer; OSError, HTTPException where none comes."""
        return self._ask("POST", address, "/v1/batch", json.dumps(body))

    def get(self, address: str, path: str) -> tuple[int, bytes]:
        """The same for what is read."""
        return self._ask("GET", address, path, None)

    def _ask(self, method: str, address: str, path: str, body: str | None) -> tuple[int, bytes]:
        if address != self._address:
            self.close()
            parts = urlsplit(address)
            self._connection = http.client.HTTPConnection(
                parts.hostname or "", parts.port, timeout=ANSWER_SECONDS
            )
            self._address = address
        try:
            self._connection.request(method, path, body, self._sent)
            answer = self._connection.getresponse()
            self.headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def loaded(load: Load) -> Iterator[Load]:
    """The senders at work, and ended at the end."""
    load.start()
    try:
        yield load
    except BaseException:
        load.give_up()
        raise
    load.stop()
