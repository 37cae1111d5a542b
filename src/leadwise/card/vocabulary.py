"""The words of conditions: keywords, functions, and words of SQL that they do not have."""

from __future__ import annotations

from leadwise.card.expression import Function

DEEPEST = 50
"""How deep parentheses, functions and chains of arithmetic may nest."""

KEYWORDS = frozenset({"and", "or", "not", "in", "between", "like", "is", "null", "true", "false"})

FUNCTIONS: dict[Function, str] = {
    "lower": "lower(text)",
    "coalesce": "coalesce(value, value, ...)",
    "contains": "contains(text, '...')",
    "starts_with": "starts_with(text, '...')",
    "days_since": "days_since(time field)",
}

REFUSED = {
    "case": "use a criterion with tiers for several cases",
    "select": "a condition reads one lead or one event; use a measure to count events",
    "exists": "use a measure that counts the events, and compare it with 0",
    "cast": "declare the field with the type you need",
}
"""Words of SQL that start something the language does not have, and what to use instead."""

AFTER_OPERAND = {
    "ilike": "write lower(x) like '...' with a lower-case pattern",
    "similar": "write like, contains or starts_with",
    "regexp": "write like, contains or starts_with",
    "rlike": "write like, contains or starts_with",
    "glob": "write like, contains or starts_with",
    "escape": "like has no escape: a backslash is a letter; write contains or starts_with",
    "union": "a condition is one condition; remove what follows",
    "collate": "texts are compared by code point; write lower(x), or fold: case in the field",
}
"""Words of SQL that stand after an operand, and what to write instead."""
