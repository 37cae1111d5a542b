"""The list of addresses that nothing is sent to, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.store.suppression import suppress
from tests.web.api_service import NOW_US, Running, running


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as found:
        yield found


def test_the_list_is_kept_and_read_page_by_page(service: Running) -> None:
    client = service.client("admin")
    for name in ("cy", "ANN", "bo"):
        made = client.post("/api/suppressions", json={"address": f"{name}@Lead.example"})
        assert made.status_code == 201, made.text
    assert made.json()["reason"] == "by hand"
    first = client.get("/api/suppressions?limit=2").json()
    assert [one["address"] for one in first["items"]] == ["ann@lead.example", "bo@lead.example"]
    rest = client.get(f"/api/suppressions?limit=2&cursor={first['next']}").json()
    assert [one["address"] for one in rest["items"]] == ["cy@lead.example"]
    only = client.get("/api/suppressions?address=Bo@lead.example").json()
    assert [one["address"] for one in only["items"]] == ["bo@lead.example"]


def test_the_graver_reason_stands(service: Running) -> None:
    client = service.client("admin")
    service.store.write(
        lambda c: suppress(c, "ann@lead.example", "complained", by="report", now_us=NOW_US)
    )
    made = client.post(
        "/api/suppressions", json={"address": "ann@lead.example", "reason": "unsubscribed"}
    ).json()
    assert made["reason"] == "complained"
    assert client.delete("/api/suppressions/ann@lead.example").status_code == 204
    left = client.get("/api/suppressions?address=ann@lead.example").json()["items"]
    assert [one["reason"] for one in left] == ["unsubscribed"]
    assert client.delete("/api/suppressions/ann@lead.example").status_code == 204
    gone = client.delete("/api/suppressions/ann@lead.example")
    assert (gone.status_code, gone.json()["code"]) == (404, "no-such-suppression")


def test_what_is_no_address_is_refused(service: Running) -> None:
    answer = service.client("admin").post("/api/suppressions", json={"address": "nobody"})
    assert (answer.status_code, answer.json()["code"]) == (400, "mail-address")
