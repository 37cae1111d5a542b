"""The server and the loader as real processes, and what each of them takes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil

from bench.process import ROOT

START_S, STOP_S, LOADER_S = 60.0, 40.0, 600.0


class ServerError(Exception):
    """A server did not start or died; the message holds what it said last."""


@dataclass(frozen=True)
class Server:
    """A running service. `others` are processes that work for it (those of PostgreSQL)."""

    process: subprocess.Popen[bytes]
    port: int
    said: Path
    others: tuple[int, ...] = ()

    def processor(self) -> float:
        """Seconds of processor time until now, of it and of those that work for it."""
        total = 0.0
        for pid in (self.process.pid, *self.others):
            main = psutil.Process(pid)
            for each in (main, *main.children(recursive=True)):
                try:
                    times = each.cpu_times()
                except psutil.NoSuchProcess:
                    continue
                # Of children only those that ended, such as backends of PostgreSQL.
                total += times.user + times.system + times.children_user + times.children_system
        return total

    def check(self) -> None:
        """Raises ServerError where it has died."""
        if self.process.poll() is not None:
            raise ServerError(self.said.read_text(errors="replace")[-3000:])


@contextmanager
def serving(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None,
    *, ready: str = "/readyz", others: tuple[int, ...] = (),
) -> Iterator[Server]:  # fmt: skip
    """Run `python -m ARGUMENTS --port N` until it is ready, and stop it at the end."""
    port, said = free_port(), folder / "server.log"
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments, "--port", str(port)],
            cwd=ROOT, stdout=log, stderr=log,
            env=os.environ | {"PYTHONPATH": f"{ROOT}/src:{ROOT}"} | dict(environment or {}),
        )  # fmt: skip
        server = Server(process, port, said, others)
        try:
            _await_ready(server, ready)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_ready(server: Server, path: str) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        server.check()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise ServerError(f"not ready after {START_S:.0f} s: {server.said.read_text()[-3000:]}")


@dataclass(frozen=True)
class Loaded:
    """What the loader says. Times in seconds; `processor` is the loader's own."""

    requests: int
    refused: int
    unsent: int
    seconds: float
    processor: float
    answers: list[float]
    readable: list[float]
    unread: int


def load(requests: Path, port: int, *options: str) -> Loaded:
    """Run the loader to its end. Raises ServerError where it failed or anything was not taken."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.live.loader", str(requests), str(port), *options],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": f"{ROOT}/src:{ROOT}"},
        capture_output=True, text=True, check=False, timeout=LOADER_S,
    )  # fmt: skip
    if done.returncode:
        raise ServerError(f"the loader failed: {done.stderr[-3000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    loaded = Loaded(**answer)
    if loaded.refused or loaded.unsent:
        raise ServerError(f"{loaded.refused} requests refused, {loaded.unsent} not sent")
    return loaded
