"""Ready-made cards to start from: each a text with comments that teach."""

from __future__ import annotations

from importlib.resources import files

READY = ("b2b-software", "event-marketing", "bant", "icp-70", "bank-telemarketing")
"""The names, in the order in which they are offered."""


def ready_text(name: str) -> str:
    """The text of one. LookupError where there is none of this name."""
    if name not in READY:
        raise LookupError(name)
    return files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
