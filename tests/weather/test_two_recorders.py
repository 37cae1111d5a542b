"""Two processes that record of the same people at the same time, on PostgreSQL."""

from __future__ import annotations

import threading

import pytest

from leadwise.store import migrations
from leadwise.store.doctor import Patient, examine
from leadwise.store.opening import Store
from tests.databases import postgres_database
from tests.ingest.recording import Recording
from tests.records import NOW_US

TURNS = 25
PEOPLE = 3


def test_what_is_known_stays_one_story(postgres_url: str) -> None:
    """One describes the company, the other its people, and both bring people together."""
    with postgres_database(postgres_url) as url, Store(url) as one, Store(url) as other:
        migrations.upgrade(one)
        failed: list[BaseException] = []

        def work(store: Store, number: int) -> None:
            recording = Recording(store, now_us=NOW_US + number)
            try:
                for turn in range(TURNS):
                    recording.now_us += 2
                    _tell(recording, number, turn)
            except BaseException as error:  # noqa: BLE001 - the test fails with it
                failed.append(error)

        threads = [
            threading.Thread(target=work, args=(store, n)) for n, store in enumerate((one, other))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        if failed:
            pytest.fail(f"{failed[0]!r}")
        with one.read() as connection:
            said = connection.exec_driver_sql("SELECT count(*) FROM event").scalar_one()
        # The message ids of both are the same: whoever came second has recorded nothing.
        assert said == TURNS * 3
        findings = examine(Patient(one, NOW_US + 10**9, every=True))
        assert [f for f in findings if f.state == "wrong" and f.check != "disk"] == []


def _tell(recording: Recording, number: int, turn: int) -> None:
    person = f"u{turn % PEOPLE}"
    group = recording.message(
        "group", user_id=person, group_id="g", traits={"size": turn, "by": number}
    )
    traits = {"email": f"{person}@firm.example", "turn": turn, "by": number}
    known = recording.message("identify", user_id=person, anonymous_id=f"a{turn}", traits=traits)
    page = recording.message("track", event="visit", anonymous_id=f"a{turn + number}")
    recording.send(*((group, known, page) if number else (page, known, group)))
