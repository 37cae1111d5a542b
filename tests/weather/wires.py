"""HTTP by hand: what no client library would send, and what is answered to it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit


@contextlib.contextmanager
def wire(address: str, seconds: float = 20.0) -> Iterator[socket.socket]:
    """A connection to a server."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 80), seconds) as opened:
        opened.settimeout(seconds)
        yield opened


def head(method: str, path: str, *lines: str) -> bytes:
    """The beginning of a request, up to its body."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode("latin-1")


def status(opened: socket.socket) -> int:
    """The status of the next answer; 0 where the connection ends without one."""
    said = b""
    while b"\r\n" not in said and len(said) < 100:
        with contextlib.suppress(ConnectionResetError):
            part = opened.recv(1_000)
            if part:
                said += part
                continue
        return 0
    return int(said.split()[1])


def ended(opened: socket.socket) -> bool:
    """Whether the server has closed the connection, within the patience of the socket."""
    try:
        while opened.recv(65_536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True
