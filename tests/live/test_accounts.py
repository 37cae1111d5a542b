"""Accounts are scored when their people are, and when their own time comes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.live.accounts import AccountRules, accounts_are_due, score_accounts
from leadwise.live.publish import publish
from leadwise.store.cards import add_version, set_status
from leadwise.store.opening import Store
from tests.databases import make_tables
from tests.ingest.recording import Recording
from tests.records import DAY_US, make_live

CARD = """
card: companies
version: 1
fields:
  people: number
  best_score: number
  hot_people: number
  roles: number
  size: number
  since: time
dimensions:
  - id: all
    criteria:
      - {id: large, when: size > 100, points: 20}
      - {id: best, when: best_score >= 25, points: 30}
      - {id: wide, when: roles >= 2, points: 10}
      - {id: known-long, when: days_since(since) > 30, points: 5}
bands: [{id: low}, {id: high, from: 50}]
"""


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    with Store(str(tmp_path / "a.db")) as store:
        make_tables(store)
        store.write(make_live)
        yield Recording(store)


def fill(recording: Recording) -> None:
    recording.identify(user_id="ann", traits={"employees": 300, "role": "buyer"})
    recording.identify(user_id="bob", traits={"role": "user"})
    recording.track("visit", user_id="ann")
    traits = {"size": 500, "since": "2027-01-01T00:00:00Z"}
    for user in ("ann", "bob"):
        recording.send(recording.message("group", user_id=user, group_id="g", traits=traits))
    recording.score()


def go_live(recording: Recording) -> None:
    def work(connection):
        version = add_version(connection, CARD, subject="account", by="me", now_us=1)
        set_status(connection, version.id, "live")

    recording.store.write(work)


def score(recording: Recording) -> int:
    return recording.store.write(
        lambda c: score_accounts(c, recording.now_us, AccountRules()), "scores", alone=True
    )


def stored(recording: Recording) -> list[tuple[int, str]]:
    return recording.rows("SELECT score, band FROM account_score")


def test_an_account_follows_its_people_and_its_time(recording: Recording) -> None:
    go_live(recording)
    fill(recording)
    assert score(recording) == 1
    assert stored(recording) == [(6000, "high")]
    assert score(recording) == 0
    recording.now_us += 20 * DAY_US  # NOW_US is in the middle of January 2027
    with recording.store.read() as connection:
        assert accounts_are_due(connection, recording.now_us)
    assert score(recording) == 1
    assert stored(recording) == [(6500, "high")]
    assert score(recording) == 0


def test_a_card_of_accounts_is_published_without_a_service(
    recording: Recording, tmp_path: Path
) -> None:
    fill(recording)
    version = recording.store.write(
        lambda c: add_version(c, CARD, subject="account", by="me", now_us=1)
    )
    publish(recording.store, tmp_path / "mirror", version.id, "me", None,
            lambda: recording.now_us, lambda *_: None, account_rules=AccountRules())  # fmt: skip
    assert stored(recording) == [(6000, "high")]
