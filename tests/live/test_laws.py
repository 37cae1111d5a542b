"""Whatever comes in, in whatever order: scores are the query's answers, facts the fold of events,
changes of band a chain without gaps."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from leadwise.errors import UserError
from leadwise.ingest.gate import clear
from leadwise.ingest.merging import merge_leads, undo_merge
from leadwise.live.overrides import add_override
from leadwise.store.cards import live_version
from leadwise.store.doctor_scores import check_scores
from leadwise.store.facts import facts_of, folded_facts
from leadwise.store.opening import Store
from leadwise.store.schema import band_change, lead, merge, score
from tests.databases import make_tables
from tests.ingest.recording import SECOND_US, Recording
from tests.many import of_hundred
from tests.records import DAY_US, make_live

USERS = st.sampled_from(["u1", "u2", None])
VISITORS = st.sampled_from(["a1", "a2", None])
EMAILS = st.sampled_from(["ann@acme.example", "bob@acme.example", "", None])
WHEN = st.sampled_from([0, -5, -DAY_US, -40 * DAY_US, DAY_US])

ACTIONS = st.one_of(
    st.tuples(st.just("identify"), USERS, VISITORS, EMAILS, st.sampled_from([None, 1, 300]), WHEN),
    st.tuples(
        st.just("track"), USERS, VISITORS, st.sampled_from(["visit", "demo_requested"]), WHEN
    ),
    st.tuples(st.just("crawl"), st.sampled_from(["u1", "u2"])),
    st.tuples(st.just("alias"), st.sampled_from(["u1", "u2"]), st.sampled_from(["a1", "a2", "u1"])),
    st.tuples(st.just("group"), st.sampled_from(["u1", "u2"]), st.sampled_from(["g1", "g2"])),
    st.tuples(st.just("merge"), st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.just("undo"), st.integers(1, 3)),
    st.tuples(st.just("clear")),
    st.tuples(st.just("override"), st.integers(1, 3), st.sampled_from([-1000, 2500])),
    st.tuples(st.just("clock"), st.sampled_from([-3600, 1, 60, 86_400, 20 * 86_400])),
    st.tuples(st.just("score")),
)


def act(recording: Recording, action: tuple[Any, ...]) -> None:
    match action:
        case ("identify", user, visitor, email, size, when):
            traits = {k: v for k, v in {"email": email, "employees": size}.items() if v is not None}
            if user or visitor or email:
                recording.identify(user_id=user, anonymous_id=visitor, traits=traits,
                                   at_us=recording.now_us + when)  # fmt: skip
        case ("track", user, visitor, name, when):
            if user or visitor:
                recording.track(name, user_id=user, anonymous_id=visitor,
                                at_us=recording.now_us + when)  # fmt: skip
        case ("crawl", user):
            recording.track("visit", user_id=user, context={"user_agent": "Googlebot/2.1"})
        case ("alias", user, previous):
            recording.send(recording.message("alias", user_id=user, previous_id=previous))
        case ("group", user, group):
            traits = {"size": 7, "domain": "acme.example"}
            recording.send(recording.message("group", user_id=user, group_id=group, traits=traits))
        case ("clock", seconds):
            recording.now_us += seconds * SECOND_US
        case ("score",):
            recording.score()
        case _:
            by_hand(recording, action)


def by_hand(recording: Recording, action: tuple[Any, ...]) -> None:
    """What a person does; what makes no sense is refused, and that is right."""
    store, now_us = recording.store, recording.now_us
    try:
        match action:
            case ("merge", one, other):
                store.write(lambda c: merge_leads(c, one, other, "person", "me", now_us))
            case ("undo", number):
                store.write(lambda c: undo_merge(c, number, "me", now_us))
            case ("clear",):
                marked = [row[0] for row in recording.rows("SELECT event_id FROM event_mark")]
                store.write(lambda c: clear(c, marked, "me", "a person", now_us))
            case ("override", lead_id, points):
                if (lead_id,) in recording.rows("SELECT id FROM lead"):
                    store.write(lambda c: override(c, lead_id, points, now_us))
    except UserError:
        pass


def override(connection: Any, lead_id: int, points: int, now_us: int) -> None:
    live = live_version(connection)
    assert live is not None
    add_override(connection, live.card, lead_id, band=None, points=points, reason="because",
                 until_us=now_us + DAY_US, actor="me", now_us=now_us)  # fmt: skip


@settings(
    max_examples=of_hundred(25), deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(st.lists(ACTIONS, min_size=1, max_size=25))
@example(
    [
        ("identify", "u1", "a1", "ann@acme.example", None, 0), ("alias", "u2", "a1"),
        ("identify", "u1", "a1", "ann@acme.example", None, 0), ("group", "u1", "g1"),
    ]
).via("what is said of a company is said of its leads, not of those merged away")  # fmt: skip
def test_whatever_comes_in(actions: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, Store(str(Path(folder) / "a.db")) as store:
        make_tables(store)
        store.write(make_live)
        recording = Recording(store)
        recording.track("visit", user_id="u1")
        for action in actions:
            act(recording, action)
        recording.score()
        hold(recording)


def hold(recording: Recording) -> None:
    with recording.store.read() as connection:
        checked = check_scores(connection)
        assert checked.right, checked
        for lead_id in connection.scalars(select(lead.c.id)).all():
            assert facts_of(connection, lead_id) == folded_facts(connection, lead_id)
        alive = set(connection.scalars(select(lead.c.id).where(lead.c.merged_into.is_(None))))
        scored = dict(connection.execute(select(score.c.lead_id, score.c.shown_band)).all())
        assert scored.keys() == alive
        last: dict[int, str | None] = {}
        for row in connection.execute(select(band_change).order_by(band_change.c.id)):
            assert row.from_band != row.to_band
            # A lead that was merged away and came back begins anew.
            assert row.from_band in (last.get(row.lead_id), None)
            last[row.lead_id] = row.to_band
        assert {lead_id: last[lead_id] for lead_id in alive} == scored
        merged = connection.execute(select(merge).where(merge.c.undone_us.is_(None))).all()
        gone = set(connection.scalars(select(lead.c.id).where(lead.c.merged_into.is_not(None))))
        assert gone == {row.other_id for row in merged}


def test_marks_weigh_nothing_until_cleared(tmp_path: Path) -> None:
    with Store(str(tmp_path / "a.db")) as store:
        make_tables(store)
        store.write(make_live)
        recording = Recording(store)
        recording.track("visit", user_id="u1")
        recording.track("visit", user_id="u1", context={"user_agent": "Googlebot/2.1"})
        recording.score()
        lead_id = recording.lead("user", "u1")
        assert recording.score_of(lead_id) == (500, "cold")
        marked = [row[0] for row in recording.rows("SELECT event_id FROM event_mark")]
        assert len(marked) == 1
        store.write(lambda c: clear(c, marked, "me", "it was a person", recording.now_us))
        recording.score()
        assert recording.score_of(lead_id) == (1000, "cold")
        assert recording.rows("SELECT cause FROM touched") == []
