"""A process that follows sales calls up, to be killed: `worker.py FILE NAME`.

The record, scoring, the jobs and the loop of the playbooks are the real ones, and so are the steps.
FILE says in JSON where all is (`outside.Told`); its clock is the machine's and an offset, which is
read from another file each time, so that half an hour need not be waited for.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from leadwise.connect.opening import opener
from leadwise.jobs import Jobs, Pace, Retry
from leadwise.live.loop import ScoringLoop
from leadwise.playbooks.acting import House
from leadwise.playbooks.jobs import KIND, step_handler
from leadwise.playbooks.loop import PlaybookLoop
from leadwise.playbooks.triggers import Taker
from leadwise.playbooks.ways import Patience, read_playbook, ways_of
from leadwise.qualify.embedded import reader
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
    """Work until killed, or until standard input is closed."""
    # By rules alone, as where the sentence model is not installed: it takes longer to load than
    # most of these processes live.
    reader.sentence_model = lambda: None
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
            told["jobs"], {KIND: step_handler(house, ways, recorded)}, worker=name, version="1",
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

        def until_closed() -> None:
            sys.stdin.read()
            loop.stop()

        sys.stdout.write("ready\n")
        sys.stdout.flush()
        threading.Thread(target=until_closed, daemon=True).start()
        while loop.alive:
            time.sleep(0.05)
        scoring.stop(5)
        jobs.close()


if __name__ == "__main__":
    run(*sys.argv[1:3])
