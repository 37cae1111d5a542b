"""Run a side as a program of its own and see what it took: time, processor time, peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Run:
    """What one process took. Seconds; `peak` is bytes of memory it held at most.

    `wall` is the whole process, start and imports included; `work` is what the side itself
    measured without them (the same as `wall` where it says nothing); `processor` is user and system
    time on all cores; `leads` is how many ledgers it wrote.
    """

    wall: float
    work: float
    processor: float
    peak: int
    leads: int


class SideError(Exception):
    """A side ended with an error; the message holds what it said last."""


def run(arguments: list[str]) -> Run:
    """Run `python -m ARGUMENTS` from the project's folder. Raises SideError."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complaints:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=complaints,
        )
        # wait4 and not wait: only it tells the memory and processor time of this one process.
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if code:
            complaints.seek(0)
            raise SideError(f"{arguments[0]} ended with {code}:\n{complaints.read()[-3000:]}")
        said.seek(0)
        answer = _last_json(said.read())
    # Linux counts ru_maxrss in KiB, macOS in bytes.
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Run(
        wall=wall,
        work=float(answer.get("seconds", wall)),
        processor=used.ru_utime + used.ru_stime,
        peak=peak,
        leads=int(answer.get("leads", 0)),
    )


def _last_json(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {}
