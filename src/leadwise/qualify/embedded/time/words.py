"""The words of a text that speak of time, each typed: months, units, edges, feasts, "before".

The word files (`words/dates/`) map kind, value and forms; a form is a regular expression. One
pattern is made of all, the longest form first; numbers in words come from `numerals`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from leadwise.qualify.embedded.numbers.numerals import numerals
from leadwise.qualify.embedded.words import LANGUAGES


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A word of time. `value` is its number, or its name (an edge, a unit, a feast)."""

    start: int
    end: int
    kind: str
    value: str
    number: float = 0.0


_ISO = re.compile(r"(?<![\w-])(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?![\w-])")
_POINTS = re.compile(
    r"(?<![\w.,])(?P<d>\d{1,2})\. ?(?P<m>\d{1,2})\.(?: ?(?P<y>20\d\d|\d\d)\b)?(?!\d)"
)
_SLASHES = re.compile(r"(?<![\w/])(?P<d>\d{1,2})[/-](?P<m>\d{1,2})[/-](?P<y>20\d\d|\d\d)(?![\w/])")
_SHORT = re.compile(r"(?<![\w/])(?P<d>\d{1,2})/(?P<m>\d{1,2})(?![\w/])")
_DATED = re.compile(
    r"\b(?:by|before|on|el|al|le|du|avant|antes|bis|am|zum|para)\W+(?:the |del? )?$", re.IGNORECASE
)
"""What stands before a date like 5/15, which else may be a part of something."""
_YEAR = re.compile(r"(?<![\w.,€$£])20[2-4]\d(?![\w%€$£]|[.,]\d)|(?<!\w)'2[5-9]\b|(?<!\w)’2[5-9]\b")


_MOST_KEPT = 4096
"""Sentences whose words are kept: those of a long call."""
_LOOK = re.compile(r"\(\?[<!=:].*?\)|\\w|\W")
"""What adds nothing to the length of a form."""


_AROUND = re.compile(r"\(\?[<!=].*?\)")


@cache
def _table(language: str) -> tuple[re.Pattern[str], tuple[tuple[str, str], ...]]:
    """The pattern of a language, and what each of its groups is."""
    name = language if language in LANGUAGES else "en"
    file = files("leadwise.qualify.embedded.words") / "dates" / f"{name}.yaml"
    found: dict[str, dict[Any, str]] = YAML(typ="safe", pure=True).load(file.read_text("utf-8"))
    forms = [
        (form.strip(), kind, str(value))
        for kind, values in found.items()
        for value, text in values.items()
        for form in str(text).split("; ")
        if form.strip()
    ]
    forms.sort(
        key=lambda one: (
            -_AROUND.sub("", one[0]).count(" "), -len(_LOOK.sub("", one[0])), "(?=" not in one[0]
        )
    )  # fmt: skip
    pattern = "|".join(f"({form})" for form, _, _ in forms)
    border = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
    return border, tuple((kind, value) for _, kind, value in forms)


def lexemes(text: str, language: str) -> list[Lexeme]:
    """Every word of time in a text, in order, none over another."""
    return list(_found(text, language))


@lru_cache(_MOST_KEPT)
def _found(text: str, language: str) -> tuple[Lexeme, ...]:
    """Kept for a while: every reader of a question asks for the same sentences."""
    text = text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    found = _written(text, language)
    pattern, kinds = _table(language)
    for match in pattern.finditer(text):
        kind, value = kinds[(match.lastindex or 1) - 1]
        found += _lexemes_of(match, kind, value)
    for number in numerals(text, language):
        if number.value < 2000 or number.end - number.start > 4:
            value = "figure" if number.figures else "word"
            found.append(Lexeme(number.start, number.end, "num", value, number.value))
    return tuple(_apart(found))


def _lexemes_of(match: re.Match[str], kind: str, value: str) -> list[Lexeme]:
    start, end = match.span()
    if kind == "compound":
        unit, edge = value.split()
        seasonal = unit in ("spring", "summer", "autumn", "winter")
        return [
            Lexeme(start, end, "season" if seasonal else "unit", unit),
            Lexeme(start, end, "edge", edge),
        ]
    if kind == "ord" and value == "0":
        return [Lexeme(start, end, kind, "figure", float(re.sub(r"\D", "", match.group())))]
    if kind == "monthshort":
        kind = "month"
    number = float(value) if value.replace(".", "").isdigit() else 0.0
    return [Lexeme(start, end, kind, value, number)]


def _written(text: str, language: str) -> list[Lexeme]:
    """Dates in figures, and years."""
    found: list[Lexeme] = []
    shapes = [_ISO, _SLASHES, *([_POINTS] if language in ("de", "fi") else []), _SHORT]
    for shape in shapes:
        for match in shape.finditer(text):
            parts = match.groupdict()
            day, month = int(parts["d"]), int(parts["m"])
            if shape in (_SLASHES, _SHORT) and language == "en" and (month > 12 or day <= 12):
                # the American order, except where it cannot be
                day, month = month, day
            if not (1 <= month <= 12 and 1 <= day <= 31):
                continue
            if shape is _SHORT and not _DATED.search(text[: match.start()]):
                continue
            year = int(parts.get("y") or 0)
            year += 2000 if 0 < year < 100 else 0
            found.append(Lexeme(match.start(), match.end(), "date", f"{year}-{month}-{day}"))
    for match in _YEAR.finditer(text):
        number = int(re.sub(r"\D", "", match.group()))
        found.append(Lexeme(match.start(), match.end(), "year", "", float(number % 100 + 2000)))
    return found


_FIRST = {"date": 0, "year": 1}


def _apart(found: list[Lexeme]) -> list[Lexeme]:
    """None over another: dates first, then the longer one, words of time before bare numbers."""
    ranked = sorted(
        found,
        key=lambda one: (_FIRST.get(one.kind, 2), one.kind == "num", one.start - one.end),
    )
    kept: list[Lexeme] = []
    for one in ranked:
        over = [k for k in kept if k.start < one.end and one.start < k.end]
        twin = all((k.start, k.end) == (one.start, one.end) and k.kind != one.kind and
                   {k.kind, one.kind} <= {"unit", "edge", "season"} for k in over)  # fmt: skip
        if not over or twin:
            kept.append(one)
    return sorted(kept, key=lambda one: (one.start, one.end))
