"""PostgreSQL's own dump and restore of the record and the jobs, where its programs are there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import URL, Connection, make_url

from leadwise.errors import UserError
from leadwise.store.schema import metadata

RECORD, JOBS = "record.dump", "jobs.dump"
JOBS_SCHEMA = "leadwise_jobs"
"""The schema that jobs are kept in; only its name is known here."""
LONGEST_S = 24 * 3600


def can_dump(connection: Connection) -> bool:
    """Whether there is a pg_dump that knows this server: an older one refuses a newer server."""
    program = shutil.which("pg_dump")
    if program is None or shutil.which("pg_restore") is None:
        return False
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found on the path
    words = said.stdout.split()
    own = next((word for word in words if word[:1].isdigit()), "0")
    server = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    return int(own.split(".")[0]) >= server


def dump(connection: Connection, url: str, folder: Path) -> list[str]:
    """Write the record as `connection`'s snapshot has it, and the jobs; the files written."""
    snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
    schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
    tables = [f'--table="{schema}"."{name}"' for name in (*metadata.tables, "alembic_version")]
    common = ["--format=custom", "--no-owner", "--no-privileges"]
    files = []
    if connection.exec_driver_sql(f"SELECT to_regnamespace('{JOBS_SCHEMA}')").scalar() is not None:
        # The jobs first, the record after them: a job that is done once more harms nothing.
        _run("pg_dump", url, [*common, f"--schema={JOBS_SCHEMA}", f"--file={folder / JOBS}"])
        files.append(JOBS)
    _run("pg_dump", url, [*common, f"--snapshot={snapshot}", *tables, f"--file={folder / RECORD}"])
    return [*files, RECORD]


def undump(url: str, folder: Path, files: Sequence[str]) -> None:
    """Put the dumps back, each as a whole or not at all; what was there is dropped."""
    for name in files:
        _run(
            "pg_restore", url,
            ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction",
             "--exit-on-error", str(folder / name)],
        )  # fmt: skip


def check_dump(folder: Path, files: Sequence[str]) -> None:
    """Raise UserError (`backup-damaged`) where a dump cannot be listed."""
    program = shutil.which("pg_restore")
    for name in files if program else ():
        said = subprocess.run(  # noqa: S603 - found on the path
            [str(program), "--list", str(folder / name)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if said.returncode:
            raise UserError(
                "backup-damaged", f"pg_restore cannot read {name}: {said.stderr.strip()}",
                hint="Take another backup.",
            )  # fmt: skip


def _run(program: str, url: str, arguments: Sequence[str]) -> None:
    path = shutil.which(program)
    if path is None:
        raise UserError(
            "backup-failed", f"There is no {program} on this machine.",
            hint="Install PostgreSQL's client programs (postgresql-client).",
        )  # fmt: skip
    target = make_url(url)
    said = subprocess.run(  # noqa: S603 - found on the path
        [path, f"--dbname={_plain(target)}", "--no-password", *arguments],
        capture_output=True, text=True, check=False, timeout=LONGEST_S,
        # Not among the arguments, which everybody on the machine can read.
        env=os.environ | ({"PGPASSWORD": str(target.password)} if target.password else {}),
    )  # fmt: skip
    if said.returncode:
        lines = said.stderr.strip().splitlines() or [f"it ended with {said.returncode}"]
        raise UserError(
            "backup-failed", f"{program} failed: {lines[0]}",
            hint="Is there room on the disk, and has the user the rights to its tables?",
        )  # fmt: skip


def _plain(url: URL) -> str:
    without = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    )
    return without.render_as_string(hide_password=False)
