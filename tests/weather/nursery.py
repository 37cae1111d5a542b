"""Service processes that start quickly: forked from one that has imported everything.

Most of the three seconds of a start are imports, which say nothing about the weather. A process
that is born here runs the same `leadwise serve`, from its command line on. Runs as a process of its
own, `python -m tests.weather.nursery`, told by lines of JSON:

    {"arguments": [...], "folder": ..., "out": ..., "err": ..., "variables": {...}}  -> {"pid": 1}
    when one has ended                                             -> {"pid": 1, "status": -9}
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LOOK_SECONDS = 0.02
LOADED = (
    "dbos", "psycopg", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite",
    "uvicorn.protocols.http.httptools_impl", "uvicorn.lifespan.off", "uvloop",
    "leadwise.cli.app", "leadwise.jobs.worker", "leadwise.web.serving",
)  # fmt: skip


class Nursery:
    """The process that forks, seen from the test."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.weather.nursery"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._born: list[int] = []
        self._ended: dict[int, int] = {}
        self._said = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, **wanted: Any) -> Child:
        """A process of `leadwise serve`: `arguments`, `folder`, `out`, `err`, `variables`."""
        assert self._process.stdin is not None
        with self._said:
            number = len(self._born)
            self._process.stdin.write(json.dumps(wanted) + "\n")
            self._process.stdin.flush()
            assert self._said.wait_for(lambda: len(self._born) > number, 60), "nothing is forked"
            return Child(self._born[number], self)

    def status(self, pid: int, timeout: float = 0.0) -> int | None:
        """How a process ended, as `Popen.returncode` has it; None while it runs."""
        with self._said:
            self._said.wait_for(lambda: pid in self._ended, timeout)
            return self._ended.get(pid)

    def close(self) -> None:
        self._process.communicate()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            with self._said:
                if "status" in said:
                    self._ended[said["pid"]] = said["status"]
                else:
                    self._born.append(said["pid"])
                self._said.notify_all()


@dataclass(frozen=True)
class Child:
    """A process that was forked; used as a Popen."""

    pid: int
    nursery: Nursery

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        return self.nursery.status(self.pid)

    def wait(self, timeout: float) -> int:
        status = self.nursery.status(self.pid, timeout)
        if status is None:
            raise subprocess.TimeoutExpired("leadwise serve", timeout)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@contextlib.contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery, ended at the end."""
    found = Nursery()
    try:
        yield found
    finally:
        found.close()


def main() -> None:
    """Fork whenever told to, until the input ends; then all children are killed."""
    # What a service loads when it starts: only loaded, nothing is started before the fork.
    for name in LOADED:
        importlib.import_module(name)

    alive: set[int] = set()
    while True:
        if select.select([0], [], [], LOOK_SECONDS)[0]:
            line = _line()
            if not line:
                break
            alive.add(_forked(json.loads(line)))
        for pid in list(alive):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                alive.remove(pid)
                _say({"pid": pid, "status": os.waitstatus_to_exitcode(status)})
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _line() -> bytes:
    """One line, read without taking more than it: one is sent at a time."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 65536)
        if not part:
            return b""
        line += part
    return line


def _forked(wanted: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        _say({"pid": pid})
        return pid
    try:
        os.chdir(wanted["folder"])
        for number, name, flags in (
            (0, os.devnull, os.O_RDONLY),
            (1, wanted["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
            (2, wanted["err"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        ):
            file = os.open(name, flags, 0o600)
            os.dup2(file, number)
            os.close(file)
    except BaseException:  # noqa: BLE001 - the child must not go on as the nursery
        traceback.print_exc()
        os._exit(70)
    # `kill -USR1` has a process that hangs say where.
    faulthandler.register(signal.SIGUSR1)
    os._exit(acted(["serve", *wanted["arguments"]], wanted["variables"]))


def acted(arguments: list[str], variables: Mapping[str, str]) -> int:
    """What a forked process does: be `leadwise ARGUMENTS`; its exit code."""
    try:
        os.environ.clear()
        os.environ.update(variables)
        sys.argv = ["leadwise", *arguments]
        from leadwise.cli import main as leadwise

        leadwise()
        status = 0
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:  # noqa: BLE001 - the child must not go on as who forked it
        traceback.print_exc()
        status = 70
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    return status


def _say(said: dict[str, int]) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")


if __name__ == "__main__":
    main()
