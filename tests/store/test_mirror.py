"""The mirror holds what the record holds, typed alike, however it came to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from leadwise.card.model import Card, Event, Variable
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.plan import ALWAYS
from leadwise.store import schema
from leadwise.store.mirror import flat, following, reading
from leadwise.store.mirror import update as bring_up_to_date
from leadwise.store.mirror.following import Updated
from leadwise.store.opening import Store
from leadwise.store.relations import rows_of_leads
from tests.databases import postgres_database
from tests.store.record_filling import Did, Person, add_events, add_people

NOW_US = 1_800_000_000_000_000
KINDS = ("number", "text", "choice", "boolean", "time")
KEYS = ("Plan", "plan", "a.b", "it's * $[0]/~", "ñ")
# What senders write: every kind of value, and texts that read as another.
VALUES: tuple[object, ...] = (
    None, True, False, 0, 1, 3, -2.5, 0.1, 1e300, 2**60, "", " ", "1", " 1.0 ", "1e3", "-0", "x",
    " X ", "Straße", "ſ", "Yes", "TRUE", " no ", "n/a", "N/A ", "2026-03-29T01:00:00+02:00",
    " 2026-03-29 ", "a\nb", 'quo"te\\', "[1]", "😀", [1, 2],
)  # fmt: skip


def people(random: Random, count: int) -> list[Person]:
    """Whose every key has every kind of value, somewhere."""

    def doc() -> dict[str, object]:
        keys = random.sample((*KEYS, "seldom", "never"), random.randint(0, 4))
        return {key: random.choice(VALUES) for key in keys}

    def did() -> Did:
        return Did(random.choice(("one", "two", "gossip")), random.randint(0, 9), doc())

    return [
        Person(
            [(n * 10, doc()) for n in range(random.randint(0, 3))],
            [did() for _ in range(random.randint(0, 8))],
        )
        for _ in range(count)
    ]


def variables() -> tuple[Variable, ...]:
    """Every key under every type, with and without `nulls` and `fold`."""
    found = []
    for number, (key, kind) in enumerate((k, t) for k in KEYS for t in KINDS):
        choices = ("x", "Straße", "1", "true") if kind == "choice" else ()
        found.append(Variable(f"v{number}", kind, key, choices=choices))
        fold = kind in ("text", "choice")
        folded = ("x", "strasse", "1") if kind == "choice" else ()
        nulls = ("n/a", "1", "-2.5")
        found.append(Variable(f"w{number}", kind, key, choices=folded, nulls=nulls, fold=fold))
    return tuple(found)


WORDS = variables()
EVERY_TYPE = Card("every", 1, (), fields=WORDS, events=(Event("one", WORDS), Event("two", WORDS)))


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        with Store(str(tmp_path / "record.db")) as opened:
            _make(opened)
            yield opened
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server) as url, Store(url) as opened:
            _make(opened)
            yield opened


def _make(store: Store) -> None:
    with store.transaction() as connection:
        schema.metadata.create_all(connection)


def bring(store: Store, folder: Path, **more: Any) -> Updated:
    return bring_up_to_date(store, folder, NOW_US, lambda done, total, what: None, **more)


def mirrored(store: Store, folder: Path, card: Card) -> tuple[list[Any], list[Any], list[Any]]:
    with reading(store, folder) as mirror, DuckDBEngine() as engine:
        mirror.relate(engine, card)
        kinds = ", ".join(f"'{event.name}'" for event in card.events)
        return (
            _rows(engine.connection.sql("FROM leads").to_arrow_table().to_pylist()),
            _rows(engine.connection.sql("FROM facts").to_arrow_table().to_pylist()),
            _rows(
                engine.connection.sql(f"FROM events WHERE event IN ({kinds})")
                .to_arrow_table()
                .to_pylist()
            ),
        )


def recorded(store: Store, card: Card, leads: list[int]) -> tuple[list[Any], list[Any], list[Any]]:
    with store.read() as connection:
        facts, events = rows_of_leads(connection, card, leads)
    return _rows([{"lead_id": lead} for lead in leads]), _rows(facts), _rows(events)


def _rows(rows: list[dict[str, Any]]) -> list[Any]:
    return sorted(
        (tuple(sorted((k, v) for k, v in row.items())) for row in rows),
        key=repr,
    )


def touch_log(store: Store, *leads: int) -> None:
    with store.transaction() as connection:
        connection.execute(insert(schema.changed), [{"lead_id": lead} for lead in leads])


@pytest.mark.parametrize("most", [300, 2], ids=["columns", "documents"])
def test_every_type_reads_alike(
    store: Store, tmp_path: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flat, "MOST_COLUMNS", most)
    monkeypatch.setattr(flat, "MOST_GROUPS", 2)
    folder, random = tmp_path / "mirror", Random(most)
    with store.transaction() as connection:
        first = add_people(connection, people(random, 150))
    assert bring(store, folder).whole
    assert mirrored(store, folder, EVERY_TYPE) == recorded(store, EVERY_TYPE, first)
    with store.transaction() as connection:
        second = add_people(connection, people(random, 30))
    touch_log(store, *second)
    assert not bring(store, folder).whole
    assert mirrored(store, folder, EVERY_TYPE) == recorded(store, EVERY_TYPE, first + second)
