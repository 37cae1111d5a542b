"""Models in the record: which of a name is in use, and studies that are old."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from leadwise.store.models import add_model, list_models, models_in_use, retire_model, use_model
from leadwise.store.opening import Store
from leadwise.store.schema import audit as audit_table
from leadwise.store.studies import Kind, ask_study, end_study, forget_studies, list_studies
from tests.databases import make_tables
from tests.records import DAY_US, NOW_US


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "leadwise.db")) as opened:
        make_tables(opened)
        yield opened


def test_a_second_model_of_a_name_waits_until_somebody_wants_it(store: Store) -> None:
    def learned(name: str) -> int:
        made = store.write(
            lambda c: add_model(c, name, 1, "logistic", "{}", {}, by="ann", now_us=NOW_US)
        )
        return made.id

    def in_use() -> tuple[int, ...]:
        with store.read() as connection:
            assert [one.id for one in list_models(connection) if one.in_use] == [
                one.id for one in list_models(connection, in_use=True)
            ]
            return tuple(sorted(models_in_use(connection)))

    first, other, second = learned("likely"), learned("other"), learned("likely")
    assert in_use() == (first, other)
    assert store.write(lambda c: use_model(c, second, by="ann", now_us=NOW_US + 1))
    assert in_use() == (other, second)
    assert not store.write(lambda c: use_model(c, second, by="ann", now_us=NOW_US + 2))
    # The one that was replaced comes back.
    assert store.write(lambda c: use_model(c, first, by="ann", now_us=NOW_US + 3))
    assert in_use() == (first, other)
    assert store.write(lambda c: retire_model(c, first, by="ann", now_us=NOW_US + 4))
    assert in_use() == (other,)
    third = learned("likely")
    assert in_use() == (other, third)
    with store.read() as connection:
        said = connection.scalars(select(audit_table.c.action).order_by(audit_table.c.id)).all()
    assert said == ["add", "add", "add", "use", "use", "retire", "add"]


def test_old_studies_go_but_the_latest_answers_stay(store: Store) -> None:
    def asked(kind: Kind, version: int, day: int, problem: str | None = None) -> int:
        at_us = NOW_US + day * DAY_US

        def work(c: Connection) -> int:
            made = ask_study(c, kind, version, "won", {}, by="x", now_us=at_us, job_id=f"{day}")
            end_study(c, made.id, at_us, None if problem else {"a": 1}, problem)
            return made.id

        return store.write(work)

    asked("calibrate", 1, 0)
    latest = asked("calibrate", 1, 1)
    asked("calibrate", 1, 2, "too few")
    other = asked("calibrate", 2, 0)
    young = asked("calibrate", 1, 9, "too few")
    before_us = NOW_US + 5 * DAY_US
    assert store.write(lambda c: forget_studies(c, before_us, 1)) == 1
    assert store.write(lambda c: forget_studies(c, before_us, 100)) == 1
    with store.read() as connection:
        left = {one.id for one in list_studies(connection)}
    assert left == {latest, other, young}
    assert store.write(lambda c: forget_studies(c, before_us, 100)) == 0
