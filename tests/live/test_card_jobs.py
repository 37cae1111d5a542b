"""The jobs of cards: their results are plain, and cancelling leaves the cards as they were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from leadwise.jobs import run_here
from leadwise.jobs.plain import Plainly
from leadwise.live.accounts import AccountRules, score_accounts
from leadwise.live.card_jobs import card_handlers
from leadwise.live.publish import publish
from leadwise.store.cards import add_version, get_version, set_status
from leadwise.store.opening import Store
from leadwise.store.schema import account, account_score, account_touched, score
from tests.databases import make_tables
from tests.records import CARD, NOW_US, add_lead

ACCOUNTS = """
card: companies
version: 1
fields: {people: number}
bands: [{id: cold}, {id: hot, from: 10}]
dimensions:
  - id: size
    criteria:
      - {id: someone, when: people >= 0, points: 10}
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "leadwise.db")) as opened:
        make_tables(opened)
        with opened.transaction() as connection:
            for number in range(6):
                add_lead(connection, f"{number}@acme.example", {"employees": 98 + number})
        yield opened


def add(store: Store, text: str, subject: Any = "lead") -> int:
    version = store.write(lambda c: add_version(c, text, subject=subject, by="ana", now_us=NOW_US))
    return version.id


def status(store: Store, version_id: int) -> str:
    with store.read() as connection:
        return get_version(connection, version_id).status


def test_every_job(store: Store, tmp_path: Path) -> None:
    handlers = card_handlers(store, tmp_path / "mirror")
    one = add(store, CARD)
    two = add(store, CARD.replace("points: 20", "points: 60"))
    told: list[str] = []
    done = run_here(
        handlers["publish"], {"version_id": one, "by": "ana", "why": "first"},
        tell=lambda done, total, what: told.append(what),
    )  # fmt: skip
    assert done == {
        "version_id": one, "retired_id": None, "scored": 6, "band_changes": 6, "already": False
    }  # fmt: skip
    assert {"reading events", "writing the mirror", "scoring", "writing history"} <= set(told)
    tried = run_here(handlers["try"], {"version_id": two, "by": "ana", "days": 2})
    assert isinstance(tried, dict)
    assert (tried["live_id"], tried["leads"], tried["moved"]) == (one, 6, 4)
    assert {"from": "warm", "to": "hot", "leads": 4} in tried["bands"]
    assert run_here(handlers["shadow"], {}) == {}
    store.write(lambda c: set_status(c, two, "shadow"))
    shadowed = run_here(handlers["shadow"], {"days": 2})
    assert isinstance(shadowed, dict)
    assert tried.pop("took_ms") > 0
    assert {**tried, "as_of_us": 0} == {**shadowed[str(two)], "as_of_us": 0}
    assert run_here(handlers["refresh"], {}) == {"scores": 0, "band_changes": 0}
    mirror = {"whole": True, "leads": 0, "files": 12, "swept": 0}
    assert run_here(handlers["mirror"], {"anew": True}) == mirror


def test_cancelled(store: Store, tmp_path: Path) -> None:
    class Unwanted(Plainly):
        def cancelled(self) -> bool:
            return True

    handlers = card_handlers(store, tmp_path / "mirror")
    version_id = add(store, CARD)
    assert handlers["publish"](Unwanted("j"), {"version_id": version_id, "by": "ana"}) is None
    assert status(store, version_id) == "draft"
    assert handlers["mirror"](Unwanted("j"), {}) is None
    assert run_here(handlers["publish"], {"version_id": version_id, "by": "ana"}) is not None
    assert status(store, version_id) == "live"


def test_a_card_for_accounts_waits_for_their_scorer(store: Store, tmp_path: Path) -> None:
    version_id = add(store, ACCOUNTS, "account")

    def give(connection: Any) -> None:
        connection.execute(
            insert(account), [{"name": f"a{n}", "created_us": 0, "doc": {}} for n in range(3)]
        )

    store.write(give)
    statuses = []

    def progress(done: int, total: int, what: str) -> None:
        statuses.append(status(store, version_id))
        store.write(lambda c: score_accounts(c, NOW_US, AccountRules(), 2))

    done = publish(store, tmp_path / "mirror", version_id, "ana", None, lambda: NOW_US, progress)
    assert (done.scored, done.already) == (0, False)
    assert statuses[:-1] == ["publishing"] * (len(statuses) - 1)
    assert status(store, version_id) == "live"
    with store.read() as connection:
        assert connection.scalars(select(account_score.c.band)).all() == ["hot"] * 3
        assert connection.scalars(select(account_touched.c.id)).all() == []
        assert connection.scalars(select(score.c.lead_id)).all() == []
