"""Studies of the record, asked as jobs and kept, on both stores."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update

from leadwise.card import parse
from leadwise.jobs import run_here
from leadwise.jobs.plain import Plainly
from leadwise.learn.asked import Asked
from leadwise.learn.calibration.model import from_document
from leadwise.learn.jobs import BY_ITSELF, Learning, learn_handlers
from leadwise.store.cards import live_version, with_status
from leadwise.store.drafts import list_drafts
from leadwise.store.opening import Store
from leadwise.store.outcomes import add_outcome
from leadwise.store.schema import study
from leadwise.store.studies import (
    Kind,
    Study,
    ask_study,
    calibration_of,
    find_study,
    latest_study,
    list_studies,
    open_study,
)
from tests.databases import make_tables, postgres_database
from tests.records import DAY_US, NOW_US, add_lead, make_live

ASKED = Asked(horizon_days=30, every_days=20, calls_a_day=4)
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
    asked = ask(store, kind, version_id)
    with store.read() as connection:
        assert open_study(connection, kind, version_id) == asked
    handlers = learn_handlers(Learning(store, tmp_path / "mirror"))
    told = run_here(handlers["study"], {"study": asked.id})
    with store.read() as connection:
        found = find_study(connection, asked.id)
        assert open_study(connection, kind, version_id) is None
        assert told == {"study": asked.id, "problem": None} == told | {"problem": found.problem}
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
    assert held["per_day"] == 4
    tried = found["capacity"]
    share = tried["orders"]["card"][tried["per_day"].index(4)]
    assert share == order["calls"]["found"] / order["calls"]["buyers"]
    again = answered(store, tmp_path, "backtest", version_id)
    assert json.dumps(again, sort_keys=True) == json.dumps(found, sort_keys=True)


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


def test_by_itself(store: Store, tmp_path: Path) -> None:
    """A learned card becomes a shadow card; it is published only once the gate is open."""
    version_id = store.write(fill)
    of = Learning(store, tmp_path / "mirror", asked=ASKED, publish_when_better=True)
    handlers = learn_handlers(of)

    class AtNow(Plainly):
        def now_us(self) -> int:
            return NOW_US

    handlers["relearn"](AtNow("monthly"), {})
    with store.read() as connection:
        live, shadow = with_status(connection, "lead", "live", "shadow")
        assert live.id == version_id
        assert shadow.created_by == BY_ITSELF
        (learned,) = list_studies(connection, "learn")
    assert learned.asked_by == BY_ITSELF
    handlers["recalibrate"](AtNow("weekly"), {})
    handlers["recalibrate"](AtNow("weekly"), {})
    with store.read() as connection:
        asked = [(one.kind, one.version_id, bool(one.problem)) for one in list_studies(connection)]
        assert asked == [
            ("gate", shadow.id, True), ("drift", version_id, False),
            ("calibrate", version_id, False), ("learn", version_id, False),
        ]  # fmt: skip
        assert live_version(connection) == live

    def opened(connection: Connection) -> None:
        connection.execute(
            update(study)
            .where(study.c.kind == "gate")
            .values(problem=None, document={"champion_id": version_id, "gate": {"open": True}})
        )

    store.write(opened)
    handlers["recalibrate"](AtNow("weekly"), {})
    with store.read() as connection:
        now = live_version(connection)
        assert now is not None
        assert (now.id, now.published_by) == (shadow.id, BY_ITSELF)


def test_what_gives_the_outcome_away_is_refused(store: Store, tmp_path: Path) -> None:
    """By its name, as a problem of the study; the job goes well."""

    def filled(connection: Connection) -> int:
        for number in range(60):
            won = number % 2 == 0
            did = [("visit", ago(120 - number), {})]
            did += [("demo_requested", ago(100 - number), {})] * won
            lead_id = add_lead(connection, f"{number}@acme.example", {}, did, ago(130 - number))
            add_outcome(
                connection, lead_id, "won" if won else "lost", at_us=ago(100 - number),
                now_us=NOW_US, source="test", message_id=str(number),
            )  # fmt: skip
        return make_live(connection).id

    asked = ask(store, "backtest", store.write(filled))
    handlers = learn_handlers(Learning(store, tmp_path / "mirror"))
    run_here(handlers["study"], {"study": asked.id})
    with store.read() as connection:
        found = find_study(connection, asked.id)
    assert found.document is None
    assert found.problem is not None
    assert "demo_requested" in found.problem
