"""The command `leadwise` for the pages' shell blocks, without two seconds of imports at each use.

A server that has imported everything forks a process for each command: it has the command's own
arguments, folder, variables and streams, and gives its own exit code. What is a service stays a
Python of its own. tests/cli/test_process.py holds the real start of a process to what it should be.

`python -m tests.docs.forking SOCKET` is the server.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.docs.pages import ROOT
from tests.weather.nursery import acted

LOADED = ("psycopg", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite")
NOT_LOADED = ("leadwise.__main__", "leadwise.engines.spark", "leadwise.store.migrations.")
CLIENT = """
import json, os, socket, sys
if sys.argv[1:2] == ["serve"]:
    os.execv(sys.executable, [sys.executable, "-m", "leadwise", *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as server:
    server.connect({path!r})
    socket.send_fds(server, [b" "], [0, 1, 2])
    server.sendall(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode())
    server.shutdown(socket.SHUT_WR)
    status = server.recv(8)
sys.exit(int(status or b"70"))
"""


@contextmanager
def commands(variables: Mapping[str, str]) -> Iterator[Path]:
    """A folder in which `leadwise` is such a command, until the end."""
    # A short path: that of a socket may have a hundred characters or so.
    with tempfile.TemporaryDirectory(prefix="leadwise-") as name:
        folder = Path(name)
        path, client, command = folder / "server", folder / "client.py", folder / "leadwise"
        client.write_text(CLIENT.format(path=str(path)), encoding="utf-8")
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -SE "{client}" "$@"\n', "utf-8")
        command.chmod(0o755)
        with subprocess.Popen(
            [sys.executable, "-m", "tests.docs.forking", str(path)], cwd=ROOT, env=dict(variables),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        ) as server:  # fmt: skip
            try:
                assert server.stdout is not None
                assert server.stdout.readline() == b"listens\n"
                yield folder
            finally:
                server.kill()


def main(path: str) -> None:
    """Fork for everybody who asks, until killed."""
    for name in (*LOADED, *_modules()):
        importlib.import_module(name)
    gc.freeze()  # a child that collects would copy all of it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        os.write(1, b"listens\n")
        while True:
            asking, _ = listening.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listening.close()
                _answered(asking)
            asking.close()


def _modules() -> Iterator[str]:
    sources = ROOT / "src"
    for path in (sources / "leadwise").rglob("*.py"):
        name = ".".join(path.relative_to(sources).with_suffix("").parts).removesuffix(".__init__")
        if not name.startswith(NOT_LOADED):
            yield name


def _answered(asking: socket.socket) -> None:
    """Be the command, and tell its exit code; does not return."""
    _, streams, _, _ = socket.recv_fds(asking, 1, 3)
    with asking.makefile("rb") as told:
        arguments, folder, variables = json.load(told)
    os.chdir(folder)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    # Python's own streams know what the server's were, and that they could be sought in, say.
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - a number, open until the end
    sys.stdout = open(1, "w", 1, closefd=False)  # noqa: SIM115 - as above
    sys.stderr = open(2, "w", 1, errors="backslashreplace", closefd=False)  # noqa: SIM115 - as above
    status = acted(arguments, variables)
    with contextlib.suppress(OSError):
        asking.send(str(status).encode())
    os._exit(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
