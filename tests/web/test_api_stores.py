"""The same leads on SQLite and on PostgreSQL are answered for with the same words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.databases import postgres_database
from tests.web.api_service import Running, running, with_leads

ASKED = (
    "leads", "leads?band=cold&limit=1", "leads?email=ann@acme.example", "leads?known=true",
    "leads?min_score=2&max_score=60.5&account=1", "leads/1", "leads/1?questions=true", "leads/3",
    "leads/1/ledger", "leads/2/ledger?as_of=2027-01-14", "leads/1/history?start=2027-01-01",
    "leads/1/forecast?days=90", "leads/1/scores", "leads/1/events", "leads/2/events?limit=1",
    "leads/1/overrides", "leads/1/merges", "outcomes", "bands", "bands/changes", "accounts",
    "accounts/1", "cards", "cards/1", "cards/2/diff", "keys?limit=1", "webhooks", "refused",
    "audit?subject=lead", "clearing-rules", "leads/99", "accounts/99",
)  # fmt: skip

UNORDERED = ("leads/1/scores", "bands/changes")
"""What is scored together is written in no order."""


def answers(service: Running) -> dict[str, Any]:
    """What is answered to every question after some things were done."""
    with_leads(service)
    client = service.client("admin")
    done = [
        client.post("/api/leads/1/overrides", json={"points": -1.5, "reason": "x"}),
        client.post("/api/leads/1/outcomes", json={"kind": "won", "value": 5, "currency": "EUR",
                                                   "id": "7"}),
        client.post("/api/leads/1/merges", json={"other_id": 3}),
        client.post("/api/merges/1/undo"),
        client.post("/api/cards", json={"card": client.get("/api/cards/1").json()["text"]
                                        .replace("points: 40", "points: 41")}),
        client.post("/api/webhooks", json={"url": "https://example.com/hook"}),
        client.post("/api/leads/2/object"),
        client.post("/api/leads/2/withdraw-objection"),
    ]  # fmt: skip
    assert [answer.status_code for answer in done] == [201, 201, 201, 200, 201, 201, 200, 200]
    service.score()
    found = {path: known(client.get(f"/api/{path}").text) for path in ASKED}
    for path in UNORDERED:
        items = [{k: v for k, v in item.items() if k != "id"} for item in found[path]["items"]]
        found[path] = sorted(items, key=json.dumps)
    return found


def known(text: str) -> Any:
    """Without what is made up anew each time."""
    text = re.sub(r'"request_id":"[\w-]+"', '"request_id":""', text)
    return json.loads(re.sub(r'"prefix":"lw_\w+"', '"prefix":""', text))


def test_both_stores_say_the_same(tmp_path: Path, postgres_url: str) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with running(tmp_path / "one", jobs=False) as service:
        embedded = answers(service)
    with (
        postgres_database(postgres_url) as url,
        running(tmp_path / "two", url, jobs=False) as service,
    ):
        server = answers(service)
    for path in ASKED:
        assert embedded[path] == server[path], path
    assert len(embedded["leads"]["items"]) == 3
