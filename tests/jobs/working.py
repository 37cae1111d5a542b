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
from pathlib import Path

from leadwise.errors import RemoteError, UserError
from leadwise.jobs import JSON, Context, Handler, Jobs, Pace, Retry

PACE = Pace(dead_after_s=1.5, retry=Retry(most=3, first_s=0.05, factor=2.0), limits={"slow": 2})


def handlers(notes: Path, marker: str = "") -> dict[str, Handler]:
    """Kinds of jobs whose steps note `kind-of-note job step marker`."""

    def note(what: str, context: Context, step: object) -> int:
        with notes.open("a") as file:
            file.write(f"{what} {context.job_id} {step} {marker}\n")
        return sum(line.startswith(what) for line in notes.read_text().splitlines())

    def chain(context: Context, arguments: dict[str, JSON]) -> JSON:
        """`steps` steps; the one called `hold` lasts until the file `go` is there."""
        steps = arguments["steps"]
        assert isinstance(steps, int)
        results: list[JSON] = []
        for number in range(steps):

            def one(number: int = number) -> list[object]:
                note("begun", context, number)
                if arguments.get("hold") == number:
                    until = time.monotonic() + 20
                    while not (notes.parent / "go").exists() and time.monotonic() < until:
                        time.sleep(0.01)
                note("ended", context, number)
                return [number, marker]

            results.append(context.step(f"part {number}", one))
            context.progress(number + 1, steps, f"part {number}")
        return results

    def slow(context: Context, arguments: dict[str, JSON]) -> JSON:
        """Tells progress until it is cancelled."""
        for number in range(2000):
            context.progress(number, 2000, "slow")
            if context.cancelled():
                return "saw it"
            time.sleep(0.01)
        return "was not"

    def flaky(context: Context, arguments: dict[str, JSON]) -> JSON:
        """Its second step fails the first `times` times."""
        times = arguments["times"]
        assert isinstance(times, int)
        context.step("sure", lambda: note("sure", context, 0))

        def unsure() -> int:
            tries = note("unsure", context, 1)
            if tries <= times:
                raise RemoteError(f"the other end is down ({tries})", permanent=False)
            return tries

        return context.step("unsure", unsure)

    def wrong(context: Context, arguments: dict[str, JSON]) -> JSON:
        """Fails as `how` says, where the file `mended` is not there."""
        note("wrong", context, 0)
        context.step("before", lambda: note("before", context, 0))
        if (notes.parent / "mended").exists():
            return "well"
        if arguments["how"] == "user":
            raise UserError("no-such-file", "there is no upload u1", hint="send it again")
        if arguments["how"] == "permanent":
            raise RemoteError("the other end refuses", permanent=True)
        if arguments["how"] == "result":
            return {1, 2}  # type: ignore[return-value]
        raise ZeroDivisionError("oh")

    def quick(context: Context, arguments: dict[str, JSON]) -> JSON:
        """Notes when it ran."""
        note("quick", context, time.time_ns() // 1000)
        return arguments

    return {"chain": chain, "slow": slow, "flaky": flaky, "wrong": wrong, "quick": quick}


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
