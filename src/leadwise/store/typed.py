"""How a card's type is read out of a canonical document: one meaning, said in each engine's SQL.

The meaning is that of files (`leadwise.engines.entry.cells`); what differs between engines is only
how a key of a document is looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from leadwise.card.model import Variable
from leadwise.engines.duckdb import literal
from leadwise.engines.entry.cells import folded
from leadwise.store.documents import NUMBER

TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0")


class Lookup(Protocol):
    """How an engine looks up a key of a document; every answer is an SQL expression."""

    def is_number(self, key: str) -> str:
        """A condition: the value is a number."""

    def is_text(self, key: str) -> str:
        """A condition: the value is a text."""

    def is_boolean(self, key: str) -> str:
        """A condition: the value is true or false."""

    def number(self, key: str) -> str:
        """The value as a double, where it is a number."""

    def text(self, key: str) -> str:
        """The value as text, where it is a text or a whole number."""

    def boolean(self, key: str) -> str:
        """1 or 0, where it is true or false."""

    def whole(self, key: str) -> str:
        """The value as a whole number, where it is one."""

    def lower(self, text: str) -> str:
        """A text (an expression) with A to Z as a to z, and nothing else."""


def typed(variable: Variable, of: Lookup) -> str:
    """The SQL of a variable's value: DOUBLE, BIGINT or text, NULL where it is not known."""
    key = variable.source
    match variable.type:
        case "number":
            return _case(
                (of.is_number(key), _unless(of.number(key), _numbers(variable))),
                (of.is_text(key), _known(variable, of, of.number(f"{key}#n"))),
            )
        case "boolean":
            said = of.lower(_trimmed(key, of))
            spoken = _case((f"{said} IN {_list(TRUE)}", "1"), (f"{said} IN {_list(FALSE)}", "0"))
            one = f"CASE {of.number(key)} WHEN 1 THEN 1 WHEN 0 THEN 0 END"
            return _case(
                (of.is_boolean(key), of.boolean(key)),
                (of.is_number(key), _unless(one, _numbers(variable), of.number(key))),
                (of.is_text(key), _known(variable, of, spoken)),
            )
        case "time":
            return _case((of.is_text(key), _known(variable, of, of.whole(f"{key}#t"))))
        case "text":
            return _text(variable, of)
        case "choice":
            choices = _list([folded(choice, variable.fold) for choice in variable.choices])
            found = _text(variable, of)
            return f"CASE WHEN {found} IN {choices} THEN {found} END"


def _text(variable: Variable, of: Lookup) -> str:
    key = variable.source
    whole = f"{of.number(key)} = floor({of.number(key)}) AND abs({of.number(key)}) < {2**53}"
    number = f"CASE WHEN {whole} THEN {of.text(key)} ELSE {of.text(f'{key}#s')} END"
    own = of.text(key)
    if variable.fold:
        own = f"coalesce({of.text(f'{key}#f')}, {of.lower(own)})"
    spoken = f"CASE {of.boolean(key)} WHEN 1 THEN 'true' ELSE 'false' END"
    return _case(
        (of.is_text(key), _known(variable, of, own)),
        (of.is_number(key), _unless(number, _numbers(variable), of.number(key))),
        (of.is_boolean(key), spoken),
    )


def _case(*branches: tuple[str, str]) -> str:
    return "CASE " + " ".join(f"WHEN {when} THEN {then}" for when, then in branches) + " END"


def _known(variable: Variable, of: Lookup, value: str) -> str:
    """`value`, or NULL where the text is one of the card's `nulls`."""
    fold = variable.fold and variable.type in ("text", "choice")
    nulls = [folded(null.strip(), fold) for null in variable.nulls]
    if not nulls:
        return value
    key = variable.source
    said = _trimmed(key, of)
    if fold:
        said = f"coalesce({of.text(f'{key}#g')}, {of.text(f'{key}#f')}, {of.lower(said)})"
    return f"CASE WHEN {said} NOT IN {_list(nulls)} THEN {value} END"


def _trimmed(key: str, of: Lookup) -> str:
    return f"coalesce({of.text(f'{key}#r')}, {of.text(key)})"


def _numbers(variable: Variable) -> list[str]:
    """The `nulls` that can be meant by a number."""
    nulls = [null.strip() for null in variable.nulls]
    return [repr(float(null)) for null in nulls if NUMBER.fullmatch(null)]


def _unless(value: str, numbers: list[str], number: str | None = None) -> str:
    if not numbers:
        return value
    return f"CASE WHEN {number or value} NOT IN ({', '.join(numbers)}) THEN {value} END"


def _list(texts: list[str] | tuple[str, ...]) -> str:
    return "(" + ", ".join(literal(text) for text in texts) + ")" if texts else "(NULL)"


@dataclass(frozen=True, slots=True)
class SQLiteLookup:
    """`doc` is a column of JSON text."""

    doc: str

    def is_number(self, key: str) -> str:
        return f"json_type({self.doc}, {self._path(key)}) IN ('integer', 'real')"

    def is_text(self, key: str) -> str:
        return f"json_type({self.doc}, {self._path(key)}) = 'text'"

    def is_boolean(self, key: str) -> str:
        return f"json_type({self.doc}, {self._path(key)}) IN ('true', 'false')"

    def number(self, key: str) -> str:
        return f"CAST({self._value(key)} AS REAL)"

    def text(self, key: str) -> str:
        return f"CAST({self._value(key)} AS TEXT)"

    def boolean(self, key: str) -> str:
        return self._value(key)

    def whole(self, key: str) -> str:
        return self._value(key)

    def lower(self, text: str) -> str:
        return f"lower({text})"

    def _value(self, key: str) -> str:
        return f"({self.doc} ->> {self._path(key)})"

    def _path(self, key: str) -> str:
        return literal(f'$."{key}"') if speakable(key) else "'$.\"\"'"


@dataclass(frozen=True, slots=True)
class PostgresLookup:
    """`doc` is a column of JSONB. Texts compare by code points."""

    doc: str

    def is_number(self, key: str) -> str:
        return f"jsonb_typeof({self.doc} -> {literal(key)}) = 'number'"

    def is_text(self, key: str) -> str:
        return f"jsonb_typeof({self.doc} -> {literal(key)}) = 'string'"

    def is_boolean(self, key: str) -> str:
        return f"jsonb_typeof({self.doc} -> {literal(key)}) = 'boolean'"

    def number(self, key: str) -> str:
        return f"CAST({self._value(key)} AS DOUBLE PRECISION)"

    def text(self, key: str) -> str:
        return f'({self._value(key)} COLLATE "C")'

    def boolean(self, key: str) -> str:
        return f"CAST(CAST({self._value(key)} AS BOOLEAN) AS INTEGER)"

    def whole(self, key: str) -> str:
        return f"CAST({self._value(key)} AS BIGINT)"

    def lower(self, text: str) -> str:
        return f"lower({text})"

    def _value(self, key: str) -> str:
        return f"({self.doc} ->> {literal(key)})"


def speakable(key: str) -> bool:
    """Whether a document can have this key at all (`documents.canonical` lets no other in)."""
    return re.search(r'["\\\x00-\x1f]', key) is None
