"""The words that numbers are made of, in five languages, and a text taken apart into them.

German and Finnish write a number's words together: those are divided at the words of the list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from leadwise.qualify.embedded.numbers.figures import FIGURE, figure_value
from leadwise.qualify.embedded.words import LANGUAGES

_TOKEN = re.compile(FIGURE + r"|[^\W\d_]+|\S")
_BETWEEN = frozenset("between entre zwischen välillä".split())
_COMPOUNDING = frozenset({"de", "fi"})
_CODED = re.compile(r"[ktm](?:eur|euro|chf|sek|nok|dkk|usd|gbp|pln|czk)")
_BY_LETTER = {"k": 1e3, "t": 1e3, "m": 1e6}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text: `kind` is a list of the word file, or figure, hyphen, between, other."""

    start: int
    end: int
    kind: str
    value: float = 0.0


@cache
def lexicon(language: str) -> Mapping[str, tuple[str, float]]:
    """The number words of a language: what each is, and its value."""
    name = language if language in LANGUAGES else "en"
    folder = files("leadwise.qualify.embedded.words") / "numbers"
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(
        (folder / f"{name}.yaml").read_text("utf-8")
    )
    words: dict[str, tuple[str, float]] = {}
    for kind, forms in found.items():
        for value, text in (forms if isinstance(forms, dict) else {1: forms}).items():
            for word in str(text).split():
                words.setdefault(word, (kind, float(value)))
    return words


def tokens_of(text: str, language: str) -> list[Token]:
    """A text as tokens, in order; a compound word is several at the same place."""
    words = lexicon(language)
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        start, end, said = match.start(), match.end(), match.group().lower()
        if "0" <= said[0] <= "9":
            value = figure_value(said, text[end : end + 12])
            found.append(Token(start, end, "figure", value))
        elif scale := _short_scale(said, found, start, text[end : end + 2]):
            found.append(Token(start, end, "scales", scale))
        elif said in words:
            kind, value = words[said]
            found.append(Token(start, end, kind, value))
        elif language in _COMPOUNDING and 5 < len(said) < 60 and (parts := _parts(said, language)):
            found += [Token(start, end, *words[part]) for part in parts]
        elif said in "-‐‑" and found and found[-1].end == start:
            found.append(Token(start, end, "hyphen"))
        else:
            found.append(Token(start, end, "between" if said in _BETWEEN else "other"))
    return found


def _short_scale(said: str, before: list[Token], start: int, after: str) -> float:
    """ "1.2m", "1,2 M€", "50 T€", "50 TEUR": what a letter or a code multiplies by; 0 for none."""
    if not before or before[-1].kind != "figure" or start - before[-1].end > 1:
        return 0.0
    if _CODED.fullmatch(said):
        return _BY_LETTER[said[0]]
    signed = after.strip()[:1] in tuple("€£$")
    if said in ("m", "mm") and (signed or start == before[-1].end):
        return 1e6
    return 1000.0 if said == "t" and signed else 0.0


def _parts(word: str, language: str) -> tuple[str, ...]:
    """The number words that a word is made of, the longest first; none where some part is not."""
    words = lexicon(language)

    def split(rest: str) -> tuple[str, ...] | None:
        if not rest:
            return ()
        for length in range(min(len(rest), 14), 1, -1):
            head = rest[:length]
            if head in words and words[head][0] not in ("few", "point"):
                tail = split(rest[length:])
                if tail is not None:
                    return (head, *tail)
        if rest.startswith("pari") and language == "fi" and (tail := split(rest[4:])):
            return ("kaksi", *tail)
        return None

    parts = split(word) or ()
    ends_in_number = parts and words[parts[-1]][0] not in ("and", "one")
    return parts if ends_in_number and words[parts[0]][0] != "and" else ()
