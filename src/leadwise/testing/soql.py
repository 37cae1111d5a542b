"""The part of Salesforce's query language that its fake understands, read for what it is: a text in
quotes that is not escaped as it must be breaks the query, as it does there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_TOKEN = re.compile(
    r"\s+|(?P<text>'(?:\\.|[^'\\])*')|(?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w.]*)|(?P<sign><=|>=|!=|[=<>(),])"
)
_UNESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b,
    "<": lambda a, b: a is not None and a < b, ">": lambda a, b: a is not None and a > b,
    "<=": lambda a, b: a is not None and a <= b, ">=": lambda a, b: a is not None and a >= b,
    "IN": lambda a, b: a in b,
}  # fmt: skip


class MalformedError(ValueError):
    """A query that is none."""


@dataclass(slots=True)
class Query:
    """A query: names to select (`COUNT()` for their number), subqueries by their relation."""

    names: list[str] = field(default_factory=list)
    inner: list[Query] = field(default_factory=list)
    of: str = ""
    where: list[tuple[str, str, Any]] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    limit: int | None = None

    def takes(self, value_of: Callable[[str], Any]) -> bool:
        """Whether a record meets all conditions; texts are compared without regard to case."""
        return all(
            _COMPARED[operator](_plain(value_of(name)), _plain(value))
            for name, operator, value in self.where
        )


def parsed(text: str) -> Query:
    """The query that a text is. MalformedError where it is none."""
    reader = _Reader(_tokens(text))
    query = reader.query()
    if reader.left:
        raise MalformedError(f"unexpected token: {reader.left[0][1]}")
    return query


def _tokens(text: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise MalformedError(f"unexpected token at {place}: {text[place : place + 20]}")
        place = match.end()
        if match.lastgroup is None:
            continue
        said: Any = match[match.lastgroup]
        if match.lastgroup == "text":
            said = re.sub(r"\\(.)", lambda m: _UNESCAPED.get(m[1], m[1]), said[1:-1], flags=re.S)
        elif match.lastgroup == "time":
            said = datetime.fromisoformat(said)
        elif match.lastgroup == "number":
            said = float(said) if "." in said else int(said)
        found.append((match.lastgroup, said))
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, Any]]):
        self.left = tokens

    def query(self) -> Query:
        query = Query()
        self._word("SELECT")
        while True:
            if self._is("("):
                self._sign("(")
                query.inner.append(self.query())
                self._sign(")")
            else:
                name = self._name()
                if self._is("("):
                    self._sign("(")
                    self._sign(")")
                    name += "()"
                query.names.append(name)
            if not self._is(","):
                break
            self._sign(",")
        self._word("FROM")
        query.of = self._name()
        if self._says("WHERE"):
            self._word("WHERE")
            query.where.append(self._condition())
            while self._says("AND"):
                self._word("AND")
                query.where.append(self._condition())
        if self._says("ORDER"):
            self._word("ORDER")
            self._word("BY")
            self._orders(query)
        if self._says("LIMIT"):
            self._word("LIMIT")
            query.limit = int(self._next()[1])
        return query

    def _orders(self, query: Query) -> None:
        while True:
            name, down = self._name(), False
            if self._says("DESC") or self._says("ASC"):
                down = self._name().upper() == "DESC"
            query.order.append((name, down))
            if not self._is(","):
                return
            self._sign(",")

    def _condition(self) -> tuple[str, str, Any]:
        name = self._name()
        kind, operator = self._next()
        if kind == "name" and operator.upper() == "IN":
            self._sign("(")
            values = {_plain(self._value())}
            while self._is(","):
                self._sign(",")
                values.add(_plain(self._value()))
            self._sign(")")
            return name, "IN", values
        if operator not in _COMPARED:
            raise MalformedError(f"unexpected token: {operator}")
        return name, operator, self._value()

    def _value(self) -> Any:
        kind, said = self._next()
        if kind == "name":
            if said.lower() not in ("true", "false", "null"):
                raise MalformedError(f"unexpected token: {said}")
            return {"true": True, "false": False, "null": None}[said.lower()]
        if kind == "sign":
            raise MalformedError(f"unexpected token: {said}")
        return said

    def _next(self) -> tuple[str, Any]:
        if not self.left:
            raise MalformedError("unexpected end of the query")
        return self.left.pop(0)

    def _name(self) -> str:
        kind, said = self._next()
        if kind != "name":
            raise MalformedError(f"unexpected token: {said}")
        return str(said)

    def _says(self, word: str) -> bool:
        return bool(self.left) and self.left[0][0] == "name" and self.left[0][1].upper() == word

    def _word(self, word: str) -> None:
        if not self._says(word):
            raise MalformedError(f"expecting {word}")
        self.left.pop(0)

    def _is(self, sign: str) -> bool:
        return bool(self.left) and self.left[0] == ("sign", sign)

    def _sign(self, sign: str) -> None:
        if not self._is(sign):
            raise MalformedError(f"expecting {sign}")
        self.left.pop(0)


def _plain(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
