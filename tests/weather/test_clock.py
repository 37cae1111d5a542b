"""A machine's clock that is put back by an hour, and again, while events come in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadwise.store import migrations
from leadwise.store.doctor import Patient, examine, snapshot
from leadwise.store.doctor_scores import check_scores
from leadwise.store.opening import Store
from tests.databases import postgres_database
from tests.ingest.recording import SECOND_US, Recording
from tests.records import make_live
from tests.weather.chains import broken_chains
from tests.weather.people import CARD

HOUR_US = 3_600 * SECOND_US
MOVES = (0, SECOND_US, -HOUR_US, SECOND_US, -HOUR_US, 5 * SECOND_US, 3 * HOUR_US)
LEADS = 6


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_clock_goes_back(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if kind == "sqlite":
        _check(f"sqlite:///{tmp_path / 'leadwise.db'}")
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as url:
        _check(url)


def _check(url: str) -> None:
    with Store(url) as store:
        migrations.upgrade(store)
        store.write(lambda connection: make_live(connection, CARD))
        recording = Recording(store)
        asked: dict[int, int] = {}
        for step, move_us in enumerate(MOVES):
            recording.now_us += move_us
            _something_happens(recording, step)
            recording.score()
            _nothing_is_wrong(recording)
            # The moment that a score is of never goes back, nor is a lead left at an old one.
            now = dict(recording.rows("SELECT lead_id, as_of_us FROM score"))
            assert len(now) == LEADS
            assert all(now[lead_id] >= at_us for lead_id, at_us in asked.items())
            assert all(at_us >= recording.now_us for at_us in now.values())
            asked = now
        # At last an hour passes: the windows of seconds are over, and everybody is told of it.
        recording.score(after_s=3_600)
        _nothing_is_wrong(recording)
        bands: list[Any] = recording.rows("SELECT shown_band FROM score")
        assert {band for (band,) in bands} <= {"cold", "warm"}
        causes = {cause for (cause,) in recording.rows("SELECT cause FROM band_change")}
        assert {"event", "time"} <= causes


def _something_happens(recording: Recording, step: int) -> None:
    """To everybody, by the clock as it is: they are hot for some seconds."""
    for number in range(LEADS):
        who = {"user_id": f"u{number}", "anonymous_id": f"a{number}"}
        traits = {"employees": 50 * (step % 4), "email": f"u{number}@firm.example"}
        recording.identify(traits=traits, **who)
        for name in ("page_viewed", "page_viewed", "visit", "demo_requested"):
            recording.track(name, anonymous_id=f"a{number}")


def _nothing_is_wrong(recording: Recording) -> None:
    with snapshot(recording.store) as connection:
        checked = check_scores(connection)
        assert (checked.wrong, checked.first, checked.unscored, checked.waiting) == (0, (), 0, 0)
        assert list(broken_chains(connection)) == []
    findings = examine(Patient(recording.store, recording.now_us, every=True))
    assert [f for f in findings if f.state == "wrong"] == []
