"""Numbers as people say and write them, in figures and in words.

"45.000", "25'000", "1,2 Mio", "80k", "a hundred and eighty thousand", "four fifty", "one point
eight million", "anderthalb Millionen", "quatre-vingt-dix mille", "medio millón", "kolmekymmentä-
viisituhatta". Own grammar over word lists (`words/numbers/`), because text2num knows no Finnish, no
halves ("anderthalb", "medio millón") and no shortened speech ("four fifty"), and takes "a hundred"
and "quatre-vingts et cent mille" apart wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from leadwise.qualify.embedded.figures import FIGURE, figure_value
from leadwise.qualify.embedded.words import LANGUAGES

_TOKEN = re.compile(FIGURE + r"|[^\W\d_]+|\S")
_BETWEEN = frozenset("between entre zwischen välillä".split())
_COMPOUNDING = frozenset({"de", "fi"})
_CODED = re.compile(r"[ktm](?:eur|euro|chf|sek|nok|dkk|usd|gbp|pln|czk)")
_BY_LETTER = {"k": 1e3, "t": 1e3, "m": 1e6}


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number in a text. `scale` is what it was multiplied by (1 where nothing was said: "eighty"
    of "eighty to ninety thousand"); `figures` says whether it is written in figures, `spoken`
    whether in shortened speech ("four fifty")."""

    start: int
    end: int
    value: float
    scale: float
    figures: bool
    spoken: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    kind: str
    value: float = 0.0


@dataclass(slots=True)
class _Sum:
    """A number while it is being read: whole groups so far, and the group under way."""

    total: float = 0.0
    group: float | None = None
    scale: float = 1.0
    last: str = ""
    spoken: bool = False
    figures: bool = False

    @property
    def is_empty(self) -> bool:
        return self.group is None and not self.last


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


def numerals(text: str, language: str) -> list[Numeral]:
    """Every number of a text, in order."""
    tokens = _tokens(text, language)
    found: list[Numeral] = []
    at = 0
    while at < len(tokens):
        numeral, after = _read(tokens, at, language)
        if numeral is not None:
            found.append(numeral)
        at = max(after, at + 1)
    return found


def _tokens(text: str, language: str) -> list[_Token]:
    words = lexicon(language)
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        start, end, said = match.start(), match.end(), match.group().lower()
        if "0" <= said[0] <= "9":
            value = figure_value(said, text[end : end + 12], language)
            found.append(_Token(start, end, "figure", value))
        elif scale := _short_scale(said, found, start, text[end : end + 2]):
            found.append(_Token(start, end, "scales", scale))
        elif said in words:
            kind, value = words[said]
            found.append(_Token(start, end, kind, value))
        elif language in _COMPOUNDING and len(said) > 5 and (parts := _parts(said, language)):
            found += [_Token(start, end, *words[part]) for part in parts]
        elif said in "-‐‑" and found and found[-1].end == start:
            found.append(_Token(start, end, "hyphen"))
        else:
            found.append(_Token(start, end, "between" if said in _BETWEEN else "other"))
    return found


def _short_scale(said: str, before: list[_Token], start: int, after: str) -> float:
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


def _read(tokens: list[_Token], at: int, language: str) -> tuple[Numeral | None, int]:
    """The number that begins at a token, and the token after it."""
    first = at
    sum_ = _Sum()
    joins = _joins_left(tokens, at)
    last_taken = at
    while at < len(tokens):
        token = tokens[at]
        if at > last_taken and token.start - tokens[at - 1].end > 2:
            break
        if token.kind == "hyphen" and not sum_.is_empty:
            if _takes(sum_, _peek(tokens, at + 1), language) and tokens[at + 1].start == token.end:
                at += 1
                continue
            break
        if language == "fi" and token.kind == "units" and token.start != tokens[at - 1].start:
            if sum_.last in ("tens", "units"):
                break  # "viidestäkymmenestä kuuteenkymmeneen": two words, two numbers
        step = _step(sum_, tokens, at, language, joins)
        if step == 0:
            break
        at += step
        last_taken = at
    if sum_.is_empty or last_taken == first:
        return None, first + 1
    if last_taken == first + 1 and tokens[first].kind == "scales":
        # "grand", "millions of": a scale alone is a number only where "mil euros" is said so
        if language == "en" or tokens[first].value != 1000:
            return None, last_taken
    value = sum_.total + _rest(sum_)
    end = tokens[last_taken - 1].end
    return (
        Numeral(tokens[first].start, end, value, sum_.scale, sum_.figures, sum_.spoken),
        last_taken,
    )


