"""The queue: saved views, and odd values in its addresses and forms."""

from __future__ import annotations

import pytest

from leadwise.store.schema import saved_view
from tests.pages.site import PagesSite
from tests.pages.test_queue import ANN, order, rows

NINES = "9" * 5000


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/queue?least=1e999999", 200), ("/queue?owner=x&band=x&answer=x&after=x", 200),
        (f"/queue?owner={NINES}&after={NINES}.1.1.1", 200), (f"/leads?company={NINES}", 200),
        (f"/leads/1/merge?with={NINES}", 200), (f"/leads/{NINES}", 404),
        (f"/companies/{NINES}", 404), (f"/queue/leads/{NINES}/act", 404),
    ],
)  # fmt: skip
def test_odd_values_are_as_none(site: PagesSite, address: str, status: int) -> None:
    assert site.client("administrator").get(address).status_code == status


def test_what_no_database_keeps_is_left_out(site: PagesSite) -> None:
    client = site.client("representative")
    assert order(client.get("/queue?q=a%00nn").text) == [ANN]
    client.post("/queue/views", data={"name": "a\0b", "query": "owner=mine"})
    assert [row.name for row in rows(site, saved_view)] == ["ab"]
    given = client.post(f"/queue/leads/{ANN}/owner", data={"member": "x", "was": ""})
    assert given.status_code == 400


def test_views_are_kept_shared_and_opened_first(site: PagesSite) -> None:
    client, other = site.client("representative"), site.client("marketing")
    data = {"name": "Hot ones", "query": "owner=all&band=hot&after=1.1.1.1", "shared": "1"}
    kept = client.post("/queue/views", data=data)
    assert kept.headers["location"] == "/queue?owner=all&band=hot"
    assert "Hot ones" in other.get("/queue").text
    assert client.get("/queue").status_code == 200
    client.post("/queue/views", data={"name": "Mine", "query": "owner=mine", "first": "1"})
    assert client.get("/queue").headers["location"] == "/queue?owner=mine"
    assert "Mine</a>" not in other.get("/queue").text
    client.post("/queue/first", data={"query": "owner=mine", "none": "1"})
    assert client.get("/queue").status_code == 200
    ids = [row.id for row in rows(site, saved_view)]
    assert other.post(f"/queue/views/{ids[0]}/delete").status_code == 404
    assert client.post(f"/queue/views/{ids[0]}/delete").status_code == 303
    assert "Hot ones" not in other.get("/queue").text
    assert client.post("/queue/views", data={"query": ""}).status_code == 400
    # Whoever may only read can keep views, but shows them to nobody.
    reader = site.client("read_only")
    reader.post("/queue/views", data={"name": "Mine too", "query": "owner=all", "shared": "1"})
    assert "Mine too" not in other.get("/queue").text


def test_a_view_that_opens_the_queue_changes_and_goes(site: PagesSite) -> None:
    client = site.client("representative")
    keep = {"name": "Morning", "query": "owner=mine", "first": "1"}
    client.post("/queue/views", data=keep)
    client.post("/queue/views", data={"name": "Morning", "query": "owner=free"})
    assert client.get("/queue").headers["location"] == "/queue?owner=free"
    (view,) = [row for row in rows(site, saved_view) if row.name == "Morning"]
    client.post("/queue/views", data={"name": "Other", "query": "owner=all"})
    client.post(f"/queue/views/{view.id}/delete")
    assert client.get("/queue").status_code == 200
    assert [row.name for row in rows(site, saved_view)] == ["Other"]
