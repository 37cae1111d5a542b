"""A PostgreSQL server for the benchmark, with what it does to survive a power cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

from tests import postgres_server


@dataclass(frozen=True)
class Postgres:
    """A running server: its URL and the process that all its others are children of."""

    url: str
    pid: int

    def database(self, name: str) -> str:
        """The URL of a new, empty database."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url.replace("/postgres?", f"/{name}?")


@contextmanager
def postgres() -> Iterator[Postgres | None]:
    """The system's server on an empty folder, with fsync; None where there is none."""
    programs = postgres_server.binaries()
    if programs is None:
        yield None
        return
    with postgres_server.running(programs, fsync=True) as url:
        home = Path(parse_qs(urlsplit(url).query)["host"][0])
        pid = int((home / "data" / "postmaster.pid").read_text().split()[0])
        yield Postgres(url, pid)
