"""What tests kill: a process that pulls everything and pushes everybody, once.

python -m tests.connect.core.killed STORE ADDRESS
"""

from __future__ import annotations

import sys
import time

from leadwise.connect.opening import talking
from leadwise.connect.pulling import Pulling
from leadwise.connect.pushing import Pushing
from leadwise.ingest.gate.rules import GateRules
from leadwise.live.scoring import score_touched
from leadwise.store.connections import get_connection
from leadwise.store.opening import Store


def main(url: str) -> None:
    """Pull, score, push, and say when it is done."""
    clock = lambda: time.time_ns() // 1000  # noqa: E731 - so small
    with Store(url) as store:
        with store.read() as connection:
            row = get_connection(connection, "crm")
        print("begins", flush=True)  # noqa: T201 - whoever kills waits for it
        with talking(row, {}) as line:
            line.to.client.search_pace_s = 0.0
            Pulling(store, GateRules(), clock).pull(row, line.to)
            while store.write(lambda c: score_touched(c, clock())).taken:
                pass
            line.to.prepare()
            Pushing(store, clock).push_everybody(row, line.to)
        print("done", flush=True)  # noqa: T201 - as above


if __name__ == "__main__":
    main(sys.argv[1])
