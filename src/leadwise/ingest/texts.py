"""Texts of senders as they may be kept: well-formed, NFC, without control characters, bounded."""

from __future__ import annotations

import hashlib
import unicodedata

from leadwise.errors import UserError

LONGEST_ID = 500
"""Characters of an identity or message id: at most 2,000 bytes; a key of PostgreSQL has 2,700."""
LONGEST_NAME = 200
"""Characters of an event's name."""
NOT_IDS = frozenset(
    (
        "null undefined none nil nan true false anonymous guest unknown n/a "
        "00000000-0000-0000-0000-000000000000"
    ).split()
) | {"[object object]"}
"""What programs send when they have no id. Taken as one, it would make all of them one person."""


def one_line(text: str, most: int) -> str:
    """The text as it may be kept: trimmed, each control character a space, cut at `most`."""
    if not (text.isascii() and text.isprintable()):
        text = text[: 4 * most].encode("utf-8", "replace").decode("utf-8")
        text = unicodedata.normalize("NFC", text)
        text = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text)
    return text.strip()[:most]


def identifier(value: str | int | None, what: str) -> str | None:
    """An id as text; None where it is missing, empty or what programs write for nothing.

    UserError `id-too-long` over LONGEST_ID characters: cut, two ids could become one.
    """
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    if not (text.isalnum() and text.isascii()):  # most ids need no more than that
        text = one_line(text, LONGEST_ID + 1)
    if len(text) > LONGEST_ID:
        raise UserError(
            "id-too-long", f"{what} has over {LONGEST_ID} characters", hint="Send a shorter id."
        )
    if not text or (len(text) <= 36 and text.lower() in NOT_IDS):
        return None
    return text


def digest(*parts: bytes) -> str:
    """32 hexadecimal signs that stand for the parts: an id for what has none."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()
