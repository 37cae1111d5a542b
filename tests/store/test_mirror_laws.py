"""Random cards over random histories: the mirror answers what the record answers in place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from leadwise.card.model import Card
from leadwise.live.everybody import answers_sql
from leadwise.live.scoring import Pace, Rows, add_rows
from leadwise.live.taking import Why
from leadwise.store import schema
from leadwise.store.cards import CardVersion
from leadwise.store.mirror import reading, update
from leadwise.store.opening import Store
from leadwise.store.relations import ask_ledgers
from tests.histories import Lead, When, leads, moments
from tests.many import of_hundred
from tests.store.record_filling import add_people, person_of
from tests.strategies import EVENTS, FIELDS, cards

PROPERTIES = {event.name: event.properties for event in EVENTS}
TABLES = (
    schema.event, schema.lead_fact, schema.identity_lead, schema.identity, schema.lead,
    schema.mirror_file, schema.meta,
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path):
    with Store(str(tmp_path / "record.db")) as opened:
        with opened.transaction() as connection:
            schema.metadata.create_all(connection)
        yield opened


@settings(
    max_examples=of_hundred(3),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(cards(), min_size=3, max_size=3), st.lists(leads(), min_size=8, max_size=8), moments()
)
def test_the_mirror_answers_as_the_record_does(
    store: Store, tmp_path: Path, some: list[Card], groups: list[list[Lead]], when: When
) -> None:
    with store.transaction() as connection:
        for table in TABLES:
            connection.execute(delete(table))
        people = [person_of(one, FIELDS, PROPERTIES) for group in groups for one in group]
        ids = add_people(connection, people)
    folder = tmp_path / "mirror"
    update(store, folder, when.as_of_us, lambda done, total, what: None)
    with reading(store, folder) as mirror, mirror.engine() as engine:
        for card in some:
            mirror.relate(engine, card)
            found = engine.connection.execute(answers_sql(card, when.as_of_us)).fetchall()
            assert [row[:-1] for row in found] == in_place(store, card, ids, when.as_of_us)


def in_place(store: Store, card: Card, ids: list[int], as_of_us: int) -> list[tuple[object, ...]]:
    """What the scorer would write, in the columns of `answers_sql` but for the last."""

    class Version:
        id, status = 1, "draft"

        def __init__(self) -> None:
            self.card = card

    version: CardVersion = Version()
    rows = Rows([], [], [])
    with store.read() as connection:
        for answer in ask_ledgers(connection, card, [(i, i, as_of_us, as_of_us) for i in ids]):
            add_rows(rows, version, answer, None, (), Why("event", None, as_of_us), Pace())
    places = [1, 3, 4, 5, 6, 7, 8, 12]  # of lead_id, score ... totals, stable_until_us
    return sorted(tuple(row[place] for place in places) for row in rows.scores)
