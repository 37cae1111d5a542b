"""How a card's type is read out of the mirror's columns, with the meaning of `store.typed`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from leadwise.card.expression import names
from leadwise.card.model import Card, OccurrenceCriterion, ValueType, Variable
from leadwise.engines.duckdb import literal, quoted
from leadwise.plan.slots import properties
from leadwise.store.mirror.flat import Column, Kind, column_of, pointer
from leadwise.store.typed import typed

_TYPES: dict[ValueType, str] = {
    "number": "DOUBLE", "boolean": "BIGINT", "time": "BIGINT", "text": "VARCHAR",
    "choice": "VARCHAR",
}  # fmt: skip
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_JSON_NUMBERS = "('UBIGINT', 'BIGINT', 'DOUBLE', 'HUGEINT', 'UHUGEINT')"


@dataclass(frozen=True, slots=True)
class DuckDBLookup:
    """A key of a file's rows; `lookup_of` makes it. A key without a column is in `doc`, if at all.

    `columns` has the columns that the file has; `placed` the keys that would have one.
    """

    columns: dict[tuple[str, Kind], Column]
    placed: frozenset[str]
    has_doc: bool

    def is_number(self, key: str) -> str:
        if self._in_doc(key):
            return f"json_type(doc, {self._path(key)}) IN {_JSON_NUMBERS}"
        return self._there(key, "number")

    def is_text(self, key: str) -> str:
        if self._in_doc(key):
            return f"json_type(doc, {self._path(key)}) = 'VARCHAR'"
        return self._there(key, "text")

    def is_boolean(self, key: str) -> str:
        if self._in_doc(key):
            return f"json_type(doc, {self._path(key)}) = 'BOOLEAN'"
        return self._there(key, "boolean")

    def number(self, key: str) -> str:
        if self._in_doc(key):
            return f"TRY_CAST((doc ->> {self._path(key)}) AS DOUBLE)"
        return self._column(key, "number")

    def text(self, key: str) -> str:
        if self._in_doc(key):
            return f"(doc ->> {self._path(key)})"
        number = self._column(key, "number")
        if number == "NULL":
            return self._column(key, "text")
        whole = f"CAST(TRY_CAST({number} AS BIGINT) AS VARCHAR)"
        return f"CASE WHEN {number} IS NOT NULL THEN {whole} ELSE {self._column(key, 'text')} END"

    def boolean(self, key: str) -> str:
        if self._in_doc(key):
            return f"CAST(TRY_CAST((doc ->> {self._path(key)}) AS BOOLEAN) AS BIGINT)"
        return self._column(key, "boolean")

    def whole(self, key: str) -> str:
        if self._in_doc(key):
            return f"TRY_CAST((doc ->> {self._path(key)}) AS BIGINT)"
        return self._column(key, "time")

    def lower(self, text: str) -> str:
        # DuckDB's own is quick and knows all scripts: A to Z are all there is where each sign is a
        # byte.
        return (
            f"CASE WHEN strlen({text}) = length({text}) THEN lower({text}) "
            f"ELSE translate({text}, '{UPPER}', '{UPPER.lower()}') END"
        )

    def plain(self, key: str, kind: Kind) -> bool:
        """Whether the key has no values but those of one kind, so that nothing has to be picked."""
        others = {"text", "number", "boolean"} - {kind}
        return not self._in_doc(key) and not any((key, other) in self.columns for other in others)

    def has(self, key: str) -> bool:
        return self._in_doc(key) or any(of == key for of, _ in self.columns)

    def _in_doc(self, key: str) -> bool:
        return self.has_doc and key not in self.placed

    def _there(self, key: str, kind: Kind) -> str:
        column = self.columns.get((key, kind))
        return f"{quoted(column.name)} IS NOT NULL" if column else "false"

    def _column(self, key: str, kind: Kind) -> str:
        column = self.columns.get((key, kind))
        return quoted(column.name) if column else "NULL"

    @staticmethod
    def _path(key: str) -> str:
        return literal(pointer(key))


def lookup_of(there: Iterable[str], placed: Iterable[str]) -> DuckDBLookup:
    """The look-up in a file with columns of these names, made under a layout with these keys."""
    there = list(there)
    columns = [column for column in map(column_of, there) if column is not None]
    return DuckDBLookup(
        {(column.key, column.kind): column for column in columns}, frozenset(placed), "doc" in there
    )


def typed_column(variable: Variable, of: DuckDBLookup) -> str:
    """The SQL of a variable's value, as cheap as what the file has of it allows."""
    return f"CAST({_shortest(variable, of)} AS {_TYPES[variable.type]})"


def _shortest(variable: Variable, of: DuckDBLookup) -> str:
    key = variable.source
    if not of.has(key):
        return "NULL"
    if not variable.nulls:
        if variable.type == "number" and of.plain(key, "number"):
            return of.number(key)
        if variable.type == "boolean" and of.plain(key, "boolean"):
            return of.boolean(key)
        if variable.type == "time" and of.plain(key, "text"):
            return of.whole(f"{key}#t")
        if variable.type == "text" and of.plain(key, "text"):
            own = of.lower(of.text(key)) if variable.fold else of.text(key)
            folds = variable.fold and of.has(f"{key}#f")
            return f"coalesce({of.text(f'{key}#f')}, {own})" if folds else own
    return typed(variable, of)


def event_columns(card: Card, of: DuckDBLookup) -> list[str]:
    """The card's properties. One that an event has without declaring it is hidden only where a
    criterion or measure asks events that declare it together with such that do not."""
    found = []
    mixed = _mixed(card)
    for variable in properties(card).values():
        value = typed_column(variable, of)
        if variable.name in mixed and value != "NULL":
            kinds = ", ".join(literal(kind) for kind in _declaring(card, variable.name))
            value = f"CASE WHEN event IN ({kinds}) THEN {value} END"
        found.append(f"{value} AS {quoted(variable.name)}")
    return found


def _declaring(card: Card, name: str) -> list[str]:
    return [e.name for e in card.events if any(p.name == name for p in e.properties)]


def _mixed(card: Card) -> set[str]:
    asked = [(measure.occurrences, measure.property) for measure in card.measures] + [
        (criterion.occurrences, criterion.distinct)
        for criterion in card.criteria
        if isinstance(criterion, OccurrenceCriterion)
    ]
    found: set[str] = set()
    for occurrences, own in asked:
        kinds = {e.name for e in card.events if "any" in occurrences.on or e.name in occurrences.on}
        read = {own or "", *(names(occurrences.where) if occurrences.where else ())}
        for name in read & set(properties(card)):
            if not kinds <= set(_declaring(card, name)):
                found.add(name)
    return found
