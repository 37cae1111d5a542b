"""Playbooks, runs, tasks and absences over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leadwise.playbooks.runs.running import move_due
from leadwise.playbooks.triggers.left_out import remember
from leadwise.playbooks.triggers.model import Candidate
from leadwise.settings import Settings
from leadwise.store.audit import list_audit
from leadwise.store.members import add_member
from tests.playbooks.engine.world import World
from tests.web.api_service import Running, running, with_leads

ASKS = """
playbook: asks
version: 1
starts: {event: demo_requested}
steps:
  - approve: {question: May we?, of: team}
  - task: {title: Call, wait: true, to: team}
"""
BAD = ASKS.replace("question", "qestion")


def test_a_playbook_is_added_checked_published_and_started(tmp_path: Path) -> None:
    with running(tmp_path, jobs=False) as service:
        with_leads(service)
        client = service.client()
        checked = client.post("/api/playbooks/check", json={"text": BAD}).json()
        assert checked["ok"] is False
        assert {"unknown-key", "missing-key"} & {one["code"] for one in checked["problems"]}
        refused = client.post("/api/playbooks", json={"text": BAD})
        assert refused.status_code == 422
        assert refused.json()["problems"][0]["where"]["line"]
        added = client.post("/api/playbooks", json={"text": ASKS, "why": "to try"}).json()
        assert (added["status"], added["playbook"], added["text"]) == ("draft", "asks", ASKS)
        again = client.post("/api/playbooks", json={"text": ASKS}).json()
        assert again["id"] == added["id"]
        address = f"/api/playbooks/{added['id']}"
        early = client.post(f"{address}/start", json={"lead_ids": [1]})
        assert (early.status_code, early.json()["code"]) == (409, "stale-version")
        published = client.post(f"{address}/publish", json={}).json()
        assert (published["status"], published["published"]) == ("live", "2027-01-15T08:00:00Z")
        started = client.post(f"{address}/start", json={"lead_ids": [1, 2, 99]}).json()
        assert len(started["run_ids"]) == 2
        assert started["left_out"] == [{"lead_id": 99, "why": "There is no such lead."}]
        (listed,) = client.get("/api/playbooks?playbook=asks").json()
        assert listed["active"] == 2
        assert client.post(f"{address}/pause").json()["status"] == "paused"
        assert client.post(f"{address}/resume").json()["status"] == "live"
        assert client.post(f"{address}/retire", json={"stop": True}).json() == {"stopped": 2}
        assert client.get("/api/playbooks/99").status_code == 404


def test_why_a_playbook_did_nothing_for_a_lead(tmp_path: Path) -> None:
    with running(tmp_path, jobs=False) as service:
        with_leads(service)
        client = service.client()
        added = client.post("/api/playbooks", json={"text": ASKS}).json()
        client.post(f"/api/playbooks/{added['id']}/publish", json={})
        why = client.get("/api/playbooks/why?playbook=asks&lead_id=1").json()
        assert (why["playbook"], why["version"], why["lead_id"]) == ("asks", 1, 1)
        assert {"lead", "start", "playbook"} >= {one["what"] for one in why["found"]}
        assert any("'demo_requested' happens: the lead" in one["text"] for one in why["found"])
        client.post(f"/api/playbooks/{added['id']}/start", json={"lead_ids": [1]})
        again = client.get("/api/playbooks/why?playbook=asks&lead_id=1").json()
        (run,) = [one for one in again["found"] if one["what"] == "run"]
        assert (run["against"], run["at"]) == (True, "2027-01-15T08:00:00Z")
        one = Candidate("event:1", "event", 0, 2, 1)
        service.store.write(lambda c: remember(c, "asks", [(one, "cools down")], {}, 1))
        left = client.get("/api/playbooks/left-out?playbook=asks").json()
        assert left["counts"] == {"cools down": 1}
        assert left["leads"][0]["lead_id"] == 2
        assert client.get("/api/playbooks/why?playbook=no&lead_id=1").status_code == 404
        assert client.get("/api/playbooks/why?playbook=asks&lead_id=99").status_code == 404


def test_runs_and_tasks_are_seen_and_ended(tmp_path: Path) -> None:
    with running(tmp_path, jobs=False) as service:
        with_leads(service)
        client = service.client()
        added = client.post("/api/playbooks", json={"text": ASKS}).json()
        client.post(f"/api/playbooks/{added['id']}/publish", json={})
        address = f"/api/playbooks/{added['id']}/start"
        run_ids = client.post(address, json={"lead_ids": [1, 2, 3]}).json()["run_ids"]
        _move(service)
        page = client.get("/api/runs?playbook=asks&state=waiting&limit=2").json()
        assert [one["id"] for one in page["items"]] == run_ids[:0:-1]
        rest = client.get("/api/runs", params={"limit": 2, "cursor": page["next"]}).json()
        assert [one["id"] for one in rest["items"]] == run_ids[:1]
        assert rest["items"][0]["awaits"] == "task"
        first, second, third = client.get("/api/tasks?state=open").json()["items"]
        assert (first["kind"], first["title"], first["due"]) == (
            "approval", "May we?", "2027-01-18T08:00:00Z",
        )  # fmt: skip
        member = service.write(
            lambda c: add_member(c, "Ann", "ann@t.example", "representative", by="x", now_us=1).id
        )
        given = client.post(f"/api/tasks/{first['id']}/give", json={"member_id": member}).json()
        assert given["member_id"] == member
        done = client.post(f"/api/tasks/{first['id']}/done", json={"said": "yes"}).json()
        assert (done["state"], done["said"]) == ("done", "yes")
        assert done["ended_by"].startswith("key:")
        twice = client.post(f"/api/tasks/{first['id']}/refuse", json={})
        assert (twice.status_code, twice.json()["code"]) == (409, "already-done")
        client.post(f"/api/tasks/{second['id']}/refuse", json={"said": "too dear"})
        assert client.post(f"/api/runs/{third['run_id']}/stop").json() == {"did": True}
        assert client.post(f"/api/runs/{third['run_id']}/stop").json() == {"did": False}
        _move(service)
        states = {one["id"]: one for one in client.get("/api/runs").json()["items"]}
        assert states[first["run_id"]]["state"] == "waiting"
        assert (states[second["run_id"]]["state"], states[second["run_id"]]["why"]) == (
            "done", "Refused: too dear",
        )  # fmt: skip
        assert states[third["run_id"]]["why"] == f"{done['ended_by']} stopped it."
        whole = client.get(f"/api/runs/{first['run_id']}").json()
        assert [(one["step"], one["state"]) for one in whole["steps"]] == [
            ("approve", "done"), ("task", "waited"),
        ]  # fmt: skip
        assert whole["steps"][0]["result"]["said"] == "yes"
        held = client.post(f"/api/runs/{first['run_id']}/go-on", json={"how": "again"})
        assert (held.status_code, held.json()["code"]) == (409, "stale-run")
        assert client.get("/api/runs/99").status_code == 404
        with service.store.read() as connection:
            assert list_audit(connection, subject="playbook run")[0].action == "read"


def test_absences_are_kept_and_taken_back(tmp_path: Path) -> None:
    with running(tmp_path, jobs=False) as service:
        client = service.client()
        member = service.write(
            lambda c: add_member(c, "Ann", "ann@t.example", "representative", by="x", now_us=1).id
        )
        body = {
            "member_id": member,
            "from": "2027-01-15T00:00:00Z",
            "until": "2027-01-20T00:00:00Z",
        }
        made = client.post("/api/absences", json=body)
        assert made.status_code == 201
        assert client.get("/api/absences").json() == [made.json()]
        backwards = client.post("/api/absences", json={**body, "until": "2027-01-14T00:00:00Z"})
        assert backwards.json()["code"] == "absence-backwards"
        assert client.delete(f"/api/absences/{made.json()['id']}").status_code == 204
        assert client.get("/api/absences").json() == []
        assert service.client("read:leads").get("/api/absences").status_code == 403


def _move(service: Running) -> None:
    ways = World(service.store, settings=Settings()).ways
    while service.write(lambda c: move_due(c, ways, service.now[0])).runs:
        pass


def test_the_routes_want_their_scopes(tmp_path: Path) -> None:
    with running(tmp_path, jobs=False) as service:
        asked: list[tuple[str, str, Any]] = [
            ("write:cards", "/api/playbooks/1/publish", {}),
            ("read:leads", "/api/runs/1/stop", None),
            ("read:leads", "/api/tasks/1/done", {}),
            ("read:cards", "/api/playbooks", {"text": ASKS}),
        ]
        for scope, address, body in asked:
            assert service.client(scope).post(address, json=body).status_code == 403, address
