"""`leadwise serve` as a process that is started, killed and started again on the same store."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from leadwise.store import migrations
from leadwise.store.cards import add_version, set_status
from leadwise.store.keys import create_key
from leadwise.store.opening import Store
from tests.weather.nursery import Child, Nursery
from tests.weather.people import CARD

READY_SECONDS = 90.0
"""Far more than a start takes on a busy machine."""
ENVIRONMENT = {"LEADWISE_LOG_ACCESS": "none", "LEADWISE_LOG_FORMAT": "json"}


def prepared(url: str) -> str:
    """Make the store's tables, put the card live, and say the write key."""
    now_us = time.time_ns() // 1_000
    with Store(url) as store:
        migrations.upgrade(store)
        with store.transaction() as connection:
            version = add_version(connection, CARD, subject="lead", by="weather", now_us=now_us)
            set_status(connection, version.id, "live", published_us=now_us, published_by="weather")
            _, key = create_key(connection, "site", by="weather", now_us=now_us, kind="write")
    return key


@dataclass
class Server:
    """A place for a process: its folder (data, output) and what it is told."""

    folder: Path
    database: str = ""
    """Empty: the SQLite file of the data folder."""
    arguments: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    data_folder: Path | None = None
    """Where the data is, if not in `folder`."""
    nursery: Nursery | None = None
    """Where processes are forked; without one each is a Python of its own."""
    process: subprocess.Popen[bytes] | Child | None = None
    address: str | None = None
    starts: int = 0

    def __post_init__(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def data(self) -> Path:
        return self.data_folder or self.folder / "data"

    @property
    def url(self) -> str:
        """The store's."""
        return self.database or f"sqlite:///{self.data / 'leadwise.db'}"

    @property
    def log(self) -> str:
        """All that the processes wrote to standard error, one after the other."""
        path = self.folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Start a process; it is not waited for."""
        self.starts += 1
        told = ["--data", str(self.data), "--port", "0", *self.arguments]
        told += ["--database", self.database] if self.database else []
        own = {n: v for n, v in os.environ.items() if not n.startswith("LEADWISE_")}
        variables = own | ENVIRONMENT | self.variables
        if self.nursery is not None:
            self.process = self.nursery.start(
                arguments=told, folder=str(self.folder), out=str(self._said),
                err=str(self.folder / "log"), variables=variables,
            )  # fmt: skip
            return
        with (self.folder / "log").open("ab") as log, self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "leadwise", "serve", *told],
                cwd=self.folder, stdout=said, stderr=log, env=variables,
            )  # fmt: skip

    def until_ready(self, seconds: float = READY_SECONDS) -> float:
        """Wait until it says where it listens; how long that took. AssertionError where it ends."""
        began = time.monotonic()
        assert self.process is not None
        while time.monotonic() < began + seconds:
            said = self._said.read_bytes() if self._said.exists() else b""
            found = re.search(rb"runs at (http://\S+)", said)
            if found:
                self.address = found[1].decode()
                return time.monotonic() - began
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode}: {self.log[-3000:]}")
            time.sleep(0.01)
        raise AssertionError(f"not ready after {seconds} s: {self.log[-3000:]}")

    def kill(self) -> None:
        """kill -9, at once."""
        self.address = None
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        finally:
            self.address = None

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    @property
    def _said(self) -> Path:
        return self.folder / f"said-{self.starts}"


def until(
    holds: Callable[[], bool], what: str, *, of: Server | None = None, seconds: float = 60.0
) -> None:
    """Wait until something holds. Where it never does, the server says in its log where it is."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            said = ""
            if of is not None and of.process is not None and of.nursery is not None:
                of.process.send_signal(signal.SIGUSR1)
                time.sleep(0.5)
                said = of.log[-8000:]
            raise AssertionError(f"not within {seconds} s: {what}\n{said}")
        time.sleep(0.02)


def resident_mib(pid: int) -> float:
    """The memory that a process has in use."""
    fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
