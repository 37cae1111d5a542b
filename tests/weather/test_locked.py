"""Another program that holds the database's lock: requests wait, nothing is lost, none is a 500."""

from __future__ import annotations

import sqlite3
import time

from tests.weather.judge import judge, until_scored
from tests.weather.loader import Load, Wire, loaded
from tests.weather.servers import Server, until

HELD_SECONDS = 3.0


def test_a_locked_database(served: tuple[Server, str]) -> None:
    server, key = served
    load = Load(lambda _: server.address, key)
    with loaded(load):
        until(lambda: load.sent.answers["200"] > 3, "the first batches are taken", of=server)
        other = sqlite3.connect(server.data / "leadwise.db", isolation_level=None, timeout=30)
        try:
            other.execute("BEGIN IMMEDIATE")
            held = time.monotonic()
            time.sleep(0.2)
            taken = load.sent.answers["200"]
            wire = Wire(key)
            while time.monotonic() < held + HELD_SECONDS:
                for path in ("/healthz", f"/v1/projects/{key}/settings", "/metrics"):
                    asked = time.monotonic()
                    assert wire.get(server.address or "", path)[0] == 200, path
                    assert time.monotonic() - asked < 2
                time.sleep(0.2)
            assert load.sent.answers["200"] == taken
            other.execute("ROLLBACK")
        finally:
            other.close()
        until(lambda: load.sent.answers["200"] > taken + 10, "events are taken again", of=server)
    until_scored(server.url)
    assert server.stop() == 0
    assert set(load.sent.answers) <= {"200", "503"}
    assert not judge(server.url, load.sent).wrong
