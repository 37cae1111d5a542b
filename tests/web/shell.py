"""A service in the test's own process, and a server in one of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx2

from leadwise.settings import Settings
from leadwise.store import migrations
from leadwise.store.opening import Store
from leadwise.web.service import Part, Service

WAIT_SECONDS = 60.0
"""For a server to come up or to end: far more than it takes on an idle machine."""


@contextmanager
def service(folder: Path, settings: Settings | None = None, *checks: Part) -> Iterator[Service]:
    """A service over a fresh embedded store, without parts of its own."""
    settings = settings or Settings(data=folder)
    (folder / "leadwise.db").write_bytes(fresh_store())
    with Store(settings.database_url) as store:
        yield Service(settings, store, checks=checks)


@cache
def fresh_store() -> bytes:
    """An embedded store with its tables: made once, for that takes a third of a second."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "leadwise.db"
        with Store(f"sqlite:///{path}") as store:
            migrations.upgrade(store)
        # The last connection has taken the log of writes with it.
        return path.read_bytes()


def environment(**more: str) -> dict[str, str]:
    """That of the tests, without settings of Leadwise but these."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("LEADWISE_")}
    return own | more


@dataclass
class Server:
    """A `leadwise serve` that runs."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **more: object) -> httpx2.Response:
        return httpx2.get(self.url + path, timeout=30, **more)

    def wait(self) -> int:
        return self.process.wait(WAIT_SECONDS)

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def started(folder: Path, *arguments: str, **variables: str) -> Server:
    """A server that is not waited for; `folder` has its output and by default its data."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "leadwise", "serve", "--port", str(port), "--data",
             str(folder / "data"), *arguments],
            cwd=folder, env=environment(**variables), text=True,
            stdout=(folder / "out").open("w"), stderr=errors,
        )  # fmt: skip
    return Server(process, port, log)


@contextmanager
def serving(folder: Path, *arguments: str, **variables: str) -> Iterator[Server]:
    """A server that answers; ended at the end, one way or another."""
    server = started(folder, *arguments, **variables)
    try:
        until_ready(server)
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.wait()


def until_ready(server: Server) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if server.process.poll() is not None:
            raise AssertionError(f"ended with {server.process.returncode}: {server.logged()}")
        try:
            if server.get("/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"does not get ready: {server.logged()}")
