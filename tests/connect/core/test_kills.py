"""kill -9 at random instants of a pull and push: nothing twice, nothing missed, nothing older."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from leadwise.store.connections import change_connection, get_cursor
from leadwise.store.outcomes import list_outcomes
from leadwise.store.schema import event, lead
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served
from tests.connect.core.places import Place, place_of

ROOT = Path(__file__).parents[3]
PEOPLE, DEALS = 230, 60
KILLS = int(os.environ.get("LEADWISE_TEST_KILLS", "2"))
"""More of them take long: starting a process takes seconds."""


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with place_of(request.param, tmp_path, request) as made:
        yield made


def test_killed_at_any_instant(place: Place) -> None:
    ago = int(time.time() * 1000) - 3_600_000
    fake = FakeHubSpot(token="pat-kill")
    people = [fake.add("contacts", {"email": f"p{n}@acme.example", "numemployees": "500"}, ago)
              for n in range(PEOPLE)]  # fmt: skip
    for n in range(DEALS):
        values = {"amount": "10", "deal_currency_code": "EUR", "hs_is_closed": "true",
                  "hs_is_closed_won": "true"}  # fmt: skip
        fake.link("deals", fake.add("deals", values, ago), "contacts", people[n])
    with served(fake) as url:
        with place.store.transaction() as connection:
            change_connection(connection, place.row.id, secrets={"token": fake.token},
                              options={"address": url, "events": ""},
                              mapping={"numemployees": "employees"})  # fmt: skip
        chance = random.Random(7)
        killed = sum(_killed(place, chance.uniform(0.02, 0.8)) for _ in range(KILLS))
        assert _run(place).wait(60) == 0
    assert killed
    with place.store.read() as connection:
        counts = Counter(connection.scalars(select(event.c.message_id)))
        assert max(counts.values()) == 1
        assert connection.execute(select(func.count()).select_from(lead)).scalar_one() == PEOPLE
        won = list_outcomes(connection, limit=500)
        assert get_cursor(connection, place.row.id, "first pull") is None
    assert Counter(one.kind for one in won) == {"won": DEALS}
    assert sum(one.value or 0 for one in won) == DEALS * 1000
    there = [row["properties"] for row in fake.objects["contacts"].values()]
    assert {row["leadwise_score"] for row in there} == {"20"}
    assert len(fake.objects["contacts"]) == PEOPLE
    sent = Counter(
        one["id"] for call in fake.made("POST", "batch/update") for one in call.json["inputs"]
    )
    again = sum(number - 1 for number in sent.values())
    assert again <= killed * 200  # at most the batch that each kill left untold


def _run(place: Place) -> subprocess.Popen[bytes]:
    store = place.store.url
    return subprocess.Popen(
        [sys.executable, "-m", "tests.connect.core.killed", store], cwd=ROOT,
        stdout=subprocess.PIPE,
    )  # fmt: skip


def _killed(place: Place, after_s: float) -> bool:
    """Whether it was killed before it was done."""
    with _run(place) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begins\n"
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            return True
    return False
