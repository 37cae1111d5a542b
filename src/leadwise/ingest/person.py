"""Finding a person's e-mail address in what a sender says."""

from __future__ import annotations

from collections.abc import Mapping

from leadwise.ingest.emails import normalised_email
from leadwise.ingest.texts import LONGEST_ADDRESS, one_line


def address_in(*values: Mapping[str, object] | None, key: str = "email") -> str | None:
    """The first text under `key` that is an e-mail address, as it was sent but trimmed."""
    for value in values:
        found = value.get(key) if value else None
        if isinstance(found, str) and (address := address_of(found)):
            return address
    return None


def address_of(text: str) -> str | None:
    """The text, trimmed, if it is an e-mail address."""
    if "@" not in text or len(text) > 2 * LONGEST_ADDRESS or normalised_email(text) is None:
        return None
    return one_line(text, LONGEST_ADDRESS)
