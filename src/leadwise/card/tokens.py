"""Words, numbers, texts and signs of a condition, each with its span.

`tokens(text)` refuses at once what the language does not have (comments, semicolons, double
quotes), with what to write instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.card.expression import NOWHERE, Span
from leadwise.errors import UserError

LONGEST = 10_000
"""A condition may have this many characters."""

Kind: TypeAlias = Literal["word", "number", "text", "sign", "end"]

_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LOOKS_LIKE_NUMBER = re.compile(r"[0-9.][\w.]*")
_TEXT = re.compile(r"'(?:[^']|'')*'")
_SIGN = re.compile(r"<>|!=|<=|>=|[=<>()+\-*/,]")


class ConditionError(UserError):
    """A condition that cannot be read. `span` is the place, as offsets in the condition's text."""

    def __init__(self, code: str, message: str, hint: str = "", span: Span = NOWHERE):
        super().__init__(code, message, hint=hint)
        self.span = span


@dataclass(frozen=True, slots=True)
class Token:
    """`value` is the word as written, the sign, the number's digits, or the text without quotes."""

    kind: Kind
    value: str
    span: Span

    @property
    def shown(self) -> str:
        """The token as a message names it."""
        return "the end" if self.kind == "end" else f"'{self.value}'"


def tokens(text: str) -> tuple[Token, ...]:
    """All tokens of a condition, the last of kind `end`. Raises ConditionError."""
    if len(text) > LONGEST:
        raise ConditionError(
            "condition-too-long",
            f"this condition has {len(text)} characters; the most is {LONGEST}",
            "split it over several criteria or measures",
        )
    found: list[Token] = []
    position = _skip_space(text, 0)
    while position < len(text):
        token = _token(text, position)
        found.append(token)
        position = _skip_space(text, token.span[1])
    return (*found, Token("end", "", (len(text), len(text))))


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _token(text: str, start: int) -> Token:
    _refuse_foreign(text, start)
    if text[start] == "'":
        if match := _TEXT.match(text, start):
            return Token("text", match.group()[1:-1].replace("''", "'"), match.span())
        raise ConditionError(
            "text-not-closed",
            "this text has no closing quote",
            "close it with ' ; in YAML ' #' starts a comment, and inside { } a comma ends a value: "
            "if the condition was cut there, put all of it between double quotes",
            (start, len(text)),
        )
    if text[start].isdigit() or text[start] == ".":
        return _number(text, start)
    for kind, pattern in (("word", _WORD), ("sign", _SIGN)):
        if match := pattern.match(text, start):
            value = "<>" if match.group() == "!=" else match.group()
            return Token("word" if kind == "word" else "sign", value, match.span())
    raise ConditionError(
        "condition-syntax",
        f"the character {text[start]!r} has no meaning in a condition",
        "texts stand between single quotes; the operators are = <> < <= > >= + - * / ( )",
        (start, start + 1),
    )


def _number(text: str, start: int) -> Token:
    match = _NUMBER.match(text, start)
    loose = _LOOKS_LIKE_NUMBER.match(text, start)
    end = match.end() if match else start
    if match and (loose is None or end >= loose.end()):
        if float(match.group()) == float("inf"):
            raise ConditionError(
                "bad-number", f"{match.group()} is too large for a number", span=(start, end)
            )
        return Token("number", match.group(), (start, end))
    shown = loose.group() if loose else text[start]
    raise ConditionError(
        "bad-number",
        f"'{shown}' is not a number",
        "write numbers as 12, 0.5 or 1e3: digits, a point with digits on both sides, no separators",
        (start, start + len(shown)),
    )


def _refuse_foreign(text: str, start: int) -> None:
    """Signs of SQL or of other languages that people write, and what to write instead."""
    for sign, code, message, hint in (
        ("--", "sql-comment", "a condition has no comments", "write comments in YAML, after #"),
        ("/*", "sql-comment", "a condition has no comments", "write comments in YAML, after #"),
        (";", "sql-statement", "a condition is one condition, never several statements",
         "remove ';' and what follows it"),
        ("==", "double-equals", "'==' is not an operator of conditions", "write ="),
        ("&&", "condition-syntax", "'&&' is not an operator of conditions", "write and"),
        ("||", "condition-syntax", "'||' is not an operator of conditions", "write or"),
        ("!", "condition-syntax", "'!' is not an operator of conditions", "write not, or <>"),
        ("`", "condition-syntax", "names are not quoted", "write the name by itself"),
        ("\N{LEFT SINGLE QUOTATION MARK}", "curly-quotes", "curly quotes do not mark a text",
         "write straight single quotes: '...'"),
        ("\N{RIGHT SINGLE QUOTATION MARK}", "curly-quotes", "curly quotes do not mark a text",
         "write straight single quotes: '...'"),
        ("\N{LEFT DOUBLE QUOTATION MARK}", "curly-quotes", "curly quotes do not mark a text",
         "write straight single quotes: '...'"),
    ):  # fmt: skip
        if text.startswith(sign, start) and not text.startswith("!=", start):
            raise ConditionError(code, message, hint, (start, start + len(sign)))
    if text[start] == '"':
        end = text.find('"', start + 1)
        inner = text[start + 1 : end] if end > 0 else "..."
        quoted = inner.replace("'", "''")
        raise ConditionError(
            "double-quoted",
            "double quotes do not mark a text in a condition",
            f"write single quotes: '{quoted}'",
            (start, end + 1 if end > 0 else len(text)),
        )
