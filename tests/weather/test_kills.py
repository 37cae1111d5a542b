"""kill -9 at random instants, in short; `make kills` is the long form with 200 on each store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.weather.kills import run, store
from tests.weather.nursery import Nursery

KILLS = 5
SECONDS = 10.0
"""On a busy machine there are fewer kills rather than a longer test."""


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_killed_again_and_again(kind: str, tmp_path: Path, nursery: Nursery) -> None:
    with store(kind, tmp_path, nursery) as (server, database):
        story = run(
            server, KILLS, seed=7, database=database, most_seconds=SECONDS, server_share=0.4
        )
    assert story.verdict is not None
    assert story.verdict.wrong == ()
    assert story.exit_status == 0
    assert story.service_kills >= 2
    assert story.verdict.events >= len(story.sent.acknowledged) > 20
    assert story.verdict.band_changes >= story.verdict.scores > 10
