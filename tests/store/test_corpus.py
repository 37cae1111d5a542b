"""The conformance corpus recorded in a store and asked of it in place: the same answers.

`make test` asks a third of it of each store, and not the same third; `make laws` all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from leadwise.store.opening import Store
from tests.corpus import Case, only
from tests.databases import make_tables, postgres_database
from tests.store.recorded_corpus import ask_case, record_cases, some_cases

CORPUS = {"sqlite": some_cases(0, 3), "postgres": some_cases(1, 3)}
Recorded = tuple[Store, list[Case]]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Recorded]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = str(tmp_path_factory.mktemp("corpus") / "leadwise.db")
        else:
            url = stack.enter_context(postgres_database(request.getfixturevalue("postgres_url")))
        opened = stack.enter_context(Store(url))
        make_tables(opened)
        chosen = CORPUS[request.param]
        record_cases(opened, chosen)
        yield opened, chosen


def test_every_case(recorded: Recorded) -> None:
    store, chosen = recorded
    wrong = []
    with store.read() as connection:
        for place, case in enumerate(chosen):
            for ask, answer in zip(case.asks, ask_case(connection, place, case), strict=True):
                if only(ask.expected, answer) != ask.expected:
                    wrong.append((case.name, case.because, ask, answer))
                assert sum(answer.lines.values()) == answer.score
    assert wrong == []
