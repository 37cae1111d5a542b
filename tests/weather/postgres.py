"""A PostgreSQL server of one's own, to be treated badly."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import DBAPIError

from leadwise.store.opening import sqlite_url
from tests import postgres_server


@dataclass(frozen=True)
class Postgres:
    """A server that is running: its programs and the URL of a database on it."""

    programs: Path
    url: str

    def kill_a_connection(self, chance: random.Random) -> None:
        """kill -9 of one backend: the server drops all others and recovers from its log."""
        sql = (
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' "
            "AND pid <> pg_backend_pid() AND datname = current_database() "
            "ORDER BY (state = 'active') DESC, pid LIMIT 4"
        )
        engine = create_engine(sqlite_url(self.url), isolation_level="AUTOCOMMIT")
        try:
            with contextlib.suppress(DBAPIError), engine.connect() as connection:
                pids = list(connection.exec_driver_sql(sql).scalars())
                if pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(chance.choice(pids), signal.SIGKILL)
        finally:
            engine.dispose()

    def restart(self) -> None:
        """A fast restart, as of an update."""
        home = Path(str(make_url(self.url).query["host"]))
        owner = (home / "data").stat()
        user = pwd.getpwuid(owner.st_uid).pw_name if os.getuid() == 0 else None
        subprocess.run(
            [self.programs / "pg_ctl", "restart", "-D", home / "data", "-w", "-m", "fast",
             "-l", home / "log"],
            check=True, user=user, group=None if user is None else owner.st_gid,
            extra_groups=None if user is None else [], cwd=home, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip


@contextlib.contextmanager
def postgres(programs: Path) -> Iterator[Postgres]:
    """A server of one's own, until the end; without one on the machine, see `binaries`."""
    with postgres_server.running(programs) as url:
        yield Postgres(programs, url)
