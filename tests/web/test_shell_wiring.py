"""The real parts together, over both stores: started, ready, an event scored, stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from leadwise.errors import UserError
from leadwise.settings import ScheduleSettings, Settings
from leadwise.store import migrations
from leadwise.store.cards import add_version, set_status
from leadwise.store.keys import create_key
from leadwise.store.opening import Store
from leadwise.web.app import create_app
from leadwise.web.wiring import build
from leadwise.web.work import schedules_of
from tests.databases import postgres_database
from tests.web.shell import WAIT_SECONDS

CARD = """
card: interest
version: 1
events:
  demo_requested:
dimensions:
  - id: doing
    criteria:
      - {id: demo, on: demo_requested, points: 40}
bands:
  - {id: cold}
  - {id: hot, from: 40}
"""


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    if request.param == "sqlite":
        yield Settings(data=tmp_path, worker="w1")
        return
    with postgres_database(request.getfixturevalue("postgres_url"), empty=True) as url:
        with pytest.raises(UserError) as caught:
            build(Settings(data=tmp_path, database=url))
        assert (caught.value.code, "init" in caught.value.hint) == ("store-version", True)
        with Store(url) as store:
            migrations.upgrade(store)
        yield Settings(data=tmp_path, database=url, worker="w1")


def test_an_event_becomes_a_score_and_a_band(settings: Settings) -> None:
    built = build(settings)
    store = built.service.store
    with store.transaction() as connection:
        version = add_version(connection, CARD, subject="lead", by="tests", now_us=1)
        set_status(connection, version.id, "live")
        _, write = create_key(connection, "site", by="tests", now_us=1, kind="write")
        _, read = create_key(
            connection, "crm", by="tests", now_us=1, scopes=frozenset({"read:leads"})
        )
    headers = {"Authorization": f"Bearer {read}"}
    with built.service.running():
        web = TestClient(create_app(built.service, built.routes, built.routers),
                         client=("127.0.0.1", 1))  # fmt: skip
        assert web.get("/readyz").json() == {"status": "ready"}
        body = {"event": "Demo Requested", "userId": "ada", "messageId": "m1"}
        assert web.post("/v1/track", json=body, auth=(write, "")).json() == {"success": True}
        assert web.post("/v1/track", json=body, auth=("lww_no", "")).status_code == 401
        assert web.post("/f/none", data={"a": "b"}).status_code == 404
        end = time.monotonic() + WAIT_SECONDS
        while True:
            leads = web.get("/api/leads", headers=headers)
            assert leads.status_code == 200, leads.text
            if "hot" in leads.text or time.monotonic() > end:
                break
            time.sleep(0.1)
        assert "hot" in leads.text
        text = web.get("/metrics").text
    for line in (
        'leadwise_events_total{outcome="recorded"} 1.0',
        "leadwise_scores_total 1.0",
        "leadwise_score_lag_seconds_count 1.0",
        "leadwise_touched 0.0",
        'leadwise_jobs{state="failed"} 0.0',
        'route="/api/leads",status="200"',
    ):
        assert line in text, line
    assert built.service.troubles() == ["The service is stopping."]


def test_what_is_set_to_never_is_never_done() -> None:
    known = {"retention": lambda _c, _a: None, "mirror": lambda _c, _a: None}
    settings = Settings(schedules=ScheduleSettings(mirror="", retention="5 4 * * *"))
    assert [(s.kind, s.cron) for s in schedules_of(settings, known)] == [("retention", "5 4 * * *")]
