"""The sales call, shipped as it is, while kill -9 strikes at random instants.

    python -m tests.playbooks.kills_of_calls --runs 200 --database sqlite

prints what was counted at the other sides (all requests for an effect, and different ones) and in
the record, and ends with 1 where anything is not as it would be had nothing been killed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests import postgres_server
from tests.databases import postgres_database
from tests.playbooks.calls.killing import Counted, Wanted, kill_calls


def say(line: str) -> None:
    """To standard output, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def tell(where: str, found: Counted) -> bool:
    """Print it; whether all is well."""
    states = ", ".join(f"{count} {state}" for state, count in sorted(found.states.items()))
    say(
        f"{where}: {found.runs} runs ({states}) in {found.seconds:.0f} s, {found.kills} kills, "
        f"{found.troubles} requests made to fail"
    )
    for name, (raw, unique) in found.effects.items():
        say(f"  {name:<28} {raw:>6} raw {unique:>6} unique")
    for one in found.wrong:
        say(f"  wrong: {one}")
    return not found.wrong


def main() -> int:
    """One database; 0 where all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--round", type=int, default=50, help="leads at one time")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--alive", type=float, default=8.0, help="seconds, the longest life")
    parser.add_argument("--seconds", type=float, default=1800.0, help="then it is given up")
    given = parser.parse_args()
    wanted = Wanted(
        runs=given.runs, a_round=given.round, processes=1 if given.database == "sqlite" else 2,
        seed=given.seed, alive_seconds=given.alive, most_seconds=given.seconds,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.database == "sqlite":
            found = kill_calls(str(folder / "record.db"), name, folder, wanted)
            return 0 if tell("SQLite, one process", found) else 1
        server = postgres_server.binaries()
        if server is None:
            say("PostgreSQL: there is none here")
            return 1
        with postgres_server.running(server) as url, postgres_database(url) as own:
            found = kill_calls(own, own, folder, wanted)
        return 0 if tell("PostgreSQL, two processes", found) else 1


if __name__ == "__main__":
    sys.exit(main())
