"""Connections by the HTTP API: made, changed, tested, pulled from; their secrets never shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served
from tests.web.api_service import NOW_US, Running, running

TOKEN = "pat-api"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as found:
        yield found


def test_a_connection_from_its_making_to_its_end(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadwise.connect.hubspot.client.SEARCH_PACE_S", 0.0)
    admin, fake = service.client("admin"), FakeHubSpot(token=TOKEN, clock_ms=lambda: NOW_US // 1000)
    kinds = {one["name"]: one for one in admin.get("/api/connection-kinds").json()}
    assert [ask["name"] for ask in kinds["hubspot"]["asks"]][:2] == ["token", "client_secret"]
    with served(fake) as url:
        given = {"token": TOKEN, "client_secret": "env:HOOK", "address": url}
        new = {"name": "crm", "kind": "hubspot", "given": given, "pushes": True}
        made = admin.post("/api/connections", json=new)
        assert made.status_code == 201
        assert made.json()["secrets"] == {"token": "(secret)", "client_secret": "env:HOOK"}
        assert made.json()["webhook"] == "/connect/crm"
        again = admin.post("/api/connections", json=new)
        assert (again.status_code, again.json()["code"]) == (409, "already-a-connection")
        tried = admin.post("/api/connections/crm/test")
        assert tried.json()["code"] == "connection-secret"  # HOOK is not set here
        admin.patch("/api/connections/crm", json={"given": {"client_secret": ""}})
        tried = admin.post("/api/connections/crm/test")
        assert tried.json()["known_as"].startswith("HubSpot account 62515")
        assert tried.json()["can"] == ["pull", "push", "webhooks"]
        fake.token = "another"
        failed = admin.post("/api/connections/crm/test")
        assert (failed.status_code, failed.json()["code"]) == (503, "remote")
    changed = admin.patch(
        "/api/connections/crm", json={"mapping": {"jobtitle": "title", "city": ""}, "paused": True}
    ).json()
    assert (changed["mapping"], changed["paused"]) == (
        {"jobtitle": "title", "city": ""}, "2027-01-15T08:00:00Z",
    )  # fmt: skip
    every = [admin.get(f"/api/connections{rest}").text for rest in ("", "/crm", "/crm/exchanges",
                                                                    "/crm/pushed")]  # fmt: skip
    trail = service.client("privacy").get("/api/audit")
    assert TOKEN not in "".join(every) + trail.text
    assert {one["action"] for one in trail.json()["items"] if one["subject"] == "connection"} >= {
        "create", "change",
    }  # fmt: skip
    assert admin.delete("/api/connections/crm").status_code == 204
    assert admin.get("/api/connections/crm").json()["code"] == "no-such-connection"


def test_pulls_and_pushes_are_jobs(service: Running) -> None:
    admin = service.client("admin")
    admin.post("/api/connections",
               json={"name": "crm", "kind": "hubspot", "given": {"token": "x"}})  # fmt: skip
    begun = [admin.post(f"/api/connections/crm/{what}", json={}) for what in ("pull", "push")]
    assert [one.status_code for one in begun] == [202, 202]
    jobs = {job["id"]: job["kind"] for job in admin.get("/api/jobs").json()["items"]}
    assert [jobs[one.json()["job"]] for one in begun] == ["pull", "push"]
    assert admin.post("/api/connections/nobody/pull", json={}).status_code == 404


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "hubspott"}, "no-such-kind"),
        ({"given": {}}, "connection-option"),
        ({"given": {"token": "x", "tokken": "y"}}, "connection-option"),
        ({"name": "Bad name"}, "bad-request"),
    ],
)
def test_what_is_no_connection(service: Running, given: dict[str, object], code: str) -> None:
    new = {"name": "crm", "kind": "hubspot", "given": {"token": "x"}, **given}
    answer = service.client("admin").post("/api/connections", json=new)
    assert answer.json()["code"] == code
    assert 400 <= answer.status_code < 500
