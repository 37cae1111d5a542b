"""What must be there before a service starts: a data folder, a port, one process a file."""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from leadwise.errors import Place, UserError
from leadwise.settings import Settings

PATIENCE_SECONDS = 5.0
"""How long to wait for a process that is just ending."""


def prepare_folder(data: Path) -> None:
    """Make the data folder, for its owner alone, and see that it can be written."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data / f".{os.getpid()}.probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise UserError(
            "data-folder", f"The data folder cannot be written: {said}.", where=Place(str(data)),
            hint="Free some space." if full else
            f"Give {_user()} the right to write there, or name another with --data.",
        ) from None  # fmt: skip


def _user() -> str:
    return f"user {os.getuid()}" if hasattr(os, "getuid") else "this user"


@contextmanager
def one_process(file: Path | None, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """The right to serve from an embedded store's file: one process at a time has it.

    It ends with the process, however that ends. UserError (`store-in-use`) where another has it.
    """
    if file is None or sys.platform == "win32":
        yield
        return
    import fcntl

    beside = file.with_name(f"{file.name}.lock")
    with beside.open("a", encoding="ascii") as lock:
        end = time.monotonic() + patience_seconds
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise UserError(
                        "store-in-use", "Another process serves from this store.",
                        where=Place(str(file)),
                        hint="Stop it; several processes share a PostgreSQL, not a file.",
                    ) from None  # fmt: skip
                time.sleep(0.1)
        yield


def require_unserved(file: Path | None, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """UserError (`store-in-use`) while another process serves from the file: to be asked before the
    seconds of importing all that a service needs, which asks again."""
    # What else may be wrong with the folder is told by who makes it ready.
    with suppress(OSError):
        if file is not None and file.with_name(f"{file.name}.lock").is_file():
            with one_process(file, patience_seconds):
                pass


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """A socket bound to the wanted address; it accepts nobody until the server does."""
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise cannot_listen(error, host, port) from None
    with bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
        except OSError as error:
            raise cannot_listen(error, host, port) from None
        yield bound


def cannot_listen(error: OSError, host: str, port: int) -> UserError:
    """Why nobody can be listened to, in words."""
    said = (error.strerror or str(error)).lower()
    if error.errno == errno.EADDRINUSE:
        return UserError(
            "port-taken", f"Port {port} of {host} is taken by another program.",
            hint="Stop it, or give another port with --port (0: any that is free).",
        )  # fmt: skip
    hint = "Check --host and --port."
    if error.errno == errno.EACCES:
        hint = "Ports below 1024 want rights; take one above behind a proxy."
    elif isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        hint = "--host is an address of this machine: 127.0.0.1, or 0.0.0.0 for all."
    return UserError("cannot-listen", f"Cannot listen on {host}, port {port}: {said}.", hint=hint)
