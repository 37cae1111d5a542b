"""Which of a list of conditions can be the first that is true: tried out on values that suffice."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadwise.card.expression import (
    And,
    Between,
    Boolean,
    Call,
    Comparison,
    Expression,
    In,
    IsNull,
    Name,
    Not,
    Or,
)
from leadwise.card.scopes import Meaning, Scope
from leadwise.card.trial_values import Space, Value, constant

MOST_TRIALS = 20_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """For each condition: whether it can be true at all, and the first that is."""

    can_be_true: tuple[bool, ...]
    can_win: tuple[bool, ...]
    trials: int


def try_out(
    conditions: Sequence[Expression], scope: Scope, most: int = MOST_TRIALS
) -> Outcome | None:
    """The outcome of all combinations of values; None where there are more than `most`."""
    space = Space(scope)
    for condition in conditions:
        space.gather(condition)
    axes = space.axes()
    if math.prod(len(values) for values in axes.values()) > most:
        return None
    done = 0
    true, win = [False] * len(conditions), [False] * len(conditions)
    for trial in itertools.product(*axes.values()):
        values = dict(zip(axes, trial, strict=True))
        first = True
        done += 1
        for i, condition in enumerate(conditions):
            if decide(condition, space, values) is True:
                true[i] = True
                win[i] = win[i] or first
                first = False
        if all(win):
            break
    return Outcome(tuple(true), tuple(win), done)


def decide(condition: Expression, space: Space, values: Mapping[str, Value]) -> bool | None:
    """True, false, or None for undecided (Kleene), with these values of the variables."""
    if not isinstance(condition, Name) and id(condition) in space.keys:
        return _boolean(values[space.keys[id(condition)]])
    match condition:
        case And(items):
            found = [decide(item, space, values) for item in items]
            return False if False in found else (None if None in found else True)
        case Or(items):
            found = [decide(item, space, values) for item in items]
            return True if True in found else (None if None in found else False)
        case Not(item):
            return _negated(decide(item, space, values), True)
        case Boolean(value):
            return value
        case Name(name):
            return _boolean(values[name])
        case _:
            return _atom(condition, space, values)


def _atom(condition: Expression, space: Space, values: Mapping[str, Value]) -> bool | None:
    """A comparison of plain values with constants."""
    match condition:
        case Comparison(operator, left, right):
            meaning = _meaning(left, space.scope) or _meaning(right, space.scope)
            one = _value(left, space, values, meaning)
            return _compare(operator, one, _value(right, space, values, meaning))
        case In(item, listed, negated):
            meaning = _meaning(item, space.scope)
            given = _value(item, space, values, meaning)
            among = any(given == constant(one, meaning) for one in listed)
            return None if given is None else among != negated
        case Between(item, low, high, negated):
            meaning = _meaning(item, space.scope)
            given = _value(item, space, values, meaning)
            least = _compare(">=", given, constant(low, meaning))
            most = _compare("<=", given, constant(high, meaning))
            return None if least is None or most is None else (least and most) != negated
        case IsNull(item, negated):
            return (_value(item, space, values, _meaning(item, space.scope)) is None) != negated
        case _:
            return None


def _negated(decided: bool | None, negated: bool) -> bool | None:
    return None if decided is None else decided != negated


def _boolean(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def _meaning(part: Expression, scope: Scope) -> Meaning | None:
    match part:
        case Name(name):
            return scope.get(name)
        case Call("coalesce", parts):
            return next((m for item in parts if (m := _meaning(item, scope))), None)
        case _:
            return None


def _value(
    part: Expression, space: Space, values: Mapping[str, Value], meaning: Meaning | None
) -> Value:
    match part:
        case Name(name):
            return values[name]
        case Call("days_since"):
            return values[space.keys[id(part)]]
        case Call("coalesce", parts):
            found = (_value(item, space, values, meaning) for item in parts)
            return next((value for value in found if value is not None), None)
        case _:
            return constant(part, meaning)


def _compare(operator: str, one: Value, two: Value) -> bool | None:
    if one is None or two is None:
        return None
    if operator in ("=", "<>"):
        return (one == two) == (operator == "=")
    if isinstance(one, str) or isinstance(two, str):
        return None  # the type checker refuses it
    match operator:
        case "<":
            return one < two
        case "<=":
            return one <= two
        case ">":
            return one > two
        case _:
            return one >= two
