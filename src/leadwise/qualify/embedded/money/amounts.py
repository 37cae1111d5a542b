"""Amounts of money in a text: figures and words, ranges, bounds, periods, currencies.

    "80-90k"                     80,000 to 90,000
    "between 50 and 60 thousand" 50,000 to 60,000
    "mid five figures"           40,000 to 60,000
    "up to 300 a month"          None to 300, 12 times a year

An amount is as it was said: whether it is a budget, and whose, its readers decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeAlias

from leadwise.qualify.embedded.money.bounds import bounds_at
from leadwise.qualify.embedded.money.currencies import currencies
from leadwise.qualify.embedded.numbers.counted import may_be_money, may_count
from leadwise.qualify.embedded.numbers.numerals import Numeral, numerals
from leadwise.qualify.embedded.numbers.words import lexicon
from leadwise.qualify.embedded.words import patterns

Sure: TypeAlias = Literal["money", "large", "bare"]
"""How sure it is that a number is money: it has a currency; it is large or of a scale ("50k") and
counts nothing named; it is a small number with nothing beside it ("seventy-five")."""

_FIGURES = {"low": (1.0, 3.0), "mid": (4.0, 6.0), "high": (7.0, 9.99), "": (1.0, 9.99)}
_DASH = re.compile(r"\s?(?:[-–—]|/|\.{2,3})\s?")
_LARGE = 1000
_CODED = re.compile(r"\d\s?[ktm](eur|chf|sek|nok|dkk|usd|gbp)", re.IGNORECASE)
_INDIAN = re.compile(r"\b(?:lakhs?|lacs?|crores?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    """Money named in a text, from `start` to `end`. `low` and `high` are the bounds, None where it
    is open ("up to", "at least"); `currency` is a code, a family ("dollar") or None; `times` turns
    it into a year's (12 for a month) or is None where no period was said; `counts` says that a word
    follows which may be what is counted ("18 lakhs kept", "twelve thousand parts")."""

    start: int
    end: int
    low: float | None
    high: float | None
    currency: str | None
    sure: Sure
    times: float | None = None
    per_unit: bool = False
    scaled: bool = True
    vague: bool = False
    counts: bool = False

    @property
    def value(self) -> float:
        """The bound that counts: the lower, else the upper."""
        return (self.low if self.low is not None else self.high) or 0.0

    def times_of(self, factor: float) -> Amount:
        """The same, so many times as much."""
        low = None if self.low is None else self.low * factor
        high = None if self.high is None else self.high * factor
        return replace(self, low=low, high=high)


def amounts(text: str, language: str) -> list[Amount]:
    """The amounts of a text, in order. Numbers that count something else are left out."""
    return list(_amounts(text, language))


@lru_cache(maxsize=2048)
def _amounts(text: str, language: str) -> tuple[Amount, ...]:
    """Kept for a while: a sentence is looked at by those around it."""
    text = text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    said = numerals(text, language)
    found: list[Amount] = []
    at = 0
    while at < len(said):
        pair = _range(text, said, at, language)
        low = said[at]
        high = said[at + 1] if pair else low
        one = _amount(text, low, high, language)
        if one is not None:
            found.append(one)
        at += 2 if pair else 1
    return tuple(sorted([*found, *_of_figures(text, language)], key=lambda one: one.start))


def _range(text: str, said: list[Numeral], at: int, language: str) -> bool:
    """Whether a number and the next are the two ends of a range."""
    if at + 1 >= len(said):
        return False
    low, high = said[at], said[at + 1]
    gap = text[low.end : high.start]
    if match := currencies().after.match(gap):
        gap = gap[match.end() :]
    if match := currencies().before.search(gap):
        gap = gap[: match.start()]
    words = patterns("money", language)
    gap = gap.strip(" ,")
    gap = gap if _DASH.fullmatch(gap) else gap.strip(" -–")
    is_join = bool(_DASH.fullmatch(gap)) or bool(words["range_join"].fullmatch(gap))
    if not gap and low.scale == 1 and low.value < _LARGE <= high.scale:
        is_join = True  # "twenty, thirty thousand"
    if not is_join:
        return False
    about_years = low.figures and 1900 < low.value < 2100 and 1900 < high.value < 2100
    small, big = _aligned(low, high)
    is_and = gap.lower() in ("and", "y", "und", "et", "ja")
    after_between = bool(words["between"].search(text[max(0, low.start - 24) : low.start]))
    return not about_years and small < big <= small * 20 and (not is_and or after_between)


def _aligned(low: Numeral, high: Numeral) -> tuple[float, float]:
    """The ends of a range: the first has the scale of the second where it says none."""
    first = low.value
    if (
        low.scale == 1
        and high.scale > 1
        and first < _LARGE
        and first <= high.value / high.scale * 3
    ) or (low.spoken and high.scale > 1 and low.scale == 1):
        first *= high.scale
    last = high.value
    if high.scale == 1 and low.scale >= _LARGE and last < _LARGE:
        # "half a million to six hundred": the second leaves out its scale
        last *= next((by for by in (1e3, low.scale) if last * by > first), 1.0)
    return first, last


def _amount(text: str, low: Numeral, high: Numeral, language: str) -> Amount | None:
    """The amount from one number to another (of a range), or of one; None where it is no money."""
    start, end, currency = _with_currency(text, low, high)
    if start is None or end is None:
        return None
    small, big = _aligned(low, high)
    counts = currency is None and not may_be_money(text, low, high, language)
    if not big or (counts and (high.scale < _LARGE or not may_count(text[high.end :], language))):
        return None
    bounds = bounds_at(text, start, end, language)
    one = small == big
    scaled = high.scale > 1 or big >= _LARGE
    large = scaled or bounds.times is not None
    return Amount(
        start,
        end,
        None if one and bounds.up_to else small,
        None if one and bounds.at_least else big,
        currency,
        "money" if currency else "large" if large else "bare",
        bounds.times,
        bounds.per_unit,
        scaled,
        counts=counts,
    )


def _with_currency(
    text: str, low: Numeral, high: Numeral
) -> tuple[int | None, int | None, str | None]:
    """Where an amount starts and ends with its currency, and which; no place for cents."""
    known = currencies()
    after = text[high.end :]
    ahead = known.after.match(after)
    behind = known.before.search(text[: low.start])
    inner = known.after.match(text[low.end : high.start]) if low is not high else None
    if known.cents.match(after) and ahead is None:
        return None, None, None
    codes = [known.code(one) for one in (behind, ahead, inner) if one]
    said = text[low.start : high.end]
    if coded := _CODED.search(said):
        codes.append(coded[1].upper())
    if _INDIAN.search(said):
        codes.append("rupee")
    # "$40,000 CAD": the code says more than the sign
    exact = [one for one in codes if one not in known.families]
    return (
        behind.start() if behind else low.start,
        high.end + (ahead.end() if ahead else 0),
        next(iter([*exact, *codes]), None),
    )


def _of_figures(text: str, language: str) -> list[Amount]:
    """ "mid five figures": by the number of figures; low is 1 to 3, mid 4 to 6, high 7 to 9."""
    found = []
    for match in patterns("money", language)["figures"].finditer(text):
        groups = [one for one in match.groups() if one]
        count = next((_count(one, language) for one in groups if _count(one, language)), 0)
        if not count:
            continue
        level = next((_level(one, language) for one in groups if _level(one, language)), "")
        unit = 10.0 ** (count - 1)
        low, high = (factor * unit for factor in _FIGURES[level])
        found.append(
            Amount(match.start(), match.end(), low, round(high), None, "large", vague=True)
        )
    return found


def _count(word: str, language: str) -> int:
    if word.isdigit():
        return int(word)
    kind, value = lexicon(language).get(word.lower(), ("", 0.0))
    return int(value) if kind == "units" and 3 < value < 10 else 0


def _level(word: str, language: str) -> str:
    for level in ("low", "mid", "high"):
        name = f"figures_{level}"
        words = patterns("money", language)
        if name in words and words[name].match(word):
            return level
    return ""
