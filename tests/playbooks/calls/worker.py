"""Processes that follow sales calls up, to be killed, and what forks them: `worker.py FILE`.

For each line of standard input, a NAME, it forks a process that works under this name: its number
and then `ready` come on standard output. What takes seconds to load is loaded before, once.

The record, scoring, the jobs and the loop of the playbooks are the real ones, and so are the steps.
FILE says in JSON where all is (`outside.Told`); its clock is the machine's and an offset, which is
read from another file each time, so that half an hour need not be waited for.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from leadwise.connect.kinds import kind_named
from leadwise.connect.opening import opener
from leadwise.jobs import Jobs, Pace, Retry
from leadwise.live.loop import ScoringLoop
from leadwise.playbooks.runs.acting import House
from leadwise.playbooks.runs.jobs import KIND, handlers_of, step_handler
from leadwise.playbooks.runs.loop import PlaybookLoop
from leadwise.playbooks.runs.ways import Patience, read_playbook, ways_of
from leadwise.playbooks.triggers import Taker
from leadwise.qualify.embedded import reader
from leadwise.qualify.frame.shipped import shipped_frame
from leadwise.qualify.intake import Sent, opened
from leadwise.qualify.reading import read
from leadwise.settings import Settings
from leadwise.settings.mail import MailSettings
from leadwise.store.opening import Store

DEAD_AFTER_S = 2.0
STEPS_AT_ONCE = 6
PATIENCE = Patience(first_us=100_000, longest_us=1_000_000, lost_us=4_000_000)
RITA = "rita@us.example"


def settings_of(data: Path, smtp_port: int) -> Settings:
    """Of a team that sends as much as it likes."""
    mail = MailSettings(
        host="127.0.0.1", port=smtp_port, security="none", sender=f"Rita Salo <{RITA}>",
        postal_address="Us, 1 High Street, Oslo", timeout_seconds=3, per_minute=6000,
        domain_per_minute=0,
    )  # fmt: skip
    return Settings(data=data, public_url="https://leads.us.example", mail=mail)


def clock_us(offset_file: Path) -> int:
    """The clock of all that takes part, microseconds since 1970 UTC."""
    return time.time_ns() // 1000 + int(offset_file.read_text())


def run(told_file: str, name: str) -> None:
    """Work until killed."""
    told = json.loads(Path(told_file).read_text())
    data, offset = Path(told["data"]), Path(told["offset"])
    settings = settings_of(data, told["smtp_port"])

    def clock() -> int:
        return clock_us(offset)

    with Store(told["store"]) as store:
        ways = replace(ways_of(settings), patience=PATIENCE)
        house = House(store, settings, opener(store, {}), clock, {})
        loops: list[PlaybookLoop] = []

        def recorded() -> None:
            if loops:
                loops[0].recorded()

        jobs = Jobs(
            told["jobs"], handlers_of(step_handler(house, ways, recorded)), worker=name,
            version="1",
            pace=Pace(
                dead_after_s=DEAD_AFTER_S, poll_s=0.05, retry=Retry(first_s=0.2),
                limits={KIND: STEPS_AT_ONCE},
            ),
        )  # fmt: skip
        jobs.start()
        scoring = ScoringLoop(store, clock)
        scoring.start()
        taker = Taker(store, settings, read_playbook)
        loop = PlaybookLoop(store, jobs, ways, clock, taker.take)
        loops.append(loop)
        loop.start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while loop.alive:
            time.sleep(0.5)


def warm() -> None:
    """Load what the first reading would, and read by rules alone, as where there is no sentence
    model: its computing is no matter here."""
    for step in ("assign", "book", "create", "fetch", "if_", "mail", "push", "qualify", "task"):
        import_module(f"leadwise.playbooks.steps.{step}")
    for kind in ("hubspot", "gong", "google_calendar"):
        kind_named(kind)
    reader.sentence_model = lambda: None
    turns = [{"speaker": "Ana", "side": "buyer", "text": "120,000 dollars are approved."}]
    talk, _ = opened(Sent(turns=turns, held_us=1_793_790_000_000_000), 1_793_790_000_000_000)
    read(talk, shipped_frame("bant"), reader.embedded_reader())


def fork_all(told_file: str) -> None:
    """Fork a process for each name, until standard input is closed."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    warm()
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            try:
                run(told_file, line.strip())
            finally:
                os._exit(1)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    fork_all(sys.argv[1])
