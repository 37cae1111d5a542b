"""Canonical documents as columns: one for each key and kind of value that there is.

A column is called `<place>:<key>:<kind>`: the key's place in the layout keeps names apart where
keys differ only in case (column names do not). Kinds are text, number, boolean (0 and 1) and time
(microseconds). Keys beyond the layout's limit have no column: rows that have one keep their whole
document in the column `doc`.
"""

# ruff: noqa: S608 - names are quoted, texts are literals

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.engines.duckdb import DuckDBEngine, literal, quoted
from leadwise.store.documents import is_mark

Kind: TypeAlias = Literal["text", "number", "boolean", "time"]
MOST_COLUMNS = 300
"""Keys (marks counted) that have columns: looking for a key costs a row about 15 ns."""
MOST_GROUPS = 40
"""Kinds of events whose documents are looked into each for its own keys; the rest together."""
_KINDS: tuple[Kind, ...] = ("text", "number", "boolean", "time")
# By the first sign of a JSON value: `"`; `-` and digits; `t` or `f`.
_IS: Mapping[Kind, str] = {
    "text": "ascii({0}) = 34", "number": "ascii({0}) BETWEEN 45 AND 57",
    "boolean": "ascii({0}) IN (102, 116)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: the values of one kind that a key has."""

    place: int
    key: str
    kind: Kind

    @property
    def name(self) -> str:
        return f"{self.place}:{self.key}:{self.kind}"


def column_of(name: str) -> Column | None:
    """The column of this name; None for one of the rows' own (lead_id, at_us ...)."""
    place, colon, rest = name.partition(":")
    key, _, kind = rest.rpartition(":")
    if not colon or rest == kind or not place.isdecimal():
        return None
    for known in _KINDS:
        if kind == known:
            return Column(int(place), key, known)
    return None


def keys_by_group(engine: DuckDBEngine, rows: str, group: str) -> Counter[tuple[str, str]]:
    """How often each group (an expression) of the relation's rows has each key."""
    found = engine.connection.execute(
        "SELECT g, k, count(*) FROM "
        f"(SELECT {group} AS g, unnest(json_keys(doc)) AS k FROM {rows}) GROUP BY ALL"
    ).fetchall()
    return Counter({(g, k): count for g, k, count in found})


def with_new_keys(known: Sequence[str], counts: Mapping[tuple[str, str], int]) -> tuple[str, ...]:
    """The keys that have columns: those known, then new ones, the most frequent first."""
    total: Counter[str] = Counter()
    for (_, key), count in counts.items():
        total[key] += count
    new = sorted(set(total) - set(known), key=lambda key: (-total[key], key))
    return (*known, *new)[: max(MOST_COLUMNS, len(known))]


def flatten(
    engine: DuckDBEngine,
    rows: str,
    base: Sequence[str],
    group: str,
    keys: Sequence[str],
    counts: Mapping[tuple[str, str], int] | None = None,
) -> str:
    """A SELECT of the relation `rows` (columns `base` and `doc`) with its documents as columns.

    `counts` are its `keys_by_group`, where they are known. Leaves the relation `flat_raw` behind.
    """
    if counts is None:
        counts = keys_by_group(engine, rows, group)
    places = {key: place for place, key in enumerate(keys)}
    parts = [
        _group(rows, base, condition, sorted(found), places)
        for condition, found in _groups(group, counts)
    ]
    engine.create("flat_raw", " UNION ALL BY NAME ".join(parts))
    present = sorted(places[key] for key in {key for _, key in counts} if key in places)
    columns = _columns(engine, [(place, keys[place]) for place in present])
    names = [*base]
    if any(key not in places for _, key in counts):
        names.append("doc")
    selected = [quoted(name) for name in names] + [
        f"{_value(column, alone)} AS {quoted(column.name)}" for column, alone in columns
    ]
    return f"SELECT {', '.join(selected)} FROM flat_raw"


def _groups(group: str, counts: Mapping[tuple[str, str], int]) -> list[tuple[str, set[str]]]:
    """Conditions that cover every row once, each with the keys that its rows can have."""
    sizes: Counter[str] = Counter()
    keys: dict[str, set[str]] = {}
    for (name, key), count in counts.items():
        sizes[name] += count
        keys.setdefault(name, set()).add(key)
    own = [name for name, _ in sizes.most_common(MOST_GROUPS)]
    parts = [(f"{group} = {literal(name)}", keys[name]) for name in own]
    rest: set[str] = set().union(*(found for name, found in keys.items() if name not in own))
    other = ", ".join(literal(name) for name in own)
    parts.append((f"{group} NOT IN ({other})" if own else "true", rest))
    return parts


def _group(
    rows: str, base: Sequence[str], condition: str, found: Sequence[str], places: Mapping[str, int]
) -> str:
    named = ", ".join(quoted(name) for name in base)
    known = [key for key in found if key in places]
    kept = "NULL"
    if len(known) < len(found):
        listed = ", ".join(literal(key) for key in known)
        kept = f"CASE WHEN NOT list_has_all([{listed}]::VARCHAR[], json_keys(doc)) THEN doc END"
    if not known:
        return f"SELECT {named}, CAST({kept} AS VARCHAR) AS doc FROM {rows} WHERE {condition}"
    paths = ", ".join(literal(pointer(key)) for key in known)
    values = ", ".join(f'v[{n}] AS "k{places[key]}"' for n, key in enumerate(known, 1))
    inner = (
        f"SELECT {named}, CAST({kept} AS VARCHAR) AS doc, json_extract(doc, [{paths}]) AS v "
        f"FROM {rows} WHERE {condition}"
    )
    return f"SELECT {named}, doc, {values} FROM ({inner})"


def pointer(key: str) -> str:
    """The JSON pointer of a key: a path of DuckDB's would take `*` for a wildcard."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _columns(engine: DuckDBEngine, keys: Sequence[tuple[int, str]]) -> list[tuple[Column, bool]]:
    """The columns of `flat_raw`'s keys, each with whether its key has values of no other kind."""
    if not keys:
        return []
    flags = [
        f"coalesce(bool_or({test.format(f'k{place}')}), false)"
        for place, _ in keys
        for test in _IS.values()
    ]
    (row,) = engine.connection.execute(f"SELECT {', '.join(flags)} FROM flat_raw").fetchall()
    found: list[tuple[Column, bool]] = []
    for number, (place, key) in enumerate(keys):
        there = row[number * len(_IS) : (number + 1) * len(_IS)]
        kinds = [kind for kind, is_there in zip(_IS, there, strict=True) if is_there]
        for kind in kinds:
            own: Kind = "time" if is_mark(key) and key.endswith("#t") else kind
            found.append((Column(place, key, own), len(kinds) == 1))
    return found


def _value(column: Column, alone: bool) -> str:
    raw = f"k{column.place}"
    value = {
        "text": f"({raw} ->> '$')",
        "number": f"CAST({raw} AS DOUBLE)",
        "boolean": f"CAST(CAST({raw} AS BOOLEAN) AS BIGINT)",
        "time": f"CAST({raw} AS BIGINT)",
    }[column.kind]
    # A null of JSON's is a value of no kind.
    test = _IS["number" if column.kind == "time" else column.kind].format(raw)
    return value if alone and column.kind == "text" else f"CASE WHEN {test} THEN {value} END"
