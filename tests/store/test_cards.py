"""Versions of cards in the record."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadwise.errors import CardError, UserError
from leadwise.store.cards import (
    add_version,
    get_version,
    list_versions,
    live_version,
    set_status,
    versions_to_score,
)
from leadwise.store.opening import Store
from leadwise.store.schema import metadata

CARD = """
card: short
version: 1
events: {visit: }
dimensions:
  - id: interest
    criteria:
      - id: visits
        on: visit
        points: 5
"""


@pytest.fixture
def store(tmp_path: Path):
    with Store(str(tmp_path / "record.db")) as opened:
        with opened.transaction() as connection:
            metadata.create_all(connection)
        yield opened


def test_a_version_is_a_content_under_a_subject(store: Store) -> None:
    def add(text: str, subject="lead"):
        return store.write(
            lambda c: add_version(c, text, subject=subject, by="ana", now_us=5), alone=True
        )

    first = add(CARD)
    assert (first.name, first.number, first.status, first.created_us) == ("short", 1, "draft", 5)
    assert add(CARD + "\n# a comment\n") == first
    other = add(CARD.replace("points: 5", "points: 6"))
    assert other.id != first.id
    assert add(CARD, "account").id not in (first.id, other.id)
    with store.read() as connection:
        assert get_version(connection, other.id).card.criteria[0].points == 600
        assert [v.id for v in list_versions(connection, "lead")] == [other.id, first.id]
        with pytest.raises(UserError) as unknown:
            get_version(connection, 99)
    assert unknown.value.code == "card-version-unknown"


def test_a_text_with_problems_is_refused_with_all_of_them(store: Store) -> None:
    wrong = CARD.replace("points: 5", "points: many").replace("on: visit", "on: visits")
    with pytest.raises(CardError) as refused:
        store.write(lambda c: add_version(c, wrong, subject="lead", by="ana", now_us=1))
    assert len(refused.value.problems) == 2
    with store.read() as connection:
        assert list_versions(connection) == ()


def test_what_scores_is_the_live_version_and_then_what_is_being_published(store: Store) -> None:
    def work(connection):
        versions = [
            add_version(connection, CARD.replace("5", str(n)), subject="lead", by="a", now_us=n)
            for n in range(1, 5)
        ]
        for version, status in zip(
            versions, ("publishing", "live", "shadow", "retired"), strict=True
        ):
            set_status(connection, version.id, status, why="because")
        return versions

    one, two, *_ = store.write(work)
    with store.read() as connection:
        assert [v.id for v in versions_to_score(connection)] == [two.id, one.id]
        live = live_version(connection)
        assert live is not None
        assert (live.id, live.why) == (two.id, "because")
        assert live_version(connection, "account") is None
