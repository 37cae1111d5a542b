"""Whom leads are given to: in turn, by capacity, territory, company; who is away, who was slow."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from leadwise.playbooks.runs.running import move_due
from leadwise.settings import Settings
from leadwise.settings.team import TeamSettings
from leadwise.store.absences import add_absence, list_absences, remove_absence
from leadwise.store.audit import list_audit
from leadwise.store.members import add_member, change_member
from leadwise.store.opening import Store
from leadwise.store.outcomes import add_outcome
from leadwise.store.owners import give_lead, owner_of
from leadwise.store.schema import account, lead, lead_owner, task
from leadwise.store.tasks import end_task, open_task
from leadwise.store.turns import take_turn, turns_of
from tests.databases import make_tables, postgres_database
from tests.playbooks.engine.world import DAY, World

TURN = "  - assign: {by: round robin}\n"


@pytest.fixture
def team(world: World) -> tuple[World, list[int]]:
    """Three representatives, and somebody of marketing."""
    return world, _members(world)


@pytest.fixture
def either_team(either: World) -> tuple[World, list[int]]:
    """The same on both databases."""
    return either, _members(either)


def _members(world: World) -> list[int]:
    def write(connection: Any) -> list[int]:
        return [
            add_member(connection, name, f"{name}@team.example", role, by="x", now_us=1).id
            for name, role in (
                ("ann", "representative"), ("bob", "representative"),
                ("cid", "representative"), ("dot", "marketing"),
            )
        ]  # fmt: skip

    return world.store.write(write)


def test_in_turn_nobody_has_two_more_than_another(either_team: tuple[World, list[int]]) -> None:
    world, ids = either_team
    version = world.publish(TURN)
    for n in range(11):
        world.start(version, world.lead(f"{n}@b.example"), f"event:{n}")
        if n % 3 == 0:
            world.move()
    world.move()
    counts = _owned(world)
    assert sorted(counts.values()) == [3, 4, 4]
    assert set(counts) == set(ids[:3])
    with world.store.read() as connection:
        audited = list_audit(connection, subject="lead", limit=100)
    assert len([one for one in audited if one.actor == "playbook:follow"]) == 11


def test_whoever_is_away_or_gone_is_left_out_and_catches_nothing_up(
    team: tuple[World, list[int]],
) -> None:
    world, (ann, bob, cid, _) = team
    version = world.publish(TURN)
    world.store.write(
        lambda c: add_absence(c, ann, world.now_us, world.now_us + 7 * DAY, "holiday")
    )
    world.store.write(lambda c: change_member(c, cid, disabled_us=1))
    _leads(world, version, 4, "a")
    assert _owned(world) == {bob: 4}
    world.now_us += 7 * DAY
    _leads(world, version, 4, "b")
    counts = _owned(world)
    assert counts[ann] == 2
    assert counts[bob] == 6
    with world.store.read() as connection:
        assert list_absences(connection, ends_after_us=world.now_us) == []
        (past,) = list_absences(connection, member_id=ann)
    world.store.write(lambda c: remove_absence(c, past.id))


def test_nobody_there_is_no_failure(team: tuple[World, list[int]]) -> None:
    world, ids = team
    for member in ids[:3]:
        world.store.write(lambda c, member=member: add_absence(c, member, 0, world.now_us + DAY))
    run_id = world.start(world.publish(TURN))
    world.move()
    assert world.run(run_id).state == "done"
    assert world.said(run_id)["assign"] == {
        "owner": None, "member": None, "why": "Nobody is there to give it to.",
    }  # fmt: skip


def test_a_lead_that_has_an_owner_keeps_it_unless_told(team: tuple[World, list[int]]) -> None:
    world, (ann, bob, cid, _) = team
    kept, given_on = world.lead("k@b.example"), world.lead("g@b.example")
    for lead_id in (kept, given_on):
        world.store.write(
            lambda c, lead_id=lead_id: give_lead(c, lead_id, ann, was=None, actor="x", now_us=1)
        )
    world.start(world.publish(TURN), kept)
    world.start(world.publish("  - assign: {by: round robin, again: true}\n", "again"), given_on)
    world.move()
    assert _owner(world, kept) == ann
    assert _owner(world, given_on) in (bob, cid)


def test_a_clock_that_runs_out_gives_it_to_somebody_who_has_not_let_it_lapse(
    team: tuple[World, list[int]],
) -> None:
    world, ids = team
    steps = (
        TURN
        + "  - task: {title: Call, due: 1 hours, late: ["
        + "{assign: {by: round robin, again: true}}, "
        + "{task: {title: Call now, due: 1 hours, late: ["
        + "{assign: {by: round robin, again: true}}, "
        + "{task: {title: Call at last, due: 1 hours, late: ["
        + "{assign: {by: round robin, again: true}}]}}]}}]}\n"
    )
    lead_id = world.lead()
    run_id = world.start(world.publish(steps), lead_id)
    world.move()
    had = [_owner(world, lead_id)]
    for _ in range(2):
        world.pass_time(DAY)
        had.append(_owner(world, lead_id))
    assert sorted(had) == sorted(ids[:3])
    world.pass_time(DAY)
    assert _owner(world, lead_id) == had[-1]
    assert world.run(run_id).state == "done"
    with world.store.read() as connection:
        tasks = connection.execute(select(task).order_by(task.c.id)).all()
    assert [one.member_id for one in tasks] == had
    assert {one.state for one in tasks} == {"dropped"}


def test_by_capacity_whoever_has_least_open_gets_it_and_nobody_more_than_they_can(
    either_team: tuple[World, list[int]],
) -> None:
    world, (ann, bob, cid, _) = either_team
    world.settings = Settings(team=TeamSettings(leads_each=2))

    def write(connection: Any) -> None:
        for n, member in enumerate((ann, ann, ann, bob)):
            own = world_lead(connection, n)
            give_lead(connection, own, member, was=None, actor="x", now_us=1)
            if n < 2:
                add_outcome(
                    connection, own, "lost", at_us=5, now_us=5, source="x", message_id=str(n)
                )
        open_task(connection, kind="call", title="x", now_us=1, member_id=cid)
        open_task(connection, kind="call", title="x", now_us=1, member_id=cid)

    world.store.write(write)
    version = world.publish("  - assign: {by: capacity}\n")
    _leads(world, version, 2, "a")
    # Ann had one open and Bob one, Cid two tasks: then Ann and Bob are full.
    assert _owned(world) == {ann: 4, bob: 2}
    _leads(world, version, 3, "b")
    assert _owned(world) == {ann: 4, bob: 2, cid: 2}


def test_by_territory_the_first_that_is_met_counts(team: tuple[World, list[int]]) -> None:
    world, (ann, bob, cid, _) = team
    version = world.publish(
        "  - assign: {by: territory, among: ['ann@team.example'], rules: ["
        "{when: country = 'ES', to: ['bob@team.example', 'cid@team.example']}, "
        "{when: \"country in ('ES', 'PT')\", to: 'ann@team.example'}]}\n"
    )
    where = {}
    for n, country in enumerate(("ES", "ES", "PT", "FI")):
        where[n] = world.lead(f"{n}@b.example", country=country)
        world.start(version, where[n], f"event:{n}")
    world.move()
    assert {_owner(world, where[0]), _owner(world, where[1])} == {bob, cid}
    assert _owner(world, where[2]) == ann
    assert _owner(world, where[3]) == ann


def test_a_territory_whose_people_are_away_falls_to_the_next_and_then_to_all(
    team: tuple[World, list[int]],
) -> None:
    world, (ann, bob, cid, _) = team
    version = world.publish(
        "  - assign: {by: territory, among: ['ann@team.example'], rules: ["
        "{when: country = 'ES', to: 'bob@team.example'}, "
        "{when: \"country in ('ES', 'PT')\", to: 'cid@team.example'}]}\n"
    )
    had = []
    for n, away in enumerate((None, bob, cid)):
        if away is not None:
            world.store.write(lambda c, m=away: add_absence(c, m, 0, world.now_us + DAY))
        lead_id = world.lead(f"{n}@b.example", country="ES")
        run_id = world.start(version, lead_id, f"event:{n}")
        world.move()
        had.append(_owner(world, lead_id))
    assert had == [bob, cid, ann]
    assert "nobody of its territory is there" in world.said(run_id)["assign"]["why"]


def test_an_account_whose_owner_is_away_falls_to_whoever_has_the_next_most(
    team: tuple[World, list[int]],
) -> None:
    world, (ann, bob, cid, _) = team
    leads = [world.lead(f"{n}@acme.example") for n in range(6)]

    def write(connection: Any) -> None:
        made = connection.execute(
            insert(account).values(name="Acme", created_us=1, doc={})
        ).inserted_primary_key[0]
        connection.execute(update(lead).where(lead.c.id.in_(leads)).values(account_id=made))
        for own, member in zip(leads, (cid, cid, cid, bob), strict=False):
            give_lead(connection, own, member, was=None, actor="x", now_us=1)
        add_absence(connection, cid, 0, world.now_us + DAY)

    world.store.write(write)
    version = world.publish("  - assign: {by: account owner}\n")
    world.start(version, leads[4], "event:1")
    world.move()
    assert _owner(world, leads[4]) == bob
    world.store.write(lambda c: add_absence(c, bob, 0, world.now_us + DAY))
    world.start(version, leads[5], "event:2")
    world.move()
    assert _owner(world, leads[5]) == ann  # nobody of the company is there: in turn
    # Back again, the next of the company is theirs.
    world.now_us += 2 * DAY
    sixth = world.lead("6@acme.example")
    world.store.write(
        lambda c: c.execute(
            update(lead)
            .where(lead.c.id == sixth)
            .values(
                account_id=select(lead.c.account_id).where(lead.c.id == leads[0]).scalar_subquery()
            )
        )
    )
    world.start(version, sixth, "event:3")
    world.move()
    assert _owner(world, sixth) == cid


def test_capacity_is_freed_by_tasks_that_are_done_and_leads_that_are_over(
    team: tuple[World, list[int]],
) -> None:
    world, (ann, bob, cid, _) = team
    world.settings = Settings(team=TeamSettings(leads_each=1))
    tasks = world.store.write(
        lambda c: [
            open_task(c, kind="call", title="x", now_us=1, member_id=one).id
            for one in (ann, ann, bob, bob, cid)
        ]
    )
    version = world.publish("  - assign: {by: capacity}\n")
    _leads(world, version, 1, "a")
    assert _owned(world) == {cid: 1}
    for task_id in tasks[:2]:
        world.store.write(
            lambda c, t=task_id: end_task(c, t, "done", by="member:1", now_us=world.now_us)
        )
    _leads(world, version, 1, "b")
    assert _owned(world) == {cid: 1, ann: 1}  # Bob has two tasks still
    _leads(world, version, 2, "c")
    assert _owned(world) == {cid: 1, ann: 1, bob: 1}  # and one lead is nobody's: all are full
    with world.store.read() as connection:
        first = connection.scalar(select(lead_owner.c.lead_id).where(lead_owner.c.member_id == cid))
    world.store.write(
        lambda c: add_outcome(
            c, first, "lost", at_us=world.now_us, now_us=world.now_us, source="x", message_id="1"
        )
    )
    _leads(world, version, 1, "d")
    assert _owned(world) == {cid: 2, ann: 1, bob: 1}


@pytest.mark.parametrize("by", ["round robin", "capacity"])
def test_processes_at_once_share_as_one_would(postgres_url: str, by: str) -> None:
    """Four at a time, on one PostgreSQL: nobody has two more than another, nor more than they
    can."""
    with postgres_database(postgres_url) as url, Store(url) as first:
        make_tables(first)
        world = World(first)
        _members(world)
        version = world.publish(f"  - assign: {{by: {by}}}\n")
        ids = [world.lead(f"{n}@b.example") for n in range(30)]
        for n, lead_id in enumerate(ids):
            world.start(version, lead_id, f"event:{n}")
        settings = Settings(team=TeamSettings(leads_each=9))
        begin = Barrier(4)

        def work(_: int) -> None:
            with Store(url) as store:
                own = World(store, settings=settings)
                begin.wait(20)
                while store.write(lambda c: move_due(c, own.ways, world.now_us, limit=2)).runs:
                    pass

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        counts = sorted(_owned(world).values())
        assert counts == ([9, 9, 9] if by == "capacity" else [10, 10, 10])


def test_who_has_others_of_the_company_gets_it(either_team: tuple[World, list[int]]) -> None:
    world, (ann, bob, cid, _) = either_team
    leads = [world.lead(f"{n}@acme.example") for n in range(5)]

    def write(connection: Any) -> None:
        made = connection.execute(
            insert(account).values(name="Acme", created_us=1, doc={})
        ).inserted_primary_key[0]
        connection.execute(update(lead).where(lead.c.id.in_(leads[:4])).values(account_id=made))
        for own, member in zip(leads, (ann, cid, cid), strict=False):
            give_lead(connection, own, member, was=None, actor="x", now_us=1)

    world.store.write(write)
    version = world.publish("  - assign: {by: account owner}\n")
    world.start(version, leads[3], "event:1")
    world.start(version, leads[4], "event:2")
    world.move()
    assert _owner(world, leads[3]) == cid
    assert _owner(world, leads[4]) in (ann, bob)  # nobody has others: in turn, and Cid just had one
    world.store.write(lambda c: add_absence(c, cid, 0, world.now_us + DAY))
    again = world.publish("  - assign: {by: account owner, again: true}\n", "again")
    world.start(again, leads[3], "event:3")
    world.move()
    assert _owner(world, leads[3]) == ann


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    there=st.lists(st.sets(st.integers(1, 6), min_size=1), min_size=1, max_size=6),
    rounds=st.integers(1, 12),
)
def test_among_those_who_are_there_counts_differ_by_one_at_most(
    world: World, there: list[set[int]], rounds: int
) -> None:
    """Whoever comes and goes: while a set of members is there, they share evenly."""

    def write(connection: Any) -> list[Counter[int]]:
        pool = f"pool-{world.now_us}"
        world.now_us += 1
        found = []
        for members in there:
            counts: Counter[int] = Counter(dict.fromkeys(members, 0))
            for _ in range(rounds):
                chosen = take_turn(connection, pool, sorted(members), 5)
                assert chosen is not None
                counts[chosen] += 1
            found.append(counts)
        assert sum(one.given for one in turns_of(connection, pool)) == rounds * len(there)
        return found

    for counts in world.store.write(write):
        assert max(counts.values()) - min(counts.values()) <= 1


def world_lead(connection: Any, n: int) -> int:
    """A lead of somebody's."""
    from tests.records import add_lead

    return add_lead(connection, f"old{n}@b.example")


def _leads(world: World, version: Any, number: int, name: str) -> None:
    for n in range(number):
        world.start(version, world.lead(f"{name}{n}@b.example"), f"{name}:{n}")
    world.move()


def _owner(world: World, lead_id: int) -> int | None:
    with world.store.read() as connection:
        return owner_of(connection, lead_id)


def _owned(world: World) -> dict[int, int]:
    with world.store.read() as connection:
        return dict(Counter(connection.scalars(select(lead_owner.c.member_id))))
