"""What is said late, or of a browser that changes hands, leads to the facts that a fold gives.

Both were found by the loader of these tests, which sends a fifth of its events late.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadwise.store.facts import facts_of, folded_facts
from leadwise.store.opening import Store
from leadwise.store.schema import metadata
from tests.ingest.recording import SECOND_US, Recording
from tests.records import NOW_US, make_live

START_US = NOW_US - 20 * SECOND_US


@pytest.fixture
def recording(tmp_path: Path) -> Any:
    with Store(str(tmp_path / "leadwise.db")) as store:
        store.write(metadata.create_all)
        store.write(make_live)
        yield Recording(store)


def facts(recording: Recording, lead_id: int) -> list[tuple[int, Any]]:
    """Seconds and what was known from then on; the same as a fold of the events."""
    with recording.store.read() as connection:
        found = facts_of(connection, lead_id)
        assert found == folded_facts(connection, lead_id)
    return [((row.from_us - START_US) // SECOND_US, row.document) for row in found]


def said(second: int, **given: Any) -> dict[str, Any]:
    return {"at_us": START_US + second * SECOND_US, **given}


def test_a_late_change_between_two_that_agree(recording: Recording) -> None:
    recording.identify(**said(1, user_id="u", traits={"country": "AT"}))
    recording.identify(**said(9, user_id="u", traits={"country": "AT"}))
    recording.identify(**said(5, user_id="u", traits={"country": "PT"}))
    assert facts(recording, recording.lead("user", "u")) == [
        (1, {"country": "AT"}), (5, {"country": "PT"}), (9, {"country": "AT"}),
    ]  # fmt: skip


def test_a_late_change_of_a_company(recording: Recording) -> None:
    for second, size in ((1, 10), (9, 10), (5, 20)):
        traits = {"size": size}
        recording.send(
            recording.message("group", **said(second, user_id="u", group_id="g", traits=traits))
        )
    assert facts(recording, recording.lead("user", "u")) == [
        (1, {"account.size": 10}), (5, {"account.size": 20}), (9, {"account.size": 10}),
    ]  # fmt: skip


def test_a_browser_that_changed_hands_before_it_spoke(recording: Recording) -> None:
    recording.identify(**said(1, user_id="one", anonymous_id="a", traits={"country": "AT"}))
    recording.identify(**said(9, anonymous_id="a", traits={"employees": 500}))
    recording.score()
    recording.identify(**said(5, user_id="two", anonymous_id="a", traits={"country": "PT"}))
    recording.score(1)
    one, two = recording.lead("user", "one"), recording.lead("user", "two")
    assert facts(recording, one) == [(1, {"country": "AT"})]
    assert facts(recording, two) == [
        (5, {"country": "PT"}), (9, {"country": "PT", "employees": 500}),
    ]  # fmt: skip
    # The card gives 20 for a large company.
    assert [recording.score_of(lead_id) for lead_id in (one, two)] == [(0, "cold"), (2000, "warm")]
