"""Numbers that are no money: what counts people, days, percents, or names a date."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from leadwise.qualify.embedded.money.bounds import period_after
from leadwise.qualify.embedded.numbers.numerals import Numeral
from leadwise.qualify.embedded.words import patterns

_LARGE = 1000
_COUNTS = re.compile(
    r"\s?(?:%|°|:\d|[x×]\s?\d|h\b|th\b|st\b|nd\b|rd\b|º|ª|er\b|e\b|ème|-?jährig)",
    re.IGNORECASE,
)
_BEFORE_COUNTS = re.compile(r"(?:[#№:]\s?|\d[:/.-]|[a-z]\d*[-_/])$", re.IGNORECASE)


def may_count(after: str, language: str) -> bool:
    """Whether what follows is not surely what is counted ("18 lakhs kept")."""
    return not patterns("money", language)["counted"].match(after.lstrip(" -"))


def may_be_money(text: str, low: Numeral, high: Numeral, language: str) -> bool:
    """Whether a number without a currency may be money: nothing after it is what it counts."""
    before, after = text[: low.start], text[high.end :]
    if not low.scale >= _LARGE and _is_date(before, after, language):
        return False
    if _COUNTS.match(after) or _BEFORE_COUNTS.search(before[-3:]):
        return False
    if (
        high.figures
        and 1900 < high.value < 2100
        and high.scale == 1
        and "." not in text[high.start : high.end]
    ):
        return False
    words = patterns("money", language)
    rest = after.lstrip()
    if words["counted"].match(rest.lstrip("-")):
        return False
    if not rest or not (rest[0].isalpha() or rest[0] in "-'"):
        return True
    if (
        period_after(after, language, between=0)
        or words["after"].match(rest)
        or words["up_to_after"].match(rest)
    ):
        return True
    return bool(words["at_least_after"].match(rest) or words["per_unit"].match(rest))


@cache
def _months(language: str) -> re.Pattern[str]:
    """The names of the months, whole and short, in any case of Finnish."""
    names = Locale(language).months["format"]
    forms = {one.strip(".") for width in ("wide", "abbreviated") for one in names[width].values()}
    return re.compile(rf"(?:{'|'.join(sorted(forms, key=len, reverse=True))})\w*", re.IGNORECASE)


def _is_date(before: str, after: str, language: str) -> bool:
    """Whether a month stands beside a number: "September 11", "11. September", "el 3 de mayo"."""
    months = _months(language)
    last = re.search(r"([^\W\d_]+)[.,]?\s+(?:the\s+)?$", before)
    following = re.match(r"(?:st|nd|rd|th|er|\.|º)?\s*(?:of\s+|de\s+)?([^\W\d_]+)", after)
    found = [one[1] for one in (last, following) if one]
    return any(len(one) > 2 and months.fullmatch(one) for one in found)
