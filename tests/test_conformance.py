"""Every case of the corpus on every engine, against the answers worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.asking.population import Moment
from leadwise.engines import Engine, open_engine
from tests.asking_engines import answers, from_files, on_engine
from tests.corpus import Case, cases, only

CORPUS = cases()


@pytest.fixture(scope="session")
def shared_engine(engine_spec: str) -> Iterator[Engine | None]:
    """One engine for all cases; None is the DuckDB that the rows are read into."""
    if engine_spec == "duckdb":
        yield None
        return
    with open_engine(engine_spec) as engine:
        yield engine


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case.file}/{case.name}")
def test_case(case: Case, shared_engine: Engine | None, tmp_path: Path) -> None:
    moments = [Moment(ask.lead, ask.as_of_us, ask.known_by_us) for ask in case.asks]
    with from_files(case.card, case.leads, case.events, tmp_path) as read:
        found = answers(on_engine(read, shared_engine), moments)
    for ask, answer in zip(case.asks, found, strict=True):
        assert only(ask.expected, answer) == ask.expected, (case.because, ask, answer)
        assert sum(answer.lines.values()) == answer.score
