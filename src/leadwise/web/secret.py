"""The secret key: made once, readable by its owner alone, never shown."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from pathlib import Path

from leadwise.errors import Place, UserError

BYTES = 32


def secret_key(path: Path) -> bytes:
    """The key of that file (64 hexadecimal digits), which is made where it is missing.

    Raises UserError where the file holds something else or cannot be read or made.
    """
    try:
        if not path.exists():
            make_secret_key(path)
        text = path.read_text(encoding="ascii", errors="replace").strip()
        if os.name == "posix" and path.stat().st_mode & 0o077:
            logging.getLogger("leadwise.web").warning(
                "%s can be read by others: chmod 600 %s", path, path
            )
    except OSError as error:
        raise UserError(
            "secret-key", f"The secret key cannot be had: {(error.strerror or '').lower()}.",
            where=Place(str(path)), hint="Check secret_key_file and the rights of its folder.",
        ) from None  # fmt: skip
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < BYTES:
        raise UserError(
            "secret-key", f"The file holds no secret key of {2 * BYTES} hexadecimal digits.",
            where=Place(str(path)),
            hint="Restore it from a backup; without it all that it signed is void.",
        )  # fmt: skip
    return key


def make_secret_key(path: Path) -> None:
    """Write a new key; leaves one that somebody else has made meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, does not replace what is there.
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink()
