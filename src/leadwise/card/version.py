"""The hash that names a card's content, whatever the layout and comments of its file."""

from __future__ import annotations

import hashlib
import json

from leadwise.card.model import Card
from leadwise.card.plain import plain_card


def content_hash(card: Card) -> str:
    """SHA-256 (64 hexadecimal digits) of the card's canonical JSON without spaces, in UTF-8.

    Two cards have the same hash exactly when they are equal: order, labels and version count.
    """
    text = json.dumps(plain_card(card), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