def _rest(sum_: _Sum) -> float:
    """What follows the last scale: "un millón doscientos" leaves out its thousand."""
    group = sum_.group or 0.0
    if sum_.scale == 1e6 and sum_.total and not sum_.figures and sum_.total % 1e6 == 0:
        return group * 1e5 if 0 < group < 10 else group * 1000 if 100 <= group < 1000 else group
    return group


def _joins_left(tokens: list[_Token], at: int) -> bool:
    """Whether an "and" may join: after "between" the only one divides the two numbers."""
    if at == 0 or tokens[at - 1].kind != "between":
        return True
    joins = 0
    for token in tokens[at : at + 14]:
        if token.kind in ("other", "between"):
            break
        joins += token.kind == "and"
    return joins > 1


def _peek(tokens: list[_Token], at: int) -> _Token:
    return tokens[at] if at < len(tokens) else _Token(0, 0, "other")


def _step(sum_: _Sum, tokens: list[_Token], at: int, language: str, joins: bool) -> int:
    """Take a token into the number: how many tokens were taken, 0 where it belongs to none."""
    token, following = tokens[at], _peek(tokens, at + 1)
    if token.kind == "one":
        return _article(sum_, tokens, at, language)
    if token.kind == "halves":
        return _half(sum_, tokens, at)
    if token.kind == "few":
        return _few(sum_, tokens, at)
    if token.kind == "and":
        if sum_.is_empty:
            return 0
        if following.kind == "one" and _peek(tokens, at + 2).kind == "halves":
            return 3 if _add_half(sum_, tokens[at + 2], _peek(tokens, at + 3)) else 0
        if following.kind == "halves":
            return 2 if _add_half(sum_, following, _peek(tokens, at + 2)) else 0
        if following.kind == "one" and language == "fr" and _takes_and(sum_, 1.0, language):
            sum_.group = (sum_.group or 0.0) + 1
            return 2
        if following.kind == "units" and _peek(tokens, at + 2).kind == "hundreds":
            return 0
        fits = joins and _takes_and(sum_, following.value, language, token.end == following.end)
        if (
            fits
            and following.kind in ("units", "fixed", "hundreds")
            and _add(sum_, following, language)
        ):
            return 2
        return 0
    if token.kind == "point":
        return _decimals(sum_, tokens, at)
    if token.kind == "plus" and sum_.group is not None:
        sum_.group += token.value
        return 1
    if token.kind in ("units", "tens", "teen", "fixed", "hundreds", "scales", "figure"):
        return 1 if _takes(sum_, token, language) and _add(sum_, token, language) else 0
    return 0


def _article(sum_: _Sum, tokens: list[_Token], at: int, language: str) -> int:
    """ "a hundred", "un millón", "ein Tausend": 1 before a hundred, a scale, a half or a few."""
    following, then = _peek(tokens, at + 1), _peek(tokens, at + 2)
    if not sum_.is_empty:
        # "vierundeinzig" does not exist, "einundzwanzig" begins with its one
        return 0
    if following.kind in ("hundreds", "scales", "plus") or (
        following.kind == "and" and then.kind == "units" and following.end == then.end
    ):
        sum_.group, sum_.last = 1.0, "units"
        return 1
    if following.kind == "point" and then.kind in ("units", "figure"):
        sum_.group, sum_.last = 1.0, "units"
        return 1
    if following.kind in ("halves", "few") or (
        following.kind == "hyphen" and then.kind == "halves"
    ):
        skip = 2 if following.kind == "hyphen" else 1
        taken = _step(sum_, tokens, at + skip, language, True)
        return taken + skip if taken else 0
    return 0


def _half(sum_: _Sum, tokens: list[_Token], at: int) -> int:
    """ "half a million", "medio millón", "a quarter of a million", "demi-million"."""
    if not sum_.is_empty and not (sum_.last == "units" and sum_.group in (1, 3)):
        return 0
    times = sum_.group or 1.0
    ahead = at + 1
    while _peek(tokens, ahead).kind in ("fill", "one", "hyphen") and ahead < at + 4:
        ahead += 1
    scale = _peek(tokens, ahead)
    if scale.kind not in ("scales", "hundreds"):
        return 0
    sum_.group, sum_.last = None, "scales"
    sum_.total = times * tokens[at].value * scale.value
    sum_.scale = scale.value
    return ahead + 1 - at


def _few(sum_: _Sum, tokens: list[_Token], at: int) -> int:
    """ "a couple of thousand", "une centaine de milliers": only before a scale."""
    if not sum_.is_empty and sum_.last != "units":
        return 0
    ahead = at + 1
    if _peek(tokens, ahead).kind == "fill":
        ahead += 1
    if _peek(tokens, ahead).kind not in ("scales", "hundreds", "tens"):
        return 0
    sum_.group, sum_.last = (sum_.group or 1.0) * tokens[at].value, "units"
    return ahead - at


