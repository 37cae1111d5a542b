"""Reading a condition: `parse_condition(text) -> Expression`.

Precedence, loosest first: or, and, not, comparison (with in, between, like, is), + -, * /, unary
minus. `and` and `or` are flat: `a and b and c` is one And of three. What the language does not have
is refused with its place and what to write instead.
"""

from __future__ import annotations

import re

from leadwise.card.expression import (
    And,
    Arithmetic,
    ArithmeticOperator,
    Between,
    Boolean,
    Call,
    Comparison,
    ComparisonOperator,
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
from leadwise.card.model import NAME
from leadwise.card.nearest import suggestion
from leadwise.card.nesting import refuse_deep, too_deep
from leadwise.card.tokens import ConditionError, Token, tokens
from leadwise.card.vocabulary import AFTER_OPERAND, DEEPEST, FUNCTIONS, KEYWORDS, REFUSED

_ARITHMETIC: dict[str, ArithmeticOperator] = {"+": "+", "-": "-", "*": "*", "/": "/"}
_COMPARISONS: dict[str, ComparisonOperator] = {
    "=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _UNARY = 1, 2, 3, 4, 5, 6, 7


def parse_condition(text: str) -> Expression:
    """The tree of a condition. Raises ConditionError (code, message, hint, span)."""
    parser = _Parser(tokens(text))
    if parser.ended():
        raise ConditionError("empty-condition", "the condition is empty", "write one, or remove it")
    tree = parser.expression(0)
    if not parser.ended():
        raise parser.unexpected()
    refuse_deep(tree)
    return tree


class _Parser:
    """A precedence climber over the tokens of one condition."""

    def __init__(self, stream: tuple[Token, ...]):
        self.stream = stream
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.stream[self.position]

    def word(self, offset: int = 0) -> str:
        """The lower-case word at this place, or an empty text."""
        token = self.stream[min(self.position + offset, len(self.stream) - 1)]
        return token.value.lower() if token.kind == "word" else ""

    def ended(self) -> bool:
        return self.token.kind == "end"

    def is_sign(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.value in signs

    def take(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.position += 1
        return token

    def expect(self, sign: str, after: str) -> Token:
        if not self.is_sign(sign):
            raise ConditionError(
                "condition-syntax",
                f"expected '{sign}' {after}, found {self.token.shown}",
                _cut_hint(self.token),
                self.token.span,
            )
        return self.take()

    def unexpected(self) -> ConditionError:
        token, word = self.token, self.word()
        if word in AFTER_OPERAND:
            return ConditionError(
                "not-in-language", f"conditions have no '{word}'", AFTER_OPERAND[word], token.span
            )
        if token.kind in ("word", "number", "text"):
            hint = "join conditions with and or or; put texts between single quotes"
        elif token.kind == "sign" and token.value == ")":
            hint = "this ')' closes nothing: remove it, or open one before"
        else:
            hint = "a comparison looks like: company_size >= 100"
        return ConditionError(
            "condition-syntax", f"did not expect {token.shown} here", hint, token.span
        )

    # -- operators -------------------------------------------------------------------------------

    def expression(self, level: int) -> Expression:
        """An expression whose operators all bind tighter than `level`."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise too_deep(self.token.span)
        if level >= _COMPARISON and self.word() == "not":
            raise ConditionError(
                "condition-syntax",
                "'not' cannot stand beside a comparison or arithmetic sign",
                "put parentheses around it: a = (not b)",
                self.token.span,
            )
        left = self.prefix()
        while (binding := self.binding()) > level:
            left = self.infix(left, binding)
        self.depth -= 1
        return left

    def binding(self) -> int:
        if self.token.kind == "sign":
            if self.token.value in ("+", "-"):
                return _SUM
            if self.token.value in ("*", "/"):
                return _PRODUCT
            return 0 if self.token.value in ("(", ")", ",") else _COMPARISON
        word = self.word()
        if word == "not":
            return _COMPARISON if self.word(1) in ("in", "like", "between") else 0
        return {
            "or": _OR,
            "and": _AND,
            "in": _COMPARISON,
            "like": _COMPARISON,
            "between": _COMPARISON,
            "is": _COMPARISON,
        }.get(word, 0)

    def infix(self, left: Expression, binding: int) -> Expression:
        start = left.span[0]
        if binding in (_OR, _AND):
            return self.chain(left, binding)
        if binding == _COMPARISON:
            made = self.comparison(left)
            if self.binding() == _COMPARISON:
                raise ConditionError(
                    "condition-syntax",
                    "comparisons do not chain",
                    "write x between 1 and 5, or join two comparisons with and",
                    self.token.span,
                )
            return made
        operator = self.take().value
        right = self.expression(binding)
        span = (start, self.end())
        return Arithmetic(_ARITHMETIC[operator], left, right, span)

    def chain(self, left: Expression, binding: int) -> Expression:
        """All operands of one `and` or `or`, flat."""
        word = "and" if binding == _AND else "or"
        items = [left]
        while self.word() == word:
            self.take()
            items.append(self.expression(binding))
        kind = And if binding == _AND else Or
        flat = tuple(
            part for item in items for part in (item.items if isinstance(item, kind) else (item,))
        )
        return kind(flat, (left.span[0], self.end()))

    def comparison(self, left: Expression) -> Expression:
        start = left.span[0]
        if self.token.kind == "sign":
            return self.simple_comparison(left)
        negated = self.word() == "not"
        if negated:
            self.take()
        match self.take().value.lower():
            case "in":
                values = self.values()
                return In(left, values, negated, (start, self.end()))
            case "like":
                pattern = self.text_literal("like", "like '/pricing%'")
                return Like(left, pattern, negated, (start, self.end()))
            case "between":
                low = self.expression(_COMPARISON)
                if self.word() != "and":
                    raise ConditionError(
                        "condition-syntax",
                        f"expected 'and' in between, found {self.token.shown}",
                        "write x between 1 and 5",
                        self.token.span,
                    )
                self.take()
                high = self.expression(_COMPARISON)
                return Between(left, low, high, negated, (start, self.end()))
            case _:
                return self.null_test(left)

    def simple_comparison(self, left: Expression) -> Expression:
        sign = self.take()
        if self.word() == "null":
            raise ConditionError(
                "equals-null",
                "a comparison with null can never be decided",
                "write is not null" if sign.value == "<>" else "write is null",
                (sign.span[0], self.token.span[1]),
            )
        right = self.expression(_COMPARISON)
        span = (left.span[0], self.end())
        return Comparison(_COMPARISONS[sign.value], left, right, span)

    def null_test(self, left: Expression) -> Expression:
        negated = self.word() == "not"
        if negated:
            self.take()
        if self.word() != "null":
            word = "is not" if negated else "is"
            raise ConditionError(
                "condition-syntax",
                f"expected 'null' after '{word}', found {self.token.shown}",
                "write is null or is not null; compare with = otherwise",
                self.token.span,
            )
        self.take()
        return IsNull(left, negated, (left.span[0], self.end()))

    # -- operands --------------------------------------------------------------------------------

    def prefix(self) -> Expression:
        token, word = self.token, self.word()
        if word == "not":
            self.take()
            return Not(self.expression(_NOT - 1), (token.span[0], self.end()))
        if self.is_sign("-"):
            self.take()
            return Negative(self.expression(_UNARY), (token.span[0], self.end()))
        if self.is_sign("+"):
            raise ConditionError(
                "condition-syntax", "a number has no sign +", "leave the + out", token.span
            )
        if self.is_sign("("):
            self.take()
            inner = self.expression(0)
            self.expect(")", "to close '('")
            return inner
        match token.kind:
            case "number":
                return Number(float(self.take().value), token.span)
            case "text":
                return Text(self.take().value, token.span)
            case "word":
                return self.named(word)
            case _:
                raise self.unexpected()

    def named(self, word: str) -> Expression:
        token = self.token
        if word in REFUSED:
            raise ConditionError(
                "not-in-language", f"conditions have no '{word}'", REFUSED[word], token.span
            )
        if word in ("true", "false"):
            self.take()
            return Boolean(word == "true", token.span)
        if word == "null":
            raise ConditionError(
                "equals-null",
                "null is not a value that a condition can use",
                "write x is null or x is not null",
                token.span,
            )
        if word in KEYWORDS:
            raise self.unexpected()
        self.take()
        if self.is_sign("("):
            return self.call(token)
        if not re.fullmatch(NAME, token.value):
            raise ConditionError(
                "bad-name",
                f"'{token.value}' cannot be a name",
                "names are lower case: a letter a to z, then letters, digits and _; "
                "a text stands between single quotes",
                token.span,
            )
        return Name(token.value, token.span)

    def call(self, token: Token) -> Expression:
        function = next((f for f in FUNCTIONS if f == token.value.lower()), None)
        if function is None:
            known = "the functions are " + ", ".join(FUNCTIONS)
            raise ConditionError(
                "unknown-function",
                f"conditions have no function '{token.value}'",
                suggestion(token.value.lower(), FUNCTIONS, known),
                token.span,
            )
        self.take()
        arguments: list[Expression] = []
        while not self.is_sign(")"):
            arguments.append(self.expression(0))
            if not self.is_sign(")"):
                self.expect(",", f"or ')' in {function}")
                if self.is_sign(")"):
                    raise self.unexpected()
        self.take()
        span = (token.span[0], self.end())
        wanted = {"lower": 1, "days_since": 1, "contains": 2, "starts_with": 2}.get(function)
        fits = len(arguments) == wanted if wanted else len(arguments) >= 2
        if fits and function in ("contains", "starts_with"):
            fits = isinstance(arguments[1], Text)
        if not fits:
            raise ConditionError(
                "wrong-arguments",
                f"'{function}' does not take these arguments",
                f"write {FUNCTIONS[function]}",
                span,
            )
        return Call(function, tuple(arguments), span)

    def values(self) -> tuple[Expression, ...]:
        """The literals in the parentheses of `in`."""
        self.expect("(", "after in")
        if self.word() == "select":
            raise ConditionError(
                "not-in-language", "conditions have no 'select'", REFUSED["select"], self.token.span
            )
        found = [self.literal()]
        while self.is_sign(","):
            self.take()
            found.append(self.literal())
        self.expect(")", "to close the list")
        return tuple(found)

    def literal(self) -> Expression:
        start, word = self.token, self.word()
        if word in ("true", "false"):
            return Boolean(self.take().value.lower() == "true", start.span)
        if start.kind == "text":
            return Text(self.take().value, start.span)
        negative = self.is_sign("-")
        if negative:
            self.take()
        if self.token.kind == "number":
            number = Number(float(self.token.value), self.take().span)
            return Negative(number, (start.span[0], self.end())) if negative else number
        hint = "write numbers, or texts between single quotes"
        if word == "null":
            hint = "null is in no list: add or x is null"
        elif start.kind == "word":
            hint = f"a text stands between single quotes: '{start.value}'"
        raise ConditionError(
            "condition-syntax",
            f"expected a value in the list, found {self.token.shown}",
            _cut_hint(self.token) or hint,
            self.token.span,
        )

    def text_literal(self, word: str, example: str) -> str:
        if self.token.kind != "text":
            raise ConditionError(
                "condition-syntax",
                f"expected a text between single quotes after {word}, found {self.token.shown}",
                f"for example {example}",
                self.token.span,
            )
        return self.take().value

    def end(self) -> int:
        """Where the last token taken ended."""
        return self.stream[self.position - 1].span[1] if self.position else 0


def _cut_hint(token: Token) -> str:
    if token.kind != "end":
        return ""
    return (
        "inside { } YAML ends a value at a comma: "
        "if the condition was cut there, put all of it between double quotes"
    )
