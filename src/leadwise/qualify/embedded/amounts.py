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
from functools import cache
from typing import Literal, TypeAlias

from babel import Locale

from leadwise.qualify.embedded.currencies import currencies
from leadwise.qualify.embedded.numerals import Numeral, lexicon, numerals
from leadwise.qualify.embedded.words import patterns

Sure: TypeAlias = Literal["money", "large", "bare"]
"""How sure it is that a number is money: it has a currency; it is large or of a scale ("50k") and
counts nothing named; it is a small number with nothing beside it ("seventy-five")."""

_PERIODS = {"per_year": 1.0, "per_month": 12.0, "per_quarter": 4.0, "per_week": 52.0,
            "per_day": 250.0}  # fmt: skip
_FIGURES = {"low": (1.0, 3.0), "mid": (4.0, 6.0), "high": (7.0, 9.99), "": (1.0, 9.99)}
_DASH = re.compile(r"\s?(?:[-–—]|/|\.{2,3})\s?")
_LARGE = 1000
_COUNTS = re.compile(
    r"\s?(?:%|°|:\d|[x×]\s?\d|h\b|th\b|st\b|nd\b|rd\b|º|ª|er\b|e\b|ème|-?jährig)", re.I
)
_BEFORE_COUNTS = re.compile(r"(?:[#№:]\s?|\d[:/.-]|[a-z]\d*[-_/])$", re.IGNORECASE)
_INDIAN = re.compile(r"\b(?:lakhs?|lacs?|crores?)\b", re.IGNORECASE)
_BUT = re.compile(r"(?:but|and|pero|y|aber|und|mais|et|mutta|ja)\s+", re.IGNORECASE)
_NEAR = 34
"""Characters before and after an amount in which its bound and its period stand."""


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
    return sorted([*found, *_of_figures(text, language)], key=lambda one: one.start)


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
    is_join = bool(_DASH.fullmatch(gap)) or bool(words["range_join"].fullmatch(gap))
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
    ):
        first *= high.scale
    elif low.spoken and high.scale > 1 and low.scale == 1:
        first *= high.scale
    last = high.value
    if high.scale == 1 and low.scale >= _LARGE and last < _LARGE:
        # "half a million to six hundred": the second leaves out its scale
        last *= next((by for by in (1e3, low.scale) if last * by > first), 1.0)
    return first, last


def _amount(text: str, low: Numeral, high: Numeral, language: str) -> Amount | None:
    known = currencies()
    before, after = text[: low.start], text[high.end :]
    ahead = known.after.match(after)
    behind = known.before.search(before)
    inner = known.after.match(text[low.end : high.start]) if low is not high else None
    if known.cents.match(after) and ahead is None:
        return None
    codes = [known.code(one) for one in (behind, ahead, inner) if one]
    # "$40,000 CAD": the code says more than the sign
    currency = next((one for one in codes if one not in known.families), (codes or [None])[0])
    coded = re.search(r"[ktm](eur|chf|sek|nok|dkk|usd|gbp)", text[low.start : high.end], re.I)
    currency = currency or (coded[1].upper() if coded else None)
    end = high.end + (ahead.end() if ahead else 0)
    start = behind.start() if behind else low.start
    small, big = _aligned(low, high)
    scaled = high.scale > 1 or big >= _LARGE
    sure: Sure = "money" if currency else "large" if scaled else "bare"
    if currency is None and _INDIAN.search(text[low.start : high.end]):
        currency, sure = "rupee", "money"
    counts = currency is None and not _may_be_money(text, low, high, language)
    if not big or (counts and (high.scale < _LARGE or not _may_count(after, language))):
        return None
    one = Amount(start, end, small, big, currency, sure, scaled=scaled, counts=counts)
    one = _bounded(text, one, language)
    return replace(one, sure="large") if one.times is not None and one.sure == "bare" else one


def _may_count(after: str, language: str) -> bool:
    """Whether a word that is not known follows ("18 lakhs kept"), not one that is surely counted."""
    return not patterns("money", language)["counted"].match(after.lstrip(" -"))


def _may_be_money(text: str, low: Numeral, high: Numeral, language: str) -> bool:
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
        _period(after, language, between=0)
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


def _bounded(text: str, one: Amount, language: str) -> Amount:
    """With its bounds, period and unit."""
    words = patterns("money", language)
    before, after = text[max(0, one.start - _NEAR) : one.start], text[one.end : one.end + _NEAR]
    before = re.split(r"[.;:!?](?=\s|$)|,(?=\s)", before)[-1]
    after = re.split(r"[.;:!?](?=\s|$)", after)[0]
    # a bound, an approximation and a currency may stand in any order: "up to about 50"
    times = _period(after, language) or _period_before(before, language)
    per_unit = _is_per_unit(after, language)
    about = _ends(words["about_before"], before)
    if about:
        before = before[: about.start()]
    up_to = _ends(words["up_to_before"], before) or _follows(words["up_to_after"], after)
    least = _ends(words["at_least_before"], before) or _follows(words["at_least_after"], after)
    if least and patterns("shared", language)["negation"].search(after):
        up_to, least = least, None  # "más de quince mil no puedo"
    low, high = one.low, one.high
    if up_to and low == high:
        low = None
    elif least and low == high and not (about and about.group().split()[0] in ("just", "slightly")):
        high = None
    return replace(one, low=low, high=high, times=times, per_unit=per_unit)


def _is_per_unit(after: str, language: str) -> bool:
    """Whether a unit follows at once, or after a period: "20 per month per user"."""
    words = patterns("money", language)
    match = words["per_unit"].search(after)
    if not match:
        return False
    between = after[: match.start()].strip(" ,")
    return not between or (len(between.split()) <= 3 and _period(between, language) is not None)


def _ends(pattern: re.Pattern[str], before: str) -> re.Match[str] | None:
    """The last match that reaches to the end of a text, with nothing but spaces after it."""
    last = None
    for match in pattern.finditer(before):
        if not before[match.end() :].strip(" '~\"«“„"):
            last = match
    return last


def _follows(pattern: re.Pattern[str], after: str) -> re.Match[str] | None:
    """A match at the start of a text, after a period or a comma at most."""
    skipped = after.lstrip(" ,-)")
    found = pattern.match(skipped)
    if found:
        return found
    _, comma, rest = after.partition(",")
    rest = _BUT.sub("", rest.lstrip())
    if comma and (found := pattern.match(rest)):
        return found
    match = pattern.search(after)
    if match and len(after[: match.start()].split()) <= 3 and "," not in after[: match.start()]:
        return match
    return None


def _period(after: str, language: str, between: int = 3) -> float | None:
    """How many times a year, by the words after an amount; so many words may stand between."""
    words = patterns("money", language)
    first: tuple[int, float] | None = None
    for name, times in _PERIODS.items():
        match = words[name].search(after[:_NEAR])
        if match and len(after[: match.start()].split()) <= between:
            if re.search(r"[.;:!?](?=\s)", after[: match.start()]):
                continue
            if first is None or match.start() < first[0]:
                first = (match.start(), times)
    return first[1] if first else None


def _period_before(before: str, language: str) -> float | None:
    """ "a monthly budget of 300"."""
    words = patterns("money", language)
    for name in ("per_month", "per_quarter", "per_week"):
        if words[name].search(before):
            return _PERIODS[name]
    return None


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
