"""A worker in a process of its own: `python -m tests.jobs.working PLACE NAME VERSION NOTES`.

Its handlers note in the file NOTES what they do, a line each, so that a test sees what was done how
often. It ends on SIGTERM as a server does.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from leadwise.errors import RemoteError, UserError
from leadwise.jobs import JSON, Context, Handler, Jobs, Pace, Retry

PACE = Pace(dead_after_s=1.2, retry=Retry(most=3, first_s=0.05, factor=2.0), limits={"slow": 2})


@dataclass(frozen=True)
class Noting:
    """Kinds of jobs whose steps note `kind-of-note job step marker`."""

    notes: Path
    marker: str = ""

    def note(self, what: str, context: Context, step: object) -> int:
        with self.notes.open("a") as file:
            file.write(f"{what} {context.job_id} {step} {self.marker}\n")
        return sum(line.startswith(what) for line in self.notes.read_text().splitlines())

    def there(self, name: str) -> bool:
        """Whether a test has put a file of that name beside the notes."""
        return (self.notes.parent / name).exists()

    def chain(self, context: Context, arguments: dict[str, JSON]) -> JSON:
        """`steps` steps; the one called `hold` lasts until the file `go` is there."""
        steps = arguments["steps"]
        assert isinstance(steps, int)
        results: list[JSON] = []
        for number in range(steps):

            def part(number: int = number) -> list[JSON]:
                self.note("begun", context, number)
                until = time.monotonic() + 20
                while arguments.get("hold") == number and not self.there("go"):
                    assert time.monotonic() < until
                    time.sleep(0.01)
                self.note("ended", context, number)
                return [number, self.marker]

            results.append(context.step(f"part {number}", part))
            context.progress(number + 1, steps, f"part {number}")
        return results

    def slow(self, context: Context, arguments: dict[str, JSON]) -> JSON:
        """Tells progress until it is cancelled."""
        for number in range(2000):
            context.progress(number, 2000, "slow")
            if context.cancelled():
                return "saw it"
            time.sleep(0.01)
        return "was not"

    def flaky(self, context: Context, arguments: dict[str, JSON]) -> JSON:
        """Its second step fails the first `times` times."""
        times = arguments["times"]
        assert isinstance(times, int)
        context.step("sure", lambda: self.note("sure", context, 0))

        def unsure() -> int:
            tries = self.note(f"unsure {context.job_id}", context, 1)
            if tries <= times:
                raise RemoteError(f"the other end is down ({tries})", permanent=False)
            return tries

        return context.step("unsure", unsure)

    def wrong(self, context: Context, arguments: dict[str, JSON]) -> JSON:
        """Fails as `how` says, where the file `mended` is not there."""
        context.step("before", lambda: self.note("before", context, 0))
        errors = {
            "user": UserError("no-such-file", "there is no upload u1", hint="send it again"),
            "permanent": RemoteError("the other end refuses", permanent=True),
            "defect": ZeroDivisionError("oh"),
        }
        how = str(arguments["how"])
        if not self.there("mended") and how in errors:
            raise errors[how]
        return "well" if self.there("mended") else cast(JSON, {1, 2})

    def quick(self, context: Context, arguments: dict[str, JSON]) -> JSON:
        """Notes when it ran."""
        self.note("quick", context, context.now_us())
        return arguments


def handlers(notes: Path, marker: str = "") -> dict[str, Handler]:
    """By their kinds."""
    kinds = Noting(notes, marker)
    return {
        "chain": kinds.chain, "slow": kinds.slow, "flaky": kinds.flaky, "wrong": kinds.wrong,
        "quick": kinds.quick,
    }  # fmt: skip


def main(place: str, name: str, version: str, notes: str) -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with Jobs(
        place, handlers(Path(notes), version), worker=name, version=version, pace=PACE
    ) as jobs:
        jobs.start()
        sys.stdout.write("started\n")
        sys.stdout.flush()
        ended.wait()
        jobs.stop(5)


if __name__ == "__main__":
    main(*sys.argv[1:])
