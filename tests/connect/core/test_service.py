"""The running service with a HubSpot: a deal's contact changes there, its score stands there."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from leadwise.connect.setting_up import add, change
from leadwise.settings import ScheduleSettings, Settings
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served
from leadwise.web.app import create_app
from leadwise.web.wiring import build
from tests.records import make_live

TOKEN, SECRET = "pat-service-token", "hook-service-secret"
WAIT_S = 20.0


def test_from_a_webhook_to_the_score_in_hubspot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("HUBSPOT_TOKEN", TOKEN)
    monkeypatch.setattr("leadwise.connect.hubspot.client.SEARCH_PACE_S", 0.0)
    fake = FakeHubSpot(token=TOKEN, client_secret=SECRET)
    off = dict.fromkeys(ScheduleSettings.model_fields, "")
    built = build(Settings(data=tmp_path, worker="w1", schedules=ScheduleSettings(**off)))
    store = built.service.store
    with served(fake) as url:
        given = {"token": "env:HUBSPOT_TOKEN", "client_secret": SECRET, "address": url}
        with store.transaction() as connection:
            make_live(connection)
            add(connection, "crm", "hubspot", given, pushes=True, by="test", now_us=1)
            change(connection, "crm", {}, by="test", now_us=2,
                   mapping={"numemployees": "employees"})  # fmt: skip
        with built.service.running():
            web = TestClient(create_app(built.service, built.routes, built.routers),
                             client=("127.0.0.1", 1))  # fmt: skip
            ana = fake.add("contacts", {"email": "ana@acme.example", "numemployees": "500"})
            event = {"subscriptionType": "contact.creation", "objectId": int(ana)}
            headers, body = fake.webhook("http://testserver/connect/crm", event)
            for _ in range(2):
                assert web.post("/connect/crm", content=body, headers=headers).status_code == 200
            there = fake.objects["contacts"][ana]["properties"]
            assert _soon(lambda: there.get("leadwise_band") == "warm"), dict(there)
            echo = {"subscriptionType": "contact.propertyChange", "objectId": int(ana),
                    "propertyName": "leadwise_score"}  # fmt: skip
            headers, body = fake.webhook("http://testserver/connect/crm", echo)
            assert web.post("/connect/crm", content=body, headers=headers).status_code == 200
            bad = web.post("/connect/crm", content=body + b" ", headers=headers)
            assert bad.status_code == 401
    assert len(fake.made("POST", "batch/update")) == 1
    assert TOKEN not in caplog.text
    assert SECRET not in caplog.text + bad.text


def _soon(true: Any) -> bool:
    until = time.monotonic() + WAIT_S
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return bool(true())
