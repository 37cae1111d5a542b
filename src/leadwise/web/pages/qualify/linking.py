"""Links to the form for a prospect: signed, for one lead and frame, and over after some days.

Nothing is kept of a link: its words carry all, and the secret key of the installation seals them.
"""

from __future__ import annotations

from dataclasses import dataclass

from leadwise.web.pages.signin.signed import signed, unsigned

PURPOSE = "form for a prospect"
DAYS = 14
HOLDS_US = DAYS * 24 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Link:
    """Whom it asks, by which frame, in which language, and since when."""

    lead_id: int
    frame: str
    version: int
    language: str
    made_us: int


def link_key(secret: bytes, link: Link) -> str:
    """What the address of the form carries."""
    value = {"l": link.lead_id, "f": link.frame, "v": link.version, "w": link.language,
             "m": link.made_us}  # fmt: skip
    return signed(secret, PURPOSE, value, link.made_us + HOLDS_US)


def link_of(secret: bytes, key: str, now_us: int) -> Link | None:
    """The link again; None where it is not ours, or over."""
    found = unsigned(secret, PURPOSE, key, now_us)
    if found is None:
        return None
    return Link(found["l"], found["f"], found["v"], found["w"], found["m"])
