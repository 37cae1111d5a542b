"""From the booking to the answers through the engine, over hours, with answers lost on the way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import delete, func, select

from leadwise.asking.instants import moment_of
from leadwise.connect.gong import KIND as GONG
from leadwise.connect.google_calendar import KIND as CALENDAR
from leadwise.connect.http import Http
from leadwise.connect.model import Connection
from leadwise.jobs.plain import run_here
from leadwise.playbooks.runs.acting import House
from leadwise.playbooks.runs.jobs import move_runs_on, step_handler
from leadwise.playbooks.runs.ways import ways_of
from leadwise.store.answers import answers_of_lead
from leadwise.store.connections import add_connection
from leadwise.store.opening import Store
from leadwise.store.schema import conversation, touched
from leadwise.testing.gong import FakeGong
from leadwise.testing.google import FakeGoogle
from leadwise.testing.serving import served
from tests.connect.google_accounts import connection as google_connection
from tests.connect.google_accounts import http
from tests.databases import make_tables, postgres_database
from tests.playbooks.engine.world import World
from tests.records import NOW_US

HOUR = 3_600_000_000
STEPS = """
  - book: calendar
    title: Call with {{ lead.email }}
    at: "{{ event.when | default('') }}"
  - wait: {until: "{{ step.book.until }}"}
    id: held
  - fetch: calls
    at_most: 1 day
    missing:
      - end: There is no transcript of the call.
  - qualify
  - if: {text: "{{ step.qualify.doubtful | join }}"}
    id: doubt
    then:
      - task: "Check {{ step.qualify.doubtful | join(', ') }}"
        id: review
"""


@dataclass
class Whole(World):
    """The engine with its real steps."""

    systems: dict[str, Any] = field(default_factory=dict)

    def move(self) -> int:
        """As the service does, to the end of what is to be done at this instant."""
        house = House(self.store, self.settings, self.systems.__getitem__, self.clock, {})
        ways = ways_of(self.settings)
        handler = step_handler(house, ways)
        for turn in range(100):
            moved = move_runs_on(self.store, self.work, ways, self.clock)
            waiting = [one for one, state in self.work.states.items() if state == "waiting"]
            for job_id in waiting:
                self.work.states[job_id] = "done"
                run_here(handler, self.work.entries[job_id].arguments, job_id=job_id)
            self.store.write(lambda c: c.execute(delete(touched)))  # it is scored at once
            if not waiting and not moved.runs:
                return turn
        raise AssertionError("it does not come to an end")


@pytest.fixture
def google() -> FakeGoogle:
    return FakeGoogle()


@pytest.fixture
def gong() -> FakeGong:
    return FakeGong()


@pytest.fixture
def whole(request, tmp_path: Path, google, gong) -> Iterator[Whole]:
    def made(store: Store) -> Iterator[Whole]:
        make_tables(store)
        found = Whole(store)
        with served(google) as calendar, served(gong) as calls:
            one = google_connection(calendar, "google_calendar", api="/calendar/v3")
            secrets = {"access_key": "key", "access_key_secret": "secret"}
            other = Connection(2, "calls", "gong", {"api": calls}, secrets)
            quiet = Http("Gong", sleep=lambda _: None,
                         transport=httpx2.HTTPTransport(verify=False))  # fmt: skip
            found.systems = {
                "calendar": CALENDAR.open(one, http()), "calls": GONG.open(other, quiet)
            }  # fmt: skip
            for name in found.systems:
                store.write(
                    lambda c, name=name: add_connection(
                        c, name, "test", options={}, secrets={}, by="test", now_us=NOW_US
                    )
                )
            yield found

    if getattr(request, "param", "sqlite") == "sqlite":
        with Store(str(tmp_path / "record.db")) as store:
            yield from made(store)
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as url, Store(url) as store:
        yield from made(store)


def told(us: int) -> str:
    return moment_of(us).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("whole", "seed"),
    [("sqlite", 1), ("sqlite", 2), ("sqlite", 3), ("postgres", 4)],
    indirect=["whole"],
)
def test_one_call_is_booked_held_fetched_and_read_whatever_gets_lost(whole, google, gong, seed):
    """Each request may be answered, refused for a while, or done with its answer lost."""
    chance, struck = random.Random(seed), []
    for fake in (google, gong):
        plain = fake.answer

        def answer(method, target, headers, body, plain=plain):
            drawn = chance.random()
            if "token" not in target and drawn < 0.35:
                struck.append(target)
                if drawn < 0.2:
                    plain(method, target, headers, body)
                return None if drawn < 0.3 else (503, {"Retry-After": "30"}, None)
            return plain(method, target, headers, body)

        fake.answer = answer
    lead_id = whole.lead("ana@acme.example")
    when = NOW_US + 26 * HOUR
    doc = {"event": {"when": told(when)}}
    run = whole.start(whole.publish(STEPS), lead_id, doc=doc)
    whole.move()
    for hour in range(60):
        if hour == 30:
            gong.call("1", told(when + 60_000_000), [
                ("rep@us.example", "Rob", "Internal"), ("ana@acme.example", "Ana", "External"),
            ])  # fmt: skip
            gong.transcribe("1", [
                ("rep@us.example", "What is your budget?"),
                ("ana@acme.example", "We have a budget of 80,000 euros for this."),
            ])  # fmt: skip
        whole.pass_time(HOUR)
        if whole.run(run).state not in ("waiting", "working"):
            break
    assert whole.run(run).state == "done", whole.run(run).why
    assert struck
    (event,) = google.calendars["primary"].values()
    assert event["start"]["dateTime"] == told(when)
    assert [what for _, what in google.told] == ["asked"], "the lead was asked once"
    with whole.store.read() as c:
        assert c.execute(select(func.count()).select_from(conversation)).scalar_one() == 1
        budget = [one for one in answers_of_lead(c, lead_id) if one.question == "budget"]
    assert len(budget) == 1
    assert "80,000 euros" in budget[0].quotes[0].text
    said = whole.said(run)
    assert said["book"]["at"] == told(when)
    assert said["qualify"]["answers"]["budget"]["quote"] == budget[0].quotes[0].text


def test_a_call_that_nobody_recorded_ends_the_run_in_words(whole):
    run = whole.start(whole.publish(STEPS), whole.lead("ana@acme.example"))
    whole.move()
    booked = whole.said(run)["book"]
    for _ in range(24 * 6):
        whole.pass_time(HOUR)
        if whole.run(run).state == "done":
            break
    assert whole.run(run).why == "There is no transcript of the call."
    assert whole.now_us - NOW_US < 6 * 24 * HOUR
    assert booked["link"].startswith("https://meet.google.com/")
