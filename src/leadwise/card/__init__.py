"""What a card is, and reading, checking, writing and comparing cards."""

from __future__ import annotations

from leadwise.card.condition_format import format_condition
from leadwise.card.conditions import parse_condition
from leadwise.card.model import Card
from leadwise.card.parse import Parsed, check_text, load, parse
from leadwise.card.tokens import ConditionError

__all__ = [
    "Card",
    "ConditionError",
    "Parsed",
    "check_text",
    "format_condition",
    "load",
    "parse",
    "parse_condition",
]
