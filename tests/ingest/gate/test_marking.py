"""Marks in the record, on SQLite and PostgreSQL: made while recording, cleared by hand and rule."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy import event as listening

from leadwise.errors import UserError
from leadwise.ingest.gate import ClearRule, GateRules, clear, forget, mark, standing
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.store import driver
from leadwise.store.documents import canonical
from leadwise.store.opening import Store
from leadwise.store.relations import ask_ledgers
from leadwise.store.schema import event, event_mark, identity, identity_lead, touched
from tests.databases import make_tables, postgres_database
from tests.records import make_live

S = 1_000_000
T = 1_700_000_000 * S
NOW = T + 3600 * S
RULES = GateRules()
CRAWLER = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"
CARD = """
card: mails
version: 1
events: {email_clicked: }
dimensions:
  - id: interest
    criteria:
      - {id: clicks, on: email_clicked, points: 10}
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        with _opened(str(tmp_path / "record.db")) as opened:
            yield opened
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as url, _opened(url) as opened:
        yield opened


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Store]:
    with postgres_database(postgres_url) as url, _opened(url) as opened:
        yield opened


def _opened(url: str) -> Store:
    opened = Store(url)
    make_tables(opened)
    return opened


def act(
    message_id: str, seconds: float, document: Mapping[str, Any] | None = None,
    name: str = "email_clicked", email: str = "ann@acme.com", **context: str,
) -> Message:  # fmt: skip
    at_us = T + int(seconds * S)
    return Message(
        "track", "test", message_id, name, at_us, at_us, email=email,
        document=canonical({"mail_id": "m1", **(document or {})}), context=context,
    )  # fmt: skip


def link(message_id: str, seconds: float, url: str, **more: Any) -> Message:
    return act(message_id, seconds, {"link": url}, **more)


def take(store: Store, *messages: Message, rules: GateRules = RULES) -> None:
    store.write(lambda c: record(c, Received(messages), rules, NOW), alone=True)


def marks(store: Store, *, cleared: bool = False) -> dict[str, set[str]]:
    """The reasons by message id, of marks that stand (or do not)."""
    asked = select(event.c.message_id, event_mark.c.reason).join(
        event, event.c.id == event_mark.c.event_id
    )
    condition = event_mark.c.cleared_us
    asked = asked.where(condition.is_not(None) if cleared else condition.is_(None))
    found: dict[str, set[str]] = {}
    with store.read() as connection:
        for message_id, reason in connection.execute(asked):
            found.setdefault(message_id, set()).add(reason)
    return found


def leads(store: Store) -> dict[str, int]:
    with store.read() as connection:
        asked = select(identity.c.value, identity_lead.c.lead_id).join(
            identity_lead, identity_lead.c.identity_id == identity.c.id
        )
        return dict(connection.execute(asked).all())


