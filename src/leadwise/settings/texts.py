"""Lists, mappings and schedules as texts, the way the environment gives them."""

from __future__ import annotations

import re
from typing import Any

_FIELD = r"[0-9*/,\-]+"
SCHEDULE = re.compile(rf"{_FIELD}(?: {_FIELD}){{4}}")


def listed(given: Any) -> Any:
    """`a, b` as a list; anything else as it is."""
    if isinstance(given, str):
        return [part.strip() for part in given.split(",") if part.strip()]
    return given


def paired(given: Any) -> Any:
    """`a=1, b=2` or a mapping as pairs; anything else as it is."""
    if isinstance(given, dict):
        return list(given.items())
    if not isinstance(given, str):
        return given
    pairs = [part.partition("=") for part in listed(given)]
    if any(not sign for _, sign, _ in pairs):
        raise ValueError("expected pairs such as page_viewed=400,email_opened=90")
    return [(key.strip(), value.strip()) for key, _, value in pairs]
