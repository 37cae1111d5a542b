"""Every case of the corpus on every engine, against the answers worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.asking.population import Moment
from leadwise.engines import Engine, open_engine
from leadwise.engines.duckdb import DuckDBEngine
from tests.asking_engines import answers, from_files, on_engine
from tests.corpus import Case, cases, only
from tests.merging import is_mergeable, merge, part_of, prefix
from tests.oracle import Answer

CORPUS = cases()
ZONES = sorted({case.card.timezone for case in CORPUS})
TOGETHER = 40


@pytest.fixture(scope="module")
def home() -> Iterator[DuckDBEngine]:
    """Where all rows are read."""
    with DuckDBEngine() as engine:
        yield engine


@pytest.fixture(scope="module", params=["duckdb", "sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine | None]:
    """One engine for all cases; None is the DuckDB that the rows are read into."""
    if request.param == "duckdb":
        yield None
        return
    postgres = request.param == "postgres"
    name = request.getfixturevalue("postgres_url") if postgres else request.param
    with open_engine(name) as opened:
        yield opened


@pytest.fixture(scope="module")
def spark_engine(spark: str) -> Iterator[Engine]:
    with open_engine(spark) as opened:
        yield opened


def hold(case: Case, found: list[Answer]) -> None:
    for ask, answer in zip(case.asks, found, strict=True):
        assert only(ask.expected, answer) == ask.expected, (case.name, case.because, ask, answer)
        assert sum(answer.lines.values()) == answer.score


def ask_alone(case: Case, home: DuckDBEngine, engine: Engine | None, folder: Path) -> None:
    moments = [Moment(ask.lead, ask.as_of_us, ask.known_by_us) for ask in case.asks]
    read = from_files(case.card, case.leads, case.events, folder, home)
    hold(case, answers(on_engine(read, engine), moments))


def ask_together(
    group: list[Case], home: DuckDBEngine, engine: Engine | None, folder: Path
) -> None:
    merged = merge(group, folder, home)
    found = iter(answers(on_engine(merged.population, engine), merged.moments))
    for place, case in enumerate(group):
        hold(case, [part_of(next(found), prefix(place)) for _ in case.asks])


def groups() -> list[list[Case]]:
    """What can be asked together, by time zone."""
    found = []
    for zone in ZONES:
        alike = [c for c in CORPUS if is_mergeable(c.card) and c.card.timezone == zone]
        found += [alike[n : n + TOGETHER] for n in range(0, len(alike), TOGETHER)]
    return found


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case.file}/{case.name}")
def test_case(case: Case, home: DuckDBEngine, engine: Engine | None, tmp_path: Path) -> None:
    ask_alone(case, home, engine, tmp_path)


@pytest.mark.parametrize("group", groups(), ids=lambda group: f"{group[0].file}-and-{len(group)}")
def test_cases_together(group: list[Case], home: DuckDBEngine, tmp_path: Path) -> None:
    """As one card they keep their answers: what shares a pass over the events stays apart."""
    ask_together(group, home, None, tmp_path)


@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("group", groups(), ids=lambda group: f"{group[0].file}-and-{len(group)}")
def test_cases_together_on_spark(
    group: list[Case], home: DuckDBEngine, spark_engine: Engine, tmp_path: Path
) -> None:
    ask_together(group, home, spark_engine, tmp_path)


@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize(
    "case", [c for c in CORPUS if not is_mergeable(c.card)], ids=lambda case: case.name
)
def test_case_on_spark(
    case: Case, home: DuckDBEngine, spark_engine: Engine, tmp_path: Path
) -> None:
    ask_alone(case, home, spark_engine, tmp_path)
