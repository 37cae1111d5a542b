"""kill -9 at random instants under load, again and again, then everything is judged.

    python -m tests.weather.kills --store sqlite --kills 200
    python -m tests.weather.kills --store postgres --kills 200

Most kills come 0.2 to 2 seconds after the service was ready, some while it starts. On PostgreSQL
one of the service's own connections at the server is killed as well now and then (which has the
server restart from its log), or the server is restarted.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests import postgres_server
from tests.weather.judge import Verdict, judge, until_scored
from tests.weather.loader import Load, Sent, loaded
from tests.weather.nursery import Nursery, nursery
from tests.weather.postgres import Postgres, postgres
from tests.weather.servers import Server, prepared

STARTING = 0.15
"""The share of kills that come while the service starts."""
SERVER_SHARE = 0.1
"""The share of rounds in which PostgreSQL itself is hit before the service is killed."""


@dataclass
class Story:
    """What happened in a run."""

    kills: Counter[str] = field(default_factory=Counter)
    starts_s: list[float] = field(default_factory=list)
    sent: Sent = field(default_factory=Sent)
    seconds: float = 0.0
    verdict: Verdict | None = None
    exit_status: int | None = None

    @property
    def service_kills(self) -> int:
        """Those of the service, not of its database."""
        return self.kills["running"] + self.kills["starting"]

    def lines(self) -> Iterator[str]:
        verdict = self.verdict
        assert verdict is not None
        starts = sorted(self.starts_s)
        yield f"{self.seconds:.0f} s; kills: {dict(self.kills)}"
        middle = statistics.median(starts)
        yield f"start to ready: median {middle:.1f} s, longest {starts[-1]:.1f} s"
        yield f"answers: {dict(self.sent.answers)}"
        yield (
            f"{len(self.sent.acknowledged):,} acknowledged, {verdict.events:,} events, "
            f"{verdict.leads:,} leads, {verdict.merges:,} merges, {verdict.scores:,} scores, "
            f"{verdict.band_changes:,} band changes {verdict.by_cause}"
        )
        yield from (f"WRONG: {each}" for each in verdict.wrong)
        yield f"the last one stopped with {self.exit_status}"


def run(
    server: Server, kills: int, *, seed: int, database: Postgres | None = None,
    most_seconds: float = float("inf"), server_share: float = SERVER_SHARE,
) -> Story:  # fmt: skip
    """Kill the server so many times (fewer where the time is over), then judge its store."""
    chance = random.Random(seed)
    began = time.monotonic()
    key = prepared(server.url)
    load = Load(lambda _: server.address, key, seed=seed)
    story = Story(sent=load.sent)
    with server, loaded(load):
        while story.service_kills < kills and time.monotonic() < began + most_seconds:
            hit = database if chance.random() < server_share else None
            _round(server, story, chance, hit)
        server.start()
        story.starts_s.append(server.until_ready())
        load.stop()
        until_scored(server.url)
        story.exit_status = server.stop()
    story.seconds = time.monotonic() - began
    story.verdict = judge(server.url, load.sent)
    return story


def _round(server: Server, story: Story, chance: random.Random, database: Postgres | None) -> None:
    """Start the service and kill it; `database`: also that, before."""
    server.start()
    usual = statistics.median(story.starts_s) if story.starts_s else 0.0
    if usual and chance.random() < STARTING:
        time.sleep(chance.uniform(0.1, 1.1) * usual)
        server.kill()
        story.kills["starting"] += 1
        return
    story.starts_s.append(server.until_ready())
    time.sleep(chance.uniform(0.2, 2))
    if database is not None:
        if chance.random() < 0.7:
            database.kill_a_connection(chance)
            story.kills["connection"] += 1
        else:
            database.restart()
            story.kills["restart"] += 1
        time.sleep(chance.uniform(0.2, 3))
    server.kill()
    story.kills["running"] += 1


@contextlib.contextmanager
def store(
    kind: str, folder: Path, nursery: Nursery | None = None
) -> Iterator[tuple[Server, Postgres | None]]:
    """A server with a fresh store; with `postgres` also the database server, started for it."""
    if kind == "sqlite":
        yield Server(folder, nursery=nursery), None
        return
    found = postgres_server.binaries()
    assert found is not None, "there is no PostgreSQL"
    with postgres(found) as database:
        yield Server(folder, database.url, nursery=nursery), database


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=7_200, help="end after so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--forked", action="store_true", help="fork the service's processes: quicker starts"
    )
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="leadwise-kills-") as name,
        nursery() if given.forked else contextlib.nullcontext() as mother,
        store(given.store, Path(name), mother) as (server, database),
    ):
        story = run(
            server, given.kills, seed=given.seed, database=database, most_seconds=given.seconds
        )
        lines = list(story.lines())
        assert story.verdict is not None
        failed = [line for line in server.log.splitlines() if '"level": "error"' in line]
        lines += [
            f"{len(failed)} lines of errors in the log",
            *(f"  {line}" for line in failed[:10]),
        ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if story.verdict.wrong or story.exit_status else 0


if __name__ == "__main__":
    sys.exit(main())
