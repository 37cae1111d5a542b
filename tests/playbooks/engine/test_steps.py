"""Inner steps: waits in time, tasks, approvals, other playbooks, outcomes."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, update

from leadwise.asking.instants import written
from leadwise.errors import UserError
from leadwise.playbooks.steps.instants import instant_of
from leadwise.store.documents import canonical
from leadwise.store.members import Role, add_member
from leadwise.store.outcomes import list_outcomes
from leadwise.store.owners import give_lead
from leadwise.store.runs import list_runs, wake
from leadwise.store.schema import event, event_mark, identity_lead, lead, outcome
from leadwise.store.tasks import Task, end_task, list_tasks
from tests.playbooks.engine.world import DAY, MINUTE, World
from tests.records import NOW_US

HOUR = 60 * MINUTE
NOTIFY = "  - notify: {text: Hello, to: team}\n"


def test_every_kind_of_step_has_one_module() -> None:
    from leadwise.playbooks.shapes import SHAPES
    from leadwise.playbooks.steps import INNER, OUTER, inner_of

    assert set(INNER) & set(OUTER) == set()
    assert set(INNER) | set(OUTER) == set(SHAPES)
    assert set(OUTER) == {kind for kind, shape in SHAPES.items() if shape.outer}
    assert all(inner_of(kind) is not None for kind in INNER)


def happens(
    world: World, lead_id: int, name: str, at_us: int | None = None, robot: bool = False,
    tell: bool = True, **properties: Any,
) -> None:  # fmt: skip
    """Something that a lead did, recorded, and told to the runs that wait."""

    def write(connection: Any) -> None:
        own = identity_lead.c.lead_id == lead_id
        when = world.now_us if at_us is None else at_us
        made = connection.execute(
            insert(event).values(
                identity_id=connection.scalar(select(identity_lead.c.identity_id).where(own)),
                source="test", message_id=f"{lead_id}-{name}-{world.now_us}-{when}", type="track",
                event=name, at_us=when, received_us=world.now_us, doc=canonical(properties),
                context=json.dumps({}),
            )
        ).inserted_primary_key[0]  # fmt: skip
        if robot:
            connection.execute(insert(event_mark).values(event_id=made, reason="x", marked_us=when))
        if tell:
            wake(connection, lead_id, name, made, when)

    world.store.write(write)


def test_an_event_ends_a_wait_before_its_deadline(either: World) -> None:
    lead_id = either.lead()
    run_id = either.start(
        either.publish("  - wait: {event: email_clicked, at_most: 3 days, late: [{end: late}]}\n"
                       + NOTIFY), lead_id,
    )  # fmt: skip
    either.move()
    assert either.run(run_id).awaits == "email_clicked"
    either.pass_time(HOUR)
    happens(either, lead_id, "visit")
    either.move()
    assert either.run(run_id).state == "waiting"
    happens(either, lead_id, "email_clicked", at_us=either.now_us - 5 * MINUTE)
    either.move()
    assert either.run(run_id).state == "done"
    assert either.said(run_id)["wait"]["event"]["at"] == written(either.now_us - 5 * MINUTE)
    assert len(either.done) == 1


def test_a_deadline_passes_and_what_nobody_told_still_counts(world: World) -> None:
    steps = "  - wait: {event: email_clicked, at_most: 3 days, late: [{end: late}]}\n" + NOTIFY
    version = world.publish(steps)
    late, told = world.lead("a@b.example"), world.lead("b@b.example")
    one, two = world.start(version, late, "event:1"), world.start(version, told, "event:2")
    world.move()
    happens(world, late, "email_clicked", robot=True)
    happens(world, late, "email_clicked", at_us=world.now_us - DAY)  # before it was waited for
    happens(world, told, "email_clicked", tell=False)  # recorded, and not yet taken
    world.move()
    assert world.run(one).state == world.run(two).state == "waiting"
    world.pass_time(3 * DAY - 1)
    happens(world, late, "email_clicked", at_us=world.now_us + 1000, tell=False)
    world.pass_time(1)
    assert (world.run(one).state, world.run(one).why) == ("done", "late")
    assert (world.run(two).state, world.run(two).why) == ("done", "All steps are done.")


def test_only_the_event_that_is_meant_ends_a_wait(world: World) -> None:
    lead_id = world.lead()
    run_id = world.start(world.publish(
        "  - wait: {event: {on: page_viewed, where: path = '/pricing'}, at_most: 2 days}\n"
        + NOTIFY
    ), lead_id)  # fmt: skip
    world.move()
    happens(world, lead_id, "page_viewed", path="/blog")
    world.move()
    assert world.run(run_id).state == "waiting"
    world.pass_time(HOUR)
    happens(world, lead_id, "page_viewed", path="/pricing")
    world.move()
    assert world.run(run_id).state == "done"


def test_what_a_lead_does_while_the_step_before_is_on_its_way_is_not_missed(world: World) -> None:
    lead_id = world.lead()
    steps = NOTIFY + "  - wait: {event: email_opened, at_most: 2 days}\n"
    run_id = world.start(world.publish(steps), lead_id)

    def slow(here: Any) -> Any:
        from leadwise.playbooks.runs.acting import Came

        world.now_us += MINUTE
        happens(world, lead_id, "email_opened")
        world.now_us += MINUTE
        return Came("done")

    world.answers["notify"] = [slow]
    world.move()
    assert world.run(run_id).state == "done"
    assert world.said(run_id)["wait"]["late"] is False


@pytest.mark.parametrize(
    ("until", "country", "expected"),
    [
        # NOW_US is 2027-01-15T08:00:00Z, a Friday.
        ("'09:00'", "FI", "2027-01-16T07:00:00Z"),
        ("'09:00'", "ES", "2027-01-16T08:00:00Z"),  # it is nine there: the next one
        ("'10:30'", "ES", "2027-01-15T09:30:00Z"),
        ("monday 09:00", "FI", "2027-01-18T07:00:00Z"),
        ("friday 09:00", "FI", "2027-01-22T07:00:00Z"),
        ("'2027-03-28T02:30'", "ES", "2027-03-28T01:30:00Z"),
        ("'2027-07-01T09:00'", "ES", "2027-07-01T07:00:00Z"),
        ("'2027-07-01T09:00:00Z'", "ES", "2027-07-01T09:00:00Z"),
        ("'{{ event.at }}'", "ES", "2027-02-01T10:00:00Z"),
        ("'2026-01-01T00:00'", "ES", None),
    ],
)
def test_waits_until_an_instant_where_the_lead_is(
    world: World, until: str, country: str, expected: str | None
) -> None:
    doc = {"event": {"at": "2027-02-01T10:00:00+00:00"}}
    run_id = world.start(
        world.publish(f"  - wait: {{until: {until}}}\n"), world.lead(country=country), doc=doc
    )
    world.move()
    run = world.run(run_id)
    assert run.state == ("done" if expected is None else "waiting")
    assert expected is None or written(run.due_us) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("tomorrow 9:00", "2027-01-16T00:00:00Z"),
        ("tomorrow", "2027-01-15T15:00:00Z"),
        ("sunday at 23:59", "2027-01-17T14:59:00Z"),
        ("2027-02-01", "2027-01-31T15:00:00Z"),
        ("1800000000000001", "2027-01-15T08:00:00.000001Z"),
    ],
)
def test_other_words_for_instants(said: str, expected: str) -> None:
    assert written(instant_of(said, ZoneInfo("Asia/Tokyo"), NOW_US)) == expected


@pytest.mark.parametrize(
    ("now", "said", "expected"),
    [
        # The night on which Madrid has no time from two to three.
        ("2026-03-28T22:00+01:00", "9:00", "2026-03-29T07:00:00Z"),
        ("2026-03-29T01:30+01:00", "02:30", "2026-03-29T01:30:00Z"),
        ("2026-03-29T03:40+02:00", "02:30", "2026-03-30T00:30:00Z"),
        # That on which it has it twice: the first counts, and then the next day's.
        ("2026-10-24T22:00+02:00", "9:00", "2026-10-25T08:00:00Z"),
        ("2026-10-25T01:00+02:00", "02:30", "2026-10-25T00:30:00Z"),
        ("2026-10-25T02:40+02:00", "02:30", "2026-10-26T01:30:00Z"),
        ("2026-10-25T02:10+01:00", "02:30", "2026-10-26T01:30:00Z"),
        ("2026-10-24T12:00+02:00", "sunday 9:00", "2026-10-25T08:00:00Z"),
    ],
)
def test_waits_on_the_days_on_which_the_clock_is_changed(
    now: str, said: str, expected: str
) -> None:
    now_us = int(datetime.fromisoformat(now).timestamp()) * 1_000_000
    found = instant_of(said, ZoneInfo("Europe/Madrid"), now_us)
    assert written(found) == expected
    assert found > now_us


@pytest.mark.parametrize("said", ["", "soon", "25:00", "monday 9", "31.12.2027"])
def test_what_is_no_instant_is_refused(said: str) -> None:
    with pytest.raises(UserError, match="is no instant"):
        instant_of(said, ZoneInfo("UTC"), NOW_US)


def test_an_instant_that_is_none_fails_the_step(world: World) -> None:
    run_id = world.start(
        world.publish("  - wait: {until: '{{ event.at }}'}\n"), doc={"event": {"at": "soon"}}
    )
    world.move()
    assert world.run(run_id).state == "failed"
    assert "'soon' is no instant." in (world.run(run_id).why or "")


def test_deadlines_are_those_of_the_clock_however_long_nobody_worked(world: World) -> None:
    run_id = world.start(world.publish("  - wait: 60 days\n  - wait: 30 days\n"))
    world.move()
    world.now_us += 200 * DAY  # nobody was there
    world.move()
    assert world.run(run_id).due_us == world.now_us + 30 * DAY
    for _ in range(29):
        world.pass_time(DAY)
    assert world.run(run_id).state == "waiting"
    world.pass_time(DAY)
    assert world.run(run_id).state == "done"


def test_a_task_is_opened_once_and_waited_for(either: World) -> None:
    lead_id = either.lead()
    member = _member(either, "rep@team.example")
    _give(either, lead_id, member)
    steps = (
        "  - task: {title: 'Call {{ lead.id }}', kind: call, due: 2 hours, wait: true, "
        "refused: [{end: no}]}\n" + NOTIFY
    )
    run_id = either.start(either.publish(steps), lead_id)
    either.move()
    (task,) = _tasks(either)
    assert (task.title, task.kind, task.member_id, task.due_us) == (
        f"Call {lead_id}", "call", member, either.now_us + 2 * HOUR,
    )  # fmt: skip
    either.pass_time(DAY)  # no branch for late: it waits on
    assert either.run(run_id).state == "waiting"
    _end(either, task.id, "done", "reached her")
    either.move()
    assert either.run(run_id).state == "done"
    assert either.said(run_id)["task"] == {
        "task": task.id, "state": "done", "by": "member:1", "said": "reached her", "member": member,
    }  # fmt: skip
    assert len(_tasks(either)) == 0


def test_a_refused_and_a_late_task_take_their_branches(world: World) -> None:
    steps = (
        "  - task: {title: Call, due: 2 hours, to: team, refused: [{end: refused}], "
        "late: [{end: late}]}\n" + NOTIFY
    )
    version = world.publish(steps)
    one = world.start(version, world.lead("a@b.example"), "event:1")
    two = world.start(version, world.lead("b@b.example"), "event:2")
    world.move()
    first, second = sorted(_tasks(world), key=lambda task: task.run_id or 0)
    _end(world, first.id, "refused")
    world.move()
    assert world.run(one).why == "refused"
    world.pass_time(2 * HOUR)
    assert world.run(two).why == "late"
    with world.store.read() as connection:
        assert [t.state for t in list_tasks(connection)] == ["refused", "dropped"]
    assert second.member_id is None


def test_a_yes_goes_on_a_no_ends_and_silence_is_a_no(world: World) -> None:
    version = world.publish("  - approve: {question: May we?, of: team, within: 1 days}\n" + NOTIFY)
    runs = [world.start(version, world.lead(f"{n}@b.example"), f"event:{n}") for n in range(3)]
    world.move()
    asked = {task.run_id: task for task in _tasks(world)}
    _end(world, asked[runs[0]].id, "done")
    _end(world, asked[runs[1]].id, "refused", "too dear")
    world.move()
    assert world.run(runs[0]).why == "All steps are done."
    assert (world.run(runs[1]).state, world.run(runs[1]).why) == ("done", "Refused: too dear")
    world.pass_time(DAY)
    assert world.run(runs[2]).why == "Nobody said yes in time."
    assert len(world.done) == 1


def test_other_playbooks_are_started_once_and_waited_for_and_stopped(either: World) -> None:
    either.publish("  - wait: 2 days\n", "other")
    version = either.publish("  - start: {playbook: other, wait: true}\n  - stop: other\n" + NOTIFY)
    lead_id = either.lead()
    run_id = either.start(version, lead_id)
    either.move()
    with either.store.read() as connection:
        (other,) = list_runs(connection, playbook="other")
    assert (other.lead_id, other.trigger) == (lead_id, f"run-{run_id}-0")
    assert either.run(run_id).awaits == "run"
    either.pass_time(2 * DAY)
    assert either.run(run_id).state == "done"
    assert either.said(run_id)["start"] == {"run": other.id, "state": "done"}

    stops = either.publish("  - start: other\n  - stop: other\n", "stops")
    either.start(stops, lead_id, "event:2")
    either.move()
    with either.store.read() as connection:
        newest = list_runs(connection, playbook="other")[0]
    assert (newest.state, newest.why) == ("stopped", "stops stopped it.")


def test_what_became_of_a_lead_is_recorded_once(world: World) -> None:
    lead_id = world.lead()
    run_id = world.start(
        world.publish("  - convert: {to: mql, reason: 'Asked {{ event.what }}'}\n"), lead_id,
        doc={"event": {"what": "for a demo"}},
    )  # fmt: skip
    world.move()
    with world.store.read() as connection:
        (found,) = list_outcomes(connection, lead_id=lead_id)
        assert connection.scalar(select(outcome.c.source)) == "playbook"
    assert (found.kind, found.reason, found.message_id) == (
        "mql", "Asked for a demo", f"run-{run_id}-0",
    )  # fmt: skip


def test_runs_of_those_who_are_gone_or_object_end(world: World) -> None:
    version = world.publish("  - wait: 1 days\n" + NOTIFY)
    gone, objects = world.lead("a@b.example"), world.lead("b@b.example")
    one, two = world.start(version, gone, "event:1"), world.start(version, objects, "event:2")
    world.move()
    world.store.write(lambda c: c.execute(
        update(lead).where(lead.c.id == gone).values(erased_us=1)))  # fmt: skip
    world.store.write(lambda c: c.execute(
        update(lead).where(lead.c.id == objects).values(objected_us=1)))  # fmt: skip
    world.pass_time(DAY)
    assert world.run(one).why == "The lead is there no more."
    assert world.run(two).why == "The lead objected to being scored."
    assert not world.done


def _member(world: World, email: str, role: Role = "representative") -> int:
    return world.store.write(
        lambda c: add_member(c, email.partition("@")[0], email, role, by="test", now_us=1).id
    )


def _give(world: World, lead_id: int, member_id: int) -> None:
    world.store.write(lambda c: give_lead(c, lead_id, member_id, was=None, actor="x", now_us=1))


def _tasks(world: World) -> list[Task]:
    with world.store.read() as connection:
        return list_tasks(connection, state="open")


def _end(world: World, task_id: int, state: Any, said: str | None = None) -> None:
    world.store.write(
        lambda c: end_task(c, task_id, state, by="member:1", now_us=world.now_us, said=said)
    )
