"""Numbers written in figures: which sign divides thousands and which decimals.

Thousands come in threes ("45.000", "45 000", "25'000", "45,000") or, in India, in twos and a three
("12,00,000"). Money has no three decimals: one sign before exactly three figures divides thousands,
except before a word like "million" ("1.250 million").
"""

from __future__ import annotations

import re

FIGURE = (
    r"[0-9]{1,3}(?:[ \u00a0\u2009\u202f][0-9]{3})+(?:[.,][0-9]{1,2})?(?![0-9])"
    r"|[0-9]+(?:[.,'’][0-9]+)*"
)
"""A number in figures, as a pattern."""
_MILLION = re.compile(
    r"\s*(?:m(?:io|ill?|illi\w*|rd|n|m)?\b|bn\b|billion|crore|lakh)", re.IGNORECASE
)
_THREES = re.compile(r"[0-9]{1,3}([.,'’])[0-9]{3}(?:\1[0-9]{3})*")
_INDIAN = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}")


def figure_value(text: str, following: str) -> float:
    """The value of a number in figures; `following` are the characters after it."""
    text = re.sub(r"[ \u00a0\u2009\u202f]", "", text)
    if _INDIAN.fullmatch(text):
        return float(text.replace(",", ""))
    if (threes := _THREES.fullmatch(text)) and not (
        text.count(threes.group(1)) == 1 and _MILLION.match(following)
    ):
        return float(re.sub(r"\D", "", text))
    text = re.sub("['’]", "", text)
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return float(text)
    signs = {sign for sign in text if sign in ".,"}
    if len(signs) == 1 and text.count(text[last]) > 1:
        return float(re.sub(r"\D", "", text))
    whole = re.sub(r"\D", "", text[:last])
    return float(f"{whole or 0}.{text[last + 1 :]}")
