"""How words add up to a number: what carries it on, and what it then is."""

from __future__ import annotations

from dataclasses import dataclass

from leadwise.qualify.embedded.numbers.words import Token


@dataclass(slots=True)
class Sum:
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


def rest_of(sum_: Sum) -> float:
    """What follows the last scale: "un millón doscientos" leaves out its thousand."""
    group = sum_.group or 0.0
    if sum_.scale == 1e6 and sum_.total and not sum_.figures and sum_.total % 1e6 == 0:
        return group * 1e5 if 0 < group < 10 else group * 1000 if 100 <= group < 1000 else group
    return group


def peek(tokens: list[Token], at: int) -> Token:
    return tokens[at] if at < len(tokens) else Token(0, 0, "other")


def step(sum_: Sum, tokens: list[Token], at: int, language: str, joins: bool) -> int:
    """Take a token into the number: how many tokens were taken, 0 where it belongs to none."""
    token = tokens[at]
    if token.kind == "one":
        return _article(sum_, tokens, at, language)
    if token.kind == "halves":
        return _half(sum_, tokens, at)
    if token.kind == "few":
        return _few(sum_, tokens, at)
    if token.kind == "and":
        return 0 if sum_.is_empty else _join(sum_, tokens, at, language, joins)
    if token.kind == "point":
        return _decimals(sum_, tokens, at)
    if token.kind == "plus" and sum_.group is not None:
        sum_.group += token.value
        return 1
    if token.kind in ("units", "tens", "teen", "fixed", "hundreds", "scales", "figure"):
        return 1 if takes(sum_, token, language) and _add(sum_, token, language) else 0
    return 0


def _join(sum_: Sum, tokens: list[Token], at: int, language: str, joins: bool) -> int:
    """What an "and" joins on: "(two) and a half", "(a hundred) and eighty", "(vingt) et un"."""
    token, following, then = tokens[at], peek(tokens, at + 1), peek(tokens, at + 2)
    if following.kind == "one" and then.kind == "halves":
        return 3 if _add_half(sum_, then) else 0
    if following.kind == "halves":
        return 2 if _add_half(sum_, following) else 0
    if following.kind == "one" and language == "fr" and _takes_and(sum_, 1.0, language):
        sum_.group = (sum_.group or 0.0) + 1
        return 2
    if following.kind == "units" and then.kind == "hundreds":
        return 0
    fits = joins and _takes_and(sum_, following.value, language, token.end == following.end)
    is_number = following.kind in ("units", "fixed", "hundreds")
    return 2 if fits and is_number and _add(sum_, following, language) else 0


def _article(sum_: Sum, tokens: list[Token], at: int, language: str) -> int:
    """ "a hundred", "un millón", "ein Tausend": 1 before a hundred, a scale, a half or a few."""
    following, then = peek(tokens, at + 1), peek(tokens, at + 2)
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
        taken = step(sum_, tokens, at + skip, language, True)
        return taken + skip if taken else 0
    return 0


def _half(sum_: Sum, tokens: list[Token], at: int) -> int:
    """ "half a million", "medio millón", "a quarter of a million", "demi-million"."""
    if not sum_.is_empty and not (sum_.last == "units" and sum_.group in (1, 3)):
        return 0
    times = sum_.group or 1.0
    ahead = at + 1
    while peek(tokens, ahead).kind in ("fill", "one", "hyphen") and ahead < at + 4:
        ahead += 1
    scale = peek(tokens, ahead)
    if scale.kind not in ("scales", "hundreds"):
        return 0
    sum_.group, sum_.last = None, "scales"
    sum_.total = times * tokens[at].value * scale.value
    sum_.scale = scale.value
    return ahead + 1 - at


def _few(sum_: Sum, tokens: list[Token], at: int) -> int:
    """ "a couple of thousand", "une centaine de milliers": only before a scale."""
    if not sum_.is_empty and sum_.last != "units":
        return 0
    ahead = at + 1
    if peek(tokens, ahead).kind == "fill":
        ahead += 1
    if peek(tokens, ahead).kind not in ("scales", "hundreds", "tens"):
        return 0
    sum_.group, sum_.last = (sum_.group or 1.0) * tokens[at].value, "units"
    return ahead - at


def _add_half(sum_: Sum, half: Token) -> bool:
    """ "two and a half (million)", "a million and a half", "un million et demi"."""
    if sum_.last == "scales" and sum_.group is None:
        sum_.total += half.value * sum_.scale
        return True
    if sum_.group is not None and sum_.group < 1000:
        sum_.group += half.value
        sum_.last = "half"
        return True
    return False


def _decimals(sum_: Sum, tokens: list[Token], at: int) -> int:
    """ "one point eight", "eins Komma zwei fünf"."""
    if sum_.group is None or sum_.last not in ("units", "figure"):
        return 0
    digits, ahead = "", at + 1
    while peek(tokens, ahead).kind in ("units", "figure") and len(digits) < 4:
        digits += f"{peek(tokens, ahead).value:g}"
        ahead += 1
    if not digits.isdigit():
        return 0
    sum_.group += float("0." + digits)
    sum_.last = "half"
    return ahead - at


def _takes_and(sum_: Sum, value: float, language: str, inside: bool = False) -> bool:
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


def takes(sum_: Sum, token: Token, language: str) -> bool:
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
        return group is None or (group < 100 and sum_.last in ("units", "figure", "half"))
    if token.kind == "tens":
        return group is None or group % 100 == 0 or (sum_.last == "units" and 2 <= group % 100 <= 9)
    if token.kind == "teen":
        return group is not None and 1 <= group % 100 <= 9
    if token.kind == "fixed":
        return group is None
    return token.kind == "units" and (group is None or _takes_unit(sum_, group, value, language))


def _takes_unit(sum_: Sum, group: float, value: float, language: str) -> bool:
    """Whether a number below a hundred goes on with one: by how each language builds them."""
    rest = group % 100
    if sum_.last in ("figure", "half"):
        return False
    if rest == 0 and group >= 100:
        return 0 < value < 100
    if rest in range(20, 100, 10) and 0 < value < 10:
        return True
    if language == "fr":
        return (
            (rest == 4 and value == 20)
            or (rest in (60, 80) and 10 <= value < 20)
            or (rest in (10, 70, 90) and 7 <= value <= 9)
            or (rest in (70, 90) and value < 10)
        )
    if language == "en" and sum_.last == "units" and 0 < group < 20 and value >= 10:
        return group < 10 or (not sum_.spoken and value >= 20)
    return value == 0 and 0 < group < 10


def _add(sum_: Sum, token: Token, language: str) -> bool:
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