def ids(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return dict(connection.execute(select(event.c.message_id, event.c.id)).all())


def causes(store: Store) -> list[tuple[int, str]]:
    """The rows of `touched`, taken away."""

    def taken(connection: Any) -> list[tuple[int, str]]:
        rows = connection.execute(select(touched.c.lead_id, touched.c.cause)).all()
        connection.execute(touched.delete())
        return list(rows)

    return store.write(taken, alone=True)


BURST = [link("c1", 100, "/a"), link("c2", 103, "/b"), link("c3", 106, "/c")]


def test_a_burst_over_several_requests_marks_what_was_recorded_before(store: Store) -> None:
    take(store, act("d", 0, name="email_delivered"), BURST[0])
    take(store, BURST[1])
    assert marks(store) == {}
    assert {cause for _, cause in causes(store)} == {"event"}
    take(store, BURST[2])
    assert marks(store) == {"c1": {"burst"}, "c2": {"burst"}, "c3": {"burst"}}
    lead = leads(store)["ann@acme.com"]
    assert sorted(causes(store)) == [(lead, "correction"), (lead, "event")]


def test_marks_of_the_new_events_alone_correct_nothing(store: Store) -> None:
    take(store, *BURST)
    assert set(marks(store)) == {"c1", "c2", "c3"}
    assert {cause for _, cause in causes(store)} == {"event"}


def test_leads_and_mails_are_kept_apart(store: Store) -> None:
    bob = replace(BURST[1], email="bob@acme.com")
    other = link("c4", 105, "/d")
    take(store, BURST[0], bob, replace(other, document={**other.document, "mail_id": "m2"}))
    take(store, BURST[2])
    assert marks(store) == {}


def test_the_identities_of_one_lead_are_judged_together(store: Store) -> None:
    known = replace(
        act("i", 0, name="identify"), type="identify", user_id="u7", document=canonical({})
    )
    take(store, known)
    take(store, replace(BURST[0], email=None, user_id="u7"), BURST[1])
    take(store, replace(BURST[2], email=None, user_id="u7"))
    assert set(marks(store)) == {"c1", "c2", "c3"}


def test_a_delivery_that_is_told_late_marks_the_click(store: Store) -> None:
    take(store, link("c1", 3, "/a"))
    take(store, act("d", 0, name="email_delivered"))
    assert marks(store) == {"c1": {"delivery"}}
    assert (leads(store)["ann@acme.com"], "correction") in causes(store)


def test_crawlers_and_pages_of_honeypots(store: Store) -> None:
    seen = replace(act("p1", 0, name="page_viewed", user_agent=CRAWLER), type="page")
    trap = replace(
        act("p2", 110, name="page_viewed", user_agent="x", url="/?lw_honeypot=1"), type="page"
    )
    take(store, seen, link("c1", 100, "/a"))
    assert marks(store) == {"p1": {"crawler"}}
    take(store, trap)
    take(store, link("c2", 150, "/a"), link("c3", 200, "/a"))
    assert marks(store) == {
        "p1": {"crawler"}, "p2": {"honeypot"}, "c1": {"honeypot"}, "c2": {"honeypot"},
    }  # fmt: skip


def test_the_same_again_changes_nothing(store: Store) -> None:
    take(store, *BURST)
    keyed = [(ids(store)[m.message_id], m) for m in BURST]
    before = _rows(store)
    assert store.write(lambda c: mark(c, keyed, RULES, NOW + 1), alone=True) == []
    assert _rows(store) == before


def test_an_event_that_another_server_recorded_first_is_not_marked(store: Store) -> None:
    lost = [(99, act("p1", 0, user_agent=CRAWLER)), (98, BURST[0])]
    lost.append((97, replace(act("p2", 0, name="signed_up", user_agent=CRAWLER))))
    assert store.write(lambda c: mark(c, lost, RULES, NOW), alone=True) == []
    assert _rows(store) == []


def test_a_batch_without_suspicion_asks_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = [(i, act(str(i), i, {"n": i}, name="order_completed")) for i in range(1, 100)]
    chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"
    plain += [(i, act(str(i), i, name="page_viewed", user_agent=chrome)) for i in range(100, 110)]
    asked: list[str] = []
    run = driver.run

    def heard(connection: Connection, sql: str, values: object) -> object:
        asked.append(sql)
        return run(connection, sql, values)

    monkeypatch.setattr(driver, "run", heard)
    with store.transaction() as connection:
        listening.listen(connection, "before_cursor_execute", lambda *a: asked.append(a[2]))
        assert mark(connection, plain, RULES, NOW) == []
        assert asked == []
        mark(connection, [(1, BURST[0])], RULES, NOW)
        assert asked, "or nothing is heard"


def test_a_cleared_event_weighs_again(store: Store) -> None:
    take(store, *BURST)
    version = store.write(lambda c: make_live(c, CARD), alone=True)
    lead = leads(store)["ann@acme.com"]

    def score() -> tuple[int, int]:
        """In hundredths: now, and a minute after the clicks."""
        with store.read() as connection:
            moments = [(1, lead, NOW, NOW), (2, lead, T + 160 * S, T + 160 * S)]
            rows = {row[0]: row for row in ask_ledgers(connection, version.card, moments)}
            return int(rows[1][4]), int(rows[2][4])

    assert score() == (0, 0)
    causes(store)
    one = ids(store)["c2"]
    said = store.write(lambda c: clear(c, [one], "eve", "it was me", NOW + 5), alone=True)
    assert said == [lead]
    assert causes(store) == [(lead, "correction")]
    assert score() == (1000, 1000)
    assert marks(store, cleared=True) == {"c2": {"burst"}}
    row = next(r for r in _rows(store) if r.event_id == one)
    assert (row.cleared_us, row.cleared_by, row.cleared_why) == (NOW + 5, "eve", "it was me")
    take(store, link("c4", 107, "/d"))
    assert marks(store) == {"c1": {"burst"}, "c3": {"burst"}, "c4": {"burst"}}
    rule = ClearRule(reason="burst", identity="ann@acme.com")
    assert store.write(lambda c: clear(c, rule, "eve", "a tester", NOW + 9), alone=True) == [lead]
    assert score() == (4000, 4000)
    assert next(r for r in _rows(store) if r.event_id == one).cleared_us == NOW + 5


def test_a_rule_stands(store: Store) -> None:
    bob = [replace(m, message_id="b" + m.message_id, email="bob@acme.com") for m in BURST]
    take(store, *BURST, *bob, act("p", 0, name="signed_up", user_agent=CRAWLER))
    rule = ClearRule(reason="burst", identity="ann@acme.com")
    touched_leads = store.write(lambda c: clear(c, rule, "eve", "tester", NOW), alone=True)
    assert touched_leads == [leads(store)["ann@acme.com"]]
    assert set(marks(store)) == {"bc1", "bc2", "bc3", "p"}
    take(store, *(replace(m, message_id="n" + m.message_id, at_us=m.at_us + S) for m in BURST))
    take(store, replace(link("b9", 104, "/x"), email="bob@acme.com"))
    assert set(marks(store)) == {"bc1", "bc2", "bc3", "b9", "p"}
    with store.read() as connection:
        assert standing(connection) == (rule,)
    assert store.write(lambda c: (forget(c, rule), forget(c, rule)), alone=True) == (True, False)
    take(store, *(replace(m, message_id="o" + m.message_id, at_us=m.at_us + 60 * S) for m in BURST))
    assert {"oc1", "oc2", "oc3"} <= set(marks(store))


def test_a_rule_for_another_name_of_the_lead_covers_it(store: Store) -> None:
    known = replace(
        act("i", 0, name="identify"), type="identify", user_id="u7", document=canonical({})
    )
    take(store, known)
    store.write(lambda c: clear(c, ClearRule(identity="u7"), "eve", "tester", NOW), alone=True)
    take(store, *BURST)
    assert marks(store) == {}


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        (ClearRule(mail="m1"), {"x": {"crawler"}}),
        (ClearRule(user_agent="bingBOT"), {"c2": {"burst"}, "c3": {"burst"}}),
        (ClearRule(reason="crawler", mail="m1"),
         {"c1": {"burst"}, "c2": {"burst"}, "c3": {"burst"}, "x": {"crawler"}}),
        (ClearRule(reason="burst"), {"c1": {"crawler"}, "x": {"crawler"}}),
        (ClearRule(reason="delivery"),
         {"c1": {"burst", "crawler"}, "c2": {"burst"}, "c3": {"burst"}, "x": {"crawler"}}),
    ],
)  # fmt: skip
def test_what_a_rule_covers(tmp_path: Path, rule: ClearRule, left: dict[str, set[str]]) -> None:
    with _opened(str(tmp_path / "record.db")) as store:
        first = replace(BURST[0], context={"user_agent": CRAWLER})
        other = act("x", 0, {"mail_id": "m2"}, user_agent=CRAWLER)
        take(store, first, *BURST[1:], other)
        store.write(lambda c: clear(c, rule, "eve", "why", NOW), alone=True)
        assert marks(store) == left


