"""Places for jobs, and workers in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(postgres_url: str) -> str:
    """The URL of an empty database."""
    name = f"jobs_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return postgres_url.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where jobs are kept: a folder, and then a database."""
    if request.param == "postgres":
        return str(request.getfixturevalue("database"))
    return str(tmp_path / "data")


@dataclass
class Crew:
    """Workers in processes of their own, and what they noted."""

    notes: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, place: str, name: str = "w1", version: str = "1") -> subprocess.Popen[str]:
        """A worker that has started."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.working", place, name, version, str(self.notes)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.processes.append(process)
        assert process.stdout is not None
        assert process.stderr is not None
        if process.stdout.readline() != "started\n":
            raise AssertionError(process.stderr.read())
        return process

    def lines(self, start: str) -> list[str]:
        """The notes that begin so."""
        text = self.notes.read_text() if self.notes.exists() else ""
        return [line.strip() for line in text.splitlines() if line.startswith(start)]

    def go(self) -> None:
        """Let steps that hold end."""
        (self.notes.parent / "go").touch()


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    """Workers, all ended afterwards."""
    crew = Crew(tmp_path / "notes")
    yield crew
    for process in crew.processes:
        process.kill()
        process.communicate(timeout=10)


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for something to be true, for ten seconds at most."""

    def wait(true: Callable[[], object]) -> None:
        end = time.monotonic() + 10
        while not true():
            assert time.monotonic() < end, "it did not come true in 10 s"
            time.sleep(0.02)

    return wait
