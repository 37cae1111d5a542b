"""Trying a card: what is counted, why leads change, and that past outcomes are judged fairly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from leadwise.card import parse
from leadwise.errors import UserError
from leadwise.live.publish import publish
from leadwise.live.shadow import switch_shadow
from leadwise.live.trial import Trial, try_card
from leadwise.live.trial_past import Goal
from leadwise.report.ranking import Tied, auc
from leadwise.store.cards import add_version, get_version
from leadwise.store.decided import decided_leads
from leadwise.store.mirror import views
from leadwise.store.opening import Store
from leadwise.store.outcomes import OutcomeKind, add_outcome
from leadwise.store.schema import card_draft
from leadwise.store.trials import (
    KEPT,
    Tried,
    draft_text,
    remember_trial,
    trial_of_content,
    trials_of_draft,
)
from tests.databases import make_tables, postgres_database
from tests.records import CARD, DAY_US, NOW_US, add_lead

SECOND = CARD.replace("points: 20", "points: 60").replace("version: 1", "version: 2")
NEVER = SECOND.replace(
    "      - id: large", "      - {id: huge, when: employees > 9000, points: 5}\n      - id: large"
)


def quiet(done: int, total: int, what: str) -> None:
    pass


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with ExitStack() as stack:
        url = str(tmp_path / "leadwise.db")
        if request.param == "postgres":
            server = str(request.getfixturevalue("postgres_url"))
            url = stack.enter_context(postgres_database(server))
        opened = stack.enter_context(Store(url))
        make_tables(opened)
        yield opened


def tried(store: Store, tmp_path: Path, text: str = NEVER, days: int = 5, calls: int = 1) -> Trial:
    card = parse(text).card
    assert card is not None
    return try_card(store, tmp_path / "mirror", card, NOW_US, quiet, days=days, calls_a_day=calls)


def live(store: Store, tmp_path: Path) -> None:
    version = store.write(lambda c: add_version(c, CARD, subject="lead", by="ana", now_us=NOW_US))
    publish(store, tmp_path / "mirror", version.id, "ana", None, lambda: NOW_US, quiet)


def say(connection: Connection, lead_id: int, kind: OutcomeKind, ago: float) -> None:
    add_outcome(
        connection, lead_id, kind, at_us=NOW_US - int(ago * DAY_US), now_us=NOW_US,
        source="test", message_id=f"{lead_id}-{kind}",
    )  # fmt: skip


def test_why_leads_change_and_what_never_fires(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(connection: Connection) -> None:
        for number in range(12):
            add_lead(connection, f"{number}@acme.example", {"employees": 94 + number})

    store.write(fill)
    live(store, tmp_path)
    for in_bucket in (50_000, 1):  # one part, and a part for each bucket
        monkeypatch.setattr(views, "LEADS_IN_BUCKET", in_bucket)
        trial = tried(store, tmp_path)
        assert (trial.leads, trial.changed, trial.moved) == (12, 6, 6)
        assert {m.lead_id for m in trial.movers} == set(range(7, 13))
        for mover in trial.movers:
            assert [(ln.label, ln.old, ln.new) for ln in mover.lines] == [("large", 2000, 6000)]
            assert mover.new_score - mover.old_score == sum(ln.difference for ln in mover.lines)
        assert {use.id: (use.before, use.after) for use in trial.uses} == {
            "huge": (None, 0), "large": (6, 6), "visits": (0, 0), "asked": (0, 0),
        }  # fmt: skip


def test_the_hot_leads_of_each_day(store: Store, tmp_path: Path) -> None:
    def fill(connection: Connection) -> None:
        # Large ones get hot by the second card when they are first heard of, in the middle of a
        # day; by the first with a demo asked for later.
        for number, ago in enumerate((3.5, 3.5, 1.5)):
            at_us = NOW_US - int(ago * DAY_US)
            asked = [("demo_requested", NOW_US - DAY_US // 2, {})] if number == 0 else []
            add_lead(connection, f"{number}@acme.example", {"employees": 500}, asked, at_us)
        add_lead(connection, "old@acme.example", {"employees": 500}, (), NOW_US - 40 * DAY_US)

    store.write(fill)
    live(store, tmp_path)
    trial = tried(store, tmp_path)
    assert [new for _, new in trial.daily] == [0, 2, 0, 1, 0]
    assert trial.after.per_day == pytest.approx(3 / 5)
    # 20 and 29.7 points: not hot by the first card.
    assert [old for old, _ in trial.daily] == [0, 0, 0, 0, 0]
    assert trial.before is not None
    assert (trial.before.per_day, trial.before.waiting, trial.after.waiting) == (0, 0, 4)


def _goal(trial: Trial, name: str) -> Goal:
    return next(goal for goal in trial.past.goals if goal.name == name)


@pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
def test_past_outcomes_are_judged_without_hindsight(store: Store, tmp_path: Path) -> None:
    def fill(connection: Connection) -> None:
        for number in range(40):
            large, won = number % 2 == 0, number % 4 < 3
            # What a lead did after its outcome gives those that were lost the best scores of now.
            after = [] if won else [("demo_requested", NOW_US - DAY_US, {})]
            lead_id = add_lead(
                connection, f"{number}@acme.example", {"employees": 500 if large else 5}, after,
                NOW_US - 60 * DAY_US,
            )  # fmt: skip
            say(connection, lead_id, "won" if won else "lost", 20)
        early = add_lead(connection, "early@acme.example", {}, (), NOW_US - 10 * DAY_US)
        say(connection, early, "won", 15)
        waiting = add_lead(connection, "waiting@acme.example", {}, (), NOW_US - 60 * DAY_US)
        say(connection, waiting, "sales_accepted", 15)
        handed = add_lead(
            connection, "handed@acme.example", {}, [("visit", NOW_US - 40 * DAY_US, {})],
            NOW_US - 60 * DAY_US,
        )  # fmt: skip
        say(connection, handed, "mql", 30)
        say(connection, handed, "sales_qualified", 20)

    store.write(fill)
    live(store, tmp_path)
    past = tried(store, tmp_path, SECOND).past
    assert (past.at_mql, past.after_arrival, past.unseen) == (1, 40, 1)
    won = next(goal for goal in past.goals if goal.name == "won")
    assert (won.leads, won.reached) == (40, 30)
    # number % 4: 0 large and won, 1 small and won, 2 large and won, 3 small and lost.
    expected = auc([Tied(0, 20, 10), Tied(1, 20, 20)])
    assert expected is not None
    assert won.before is not None
    assert won.after is not None
    assert won.before.auc.value == won.after.auc.value == pytest.approx(expected.value)
    assert won.before.auc.low is not None
    assert won.before.auc.high is not None
    assert won.before.auc.low <= won.before.auc.value <= won.before.auc.high
    assert won.auc_gain is not None
    assert (won.auc_gain.value, won.auc_gain.low, won.auc_gain.high) == (0, 0, 0)
    # 43 leads arrived within 90 days, so one call a day is more than enough for all.
    assert (past.per_day, past.capacity) == (pytest.approx(43 / 90), 1.0)
    assert won.after.top is not None
    assert won.after.top.value == pytest.approx(1)
    qualified = next(goal for goal in past.goals if goal.name == "qualified")
    assert (qualified.leads, qualified.reached) == (41, 31)


def test_a_share_of_the_leads_can_be_called(store: Store, tmp_path: Path) -> None:
    def fill(connection: Connection) -> None:
        for number in range(180):
            lead_id = add_lead(
                connection, f"{number}@acme.example", {"employees": 500 if number < 60 else 5},
                (), NOW_US - 60 * DAY_US,
            )  # fmt: skip
            say(connection, lead_id, "won" if number < 30 or number >= 150 else "lost", 20)

    store.write(fill)
    trial = tried(store, tmp_path, CARD, calls=1)
    assert trial.live_id is None
    assert trial.past.capacity == pytest.approx(0.5)  # 2 a day arrive, one is called
    won = _goal(trial, "won")
    assert won.before is None
    assert won.auc_gain is None
    assert won.after is not None
    # All 60 of the best score and 30 of the 120 others, of whom 30 were won.
    assert won.after.top is not None
    assert won.after.top.value == pytest.approx((30 + 30 * 30 / 120) / 60)
    assert won.after.lift.value == pytest.approx((30 / 60) / (60 / 180))
    assert won.after.curve[0] == (0, 0)
    assert won.after.curve[-1] == (1, 1)


def test_nobody_and_nothing_known(store: Store, tmp_path: Path) -> None:
    empty = tried(store, tmp_path)
    assert (empty.leads, empty.moved, empty.past.capacity, empty.past.per_day) == (0, 0, None, 0)
    assert [(goal.leads, goal.after) for goal in empty.past.goals] == [(0, None), (0, None)]


def test_a_card_where_none_is_live(store: Store, tmp_path: Path) -> None:
    store.write(lambda c: add_lead(c, "a@acme.example"))
    with store.read() as connection:
        assert decided_leads(connection) == []
    one = tried(store, tmp_path)
    assert (one.leads, one.changed, one.live_id) == (1, 1, None)
    assert one.daily == ((None, 0), (None, 0), (None, 0), (None, 0), (None, 0))


def test_a_card_is_published_in_place_of_the_one_that_was_looked_at(
    store: Store, tmp_path: Path
) -> None:
    def add(text: str) -> int:
        return store.write(
            lambda c: add_version(c, text, subject="lead", by="ana", now_us=NOW_US)
        ).id

    def go(version_id: int, instead_of: int) -> None:
        publish(
            store, tmp_path / "mirror", version_id, "ana", None, lambda: NOW_US, quiet,
            instead_of=instead_of,
        )  # fmt: skip

    one, two, three = add(CARD), add(SECOND), add(NEVER)
    go(one, 0)
    for wrong in (0, two):
        with pytest.raises(UserError) as refused:
            go(three, wrong)
        assert refused.value.code == "stale-live-card"
    go(two, one)
    with store.read() as connection:
        assert [get_version(connection, n).status for n in (one, two, three)] == [
            "retired", "live", "draft",
        ]  # fmt: skip
    # A card that was live once is retired again when it is no shadow any more.
    for number, after in ((one, "retired"), (three, "draft")):
        for on, status in ((True, "shadow"), (False, after)):
            switched = store.write(
                lambda c, number=number, on=on: switch_shadow(
                    c, number, on=on, by="ana", now_us=NOW_US
                )
            )
            assert switched.status == status
    with pytest.raises(UserError) as refused:
        store.write(lambda c: switch_shadow(c, two, on=True, by="ana", now_us=NOW_US))
    assert refused.value.code == "already-scoring"


def test_trials_are_found_again(store: Store) -> None:
    def work(connection: Connection) -> None:
        for _ in range(2):
            connection.execute(
                insert(card_draft).values(
                    subject="lead", name="d", text="x", member_id=1, created_us=5, changed_us=6
                )
            )
        one, two = draft_text(connection, 1), draft_text(connection, 2)
        assert one is not None
        assert two is not None
        assert draft_text(connection, 3) is None
        for number in range(KEPT + 2):
            remember_trial(connection, Tried(f"j{number}", f"h{number % 2}", number, "ana"), one)
        remember_trial(connection, Tried("v", "h0", 99, "ben"), None)
        assert [tried.job_id for tried in trials_of_draft(connection, one)] == [
            f"j{number}" for number in range(KEPT + 1, 1, -1)
        ]
        assert trials_of_draft(connection, two) == []
        # Another draft of the same id, made after the first was thrown away.
        assert trials_of_draft(connection, replace(one, created_us=7)) == []
        assert trial_of_content(connection, "h0") == Tried("v", "h0", 99, "ben")
        assert trial_of_content(connection, "h2") is None

    store.write(work)


def test_a_card_that_orders_better_is_told_from_one_that_does_not(
    store: Store, tmp_path: Path
) -> None:
    def fill(connection: Connection) -> None:
        for number in range(120):
            # Those who visit are won; those of large companies are lost.
            good = number % 2 == 0
            lead_id = add_lead(
                connection, f"{number}@acme.example", {"employees": 5 if good else 500},
                [("visit", NOW_US - 60 * DAY_US + 1, {})] * (3 if number % 10 else 0) * good,
                NOW_US - 60 * DAY_US,
            )  # fmt: skip
            say(connection, lead_id, "won" if good else "lost", 20)

    store.write(fill)
    live(store, tmp_path)
    better = CARD.replace("points: 20", "points: 1")
    gain = _goal(tried(store, tmp_path, better), "won").auc_gain
    assert gain is not None
    assert gain.low is not None
    assert gain.high is not None
    assert 0 < gain.low <= gain.value <= gain.high
    # The same order with other points is no better.
    same = CARD.replace("points: 20", "points: 21")
    gain = _goal(tried(store, tmp_path, same), "won").auc_gain
    assert gain is not None
    assert gain.low is not None
    assert gain.low <= 0
