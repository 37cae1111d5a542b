"""Laws of starting, over random pasts: at most once, never too soon, never too many, none missed;
also where a process dies in between, and where rows are committed out of order."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from leadwise.playbooks.model import BandTrigger, EventTrigger, Safety, ScoreTrigger
from leadwise.playbooks.triggers import Taker, starting
from leadwise.store.opening import Store
from leadwise.store.runs import end_run, hold_run
from leadwise.store.schema import band_change
from tests.databases import make_tables, postgres_database
from tests.playbooks.conditions.stores import postgres_store, store
from tests.playbooks.triggers.playing import HOUR_US, SECOND_US, Play, follow_up
from tests.records import DAY_US, NOW_US, add_lead

__all__ = ["postgres_store", "store"]

BANDS = ("cold", "warm", "hot")
LEADS = 3
DEEDS = st.one_of(
    st.tuples(st.just("band"), st.integers(0, LEADS - 1), st.sampled_from(BANDS)),
    st.tuples(st.just("visit"), st.integers(0, LEADS - 1), st.integers(0, 3)),
    st.tuples(st.just("score"), st.integers(0, LEADS - 1), st.integers(0, 100)),
    st.tuples(st.just("pass"), st.integers(1, 60), st.none()),
    st.tuples(st.just("take"), st.none(), st.none()),
    st.tuples(st.just("end"), st.none(), st.none()),
    st.tuples(st.just("restart"), st.none(), st.none()),
)
BOUNDED = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


@contextmanager
def played() -> Iterator[tuple[Play, list[int]]]:
    """An empty record with three leads."""
    with tempfile.TemporaryDirectory() as folder, Store(str(Path(folder) / "r.db")) as opened:
        make_tables(opened)
        play = Play(opened)
        with opened.transaction() as connection:
            leads = [add_lead(connection, f"{n}@e.com") for n in range(LEADS)]
        yield play, leads


def act(play: Play, leads: list[int], bands: list[str | None], deed: tuple[Any, Any, Any]) -> None:
    """One thing happens."""
    kind, which, what = deed
    match kind:
        case "band":
            if bands[which] != what:
                play.enters(leads[which], what, bands[which])
                bands[which] = what
        case "visit":
            play.does(leads[which], "visit", {"n": what})
        case "score":
            play.scores(leads[which], what)
        case "pass":
            play.now_us += which * HOUR_US
        case "take":
            play.take()
        case "restart":
            play.taker = Taker(play.store, play.settings, play.texts.__getitem__)
        case _:
            with play.store.transaction() as connection:
                for run in play.runs():
                    held = hold_run(connection, run.id)
                    if held is not None and held.ended_us is None:
                        end_run(connection, held, "done", "over", play.now_us)


@BOUNDED
@given(
    deeds=st.lists(DEEDS, max_size=40),
    again=st.sampled_from([None, 0, 30 * HOUR_US]),
    a_day=st.sampled_from([None, 1, 2]),
    cool=st.sampled_from([0, 20 * HOUR_US]),
    settle=st.sampled_from([0, 5 * HOUR_US]),
)
def test_never_too_soon_and_never_too_many(
    deeds: list[tuple[Any, Any, Any]], again: int | None, a_day: int | None, cool: int, settle: int
) -> None:
    safety = Safety(again, settle, a_day, "wait", cool, "g")
    starts = (BandTrigger(("hot",)), EventTrigger("visit"), ScoreTrigger(5_000, None, 1_000))
    with played() as (play, leads):
        bands: list[str | None] = [None] * LEADS
        play.publish(follow_up(triggers=starts, safety=safety))
        for deed in deeds:
            act(play, leads, bands, deed)
        play.take()
        runs = play.runs()
    assert max(Counter(run.trigger for run in runs).values(), default=1) == 1
    days = Counter(datetime.fromtimestamp(r.began_us // SECOND_US, UTC).date() for r in runs)
    assert a_day is None or max(days.values(), default=0) <= a_day
    for lead_id in leads:
        own = [run for run in runs if run.lead_id == lead_id]
        assert again is not None or len(own) <= 1
        for one, next_ in pairwise(own):
            assert again is None or next_.began_us - one.began_us >= again
            assert one.ended_us is None or next_.began_us >= one.ended_us + cool
        for run in own:
            assert run.began_us - run.doc["trigger"]["at_us"] >= settle


@BOUNDED
@given(deeds=st.lists(DEEDS, max_size=40))
def test_nothing_is_missed_however_it_is_taken(deeds: list[tuple[Any, Any, Any]]) -> None:
    with played() as (play, leads):
        bands: list[str | None] = [None] * LEADS
        play.publish(follow_up(triggers=(EventTrigger("visit"),), safety=Safety(0)))
        for deed in deeds:
            act(play, leads, bands, deed)
        play.take()
        wanted = [leads[which] for kind, which, _ in deeds if kind == "visit"]
        assert sorted(play.leads()) == sorted(wanted)


@BOUNDED
@given(
    scores=st.lists(st.integers(0, 100), max_size=30), cut=st.sets(st.integers(0, 30)),
    back=st.integers(0, 30),
)  # fmt: skip
def test_hysteresis_is_the_same_however_it_is_cut(
    scores: list[int], cut: set[int], back: int
) -> None:
    """Against a plain reading of the rule, with every run over before the next score."""
    line, armed, wanted = 50, True, 0
    before: int | None = None
    for score in scores:
        armed = armed or score <= line - back
        if armed and score > line and (before is None or before <= line):
            wanted, armed = wanted + 1, False
        before = score
    trigger = ScoreTrigger(line * 100, None, back * 100)
    with played() as (play, leads):
        play.publish(follow_up(triggers=(trigger,), safety=Safety(0), steps=()))
        for place, score in enumerate(scores):
            play.scores(leads[0], score)
            play.take()
            act(play, leads, [], ("end", None, None))
            if place in cut:
                act(play, leads, [], ("restart", None, None))
        assert len(play.runs()) == wanted


def test_a_process_that_dies_in_between_neither_misses_nor_doubles(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play(store)
    with store.transaction() as connection:
        leads = [add_lead(connection, f"{n}@e.com") for n in range(12)]
    play.publish(follow_up(triggers=(EventTrigger("visit"), BandTrigger(("hot",)))))
    for one in leads:
        play.does(one, "visit")
    real, calls = starting.start_run, [0]

    def dying(*given: Any, **more: Any) -> int | None:
        calls[0] += 1
        if calls[0] in (3, 9, 20):
            raise MemoryError
        return real(*given, **more)

    monkeypatch.setattr(starting, "start_run", dying)
    for _ in range(4):
        try:
            play.take()
        except MemoryError:
            play.taker = Taker(store, play.settings, play.texts.__getitem__)
    assert calls[0] > 20
    assert play.leads() == leads


def test_rows_that_are_committed_out_of_order_are_all_taken(postgres_url: str) -> None:
    with postgres_database(postgres_url) as url, Store(url) as opened, Store(url) as other:
        make_tables(opened)
        play = Play(opened)
        with opened.transaction() as connection:
            one, two, three = (add_lead(connection, f"{n}@e.com") for n in range(3))
        play.publish(follow_up(triggers=(BandTrigger(("hot",)),)))
        play.take()
        with other.transaction() as slow:
            enter(slow, one)
            play.enters(two, "hot")
            play.take()
            first = play.leads()
            play.enters(three, "hot")
        play.take()
        play.take()
        assert first == []  # the one before it may still come
        assert play.leads() == [one, two, three]


def test_two_processes_take_each_thing_once(postgres_url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with postgres_database(postgres_url) as url, Store(url) as opened, Store(url) as other:
        make_tables(opened)
        play = Play(opened)
        with opened.transaction() as connection:
            leads = [add_lead(connection, f"{n}@e.com") for n in range(40)]
        play.publish(follow_up(triggers=(EventTrigger("visit"),), safety=Safety(a_day=30)))
        takers = [Taker(one, play.settings, play.texts.__getitem__) for one in (opened, other)]
        for one in leads:
            play.does(one, "visit")
        with ThreadPoolExecutor(2) as pool:
            for _ in range(6):
                list(pool.map(lambda taker: taker.take(play.now_us), takers))
        assert play.leads() == leads[:30]
        play.now_us += DAY_US
        play.take()
        assert play.leads() == leads


def enter(connection: Connection, lead_id: int) -> None:
    """A change of band in somebody's own transaction."""
    connection.execute(
        insert(band_change).values(
            lead_id=lead_id, card_version_id=1, at_us=NOW_US, to_band="hot", score=1, cause="event"
        )
    )
