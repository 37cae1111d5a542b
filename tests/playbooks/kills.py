"""kill -9 at random instants over many runs, on SQLite and PostgreSQL.

`python tests/playbooks/kills.py [RUNS]` (200 if not given) prints what was counted, and ends with 1
where anything is not as it should be.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests import postgres_server  # noqa: E402 - found by the path above
from tests.databases import postgres_database  # noqa: E402 - as above
from tests.playbooks.engine.killing import Counted, kill_over_and_over  # noqa: E402 - as above

MOST_SECONDS = 900.0
ALIVE_SECONDS = 6.0


def say(line: str) -> None:
    """To standard output, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def tell(where: str, found: Counted) -> bool:
    """Print it; whether all is well."""
    say(
        f"{where}: {found.done} of {found.runs} runs done in {found.seconds:.0f} s, "
        f"{found.kills} kills; outside {found.raw} requests of {found.unique} keys, "
        f"{found.refused} refused by the other side"
    )
    for one in found.wrong:
        say(f"  wrong: {one}")
    return not found.wrong


def main(runs: int) -> int:
    """Both databases, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        fine = tell("SQLite, one process", kill_over_and_over(
            str(place / "record.db"), folder, runs=runs, processes=1, seed=11,
            most_seconds=MOST_SECONDS, alive_seconds=ALIVE_SECONDS,
        ))  # fmt: skip
    server = postgres_server.binaries()
    if server is None:
        say("PostgreSQL: there is none here")
        return 0 if fine else 1
    with postgres_server.running(server) as url, postgres_database(url) as own:
        fine &= tell("PostgreSQL, two processes", kill_over_and_over(
            own, own, runs=runs, processes=2, seed=12, most_seconds=MOST_SECONDS,
            alive_seconds=ALIVE_SECONDS,
        ))  # fmt: skip
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
