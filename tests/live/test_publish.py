"""Publishing a card: all are scored, nobody twice, nothing half, whenever it is interrupted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update

from leadwise.errors import UserError
from leadwise.live import everybody
from leadwise.live.clearing import drop_old_scores
from leadwise.live.overrides import add_override
from leadwise.live.publish import abandon, begin, publish
from leadwise.live.refresh import refresh
from leadwise.live.scoring import Pace, Rows, add_rows, score_touched
from leadwise.live.shadow import score_shadow
from leadwise.live.taking import Why
from leadwise.live.trial import Trial, try_card
from leadwise.store.cards import CardVersion, add_version, get_version, set_status
from leadwise.store.doctor import snapshot
from leadwise.store.doctor_scores import check_scores
from leadwise.store.mirror import views
from leadwise.store.opening import Store
from leadwise.store.relations import ask_ledgers
from leadwise.store.schema import audit as audit_table
from leadwise.store.schema import (
    band_change,
    changed,
    event,
    identity_lead,
    lead,
    score,
    score_history,
)
from leadwise.store.touching import touch
from tests.databases import make_tables, postgres_database
from tests.records import CARD, DAY_US, NOW_US, add_lead

SECOND = CARD.replace("points: 20", "points: 60").replace("version: 1", "version: 2")
THIRD = CARD.replace("points: 20", "points: 30").replace("version: 1", "version: 3")
PEOPLE = 24


def QUIET(done: int, total: int, what: str) -> None:  # noqa: N802 - given as a value
    pass


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        with Store(str(tmp_path / "leadwise.db")) as opened:
            _fill(opened)
            yield opened
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server) as url, Store(url) as opened:
            _fill(opened)
            yield opened


def _fill(store: Store) -> None:
    make_tables(store)
    with store.transaction() as connection:
        for number in range(PEOPLE):
            seen = [("visit", NOW_US - day * DAY_US, {}) for day in range(number % 4)]
            if number % 3 == 0:
                seen.append(("demo_requested", NOW_US - number * DAY_US, {}))
            facts = {"employees": 90 + number} if number % 5 else {}
            add_lead(connection, f"{number}@acme.example", facts, seen)


def draft(store: Store, text: str = CARD) -> CardVersion:
    return store.write(lambda c: add_version(c, text, subject="lead", by="ana", now_us=NOW_US))


def go_live(
    store: Store, folder: Path, version: CardVersion, at_us: int = NOW_US, **more: Any
) -> Any:
    progress = more.pop("progress", QUIET)
    return publish(
        store, folder / "mirror", version.id, "ana", "why not", lambda: at_us, progress, **more
    )


def all_rows(store: Store, table: Any, *columns: str) -> list[tuple[Any, ...]]:
    with store.read() as connection:
        rows = select(*(table.c[name] for name in columns or table.c.keys()))
        return sorted((tuple(row) for row in connection.execute(rows)), key=repr)


def expected(store: Store, version: CardVersion, as_of_us: int = NOW_US) -> list[tuple[Any, ...]]:
    """What the live scorer would write of everybody."""
    rows = Rows([], [], [])
    with store.read() as connection:
        ids = connection.scalars(select(lead.c.id)).all()
        for row in ask_ledgers(connection, version.card, [(i, i, as_of_us, as_of_us) for i in ids]):
            why = Why("event", None, as_of_us)
            add_rows(rows, version, row, None, (), why, Pace())
    return sorted((tuple(row) for row in rows.scores), key=repr)


def test_what_is_written_is_what_the_scorer_writes(store: Store, tmp_path: Path) -> None:
    version = draft(store)
    done = go_live(store, tmp_path, version)
    assert (done.scored, done.retired_id, done.already) == (PEOPLE, None, False)
    assert all_rows(store, score) == expected(store, version)
    with snapshot(store) as connection:
        assert check_scores(connection).right
        assert get_version(connection, version.id).status == "live"
    told = all_rows(store, band_change, "lead_id", "from_band", "to_band", "cause")
    assert len(told) == PEOPLE == done.band_changes
    assert {row[1] for row in told} == {None}
    assert {row[3] for row in told} == {"card"}
    assert len(all_rows(store, score_history)) == PEOPLE
    again = go_live(store, tmp_path, version, NOW_US + 5)
    assert (again.already, again.scored, again.band_changes) == (True, 0, 0)
    assert len(all_rows(store, band_change)) == len(all_rows(store, score_history)) == PEOPLE


def test_the_old_card_serves_until_everybody_is_scored(store: Store, tmp_path: Path) -> None:
    first, second = draft(store), draft(store, SECOND)
    go_live(store, tmp_path, first)
    statuses = []

    def progress(done: int, total: int, what: str) -> None:
        with store.read() as connection:
            versions = (get_version(connection, v.id).status for v in (first, second))
            statuses.append((what, *versions))

    later = NOW_US + DAY_US
    before = dict(all_rows(store, score, "lead_id", "shown_band"))
    done = go_live(store, tmp_path, second, later, progress=progress)
    assert ("scoring", "live", "publishing") in statuses
    assert {row[1:] for row in statuses if row[0] == "scoring"} == {("live", "publishing")}
    with store.read() as connection:
        assert get_version(connection, first.id).status == "retired"
        now = {
            r.lead_id: r.shown_band
            for r in connection.execute(select(score).where(score.c.card_version_id == second.id))
        }
        told = connection.execute(
            select(band_change).where(band_change.c.card_version_id == second.id)
        ).all()
        said = connection.execute(select(audit_table.c.action)).scalars().all()
    moved = {i for i in before if before[i] != now[i]}
    assert moved
    assert {row.lead_id for row in told} == moved
    assert done.band_changes == len(told) == len(moved) < PEOPLE
    assert {(before[r.lead_id], now[r.lead_id]) for r in told} == {
        (r.from_band, r.to_band) for r in told
    }
    assert said.count("went live") == 2
    assert drop_old_scores(store) == 0  # the last retired version can be gone back to
    back = go_live(store, tmp_path, first, later + DAY_US)
    assert (back.scored, back.retired_id) == (PEOPLE, second.id)
    third = go_live(store, tmp_path, draft(store, THIRD), later + 2 * DAY_US)
    assert third.retired_id == first.id
    assert drop_old_scores(store) == PEOPLE  # those of the second: nobody goes back two cards
    assert set(all_rows(store, score, "card_version_id")) == {
        (first.id,),
        (draft(store, THIRD).id,),
    }


def test_a_lead_touched_meanwhile_keeps_its_newer_score(store: Store, tmp_path: Path) -> None:
    first, second = draft(store), draft(store, SECOND)
    go_live(store, tmp_path, first)
    with store.read() as connection:
        busy, gone = connection.execute(select(lead.c.id).order_by(lead.c.id).limit(2)).scalars()
    met: list[str] = []

    def meanwhile(connection: Connection) -> None:
        identity_id = connection.execute(
            select(identity_lead.c.identity_id).where(identity_lead.c.lead_id == busy)
        ).scalar_one()
        connection.execute(
            insert(event).values(
                identity_id=identity_id, source="test", message_id="late", type="track",
                event="demo_requested", at_us=NOW_US - 5, received_us=NOW_US - 5, doc={},
            )
        )  # fmt: skip
        touch(connection, (busy,), "event", NOW_US)
        # A clock that went back: what it scores is older by the clock, and yet newer.
        assert score_touched(connection, NOW_US - 10).leads == 1
        connection.execute(update(lead).where(lead.c.id == gone).values(objected_us=NOW_US))

    def progress(done: int, total: int, what: str) -> None:
        if what == "scoring" and not met:
            met.append(what)
            store.write(meanwhile)

    go_live(store, tmp_path, second, NOW_US + DAY_US, progress=progress)
    with store.read() as connection:
        rows = {
            row.lead_id: row
            for row in connection.execute(select(score).where(score.c.card_version_id == second.id))
        }
        card = second.card
        as_of_us = rows[busy].as_of_us
        (answer,) = ask_ledgers(connection, card, [(0, busy, as_of_us, as_of_us)])
    names = ["_moment", "lead_id", "as_of_us", "known_by_us"]
    assert json.loads(rows[busy].ledger) == list(
        answer[len(names) :][: len(json.loads(rows[busy].ledger))]
    )
    assert gone not in rows
    assert len(rows) == PEOPLE - 1
    assert as_of_us < NOW_US + DAY_US


class Killed(BaseException):
    """As if the process ended here."""


POINTS = (
    "reading changed leads", "writing the mirror", "scoring 0", "scoring 8", "scoring 14",
    "clearing up", "writing history",
)  # fmt: skip


def test_interrupted_everywhere_and_begun_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everybody, "CHUNKS", {"sqlite": 2, "postgresql": 2})
    monkeypatch.setattr(views, "LEADS_IN_BUCKET", 1)  # bucket by bucket
    first, second = draft(store), draft(store, SECOND)
    third = draft(store, CARD.replace("points: 30", "points: 31"))
    go_live(store, tmp_path, first)
    store.write(lambda c: c.execute(insert(changed), [{"lead_id": n} for n in (1, 2, 3)]))
    later = NOW_US + DAY_US
    for number, point in enumerate(POINTS):

        def progress(done: int, total: int, what: str, point: str = point) -> None:
            if what == point or f"{what} {done}" == point:
                raise Killed

        with pytest.raises(Killed):
            go_live(store, tmp_path, second, later + number, progress=progress)
        with store.read() as connection:
            statuses = [get_version(connection, v.id).status for v in (first, second)]
        scored = point.startswith(("clearing", "writing history"))
        assert statuses == (["retired", "live"] if scored else ["live", "publishing"])
        if not scored:
            with pytest.raises(UserError) as refused:
                go_live(store, tmp_path, third)
            assert refused.value.code == "publishing-already"
    go_live(store, tmp_path, second, later + 7)
    written = [row for row in all_rows(store, score) if row[0] == second.id]
    wanted = expected(store, second, later)
    since = score.c.keys().index("band_since_us")
    assert [row[:since] + row[since + 1 :] for row in written] == [
        row[:since] + row[since + 1 :] for row in wanted
    ]
    with store.read() as connection:
        told = (
            connection.execute(
                select(band_change.c.lead_id).where(band_change.c.card_version_id == second.id)
            )
            .scalars()
            .all()
        )
    assert len(told) == len(set(told)) > 0
    left = {path.name for path in (tmp_path / "mirror").iterdir()}
    assert not any(name.startswith(("spill", "staging")) for name in left)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_given_up(store: Store, tmp_path: Path) -> None:
    version = draft(store)
    store.write(lambda c: begin(c, version.id, NOW_US))
    assert store.write(lambda c: abandon(c, version.id, "ana", NOW_US)).status == "draft"
    with pytest.raises(UserError) as refused:
        store.write(lambda c: abandon(c, version.id, "ana", NOW_US))
    assert refused.value.code == "not-publishing"
    go_live(store, tmp_path, version)


def test_an_override_is_shown(store: Store, tmp_path: Path) -> None:
    version = draft(store)
    with store.read() as connection:
        one = connection.execute(select(func.min(lead.c.id))).scalar_one()

    def say(connection: Connection) -> None:
        add_override(
            connection, version.card, one, band="hot", points=None, reason="met at the fair",
            until_us=NOW_US + DAY_US, actor="ana", now_us=NOW_US - 1,
        )  # fmt: skip

    store.write(say)
    go_live(store, tmp_path, version)
    with store.read() as connection:
        row = connection.execute(select(score).where(score.c.lead_id == one)).one()
    assert (row.shown_band, row.band) == ("hot", "warm")
    assert row.due_us <= NOW_US + DAY_US


def test_many_due_leads_are_scored_over_the_mirror(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "LEADS_IN_BUCKET", 1)
    version = draft(store)
    go_live(store, tmp_path, version)
    later = NOW_US + 40 * DAY_US
    folder = tmp_path / "mirror"
    with store.read() as connection:
        live = get_version(connection, version.id)
        due = set(connection.scalars(select(score.c.lead_id).where(score.c.due_us <= later)))
    assert refresh(store, folder, later, QUIET).scores == 0  # too few to be worth it
    store.write(lambda c: c.execute(insert(changed).values(lead_id=min(due))))
    before = dict(all_rows(store, score, "lead_id", "shown_band"))
    done = refresh(store, folder, later, QUIET, fewest=2)
    assert 0 < done.scores == len(due) < PEOPLE
    after = dict(all_rows(store, score, "lead_id", "shown_band"))
    moved = {lead_id for lead_id in after if after[lead_id] != before[lead_id]}
    with store.read() as connection:
        told = (
            connection.execute(select(band_change.c.lead_id).where(band_change.c.cause == "time"))
            .scalars()
            .all()
        )
        history = connection.execute(
            select(func.count()).where(score_history.c.as_of_us == later)
        ).scalar_one()
    assert sorted(told) == sorted(moved) != []
    assert done.band_changes == len(moved) <= history
    want = {row[1]: row for row in expected(store, live, later)}
    since = score.c.keys().index("band_since_us")
    for row in all_rows(store, score):
        if row[1] in due:
            assert (
                row[:since] + row[since + 1 :] == want[row[1]][:since] + want[row[1]][since + 1 :]
            )


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_draft_is_tried_and_a_shadow_is_scored(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    first, second = draft(store), draft(store, SECOND)
    alone = try_card(store, folder, first.card, NOW_US, QUIET, days=3)
    assert (alone.before, alone.live_id, alone.moved) == (None, None, PEOPLE)
    go_live(store, tmp_path, first)
    tried = try_card(store, folder, second.card, NOW_US, QUIET, days=3)
    with pytest.raises(UserError) as refused:
        score_shadow(store, folder, second.id, NOW_US, QUIET)
    assert refused.value.code == "not-a-shadow"
    store.write(lambda c: set_status(c, second.id, "shadow"))
    shadowed = score_shadow(store, folder, second.id, NOW_US, QUIET, days=3)
    assert shadowed == tried
    bands = _bands(store)
    assert _counts(tried) == {
        pair: sum(1 for one in bands.values() if one == pair) for pair in set(bands.values())
    }
    assert {m.lead_id for m in tried.movers} == {i for i, (a, b) in bands.items() if a != b}
    assert tried.after.waiting == sum(1 for _, new in bands.values() if new == "hot")
    assert tried.before is not None
    assert tried.before.per_day is not None
    assert (tried.leads, tried.asked_daily) == (PEOPLE, PEOPLE)
    with store.read() as connection:
        live = select(func.count()).select_from(band_change)
        assert connection.execute(live).scalar_one() == PEOPLE  # those of publishing the first


def _bands(store: Store) -> dict[int, tuple[str | None, str | None]]:
    rows = all_rows(store, score, "card_version_id", "lead_id", "band")
    versions = sorted({row[0] for row in rows})
    by = {(row[0], row[1]): row[2] for row in rows}
    return {i: (by[versions[0], i], by[versions[1], i]) for v, i in by if v == versions[0]}


def _counts(trial: Trial) -> dict[tuple[str | None, str | None], int]:
    return dict(trial.matrix)
