"""What a card is, and reading, checking, writing and comparing cards.

Start with `load(path)`, or with `parse(text)` where problems are not to be raised.
"""

from __future__ import annotations

from leadwise.card.condition_format import format_condition
from leadwise.card.conditions import parse_condition
from leadwise.card.diff import diff
from leadwise.card.format import format_card, format_json, format_text
from leadwise.card.model import Card
from leadwise.card.parse import Parsed, check_text, load, parse, read_card_file
from leadwise.card.plain import plain_card
from leadwise.card.problems import format_problem, format_problems
from leadwise.card.schema import json_schema
from leadwise.card.scopes import Meaning, Scope, event_scope, lead_scope, type_of
from leadwise.card.tokens import ConditionError
from leadwise.card.values import parse_time
from leadwise.card.version import content_hash

__all__ = [
    "Card",
    "ConditionError",
    "Meaning",
    "Parsed",
    "Scope",
    "check_text",
    "content_hash",
    "diff",
    "event_scope",
    "format_card",
    "format_condition",
    "format_json",
    "format_problem",
    "format_problems",
    "format_text",
    "json_schema",
    "lead_scope",
    "load",
    "parse",
    "parse_condition",
    "parse_time",
    "plain_card",
    "read_card_file",
    "type_of",
]
