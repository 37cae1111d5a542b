"""Runs: through inner and outer steps, over failures, with what holds them back."""

from __future__ import annotations

from typing import Any

from leadwise.errors import RemoteError, UserError
from leadwise.playbooks.runs.acting import Came, Go, Leave, Wait
from leadwise.store.runs import list_runs, start_run, stop_runs
from leadwise.store.tasks import end_task, go_on, list_tasks
from tests.playbooks.engine.world import DAY, MINUTE, World

NOTIFY = "  - notify: {text: Hello, to: team}\n"


def test_a_run_goes_through_inner_and_outer_steps_and_leaves_a_row_of_each(either: World) -> None:
    run_id = either.start(
        either.publish(NOTIFY + "  - wait: 3 days\n  - notify: {text: Again, to: team}\n")
    )
    either.move()
    assert either.run(run_id).state == "waiting"
    assert either.run(run_id).due_us == either.now_us + 3 * DAY
    either.pass_time(3 * DAY - 1)
    assert either.done == {f"run-{run_id}-0": 1}
    either.pass_time(1)
    run = either.run(run_id)
    assert (run.state, run.ended_us, run.at, run.number) == ("done", either.now_us, 3, 3)
    assert either.done == {f"run-{run_id}-0": 1, f"run-{run_id}-2": 1}
    rows = either.steps(run_id)
    assert [(row.number, row.kind, row.state) for row in rows] == [
        (0, "notify", "done"), (1, "wait", "done"), (2, "notify", "done"),
    ]  # fmt: skip
    assert rows[1].ended_us - rows[1].began_us == 3 * DAY
    assert rows[0].doc == {"key": f"run-{run_id}-0"}


def test_the_same_trigger_starts_one_run(either: World) -> None:
    version, lead_id = either.publish(NOTIFY), either.lead()
    either.start(version, lead_id)
    again = either.store.write(
        lambda c: start_run(c, version, lead_id, "event:1", {}, either.now_us)
    )
    assert again is None
    with either.store.read() as connection:
        assert len(list_runs(connection)) == 1


def test_a_branch_is_taken_and_meets_the_rest(world: World) -> None:
    steps = (
        "  - if: {condition: country = 'ES', then: [{notify: {text: Hola, to: team}}], "
        "otherwise: [{end: not there}]}\n  - notify: {text: After, to: team}\n"
    )
    version = world.publish(steps)
    spain = world.start(version, world.lead("a@b.example", country="ES"), "event:1")
    other = world.start(version, world.lead("b@b.example", country="FI"), "event:2")
    unknown = world.start(version, world.lead("c@b.example"), "event:3")
    world.move()
    assert [world.run(one).state for one in (spain, other, unknown)] == ["done"] * 3
    assert world.run(other).why == "not there"
    assert [row.kind for row in world.steps(spain)] == ["if", "notify", "notify"]
    assert [row.kind for row in world.steps(unknown)] == ["if", "end"]
    assert world.said(unknown)["if"]["met"] is None


def test_a_passing_failure_is_tried_again_with_the_same_key_and_the_pause_asked_for(
    world: World,
) -> None:
    run_id = world.start(world.publish("  - notify: {text: Hello, to: team}\n    id: tell\n"))
    world.answers["tell"] = [
        RemoteError("busy", permanent=False, after_s=600),
        RemoteError("busy", permanent=False),
    ]
    world.move()
    run = world.run(run_id)
    assert run.state == "waiting"
    assert run.due_us == world.now_us + 10 * MINUTE
    assert run.why == "To be tried again: busy"
    world.pass_time(10 * MINUTE)
    assert world.run(run_id).due_us == world.now_us + MINUTE
    world.pass_time(MINUTE)
    assert world.run(run_id).state == "done"
    assert world.done == {f"run-{run_id}-0": 3}
    assert world.run(run_id).doc["engine"] == {"from": world.now_us}


def test_patience_ends_and_then_the_step_says_what_happens(world: World) -> None:
    version = world.publish(
        "  - notify: {text: Hello, to: team}\n    id: tell\n    failed: go on\n" + NOTIFY
    )
    run_id = world.start(version)
    world.answers["tell"] = [RemoteError("away", permanent=False) for _ in range(100)]
    world.move()
    began = world.now_us
    while world.run(run_id).state == "waiting":
        world.now_us = world.run(run_id).due_us
        world.move()
    assert 23 * 3_600_000_000 < world.now_us - began <= DAY
    assert world.run(run_id).state == "done"
    assert world.said(run_id)["tell"] == {"failed": "away"}
    assert [row.state for row in world.steps(run_id)] == ["skipped", "done"]


