"""The mirror's folder: who may read and write it, and removing what a crash left behind."""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from leadwise.errors import RemoteError

LOCK = "lock"
WAIT_S = 3_600.0
"""How long another process is waited for: publishing over a large population takes minutes."""
_ASKED_EVERY_S = 0.1


@contextmanager
def held(folder: Path, *, alone: bool, wait_s: float = WAIT_S) -> Iterator[None]:
    """Nobody writes the folder meanwhile; `alone`: nobody reads it either.

    The lock is the operating system's, of this machine: it is gone with its process. Raises
    RemoteError where others have it for longer than `wait_s`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as file:
        _wait(file.fileno(), fcntl.LOCK_EX if alone else fcntl.LOCK_SH, wait_s)
        yield


def _wait(descriptor: int, kind: int, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise RemoteError(
                    "The mirror is in use by another process.", permanent=False
                ) from None
            time.sleep(_ASKED_EVERY_S)
        else:
            return


def sweep(folder: Path, listed: Collection[str]) -> int:
    """Remove everything that is not listed; how many files and folders that was.

    Only for who holds the folder alone.
    """
    removed = 0
    for path in folder.iterdir():
        if path.name == LOCK or path.name in listed:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        removed += 1
    return removed