def test_rules_of_the_settings_are_heeded(store: Store) -> None:
    rules = GateRules(allow=(ClearRule(mail="m1", reason="burst"),))
    take(store, *BURST, act("d", 99, name="email_delivered"), rules=rules)
    assert marks(store) == {"c1": {"delivery"}, "c2": {"delivery"}}


def test_what_has_no_mark_cannot_be_cleared(store: Store) -> None:
    take(store, *BURST[:2])
    with pytest.raises(UserError) as refused:
        store.write(lambda c: clear(c, [ids(store)["c1"]], "eve", "why", NOW), alone=True)
    assert refused.value.code == "gate-mark"


def test_many_marks_are_cleared_in_parts(tmp_path: Path) -> None:
    with _opened(str(tmp_path / "record.db")) as store:
        agents = [act(f"p{n}", n, name="visit", user_agent=CRAWLER) for n in range(2_300)]
        for start in range(0, len(agents), 500):
            take(store, *agents[start : start + 500])
        assert len(marks(store)) == 2_300
        store.write(lambda c: clear(c, ClearRule(user_agent="bing"), "e", "", NOW), alone=True)
        assert marks(store) == {}


def test_a_flood_of_clicks_costs_little(tmp_path: Path) -> None:
    with _opened(str(tmp_path / "record.db")) as store:
        flood = [link(f"c{n}", 100 + n / 1000, f"/{n}") for n in range(1_000)]
        began = time.process_time()
        take(store, *flood)
        assert time.process_time() - began < 10, "1 s on the machine it was written on"
        assert len(marks(store)) == 1_000


def test_two_servers_that_record_one_burst_see_each_other(postgres: Store) -> None:
    take(postgres, BURST[0])
    with Store(postgres.url) as other:
        waiting = threading.Event()

        def second(connection: Any) -> None:
            record(connection, Received((BURST[1],)), RULES, NOW)
            waiting.set()
            _wait_for_lock(postgres)

        first = postgres.submit(second, alone=True)
        assert waiting.wait(10)
        other.write(lambda c: record(c, Received((BURST[2],)), RULES, NOW), alone=True)
        first.result(10)
    assert set(marks(postgres)) == {"c1", "c2", "c3"}


def _wait_for_lock(store: Store) -> None:
    """Until somebody waits for a lock, ten seconds at most."""
    asked = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                 "AND datname = current_database()")  # fmt: skip
    for _ in range(500):
        with store.read() as connection:
            if connection.scalar(asked):
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def _rows(store: Store) -> list[Any]:
    with store.read() as connection:
        return list(connection.execute(select(event_mark).order_by(event_mark.c.id)).all())


def test_cleared_marks_stay_with_their_first_clearing(store: Store) -> None:
    take(store, *BURST)
    with store.transaction() as connection:
        connection.execute(update(event_mark).values(cleared_us=7, cleared_by="a", cleared_why="b"))
    causes(store)
    every = list(ids(store).values())
    assert store.write(lambda c: clear(c, every, "eve", "again", NOW), alone=True) == []
    assert causes(store) == []
    assert {row.cleared_us for row in _rows(store)} == {7}
