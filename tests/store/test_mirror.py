"""The mirror holds what the record holds, typed alike, however it came to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from leadwise.card.model import Card, Event, Variable
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.errors import RemoteError, UserError
from leadwise.store import schema
from leadwise.store.mirror import building, flat, following, reading
from leadwise.store.mirror import update as bring_up_to_date
from leadwise.store.mirror.folder import held
from leadwise.store.mirror.following import Updated
from leadwise.store.opening import Store
from leadwise.store.relations import rows_of_leads
from tests.databases import make_tables, postgres_database
from tests.store.record_filling import Did, Person, add_events, add_people

NOW_US = 1_800_000_000_000_000
KINDS = ("number", "text", "choice", "boolean", "time")
KEYS = ("Plan", "plan", "it's * $[0]/~ñ")
# What senders write: every kind of value, and texts that read as another.
VALUES: tuple[object, ...] = (
    None, True, False, 0, 1, 3, -2.5, 0.1, 1e300, 2**60, "", " ", "1", " 1.0 ", "1e3", "-0", "x",
    " X ", "Straße", "STRASSE", "ÀÉb", "Ꭰb", "ſ", "Yes", "TRUE", " no ", "n/a", "N/A ",
    "2026-03-29T01:00:00+02:00", " 2026-03-29 ", "a\nb", 'quo"te\\', "[1]", "😀", [1, 2],
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
    with ExitStack() as stack:
        url = str(tmp_path / "record.db")
        if request.param == "postgres":
            server = str(request.getfixturevalue("postgres_url"))
            url = stack.enter_context(postgres_database(server))
        opened = stack.enter_context(Store(url))
        _make(opened)
        yield opened


def _make(store: Store) -> None:
    make_tables(store)


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


@pytest.mark.parametrize(
    ("store", "most"),
    [("sqlite", 300), ("sqlite", 2), ("postgres", 300)],
    indirect=["store"],
    ids=["sqlite", "without columns", "postgres"],
)
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


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_it_follows_marks_merges_and_objections(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    with store.transaction() as connection:
        leads = add_people(connection, people(Random(5), 20))
    assert bring(store, folder) == Updated(True, 0, 12, 0)
    assert bring(store, folder) == Updated(False, 0, 0, 0)
    before = names(folder)
    marked, kept, merged, objected, touched = (lead for lead in leads if lead % 4 == 1)
    with store.transaction() as connection:
        events = select(schema.event.c.id).join(
            schema.identity_lead,
            schema.identity_lead.c.identity_id == schema.event.c.identity_id,
        )
        for id_ in connection.scalars(events.where(schema.identity_lead.c.lead_id == marked)).all():
            connection.execute(
                insert(schema.event_mark).values(event_id=id_, reason="test", marked_us=0)
            )
        moved = schema.identity_lead.c.lead_id == merged
        connection.execute(update(schema.identity_lead).where(moved).values(lead_id=kept))
        connection.execute(delete(schema.lead_fact).where(schema.lead_fact.c.lead_id == merged))
        connection.execute(
            update(schema.lead).where(schema.lead.c.id == merged).values(merged_into=kept)
        )
        connection.execute(
            update(schema.lead).where(schema.lead.c.id == objected).values(objected_us=5)
        )
        # A lead that waits to be scored is read again, and stays waiting.
        connection.execute(insert(schema.touched).values(lead_id=touched, cause="event", at_us=0))
        identity = schema.identity_lead.c
        owner = select(identity.identity_id).where(identity.lead_id == touched)
        add_events(connection, connection.execute(owner).scalar_one(), [Did("one", 3)])
    touch_log(store, marked, kept, merged, merged, objected)
    assert bring(store, folder) == Updated(False, 5, 3, 0)
    left = [lead for lead in leads if lead not in (merged, objected)]
    assert mirrored(store, folder, EVERY_TYPE) == recorded(store, EVERY_TYPE, left)
    assert len(names(folder) - before) == len(before - names(folder)) == 3  # one bucket's files
    with store.read() as connection:
        for table, count in ((schema.changed, 0), (schema.touched, 1)):
            rows = select(func.count()).select_from(table)
            assert connection.execute(rows).scalar_one() == count


class Killed(BaseException):
    """As if the process ended here."""


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_what_a_crash_leaves_is_removed(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    with store.transaction() as connection:
        leads = add_people(connection, people(Random(6), 12))
    bring(store, folder)
    whole = mirrored(store, folder, EVERY_TYPE)
    touch_log(store, *leads[:3])

    def killed(done: int, total: int, what: str) -> None:
        if what == "writing the mirror" and done == 2:
            raise Killed

    for anew in (False, True):
        with pytest.raises(Killed):
            bring_up_to_date(store, folder, NOW_US, killed, anew=anew)
        assert mirrored(store, folder, EVERY_TYPE) == whole
    (folder / "staging").mkdir()
    done = bring(store, folder)
    assert (done.whole, done.leads) == (False, 3)
    assert done.swept > 1
    assert len(names(folder)) == 13  # four buckets of three files, and the lock
    # A file that is gone: everything is read again.
    next(folder.glob("events-*")).unlink()
    assert bring(store, folder).whole
    assert mirrored(store, folder, EVERY_TYPE) == whole


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_buckets_grow_with_the_leads(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mirror"
    monkeypatch.setattr(building, "LEADS_IN_BUCKET", 2)
    monkeypatch.setattr(following, "LEADS_IN_BUCKET", 2)
    with store.transaction() as connection:
        first = add_people(connection, people(Random(7), 8))
    bring(store, folder)
    with reading(store, folder) as mirror:
        assert mirror.buckets == 4
    with store.transaction() as connection:
        second = add_people(connection, people(Random(8), 9))
    touch_log(store, second[0])
    assert bring(store, folder).whole
    with reading(store, folder) as mirror:
        assert mirror.buckets == 9
    assert mirrored(store, folder, EVERY_TYPE) == recorded(store, EVERY_TYPE, first + second)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_there_is_none_yet(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UserError) as missing, reading(store, tmp_path / "mirror"):
        pass
    assert missing.value.code == "mirror-missing"


def test_nobody_writes_while_others_read(tmp_path: Path) -> None:
    def refused(*, alone: bool) -> bool:
        try:
            with held(tmp_path, alone=alone, wait_s=0):
                return False
        except RemoteError:
            return True

    with held(tmp_path, alone=False):
        assert (refused(alone=True), refused(alone=False)) == (True, False)
    with held(tmp_path, alone=True):
        assert (refused(alone=True), refused(alone=False)) == (True, True)
    assert not refused(alone=True)
