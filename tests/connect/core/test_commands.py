"""`leadwise connect`, from adding a HubSpot to its scores, as somebody would use it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from leadwise.live.scoring import score_touched
from leadwise.store.opening import Store
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served
from tests.cli.running import document, run
from tests.records import make_live

TOKEN = "pat-very-secret"


class Place:
    """A data folder with a store and a live card."""

    def __init__(self, folder: Path) -> None:
        self.at = ["--data", str(folder / "data")]
        self.url = f"sqlite:///{folder / 'data' / 'leadwise.db'}"
        run("init", *self.at)
        with Store(self.url) as store, store.transaction() as connection:
            make_live(connection)

    def run(self, *given: object, code: int = 0, stdin: str | None = None) -> str:
        return run("connect", *given, *self.at, code=code, stdin=stdin).output

    def json(self, *given: object, code: int = 0) -> dict[str, Any]:
        return document("connect", *given, *self.at, code=code)

    def score(self) -> None:
        with Store(self.url) as store:
            now_us = time.time_ns() // 1000
            while store.write(lambda c: score_touched(c, now_us)).taken:
                pass


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_from_adding_to_scores_in_hubspot(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadwise.connect.hubspot.client.SEARCH_PACE_S", 0.0)
    monkeypatch.setenv("HUBSPOT_TOKEN", TOKEN)
    fake = FakeHubSpot(token=TOKEN)
    ago = int(time.time() * 1000) - 60_000
    ana = fake.add("contacts", {"email": "ana@acme.example", "numemployees": "500"}, ago)
    with served(fake) as url:
        given = ("token=env:HUBSPOT_TOKEN", "client_secret=-", f"address={url}")
        said = place.run("add", "crm", *given, "--kind", "hubspot", "--push", stdin="hush\n")
        assert "token = env:HUBSPOT_TOKEN" in said
        assert "client_secret = (secret)" in said
        assert "/connect/crm" in said
        assert "It works: HubSpot account 62515" in place.run("test", "crm")
        place.run("map", "crm", "numemployees=employees", "city=")
        assert place.json("test", "crm")["not_there"] == []
        place.run("map", "crm", "jobtitel=role")
        assert "It has no jobtitel, which the mapping names" in place.run("test", "crm")
        dry = place.json("pull", "crm", "--dry-run")
        assert dry["first"][0]["values"] == {"employees": "500"}
        assert place.json("pull", "crm")["new"] == 1
        assert place.json("pull", "crm")["new"] == 0
        place.score()
        dry = place.json("push", "crm", "--dry-run")
        assert dry["leads"] == 1
        update = dry["requests"][-1]
        assert update["path"].endswith("/batch/update")
        assert update["body"]["inputs"][0]["properties"]["leadwise_score"] == "20"
        assert fake.groups["contacts"] == {}
        done = place.json("push", "crm")
        assert (len(done["made"]), done["told"]) == (7, {"sent": 1, "skipped": 0})
        assert place.json("push", "crm")["told"] == {"skipped": 1}
        assert place.json("push", "crm", "--all")["told"] == {"same": 1, "skipped": 0}
        assert place.json("show", "crm")["pushed"] == {"same": 1}
    assert fake.objects["contacts"][ana]["properties"]["leadwise_band"] == "warm"
    assert [one["what"] for one in place.json("log", "crm")["exchanges"]] == [
        "push", "push", "pull", "pull",
    ]  # fmt: skip
    every = "".join(place.run(*what) for what in (("show", "crm"), ("log", "crm"), ("list",)))
    assert TOKEN not in every
    assert "hush" not in every


def test_pausing_trouble_and_removing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeHubSpot(token=TOKEN)
    monkeypatch.delenv("HUBSPOT_TOKEN", raising=False)
    with served(fake) as url:
        place.run("add", "crm", "token=env:HUBSPOT_TOKEN", f"address={url}", "--kind", "hubspot")
        assert "HUBSPOT_TOKEN is not set here" in place.run("list")
        (told,) = place.json("list")["connections"]
        assert (told["state"], told["not_set"]) == ("unset", ["HUBSPOT_TOKEN"])
        said = place.run("pull", "crm", code=2)
        assert "connection-secret" in said
        assert "HUBSPOT_TOKEN, which is not set" in " ".join(said.split())
        doctor = run("doctor", *place.at, code=1).output
        assert "crm needs HUBSPOT_TOKEN" in doctor
        place.run("set", "crm", "token=wrong-one")
        assert "nothing exchanged yet" in place.run("list")
        assert place.json("show", "crm")["state"] == "new"
        said = place.run("pull", "crm", code=2)
        assert "401" in said
        assert "wrong-one" not in said
        assert "trouble since" in place.run("list")
        place.run("pause", "crm")
        assert "connection-paused" in place.run("pull", "crm", code=2)
        place.run("resume", "crm")
        place.run("set", "crm", f"token={TOKEN}", "--no-pull", "--push")
        shown = place.json("show", "crm")
        assert (shown["pulls"], shown["pushes"], shown["paused"]) == (False, True, None)
        place.run("pull", "crm")
        assert place.json("show", "crm")["trouble"] is None
        assert place.json("show", "crm")["state"] == "well"
        assert "well, last exchanged" in place.run("list")
    place.run("remove", "crm")
    assert place.json("list") == {"connections": []}
    assert "no-such-connection" in place.run("show", "crm", code=2)


def test_wrong_use_is_told_with_what_to_do(place: Place) -> None:
    assert "Did you mean hubspot?" in place.run("add", "x", "--kind", "hubspott", code=2)
    assert "needs token" in place.run("add", "x", "--kind", "hubspot", code=2)
    said = place.run("add", "x", "tokken=1", "--kind", "hubspot", code=2)
    assert "Did you mean token?" in said
    assert "connection-name" in place.run("add", "X y", "token=1", "--kind", "hubspot", code=2)
    place.run("add", "x", "token=1", "--kind", "hubspot")
    said = place.run("add", "x", "token=1", "--kind", "hubspot", code=2)
    assert "already-a-connection" in said
    for wrong in (("dance",), ("show",), ("set", "x", "token")):
        assert "usage" in place.run(*wrong, code=2)


def test_what_a_kind_asks_for(place: Place) -> None:
    found = place.json("kinds")
    assert "hubspot" in {one["name"] for one in found["kinds"]}
    asks = {one["name"]: one for one in document("connect", "kinds", "hubspot")["asks"]}
    assert (asks["token"]["secret"], asks["token"]["required"]) == (True, True)
    assert json.dumps(asks["frame"]["default"]) == '"bant"'