def _add_half(sum_: _Sum, half: _Token, following: _Token) -> bool:
    """ "two and a half (million)", "a million and a half", "un million et demi"."""
    if sum_.last == "scales" and sum_.group is None:
        sum_.total += half.value * sum_.scale
        return True
    if sum_.group is not None and sum_.group < 1000:
        sum_.group += half.value
        sum_.last = "half"
        return True
    return False


def _decimals(sum_: _Sum, tokens: list[_Token], at: int) -> int:
    """ "one point eight", "eins Komma zwei fünf"."""
    if sum_.group is None or sum_.last not in ("units", "figure"):
        return 0
    digits, ahead = "", at + 1
    while _peek(tokens, ahead).kind in ("units", "figure") and len(digits) < 4:
        digits += f"{_peek(tokens, ahead).value:g}"
        ahead += 1
    if not digits.isdigit():
        return 0
    sum_.group += float("0." + digits)
    sum_.last = "half"
    return ahead - at


def _takes_and(sum_: _Sum, value: float, language: str, inside: bool = False) -> bool:
    """Whether an "and" may stand between what was read and a number."""
    group = sum_.group
    if language == "es":
        return group is not None and group % 100 in range(30, 100, 10) and 0 < value < 10
    if language == "fr":
        return group is not None and group % 100 in range(20, 80, 10) and value in (1, 11)
    if language == "de":
        if (
            group is not None
            and group % 100 < 10
            and group % 100 > 0
            and value in range(20, 100, 10)
        ):
            return True
        return inside
    if language == "en":
        after = sum_.last in ("hundreds", "scales")
        return after and 0 < value < 100
    return False


def _takes(sum_: _Sum, token: _Token, language: str) -> bool:
    """Whether a token carries a number on."""
    group, value = sum_.group, token.value
    if token.kind == "figure":
        return sum_.is_empty
    if token.kind == "scales":
        if sum_.is_empty:
            return value >= 1000
        if group is None:
            return value > sum_.scale and sum_.last == "scales" and value >= 1e6
        return not sum_.total or value < sum_.scale
    if token.kind == "hundreds":
        return group is None or group < 100 and sum_.last in ("units", "figure", "half")
    if token.kind == "tens":
        return group is None or group % 100 == 0 or sum_.last == "units" and 2 <= group % 100 <= 9
    if token.kind == "teen":
        return group is not None and 1 <= group % 100 <= 9
    if token.kind == "fixed":
        return group is None
    if token.kind != "units":
        return False
    if group is None:
        return True
    if sum_.last == "figure" or sum_.last == "half":
        return False
    rest = group % 100
    if rest == 0 and group >= 100:
        return value < 100 and value > 0
    if rest in range(20, 100, 10) and 0 < value < 10:
        return True
    if language == "fr":
        return (rest == 4 and value == 20) or (rest in (60, 80) and 10 <= value < 20) or (
            rest in (10, 70, 90) and 7 <= value <= 9) or (rest in (70, 90) and value < 10)  # fmt: skip
    if language == "de" and 0 < rest < 10 and value in range(20, 100, 10):
        return False
    if language == "en" and sum_.last == "units" and group < 20 and value >= 10 and group > 0:
        return group < 10 or not sum_.spoken and value >= 20
    return value == 0 and 0 < group < 10


def _add(sum_: _Sum, token: _Token, language: str) -> bool:
    group, value = sum_.group or 0.0, token.value
    if token.kind == "scales":
        if sum_.group is None and sum_.total and value > sum_.scale:
            sum_.total *= value
        elif value > sum_.scale and sum_.total:
            sum_.total = (sum_.total + group) * value
        else:
            sum_.total += (group if sum_.group is not None else 1.0) * value
        sum_.group, sum_.scale, sum_.last = None, max(value, sum_.scale), "scales"
        return True
    if token.kind == "hundreds":
        sum_.group = (group or 1.0) * value
    elif token.kind == "tens":
        sum_.group = group - group % 100 + (group % 100 or 1) * value
    elif token.kind == "teen":
        sum_.group = group + 10
    elif token.kind == "figure":
        sum_.group, sum_.figures = value, True
    elif language == "de" and 0 < group % 100 < 10 and value >= 20:
        sum_.group = group + value
    elif language == "fr" and group % 100 == 4 and value == 20:
        sum_.group = group - 4 + 80
    elif value == 0 and 0 < group < 10:
        sum_.group, sum_.spoken = group * 10, True
    elif language == "en" and 0 < group < 20 and value >= 10:
        sum_.group, sum_.spoken = group * 100 + value, True
    else:
        sum_.group = group + value
    sum_.last = {"tens": "tens", "hundreds": "hundreds", "figure": "figure"}.get(
        token.kind, "units"
    )
    return True
