"""Conditions in plain English: `band = 'hot' and score > 80` is "band is hot and score is ..."."""

from __future__ import annotations

from collections.abc import Mapping

from leadwise.card.condition_format import format_number
from leadwise.card.expression import (
    And,
    Arithmetic,
    Between,
    Boolean,
    Call,
    Comparison,
    Expression,
    In,
    IsNull,
    Like,
    Name,
    Negative,
    Not,
    Number,
    Or,
    Text,
)

_SIGNS = {
    "=": "is", "<>": "is not", "<": "is under", "<=": "is at most", ">": "is over",
    ">=": "is at least",
}  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def condition_words(tree: Expression, labels: Mapping[str, str] | None = None) -> str:
    """The condition in words. `labels`: what people call the names, where they have labels."""
    return _Words(labels or {}).say(tree)


class _Words:
    def __init__(self, labels: Mapping[str, str]):
        self.labels = labels

    def say(self, part: Expression) -> str:  # noqa: C901 - one case for each kind
        """A condition or a value."""
        match part:
            case Number(value):
                return format_number(value)
            case Text(value):
                return value or "nothing"
            case Boolean(value):
                return "yes" if value else "no"
            case Name(name):
                return self.labels.get(name) or name.replace("_", " ")
            case Negative(item):
                return f"-{self.say(item)}"
            case Arithmetic(operator, left, right):
                return f"{self._part(left)} {operator} {self._part(right)}"
            case Call():
                return self._call(part)
            case Comparison(operator, left, right):
                return self._compared(operator, left, right)
            case In(item, values, negated):
                listed = _either([self._value(item, value) for value in values])
                return f"{self.say(item)} is {'not ' if negated else ''}{listed}"
            case Between(item, low, high, negated):
                word = "not between" if negated else "between"
                return f"{self.say(item)} is {word} {self.say(low)} and {self.say(high)}"
            case Like(item, pattern, negated):
                return f'{self.say(item)} is {"not " if negated else ""}like "{pattern}"'
            case IsNull(item, negated):
                return f"{self.say(item)} is {'known' if negated else 'not known'}"
            case Not(Name(name)):
                return f"{self.say(Name(name))} is no"
            case Not(item):
                return f"not ({self._truth(item)})"
            case And(items):
                return " and ".join(self._joined(item, (Or,)) for item in items)
            case Or(items):
                return " or ".join(self._joined(item, (And,)) for item in items)

    def _truth(self, part: Expression) -> str:
        """What is asked of a name alone is whether it is so."""
        return f"{self.say(part)} is yes" if isinstance(part, Name) else self.say(part)

    def _joined(self, part: Expression, loose: tuple[type, ...]) -> str:
        text = self._truth(part)
        return f"({text})" if isinstance(part, loose) else text

    def _part(self, part: Expression) -> str:
        text = self.say(part)
        return f"({text})" if isinstance(part, Arithmetic) else text

    def _compared(self, operator: str, left: Expression, right: Expression) -> str:
        if isinstance(left, Name) and left.name == "local_weekday" and operator in ("=", "<>"):
            right = self._weekday(right)
        return f"{self.say(left)} {_SIGNS[operator]} {self.say(right)}"

    def _value(self, item: Expression, value: Expression) -> str:
        if isinstance(item, Name) and item.name == "local_weekday":
            value = self._weekday(value)
        return self.say(value)

    def _weekday(self, part: Expression) -> Expression:
        if isinstance(part, Number) and part.value in range(1, 8):
            return Text(_DAYS[int(part.value) - 1])
        return part

    def _call(self, part: Call) -> str:
        first = self.say(part.arguments[0])
        match part.function:
            case "days_since":
                return f"days since {first}"
            case "lower":
                return first
            case "coalesce":
                return f"{first} (or else {', '.join(map(self.say, part.arguments[1:]))})"
            case "contains":
                return f'{first} holds "{self.say(part.arguments[1])}"'
            case "starts_with":
                return f'{first} begins with "{self.say(part.arguments[1])}"'


def _either(texts: list[str]) -> str:
    return ", ".join(texts[:-1]) + (" or " if texts[1:] else "") + texts[-1]