def test_a_failure_for_good_stops_the_run_or_asks_a_person(world: World) -> None:
    stop = world.start(world.publish("  - notify: {text: A, to: team}\n    id: tell\n", "one"))
    world.answers["tell"] = [RemoteError("no such channel", permanent=True)]
    world.move()
    assert world.run(stop).state == "failed"
    assert world.run(stop).why == "Step tell failed: no such channel"

    asks = "  - notify: {text: A, to: team}\n    id: tell\n    failed: ask\n" + NOTIFY
    run_id = world.start(world.publish(asks, "two"), world.lead("b@b.example"))
    world.answers["tell"] = [
        UserError("x", "It broke.", hint="Mend it."),
        RemoteError("still", permanent=True),
    ]
    world.move()
    assert (world.run(run_id).state, world.run(run_id).why) == ("held", "It broke. Mend it.")
    (failure, task) = tasks(world)
    assert failure.title == "one: a run failed at the step tell"
    assert (task.kind, task.run_id, task.about) == ("review", run_id, "It broke. Mend it.")
    world.pass_time(30 * DAY)
    assert world.run(run_id).state == "held"
    world.store.write(lambda c: go_on(c, run_id, "again", "member:1", world.now_us))
    world.move()
    assert world.run(run_id).why == "still"
    (_, task) = tasks(world)
    assert task.about == "still"
    world.store.write(lambda c: end_task(c, task.id, "done", by="member:1", now_us=world.now_us))
    world.move()
    assert world.run(run_id).state == "done"
    assert world.done[f"run-{run_id}-0"] == 2
    assert [row.state for row in world.steps(run_id)] == ["skipped", "done"]


def test_refusing_the_task_of_a_held_run_stops_it(world: World) -> None:
    run_id = world.start(
        world.publish("  - notify: {text: A, to: team}\n    id: tell\n    failed: ask\n")
    )
    world.answers["tell"] = [Came("held", why="Was it sent?")]
    world.move()
    (task,) = tasks(world)
    world.store.write(lambda c: end_task(c, task.id, "refused", by="member:1", now_us=world.now_us))
    world.move()
    assert (world.run(run_id).state, world.run(run_id).why) == (
        "stopped", "member:1 stopped it at step tell.",
    )  # fmt: skip


def test_whatever_the_other_side_answers_can_be_kept(either: World) -> None:
    run_id = either.start(either.publish("  - notify: {text: A, to: team}\n    id: tell\n"))
    said = {"a": "n\0ul", "b": ["\ud800", "\\u0000"], "c": "ñ 🙂"}
    either.answers["tell"] = [Came("done", said)]
    either.move()
    assert either.run(run_id).state == "done"
    assert either.said(run_id)["tell"] == {"a": "nul", "b": ["?", "\\u0000"], "c": "ñ 🙂"}


def test_a_step_that_waits_is_asked_again_with_what_it_said(world: World) -> None:
    run_id = world.start(world.publish("  - notify: {text: A, to: team}\n    id: tell\n"))
    seen: list[Any] = []

    def second(here: Any) -> Came:
        seen.append(here.run.doc["step"]["tell"])
        return Came("done", {"n": 2})

    world.answers["tell"] = [
        Came("waits", {"n": 1}, until_us=world.now_us + DAY, why="Not there yet."),
        second,
    ]
    world.move()
    assert world.run(run_id).why == "Not there yet."
    world.pass_time(DAY)
    assert seen == [{"n": 1}]
    assert world.run(run_id).state == "done"
    assert world.said(run_id) == {"tell": {"n": 2}}
    assert world.done == {f"run-{run_id}-0": 2}


