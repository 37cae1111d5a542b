"""The conformance corpus recorded in a store and asked of it in place: the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from leadwise.store import migrations
from leadwise.store.opening import Store
from tests.corpus import cases, only
from tests.databases import postgres_database
from tests.store.recorded_corpus import ask_case, record_cases

CORPUS = list(cases())


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = str(tmp_path_factory.mktemp("corpus") / "leadwise.db")
        else:
            url = stack.enter_context(postgres_database(request.getfixturevalue("postgres_url")))
        opened = stack.enter_context(Store(url))
        migrations.upgrade(opened)
        record_cases(opened, CORPUS)
        yield opened


def test_every_case(store: Store) -> None:
    wrong = []
    with store.read() as connection:
        for place, case in enumerate(CORPUS):
            for ask, answer in zip(case.asks, ask_case(connection, place, case), strict=True):
                if only(ask.expected, answer) != ask.expected:
                    wrong.append((case.name, case.because, ask, answer))
                assert sum(answer.lines.values()) == answer.score
    assert wrong == []
