"""Fetching: with patience, kept once, and the branch for what never came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import func, insert, select

from leadwise.connect.gong import KIND as GONG
from leadwise.connect.http import Http
from leadwise.connect.model import Connection
from leadwise.connect.zoom import KIND as ZOOM
from leadwise.errors import RemoteError, UserError
from leadwise.playbooks.steps.fetch import act
from leadwise.store.conversations import get_conversation
from leadwise.store.members import add_member
from leadwise.store.opening import Store
from leadwise.store.schema import conversation, lead_owner
from leadwise.testing.gong import FakeGong
from leadwise.testing.serving import served
from leadwise.testing.zoom import FakeZoom
from tests.databases import make_tables
from tests.playbooks.steps.house import Around

MINUTE = 60_000_000
HOUR = 60 * MINUTE
NOON = 1_795_521_600_000_000  # 2026-11-24T12:00:00Z
PEOPLE = [("rep@us.example", "Rob", "Internal"), ("ana@acme.example", "Ana", "External")]
SAID = [("rep@us.example", "Your budget?"), ("ana@acme.example", "We have 80,000 euros.")]


@pytest.fixture
def gong() -> FakeGong:
    return FakeGong()


@pytest.fixture
def around(tmp_path: Path, gong: FakeGong) -> Iterator[Around]:
    with Store(str(tmp_path / "record.db")) as store, served(gong) as url:
        make_tables(store)
        found = Around(store, NOON)
        secrets = {"access_key": "key", "access_key_secret": "secret"}
        one = Connection(1, "calls", "gong", {"api": url}, secrets)
        found.connect("calls", GONG.open(one, quiet("Gong")))
        found.lead()
        found.doc["step"]["book"] = {"at": "2026-11-24T10:00:00Z"}
        yield found


def quiet(name: str) -> Http:
    transport = httpx2.HTTPTransport(verify=False)
    return Http(name, sleep=lambda _: None, transport=transport)


def fetch(around: Around, **given):
    return around.ask(act, "fetch", **{"from": "calls", **given})


def kept(around: Around) -> int:
    with around.store.read() as c:
        return c.execute(select(func.count()).select_from(conversation)).scalar_one()


def test_it_is_looked_for_every_so_often_and_kept_with_the_lead_once(around, gong):
    came = fetch(around)
    assert (came.state, came.until_us) == ("waits", NOON + 15 * MINUTE)
    gong.call("1", "2026-11-24T10:02:00Z", PEOPLE)
    around.now_us += 15 * MINUTE
    assert fetch(around).state == "waits", "recorded, and not written down yet"
    gong.transcribe("1", SAID)
    around.now_us += 15 * MINUTE
    came = fetch(around)
    assert came.state == "done"
    assert came.branch is None
    assert came.result["at"] == "2026-11-24T10:02:00Z"
    with around.store.read() as c:
        held = get_conversation(c, came.result["conversation"])
    assert held.lead_id == around.lead_id
    assert (held.source, held.actor) == ("calls", "playbook:calls")
    assert [turn[1] for turn in held.turns] == ["seller", "buyer"]
    again = fetch(around)
    assert (again.result, kept(around)) == (came.result, 1)


def test_what_never_comes_takes_the_branch_at_the_time_that_was_said(around):
    came = fetch(around, every=HOUR, at_most=150 * MINUTE)
    asked = []
    while came.state == "waits":
        asked.append((came.until_us - NOON) // MINUTE)
        around.now_us = came.until_us
        came = fetch(around, every=HOUR, at_most=150 * MINUTE)
    assert asked == [60, 120, 150]
    assert (came.branch, came.result["conversation"]) == ("missing", "")
    assert "2.5 hours" in came.why


def test_before_the_call_nobody_is_asked(around, gong):
    around.doc["step"]["book"] = {"at": "2026-11-24T15:00:00Z"}
    came = fetch(around)
    assert (came.state, came.until_us) == ("waits", NOON + 3 * HOUR + 15 * MINUTE)
    assert gong.calls == []
    around.now_us = NOON + 4 * HOUR
    came = fetch(around, at_most=HOUR)
    assert came.state == "waits", "patience counts from the call, and from the first look"


def test_a_call_of_another_lead_or_another_time_is_none(around, gong):
    gong.call("1", "2026-11-24T10:00:00Z", [PEOPLE[0], ("bo@acme.example", "Bo", "External")])
    gong.transcribe("1", [("rep@us.example", "Hello")])
    gong.call("2", "2026-11-23T10:00:00Z", PEOPLE)
    gong.transcribe("2", SAID)
    assert fetch(around).state == "waits"
    # Put off by three hours on the same day: looked at when half of the patience is over.
    gong.call("3", "2026-11-24T13:00:00Z", PEOPLE)
    gong.transcribe("3", SAID)
    around.now_us = NOON + 2 * HOUR
    assert fetch(around).state == "waits"
    around.now_us = NOON + 37 * HOUR
    assert fetch(around).result["at"] == "2026-11-24T13:00:00Z"


def test_without_a_time_it_is_the_call_since_the_run_began(around, gong):
    around.doc["step"]["book"] = {"at": "soon"}
    gong.call("0", "2026-11-24T10:00:00Z", PEOPLE)
    gong.transcribe("0", SAID)
    assert fetch(around).state == "waits", "that was before"
    gong.call("1", "2026-11-24T12:20:00Z", PEOPLE)
    gong.transcribe("1", SAID)
    around.now_us = NOON + HOUR
    assert fetch(around).result["at"] == "2026-11-24T12:20:00Z"


def test_a_recorder_that_fails_is_asked_again_by_the_engine(around, gong):
    gong.fail(500, 3)
    with pytest.raises(RemoteError) as caught:
        fetch(around)
    assert not caught.value.permanent
    around.connect("crm", object())
    with pytest.raises(UserError) as failed:
        fetch(around, **{"from": "crm"})
    assert failed.value.code == "cannot-do"
    around.lead_id = None
    with pytest.raises(UserError) as failed:
        fetch(around)
    assert failed.value.code == "no-lead"


def test_where_zoom_hides_guests_the_owners_call_at_that_time_is_taken_if_allowed(around):
    zoom = FakeZoom()
    rep = around.store.write(
        lambda c: add_member(c, "Rob", "rep@us.example", "representative", by="t", now_us=NOON)
    )
    around.store.write(
        lambda c: c.execute(
            insert(lead_owner).values(
                lead_id=around.lead_id, member_id=rep.id, since_us=1, actor="t"
            )
        )
    )
    with served(zoom) as url:
        zoom.url = url
        zoom.meeting("a", "2026-11-24T10:01:00Z", [("rep@us.example", "Rob"), ("", "Ana")])
        zoom.transcribe("a", [("Rob", "Your budget?"), ("Ana", "80,000 euros")])
        options = {"account_id": "acc", "client_id": "cid", "api": f"{url}/v2",
                   "token_url": f"{url}/oauth/token"}  # fmt: skip
        for name, more in (("no", {}), ("yes", {"by_host": "yes"})):
            one = Connection(2, name, "zoom", {**options, **more}, {"client_secret": "pa55"})
            around.connect(name, ZOOM.open(one, quiet("Zoom")))
        assert fetch(around, **{"from": "no"}).state == "waits"
        assert fetch(around, **{"from": "yes"}).result["at"] == "2026-11-24T10:01:00Z"