def test_what_holds_back_waits_or_ends_the_run(world: World) -> None:
    version = world.publish("  - wait: 1 hours\n" + NOTIFY)
    until = world.now_us + 8 * 60 * MINUTE
    world.holds = lambda run, step: (
        Wait(until, "quiet hours") if step.kind == "notify" and world.now_us < until else Go()
    )
    run_id = world.start(version)
    world.move()
    world.pass_time(60 * MINUTE)
    assert (world.run(run_id).due_us, world.run(run_id).why) == (until, "quiet hours")
    assert not world.done
    world.now_us = until
    world.move()
    assert world.run(run_id).state == "done"

    world.holds = lambda run, step: Leave("unsubscribed")
    left = world.start(version, world.lead("b@b.example"), "event:2")
    world.move()
    assert (world.run(left).state, world.run(left).why) == ("stopped", "unsubscribed")


def test_a_goal_ends_a_run_well_before_its_next_step(world: World) -> None:
    run_id = world.start(world.publish("  - wait: 3 days\n" + NOTIFY))
    world.move()
    world.goal = lambda run: "booked"
    world.pass_time(3 * DAY)
    assert (world.run(run_id).state, world.run(run_id).why) == ("done", "Goal: booked")
    assert not world.done


def test_what_is_stopped_while_its_job_is_at_it_moves_no_more(either: World) -> None:
    run_id = either.start(
        either.publish("  - notify: {text: A, to: team}\n    id: tell\n" + NOTIFY)
    )

    def stopped(here: Any) -> Came:
        either.store.write(lambda c: stop_runs(c, "enough", either.now_us, run_id=run_id))
        return Came("done")

    either.answers["tell"] = [stopped]
    either.move()
    assert (either.run(run_id).state, either.run(run_id).why) == ("stopped", "enough")
    assert [row.state for row in either.steps(run_id)] == ["skipped"]
    assert either.done == {f"run-{run_id}-0": 1}


def test_a_defect_in_one_run_leaves_the_others_alone(world: World) -> None:
    version = world.publish("  - wait: 1 hours\n" + NOTIFY)
    bad = world.start(version, world.lead("bad@b.example"), "event:1")
    good = world.start(version, world.lead("good@b.example"), "event:2")

    def holds(run: Any, step: Any) -> Go:
        if run.id == bad and step.kind == "notify":
            raise ZeroDivisionError("oh")
        return Go()

    world.holds = holds
    world.move()
    world.pass_time(60 * MINUTE)
    assert world.run(good).state == "done"
    assert "ZeroDivisionError: oh" in (world.run(bad).why or "")
    for _ in range(8):
        world.pass_time(2 * DAY)
    assert world.run(bad).state == "failed"


def test_a_job_that_was_lost_is_asked_for_again_with_the_same_key(either: World) -> None:
    run_id = either.start(either.publish(NOTIFY))
    put_in = either.work.enqueue_all
    either.work.enqueue_all = lambda kind, entries: 0
    either.move()  # the process was killed before the job was put in
    assert either.run(run_id).state == "working"
    either.work.enqueue_all = put_in
    either.pass_time(4_000_000)
    assert either.run(run_id).state == "working"
    either.pass_time(1_000_000)
    assert either.run(run_id).state == "done"
    assert either.done == {f"run-{run_id}-0": 1}
    assert list(either.work.entries) == [f"run-{run_id}-0.2"]


def test_a_job_that_is_still_at_it_is_left_alone_and_one_that_failed_fails_the_step(
    world: World,
) -> None:
    from leadwise.playbooks.runs.jobs import move_runs_on

    run_id = world.start(world.publish(NOTIFY))
    move_runs_on(world.store, world.work, world.ways, world.clock)
    job = f"run-{run_id}-0"
    world.work.states[job] = "running"
    world.now_us += 10 * MINUTE
    move_runs_on(world.store, world.work, world.ways, world.clock)
    assert world.run(run_id).state == "working"
    assert world.run(run_id).due_us == world.now_us + MINUTE
    from leadwise.jobs.model import JobError

    world.work.states[job] = "failed"
    world.work.errors[job] = JobError("internal", "the process that worked on it ended 20 times")
    world.now_us += MINUTE
    move_runs_on(world.store, world.work, world.ways, world.clock)
    assert world.run(run_id).state == "failed"
    assert "ended 20 times" in (world.run(run_id).why or "")


def tasks(world: World) -> list[Any]:
    """The open ones."""
    with world.store.read() as connection:
        return list_tasks(connection, state="open")
