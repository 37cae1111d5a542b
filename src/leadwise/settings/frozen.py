"""What every section of the settings is: it cannot be changed, and knows each of its keys."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A section. What was given is not repeated in errors: it may be a password."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=False, hide_input_in_errors=True
    )


def public(given: str) -> str:
    """An address of the web without its last slash; ValueError where it is none."""
    parts = urlsplit(given)
    if given and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise ValueError("expected an address such as https://leads.example.com")
    return given.rstrip("/")
