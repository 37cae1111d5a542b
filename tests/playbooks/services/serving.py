"""Whole services in processes of their own, and what forks them: `serving.py FILE`.

For each line of standard input, a NAME, it forks a process that is a service under this name, all
its parts but the pages: its number and then `ready` come on standard output. FILE says in JSON
where all is. The clock is the machine's and an offset, which is read from a file each time.

Where the file `dies` has a process's number in it, that process ends as if killed when next it has
committed that a step is to be done, and has not yet put its job in.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from leadwise.playbooks.runs import jobs
from leadwise.settings import Settings
from leadwise.settings.mail import MailSettings
from leadwise.settings.model import LogSettings
from leadwise.web import wiring

LOADED = (
    "dbos", "psycopg", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite",
    "leadwise.jobs.worker", "leadwise.playbooks.steps.mail", "leadwise.playbooks.steps.webhook",
)  # fmt: skip


def settings_of(told: dict[str, Any], name: str) -> Settings:
    """Of the service of that name."""
    mail = MailSettings(
        host="127.0.0.1", port=told["smtp_port"], security="none", sender="Us <us@us.example>",
        postal_address="Us, 1 High Street, Oslo", per_minute=6000, domain_per_minute=0,
    )  # fmt: skip
    folder = Path(told["folder"])
    return Settings(
        data=folder / "data", database=told["store"], worker=name, mail=mail,
        public_url="https://leads.us.example", log=LogSettings(level="warning", format="json"),
    )  # fmt: skip


def clock_of(offset: Path) -> Callable[[], int]:
    """The clock of all that takes part, microseconds since 1970 UTC."""
    return lambda: time.time_ns() // 1000 + int(offset.read_text())


def serve(told: dict[str, Any], name: str) -> None:
    """Work until killed."""
    folder = Path(told["folder"])
    wiring.system_clock = clock_of(folder / "offset")
    put_in, dies = jobs.put_in, folder / "dies"

    def put_in_or_die(*given: Any) -> None:
        if given[1] and dies.exists() and dies.read_text() == str(os.getpid()):
            os.kill(os.getpid(), signal.SIGKILL)
        put_in(*given)

    jobs.put_in = put_in_or_die
    with wiring.build(settings_of(told, name)).service.running():
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            time.sleep(60)


def main(told_file: str) -> None:
    """Fork whenever told to."""
    told = json.loads(Path(told_file).read_text())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    for module in LOADED:
        import_module(module)
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            try:
                serve(told, line.strip())
            finally:
                os._exit(1)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
