"""Studies of the record, asked as jobs and kept, on both stores."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from leadwise.card import parse
from leadwise.jobs import run_here
from leadwise.learn.asked import Asked
from leadwise.learn.calibration.model import from_document
from leadwise.learn.jobs import Learning, learn_handlers
from leadwise.store.drafts import list_drafts
from leadwise.store.opening import Store
from leadwise.store.outcomes import add_outcome
from leadwise.store.studies import (
    Kind,
    Study,
    ask_study,
    calibration_of,
    find_study,
    latest_study,
    open_study,
)
from tests.databases import make_tables, postgres_database
from tests.records import DAY_US, NOW_US, add_lead, make_live

ASKED = Asked(horizon_days=30, every_days=20, calls_a_day=2)
LEADS = 240


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with ExitStack() as stack:
        url = str(tmp_path / "leadwise.db")
        if request.param == "postgres":
            server = str(request.getfixturevalue("postgres_url"))
            url = stack.enter_context(postgres_database(server))
        opened = stack.enter_context(Store(url))
        make_tables(opened)
        yield opened


def ago(days: float) -> int:
    return NOW_US - int(days * DAY_US)


def fill(connection: Connection, leads: int = LEADS) -> int:
    """One lead a day, large ones win twice as often; the card's version."""
    for number in range(leads):
        came = leads * 0.9 - number * 0.9
        large = number % 2 == 0
        did = [("visit", ago(came - 1), {})] * (number % 3 > 0)
        lead_id = add_lead(
            connection, f"{number}@acme.example", {"employees": 500 if large else 5}, did, ago(came)
        )
        won = number % 10 in (0, 2, 4, 1) or number % 7 == 0
        if came > 25:
            add_outcome(
                connection, lead_id, "won" if won else "lost", at_us=ago(came - 22), now_us=NOW_US,
                source="test", message_id=str(number),
            )  # fmt: skip
    return make_live(connection).id


def ask(store: Store, kind: Kind, version_id: int, asked: Asked = ASKED) -> Study:
    return store.write(
        lambda c: ask_study(
            c, kind, version_id, "won", asked.document(), by="member:7", now_us=NOW_US,
            job_id=f"study:{kind}",
        )
    )  # fmt: skip


def answered(store: Store, tmp_path: Path, kind: Kind, version_id: int) -> Any:
    study = ask(store, kind, version_id)
    with store.read() as connection:
        assert open_study(connection, kind, version_id) == study
    handlers = learn_handlers(Learning(store, tmp_path / "mirror"))
    told = run_here(handlers["study"], {"study": study.id})
    with store.read() as connection:
        found = find_study(connection, study.id)
        assert open_study(connection, kind, version_id) is None
        assert told == {"study": study.id, "problem": None} == told | {"problem": found.problem}
        assert latest_study(connection, kind, version_id) == found
    return found.document


def test_the_card_against_what_came_after(store: Store, tmp_path: Path) -> None:
    version_id = store.write(fill)
    found = answered(store, tmp_path, "backtest", version_id)
    held = found["backtest"]
    assert held["leads"] > 150
    assert held["buyers"] > 50
    order = held["orders"][0]
    assert order["name"] == "card"
    assert 0.5 < order["auc"]["low"] < order["auc"]["value"] < 0.8
    assert held["verdict"]
    assert held["per_day"] == 2
    again = answered(store, tmp_path, "backtest", version_id)
    assert json.dumps(again, sort_keys=True) == json.dumps(found, sort_keys=True)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_every_other_kind(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    version_id = store.write(fill)
    found = answered(store, tmp_path, "calibrate", version_id)
    calibration = from_document(found["calibration"])
    assert all(0 < knot.low <= knot.probability <= knot.high < 1 for knot in calibration.knots)
    assert found["thresholds"][0]["points"] >= 0
    with store.read() as connection:
        assert calibration_of(connection, version_id) == found["calibration"]
        assert calibration_of(connection, version_id, "sales_qualified") is None

    found = answered(store, tmp_path, "refine", version_id)
    by_name = {one["criterion"]: one for one in found["criteria"]}
    assert (by_name["large"]["verdict"], by_name["asked"]["verdict"]) == ("helps", "never fires")
    for one in found["proposals"]:
        assert one["now"] != one["proposed"]
        assert one["leads"] >= one["changed"] >= one["moved"]

    found = answered(store, tmp_path, "learn", version_id)
    assert parse(found["learned"]["text"]).card is not None
    assert found["later"]["orders"][1]["name"] == "learned card"
    with store.read() as connection:
        (draft,) = list_drafts(connection)
    assert draft.id == found["draft_id"]
    assert (draft.text, draft.member_id) == (found["learned"]["text"], 7)

    with caplog.at_level(logging.WARNING, "leadwise.learn"):
        found = answered(store, tmp_path, "drift", version_id)
    drift = found["drift"]
    assert drift["score"]["verdict"] in ("steady", "too few")
    assert drift["months"]
    assert len(caplog.records) == len(drift["alerts"])
