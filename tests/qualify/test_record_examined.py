"""The doctor: each answer that counts has its event, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from leadwise.qualify.examining import check_answers
from leadwise.qualify.reviewing import reject
from leadwise.store.opening import Store
from tests.qualify.record_store import HELD_US, budget, keep, opened, talk
from tests.records import DAY_US, NOW_US, add_lead

SAID = talk("We have 80k signed off.")
LATER = talk("Now we have 90k.")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with opened(request, tmp_path) as found:
        yield found


def state(store: Store, since_us: int = 0) -> tuple[str, tuple[str, ...]]:
    with store.read() as connection:
        found = check_answers(connection, since_us)
    return found.state, found.examples


def test_answers_and_their_events_are_held_against_each_other(store: Store) -> None:
    lead_id = store.write(lambda c: add_lead(c, "ann@acme.example", at_us=HELD_US - DAY_US))
    first = store.write(lambda c: keep(c, lead_id, SAID, budget(SAID, "80k", 80_000)))[1]
    second = store.write(
        lambda c: keep(c, lead_id, LATER, budget(LATER, "90k", 90_000), held_us=HELD_US + DAY_US)
    )[1]
    (one,) = [each for each in first.answers if each.question == "budget"]
    (two,) = [each for each in second.answers if each.question == "budget"]
    store.write(lambda c: reject(c, two.id, actor="member:1", now_us=NOW_US))
    assert state(store) == ("fine", ())

    store.write(lambda c: c.execute(text("DELETE FROM event WHERE source = 'qualify'")))
    assert state(store) == ("wrong", (f"answer {one.id} counts, but its facts were not recorded",))
    assert state(store, HELD_US + 1) == ("fine", ())


def test_an_event_of_an_answer_that_counts_no_more_is_found(store: Store) -> None:
    lead_id = store.write(lambda c: add_lead(c, "ann@acme.example", at_us=HELD_US - DAY_US))
    kept = store.write(lambda c: keep(c, lead_id, SAID, budget(SAID, "80k", 80_000)))[1]
    (one,) = [each for each in kept.answers if each.question == "budget"]
    store.write(
        lambda c: c.execute(text(f"UPDATE answer SET review = 'rejected' WHERE id = {one.id}"))
    )
    said = f"'answer:{one.id}' states facts, but no answer that counts is behind it"
    assert state(store) == ("wrong", (said,))
