"""The jobs `pull` and `push`: all connections, one that fails among them; one that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from leadwise.connect.jobs import Connecting, connect_handlers
from leadwise.errors import UserError
from leadwise.ingest.gate.rules import GateRules
from leadwise.store.connections import add_connection, change_connection, list_connections
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served
from tests.connect.core.places import Place, place_of
from tests.records import NOW_US

TOKEN = "pat-jobs"


class Steps:
    """A context that takes each step at once, and remembers what it was told."""

    job_id = "job"

    def __init__(self, clock: Callable[[], int]) -> None:
        self.now_us, self.told, self.names = clock, list[Any](), list[str]()

    def step(self, name: str, fn: Callable[[], Any]) -> Any:
        self.names.append(name)
        return fn()

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        self.told.append((done, total, message))

    def cancelled(self) -> bool:
        return False


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    with place_of("sqlite", tmp_path, request) as made:
        yield made


@pytest.fixture
def fake(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHubSpot]:
    monkeypatch.setattr("leadwise.connect.hubspot.client.SEARCH_PACE_S", 0.0)
    fake = FakeHubSpot(token=TOKEN, clock_ms=lambda: NOW_US // 1000 - 1)
    fake.add("contacts", {"email": "ana@acme.example", "numemployees": "300"})
    with served(fake) as url:
        options = {"address": url, "events": ""}
        with place.store.transaction() as connection:
            change_connection(connection, place.row.id, options=options,
                              mapping={"numemployees": "employees"})  # fmt: skip
            for name, secret in (("broken", "env:NOT_SET"), ("resting", "env:TOKEN")):
                made = add_connection(
                    connection, name, "hubspot", options=options, secrets={"token": secret},
                    pushes=True, by="test", now_us=NOW_US,
                )  # fmt: skip
            change_connection(connection, made.id, paused_us=NOW_US)
        yield fake


def run(place: Place, kind: str, **arguments: Any) -> tuple[Any, Steps]:
    read: list[int] = []
    of = Connecting(place.store, GateRules(), {"TOKEN": TOKEN}, read=lambda *one: read.append(1))
    context = Steps(place.clock)
    return connect_handlers(of)[kind](context, arguments), context


def test_one_that_fails_holds_up_no_other_and_is_told(place: Place, fake: FakeHubSpot) -> None:
    done, context = run(place, "pull")
    assert done["crm"]["events"] == 1
    assert done["broken"].startswith("It failed: The connection broken takes its token")
    assert set(done) == {"crm", "broken"}
    assert (1, 1, "crm") in context.told
    place.score()
    done, _ = run(place, "push")
    assert done["crm"] == {"skipped": 0, "sent": 1}
    with place.store.read() as connection:
        trouble = {row.name: row.trouble for row in list_connections(connection)}
    assert trouble == {"crm": None, "broken": "NOT_SET is not set.", "resting": None}
    assert run(place, "push")[0]["crm"] == {"skipped": 1}
    assert run(place, "push", connection="crm", again=True)[0]["crm"] == {"skipped": 0, "same": 1}


def test_one_that_is_asked_for_by_name_fails_its_job(place: Place, fake: FakeHubSpot) -> None:
    for name, code in (("broken", "connection-secret"), ("resting", "connection-paused"),
                       ("nobody", "no-such-connection")):  # fmt: skip
        with pytest.raises(UserError) as failed:
            run(place, "pull", connection=name)
        assert failed.value.code == code
    assert run(place, "pull", connection="crm")[0]["crm"]["events"] == 1
    again = run(place, "pull", connection="crm", from_the_start=True)[0]["crm"]
    assert (again["events"], again["duplicates"]) == (0, 1)
