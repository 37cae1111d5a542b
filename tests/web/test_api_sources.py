"""Forms and sources that are set by the API take what is posted to them, on the wired service."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from leadwise.settings import Settings
from leadwise.store.keys import create_key
from leadwise.store.schema import event, refused
from leadwise.web.app import create_app
from leadwise.web.wiring import build


@pytest.fixture
def web(tmp_path: Path):
    built = build(Settings(data=tmp_path, worker="w1"))
    with built.service.store.transaction() as connection:
        _, key = create_key(connection, "a", by="test", now_us=1, scopes=frozenset({"admin"}))
    with built.service.running():
        client = TestClient(create_app(built.service, built.routes, built.routers),
                            client=("127.0.0.1", 1), follow_redirects=False)  # fmt: skip
        client.headers["Authorization"] = f"Bearer {key}"
        client.store = built.service.store
        yield client


def rows(web: TestClient, sql: str) -> list[tuple[object, ...]]:
    with web.store.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def test_a_form_is_set_and_takes_posts(web: TestClient) -> None:
    settings = {"fields": {"E-mail": "email", "Firm": "company"}, "redirect": "/thanks"}
    made = web.put("/api/forms/contact", json=settings)
    assert made.json()["address"] == "/f/contact"
    assert [form["name"] for form in web.get("/api/forms").json()] == ["contact"]
    posted = web.post("/f/contact", data={"E-mail": "Ann@Acme.example", "Firm": "Acme", "x": "y"})
    assert (posted.status_code, posted.headers["location"]) == (303, "/thanks")
    found = rows(web, f"SELECT event, doc FROM {event.name} ORDER BY id")
    assert [name for name, _ in found] == ["identify", "form_submitted"]
    known = json.loads(str(found[0][1]))
    assert (known["email"], known["company"]) == ("ann@acme.example", "Acme")
    assert "x" not in known
    assert web.delete("/api/forms/contact").json() == {"removed": True}
    assert web.delete("/api/forms/contact").status_code == 404


def test_a_refused_post_of_a_form_is_sent_again(web: TestClient) -> None:
    """A filled honeypot is kept, for it may have been a person's browser that filled it."""
    web.put("/api/forms/contact", json={"fields": {"mail": "email"}})
    posted = web.post("/f/contact", data={"mail": "ann@acme.example", "website_url": "x"})
    assert posted.status_code == 200
    (listed,) = web.get("/api/refused").json()["items"]
    assert (listed["code"], listed["protocol"]) == ("form-honeypot", "form:contact")
    again = web.post(f"/api/refused/{listed['id']}/resend", json={})
    assert again.json() == {"recorded": 2, "duplicates": 0}
    assert rows(web, f"SELECT count(*) FROM {refused.name} WHERE sent_again_us IS NULL") == [(0,)]
    twice = web.post(f"/api/refused/{listed['id']}/resend", json={})
    assert twice.json().get("recorded", 0) == 0


def test_a_source_keeps_its_secret(web: TestClient) -> None:
    made = web.put("/api/sources/shop", json={"events": {"order.paid": "Order Paid"}}).json()
    assert (
        web.put("/api/sources/shop", json={"events": {"order.paid": "Order Paid"}}).json()["secret"]
        is None
    )
    body = json.dumps({"type": "order.paid", "data": {"email": "ann@acme.example", "sum": 5}})
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "w1", "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(made["secret"]).sign("w1", now, body),
        "content-type": "application/json",
    }  # fmt: skip
    assert web.post("/in/shop", content=body, headers=headers).status_code < 300
    forged = web.post("/in/shop", content=body.replace("5", "6"), headers=headers)
    assert forged.status_code == 401
    assert rows(web, f"SELECT event FROM {event.name}") == [("order_paid",)]
    assert web.get("/api/sources").json()[0]["signed"] is True
