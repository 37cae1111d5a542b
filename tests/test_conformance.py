"""Every case of the corpus on every engine, against the answers worked out by hand.

`make test` asks Spark, where each costs tenths of a second, one case in three of each file, and
these put together as one card; `make laws` all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from leadwise.asking.population import Moment, Population
from leadwise.engines import Engine, open_engine
from leadwise.engines.duckdb import DuckDBEngine
from tests.asking_engines import answers, from_files, on_engine
from tests.corpus import Ask, Case, cases, only
from tests.many import one_in
from tests.merging import Merged, is_mergeable, merge, part_of, prefix
from tests.oracle import Answer

CORPUS = cases()
SOME = [
    case
    for file in sorted({case.file for case in CORPUS})
    for case in one_in(3, [case for case in CORPUS if case.file == file])
]
ALONE = [case for case in SOME if not is_mergeable(case.card)]
ZONES = sorted({case.card.timezone for case in SOME})
TOGETHER = 40


def groups() -> list[list[Case]]:
    """What can be asked together, by time zone."""
    found = []
    for zone in ZONES:
        alike = [c for c in SOME if is_mergeable(c.card) and c.card.timezone == zone]
        found += [alike[n : n + TOGETHER] for n in range(0, len(alike), TOGETHER)]
    return found


@pytest.fixture(scope="module")
def home() -> Iterator[DuckDBEngine]:
    """Where all rows are read."""
    with DuckDBEngine() as engine:
        yield engine


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Engine]:
    with open_engine("sqlite") as engine:
        yield engine


@pytest.fixture(scope="module")
def postgres(postgres_url: str) -> Iterator[Engine]:
    with open_engine(postgres_url) as engine:
        yield engine


@pytest.fixture(
    scope="module", params=groups(), ids=lambda group: f"{group[0].file}-and-{len(group)}"
)
def merged(
    request: pytest.FixtureRequest, home: DuckDBEngine, tmp_path_factory: pytest.TempPathFactory
) -> Merged:
    """Cases read one by one and put together, once for all the tests that ask them together."""
    return merge(request.param, tmp_path_factory.mktemp("merged"), home)


def read(case: Case, home: DuckDBEngine, folder: Path) -> Population:
    return from_files(case.card, case.leads, case.events, folder, home)


def wrong(case: Case, found: Sequence[Answer]) -> list[tuple[Ask, Answer]]:
    """The questions that are answered otherwise than worked out, or whose lines do not add up."""
    return [
        (ask, answer)
        for ask, answer in zip(case.asks, found, strict=True)
        if only(ask.expected, answer) != ask.expected or sum(answer.lines.values()) != answer.score
    ]


def hold(case: Case, of: Population) -> None:
    moments = [Moment(ask.lead, ask.as_of_us, ask.known_by_us) for ask in case.asks]
    assert wrong(case, answers(of, moments)) == [], (case.name, case.because)


def hold_together(merged: Merged, of: Population) -> None:
    found = iter(answers(of, merged.moments))
    faults = {}
    for place, case in enumerate(merged.cases):
        parts = [part_of(next(found), prefix(place)) for _ in case.asks]
        faults[case.name] = wrong(case, parts)
    assert {name: fault for name, fault in faults.items() if fault} == {}


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case.file}/{case.name}")
def test_case(
    case: Case,
    home: DuckDBEngine,
    request: pytest.FixtureRequest,
    subtests: pytest.Subtests,
    tmp_path: Path,
) -> None:
    """Its files are read once; each engine is a subtest, which fails or is skipped by itself."""
    of = read(case, home, tmp_path)
    for name in ("duckdb", "sqlite", "postgres"):
        with subtests.test(engine=name):
            other = None if name == "duckdb" else request.getfixturevalue(name)
            hold(case, on_engine(of, other))


# On the worker of Spark, for both of the next tests ask what `merged` has read.
@pytest.mark.xdist_group("spark")
def test_cases_together(merged: Merged, home: DuckDBEngine) -> None:
    """As one card they keep their answers: what shares a pass over the events stays apart."""
    hold_together(merged, merged.population(home))


@pytest.mark.xdist_group("spark")
def test_cases_together_on_spark(merged: Merged, home: DuckDBEngine, spark_engine: Engine) -> None:
    hold_together(merged, on_engine(merged.population(home), spark_engine))


@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("case", ALONE, ids=lambda case: case.name)
def test_case_on_spark(
    case: Case, home: DuckDBEngine, spark_engine: Engine, tmp_path: Path
) -> None:
    hold(case, on_engine(read(case, home, tmp_path), spark_engine))
