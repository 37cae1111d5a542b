"""Whether a condition makes sense: names, types, choices, times, and values that move with time.

`condition_faults(expression, scope)` gives every fault with its span in the condition's text. A
part whose type cannot be told (an unknown name) is not complained about twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leadwise.card.condition_format import format_condition
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
    Span,
    Text,
    names,
)
from leadwise.card.model import ValueType
from leadwise.card.nearest import listing, suggestion
from leadwise.card.scopes import Meaning, Scope, is_literal, is_moving
from leadwise.card.source import shorten
from leadwise.card.values import parse_time


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a condition; `name` is the unknown name, where that is the fault."""

    code: str
    message: str
    hint: str
    span: Span
    name: str = ""
    severity: Literal["error", "warning"] = "error"


def condition_faults(expression: Expression, scope: Scope) -> tuple[Fault, ...]:
    """Every fault of a whole condition, in the order of its text."""
    checker = _Checker(scope)
    checker.condition(expression)
    return tuple(sorted(dict.fromkeys(checker.faults), key=lambda fault: fault.span))


class _Checker:
    def __init__(self, scope: Scope):
        self.scope = scope
        self.faults: list[Fault] = []

    def report(self, code: str, message: str, hint: str, part: Expression) -> None:
        self.faults.append(Fault(code, message, hint, part.span))

    # -- conditions ------------------------------------------------------------------------------

    def condition(self, part: Expression) -> None:
        """A part that must be true, false or undecided."""
        match part:
            case And(items) | Or(items):
                for item in items:
                    self.condition(item)
            case Not(item):
                self.condition(item)
            case Comparison() | In() | Between() | Like() | IsNull() | Call() | Name() | Boolean():
                if not names(part):
                    self.constant(part)
                elif self.value(part) not in ("boolean", None):
                    self.not_a_condition(part)
            case Number() | Text() | Negative() | Arithmetic():
                self.not_a_condition(part)

    def constant(self, part: Expression) -> None:
        self.report(
            "constant-condition",
            f"'{shorten(format_condition(part))}' is always the same: it looks at nothing",
            f"compare a {'field or measure' if self.scope.of == 'lead' else 'property'}"
            " with a value, or remove this part",
            part,
        )

    def not_a_condition(self, part: Expression) -> None:
        shown = shorten(format_condition(part))
        kind = self.value(part)
        hint = f"compare it: {shown} > 0" if kind == "number" else f"compare it: {shown} = '...'"
        if kind in ("text", "choice", "number"):
            self.report("not-a-condition", f"'{shown}' is a {kind}, not a condition", hint, part)
        elif kind == "time":
            hint = f"compare it: {shown} >= '2026-01-01', or ask {shown} is not null"
            self.report("not-a-condition", f"'{shown}' is a time, not a condition", hint, part)

    # -- values: each method reports and returns the type, None where it cannot be told -----------

    def value(self, part: Expression) -> ValueType | None:  # noqa: C901 - one case for each kind
        match part:
            case Number():
                return "number"
            case Text():
                return "text"
            case Boolean():
                return "boolean"
            case Name():
                return self.name(part)
            case Negative(item):
                return self.arithmetic((item,))
            case Arithmetic(_, left, right):
                return self.arithmetic((left, right))
            case Call():
                return self.call(part)
            case Comparison():
                self.comparison(part)
            case In(item, values):
                self.beside(item, values, "in", ordered=False)
            case Between(item, low, high):
                self.beside(item, (low, high), "between", ordered=True)
            case Like(item):
                self.must_be_text(item, "like")
            case IsNull(item):
                self.value(item)
            case And() | Or() | Not():
                self.condition(part)
        return "boolean"

    def name(self, part: Name) -> ValueType | None:
        meaning = self.scope.get(part.name)
        if meaning is not None:
            return meaning.type
        what = "a field or measure of this card"
        if self.scope.of == "event":
            what = "a property of these events"
        known = self.scope.names
        hint = suggestion(part.name, known, f"known here: {listing(known)}")
        message = f"'{part.name}' is not {what}"
        self.faults.append(Fault("unknown-name", message, hint, part.span, part.name))
        return None

    def arithmetic(self, items: tuple[Expression, ...]) -> ValueType:
        for item in items:
            kind = self.value(item)
            if kind not in ("number", None):
                shown = shorten(format_condition(item))
                hint = "arithmetic takes numbers"
                if kind == "time":
                    hint = f"use days_since({shown}) to compare a time with days"
                self.report("type-mismatch", f"'{shown}' is a {kind}, not a number", hint, item)
            elif is_moving(item, self.scope):
                self.moving(item, "takes no part in arithmetic")
        return "number"

    def moving(self, part: Expression, why: str) -> None:
        if isinstance(part, (Arithmetic, Negative)):
            return  # reported where the arithmetic was
        shown = shorten(format_condition(part))
        self.report(
            "moving-value",
            f"'{shown}' changes as time passes and {why}",
            f"compare it with a number: {shown} > 30; coalesce of such values is allowed",
            part,
        )

    def call(self, part: Call) -> ValueType | None:
        first = part.arguments[0]
        if part.function == "days_since":
            return self.days_since(part)
        if part.function == "coalesce":
            return self.coalesce(part)
        self.must_be_text(first, part.function)
        return "text" if part.function == "lower" else "boolean"

    def days_since(self, part: Call) -> ValueType:
        item = part.arguments[0]
        if self.scope.of == "event":
            self.report(
                "moving-value",
                "days_since asks about the lead's moment, which an event does not have",
                "use within: 14 days to keep recent events, or compare the property with a date",
                part,
            )
        elif not isinstance(item, Name):
            self.report("wrong-arguments", "days_since takes the name of a time field",
                        "write days_since(created_at)", item)  # fmt: skip
        elif (kind := self.value(item)) not in ("time", None):
            self.report("type-mismatch", f"'{item.name}' is a {kind}, not a time",
                        "days_since takes a field of type time", item)  # fmt: skip
        return "number"

    def coalesce(self, part: Call) -> ValueType | None:
        kinds = [(item, self.value(item)) for item in part.arguments]
        lead = next(
            (kind for item, kind in kinds if kind and not is_literal(item)),
            next((kind for _, kind in kinds if kind), None),
        )
        moving = is_moving(part, self.scope)
        for item, kind in kinds:
            if kind is None or lead is None:
                continue
            if moving and not is_literal(item) and not is_moving(item, self.scope):
                shown = shorten(format_condition(item))
                self.report(
                    "moving-value",
                    f"'{shown}' stands beside a value that changes as time passes",
                    "such a coalesce takes only days_since values and numbers",
                    item,
                )
            self.alike(item, kind, lead, check_choice=False)
        has_literal = any(is_literal(item) for item in part.arguments)
        return "text" if lead == "choice" and has_literal else lead

    def must_be_text(self, item: Expression, word: str) -> None:
        kind = self.value(item)
        if kind not in ("text", "choice", None):
            shown = shorten(format_condition(item))
            hint = "compare numbers with = < >" if kind == "number" else "use = or is null"
            self.report("type-mismatch", f"{word} looks at text, and '{shown}' is a {kind}", hint,
                        item)  # fmt: skip

    # -- comparisons -----------------------------------------------------------------------------

    def comparison(self, part: Comparison) -> None:
        left, right = part.left, part.right
        if is_literal(left) and not is_literal(right):
            left, right = right, left
        self.beside(left, (right,), part.operator, ordered=part.operator not in ("=", "<>"))

    def beside(
        self, item: Expression, others: tuple[Expression, ...], word: str, *, ordered: bool
    ) -> None:
        """One value compared with others."""
        kind = self.value(item)
        kinds = [self.value(other) for other in others]
        if kind is None:
            return
        moves = is_moving(item, self.scope)
        for other, other_kind in zip(others, kinds, strict=True):
            if other_kind is None:
                self.suggest_quotes(other, kind)
                continue
            self.alike(other, other_kind, kind, check_choice=True, beside=item)
            if is_moving(other, self.scope) and not is_literal(item):
                self.moving(other, "can be compared with numbers only")
            elif moves and not is_literal(other):
                self.moving(item, "can be compared with numbers only")
        if ordered and kind in ("text", "choice", "boolean"):
            shown = shorten(format_condition(item))
            hint = "use =, <>, in, like, contains or starts_with"
            if kind == "boolean":
                hint = f"write {shown}, or not {shown}"
            self.report("order-on-text", f"'{shown}' is a {kind}, which has no order", hint, item)
        elif moves and word in ("=", "<>", "in"):
            shown = shorten(format_condition(item))
            self.faults.append(
                Fault(
                    "moving-equality",
                    f"'{shown}' passes through every number in an instant: '{word}' is no use",
                    f"write {shown} > 30, or {shown} between 30 and 60",
                    item.span,
                    severity="warning",
                )
            )

    def alike(
        self,
        other: Expression,
        kind: ValueType,
        wanted: ValueType,
        *,
        check_choice: bool,
        beside: Expression | None = None,
    ) -> None:
        """Reports a value of another type than the one it stands beside."""
        if wanted == "time" and isinstance(other, Text):
            try:
                parse_time(other.value)
            except ValueError as error:
                hint = "write a date such as '2026-06-30', or '2026-06-30T12:00:00+02:00'"
                self.report("bad-time", str(error), hint, other)
            return
        texts = ("text", "choice")
        shown = _shown(other)
        if kind != wanted and not (kind in texts and wanted in texts):
            self.report(
                "type-mismatch",
                f"{shown} is a {kind}, and it stands beside a {wanted}",
                _conversion(other, kind, wanted),
                other,
            )
        elif check_choice and isinstance(other, Text) and isinstance(beside, Name):
            self.choice(other, self.scope.get(beside.name))

    def choice(self, literal: Text, meaning: Meaning | None) -> None:
        if meaning is None or meaning.type != "choice":
            return
        fold, choices = meaning.fold, meaning.choices
        known = {choice.casefold() if fold else choice for choice in choices}
        if not known or (literal.value.casefold() if fold else literal.value) in known:
            return
        self.report(
            "unknown-choice",
            f"'{shorten(literal.value)}' is not a choice of '{meaning.name}'",
            suggestion(literal.value, choices, f"the choices are {listing(choices)}"),
            literal,
        )

    def suggest_quotes(self, other: Expression, kind: ValueType) -> None:
        """An unknown name beside a text is most often a text without quotes."""
        if not isinstance(other, Name) or kind not in ("text", "choice"):
            return
        for i, fault in enumerate(self.faults):
            if fault.code == "unknown-name" and fault.span == other.span:
                hint = f"a text stands between single quotes: '{other.name}'"
                self.faults[i] = Fault(fault.code, fault.message, hint, fault.span, fault.name)


def _shown(part: Expression) -> str:
    """A part between quotes; a text literal has its own."""
    text = shorten(format_condition(part))
    return text if isinstance(part, Text) else f"'{text}'"


def _conversion(other: Expression, kind: ValueType, wanted: ValueType) -> str:
    if isinstance(other, Text) and wanted == "number":
        return "write numbers without quotes"
    if isinstance(other, Text) and wanted == "boolean":
        return "write true or false, without quotes"
    if wanted in ("text", "choice") and is_literal(other):
        return f"put it between single quotes: '{format_condition(other)}'"
    if wanted == "time":
        return "write a date such as '2026-06-30', or use days_since(...) for days"
    if kind == "time" and wanted == "number":
        return f"use days_since({format_condition(other)})"
    return f"both sides must be of one type; this side should be a {wanted}"
