"""Finding a person's e-mail address in what a sender says."""

from __future__ import annotations

from collections.abc import Mapping

from leadwise.ingest.emails import normalised_email


def address_in(*values: Mapping[str, object] | None, key: str = "email") -> str | None:
    """The first text under `key` that is an e-mail address, in its one form."""
    for value in values:
        found = value.get(key) if value else None
        if isinstance(found, str) and (address := address_of(found)):
            return address
    return None


def address_of(text: str) -> str | None:
    """The one form of an e-mail address (`normalised_email`); None for what is none."""
    return normalised_email(text) if "@" in text else None
