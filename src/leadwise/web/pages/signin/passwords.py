"""Passwords: hashed with Argon2id as argon2-cffi has it by default, and what a good one is.

A hash takes 64 MiB and some 50 to 150 ms of two or more cores, so only a few are worked out at one
time; handlers run in threads.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from leadwise.errors import UserError

SHORTEST, LONGEST = 12, 200
"""Characters. Length is what counts (NIST SP 800-63B): nothing is asked of their kinds."""
FEWEST_KINDS = 5
"""Different characters, so that `aaaaaaaaaaaa` is none."""
AT_ONCE = 4
WAIT_S = 10.0


def hashed(password: str) -> str:
    """The hash that is kept, with its parameters and salt."""
    with _place():
        return _hasher().hash(_normal(password))


def verified(kept: str | None, given: str) -> tuple[bool, str | None]:
    """Whether `given` is the password of a hash, and the hash to keep from now on where it is and
    the parameters have changed since. Takes the same time without a hash (None)."""
    nobodys = _nobodys()
    usable = kept is not None and len(given) <= LONGEST
    with _place():
        try:
            _hasher().verify(kept if usable and kept else nobodys, _normal(given[:LONGEST]))
        except (VerificationError, InvalidHashError):
            return False, None
        if not usable or kept is None:
            return False, None
        renewed = _hasher().hash(_normal(given)) if _hasher().check_needs_rehash(kept) else None
        return True, renewed


def is_weak(password: str, *names: str) -> bool:
    """Whether somebody may guess it: short, of few characters, or the person's own name."""
    normal = _normal(password).casefold()
    if not SHORTEST <= len(password) <= LONGEST or len(set(normal)) < FEWEST_KINDS:
        return True
    return normal in {name.casefold() for name in names}


def _normal(password: str) -> str:
    """The same however a keyboard composes its letters."""
    return unicodedata.normalize("NFC", password)


@contextmanager
def _place() -> Iterator[None]:
    if not _places().acquire(timeout=WAIT_S):
        raise UserError(
            "busy-passwords", "Too many people are signing in.", hint="Try again in some seconds."
        )
    try:
        yield
    finally:
        _places().release()


@cache
def _places() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(AT_ONCE)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    """What is compared where there is no hash."""
    return _hasher().hash("nobody's password")
