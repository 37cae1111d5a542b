"""What stands around an amount: "up to", "at least", "about", a month, each seat."""

from __future__ import annotations

import re
from dataclasses import dataclass

from leadwise.qualify.embedded.words import patterns

_PERIODS = {
    "per_year": 1.0,
    "per_month": 12.0,
    "per_quarter": 4.0,
    "per_week": 52.0,
    "per_day": 250.0,
}
"""How many times a year; days are working days."""
_BUT = re.compile(r"(?:but|and|pero|y|aber|und|mais|et|mutta|ja)\s+", re.IGNORECASE)
_END = re.compile(r"[.;:!?](?=\s|$)")
_NEAR = 34
"""Characters before and after an amount in which its bound and its period stand."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`times` is how many times a year, None where no period was said."""

    up_to: bool
    at_least: bool
    times: float | None
    per_unit: bool


def bounds_at(text: str, start: int, end: int, language: str) -> Bounds:
    """The bounds, the period and the unit of an amount. A bound and an approximation may stand
    together ("up to about 50"); "a bit over 50" is about 50."""
    words = patterns("money", language)
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    before = re.split(_END.pattern + r"|,(?=\s)", before)[-1]
    after = _END.split(after)[0]
    times = period_after(after, language) or _period_before(before, language)
    about = _ends(words["about_before"], before)
    before = before[: about.start()] if about else before
    up_to = _ends(words["up_to_before"], before) or _follows(words["up_to_after"], after)
    least = _ends(words["at_least_before"], before) or _follows(words["at_least_after"], after)
    if least and patterns("shared", language)["negation"].search(after):
        up_to, least = least, None  # "más de quince mil no puedo"
    just = about is not None and about.group().split()[0] in ("just", "slightly")
    return Bounds(
        up_to is not None,
        up_to is None and least is not None and not just,
        times,
        _is_per_unit(after, language),
    )


def _is_per_unit(after: str, language: str) -> bool:
    """Whether a unit follows at once, or after a period: "20 per month per user"."""
    words = patterns("money", language)
    match = words["per_unit"].search(after)
    if not match:
        return False
    between = after[: match.start()].strip(" ,")
    return not between or (
        len(between.split()) <= 3 and period_after(between, language) is not None
    )


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


def period_after(after: str, language: str, between: int = 3) -> float | None:
    """How many times a year, by the words after an amount; so many words may stand between."""
    words = patterns("money", language)
    first: tuple[int, float] | None = None
    for name, times in _PERIODS.items():
        match = words[name].search(after[:_NEAR])
        if match and len(after[: match.start()].split()) <= between:
            if _END.search(after[: match.start()]):
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
