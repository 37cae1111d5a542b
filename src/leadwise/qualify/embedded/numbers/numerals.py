"""Numbers as people say and write them, in figures and in words.

"45.000", "25'000", "1,2 Mio", "80k", "a hundred and eighty thousand", "four fifty", "one point
eight million", "anderthalb Millionen", "quatre-vingt-dix mille", "medio millón", "kolmekymmentä-
viisituhatta". Own grammar over word lists (`words/numbers/`), because text2num knows no Finnish, no
halves ("anderthalb", "medio millón") and no shortened speech ("four fifty"), and takes "a hundred"
and "quatre-vingts et cent mille" apart wrongly.
"""

from __future__ import annotations

from dataclasses import dataclass

from leadwise.qualify.embedded.numbers.sums import Sum, peek, rest_of, step, takes
from leadwise.qualify.embedded.numbers.words import Token, tokens_of


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


def numerals(text: str, language: str) -> list[Numeral]:
    """Every number of a text, in order."""
    tokens = tokens_of(text, language)
    found: list[Numeral] = []
    at = 0
    while at < len(tokens):
        numeral, after = _read(tokens, at, language)
        if numeral is not None:
            found.append(numeral)
        at = max(after, at + 1)
    return found


def _read(tokens: list[Token], at: int, language: str) -> tuple[Numeral | None, int]:
    """The number that begins at a token, and the token after it."""
    first = at
    sum_ = Sum()
    joins = _joins_left(tokens, at)
    last_taken = at
    while at < len(tokens):
        token = tokens[at]
        if at > last_taken and token.start - tokens[at - 1].end > 2:
            break
        if token.kind == "hyphen" and not sum_.is_empty:
            if takes(sum_, peek(tokens, at + 1), language) and tokens[at + 1].start == token.end:
                at += 1
                continue
            break
        apart = at > first and token.start != tokens[at - 1].start
        if apart and language == "fi" and token.kind == "units" and sum_.last in ("tens", "units"):
            break  # "viidestäkymmenestä kuuteenkymmeneen": two words, two numbers
        taken = step(sum_, tokens, at, language, joins)
        if taken == 0:
            break
        at += taken
        last_taken = at
    if sum_.is_empty or last_taken == first:
        return None, first + 1
    alone = last_taken == first + 1 and tokens[first].kind == "scales"
    if alone and (language == "en" or tokens[first].value != 1000):
        return None, last_taken  # "grand", "millions of"; but "mil euros"
    value = sum_.total + rest_of(sum_)
    end = tokens[last_taken - 1].end
    return (
        Numeral(tokens[first].start, end, value, sum_.scale, sum_.figures, sum_.spoken),
        last_taken,
    )


def _joins_left(tokens: list[Token], at: int) -> bool:
    """Whether an "and" may join: after "between" the only one divides the two numbers."""
    if at == 0 or tokens[at - 1].kind != "between":
        return True
    joins = 0
    for token in tokens[at : at + 14]:
        if token.kind in ("other", "between"):
            break
        joins += token.kind == "and"
    return joins > 1
