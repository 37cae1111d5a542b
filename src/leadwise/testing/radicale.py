"""Radicale on this machine: a real CalDAV server, for tests and plays. It has to be installed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

STARTS_IN_S, TRIES = 20.0, 3


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def radicale(folder: Path, users: Mapping[str, str]) -> Iterator[str]:
    """The address of a server with these users and their passwords, which keeps its calendars in
    the folder and ends with the context. RuntimeError where it does not start."""
    known = folder / "users"
    known.write_text("".join(f"{name}:{password}\n" for name, password in users.items()))
    process, port = _started(folder, known)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _started(folder: Path, known: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The server and its port. Somebody else may take the port before it does: then another."""
    for _ in range(TRIES):
        port = free_port()
        options = {
            "server-hosts": f"127.0.0.1:{port}", "auth-type": "htpasswd",
            "auth-htpasswd-filename": str(known), "auth-htpasswd-encryption": "plain",
            "auth-delay": "0", "storage-filesystem-folder": str(folder / "calendars"),
            "logging-level": "error",
        }  # fmt: skip
        command = [sys.executable, "-m", "radicale", "--config", ""]
        command += [f"--{name}={value}" for name, value in options.items()]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603 - our own words
        if _listens(process, port):
            return process, port
        process.kill()
        process.wait(10)
    raise RuntimeError("Radicale did not start: is it installed?")


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + STARTS_IN_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return process.poll() is None
    return False
