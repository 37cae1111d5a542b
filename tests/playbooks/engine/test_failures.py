"""Runs that fail are told to somebody, once for each playbook and step."""

from __future__ import annotations

from typing import Any

from leadwise.errors import UserError
from leadwise.store.failed_runs import failed_since, failure_tasks
from leadwise.store.members import add_member, change_member
from leadwise.store.playbooks import set_playbook_status
from leadwise.store.tasks import Task, end_task, list_tasks
from tests.playbooks.engine.world import DAY, World

STEPS = (
    "  - notify: {text: Hello, to: team}\n    id: tell\n"
    "  - notify: {text: Again, to: team}\n    id: again\n"
)


def _open(world: World) -> list[Task]:
    with world.store.read() as connection:
        return list_tasks(connection, state="open")


def _run(world: World, version: Any, number: int, *answers: Any) -> int:
    world.answers = {"tell": list(answers[:1]), "again": list(answers[1:])}
    run_id = world.start(version, world.lead(f"{number}@b.example"), f"event:{number}")
    world.move()
    return run_id


def test_one_task_counts_the_runs_that_failed_at_a_step(either: World) -> None:
    version = either.publish(STEPS)
    one = either.store.write(
        lambda c: add_member(c, "Mia", "mia@team.example", "marketing", by="x", now_us=1)
    )
    by = f"member:{one.id}"
    either.store.write(lambda c: set_playbook_status(c, version.id, "live", published_by=by))
    key = [UserError("x", "The key ran out."), UserError("x", "No such channel.")]
    first = _run(either, version, 1, key[0])
    assert either.run(first).state == "failed"
    (task,) = _open(either)
    assert (task.kind, task.member_id, task.lead_id) == ("review", one.id, None)
    assert task.title == "follow: a run failed at the step tell"
    assert task.about == "Step tell failed: The key ran out."
    second = _run(either, version, 2, key[1])
    (task,) = _open(either)
    assert task.title == "follow: 2 runs failed at the step tell"
    assert task.doc["failed"] == {"playbook": "follow", "step": "tell", "runs": 2, "run": second}
    assert task.about == "Step tell failed: No such channel."
    _run(either, version, 3)  # goes well
    assert len(_open(either)) == 1


def test_another_step_is_another_task_and_so_is_what_fails_after_it_was_ended(
    world: World,
) -> None:
    version = world.publish(STEPS)
    _run(world, version, 1, UserError("x", "One."))
    world.answers = {"again": [UserError("x", "Two.")]}
    world.start(version, world.lead("2@b.example"), "event:2")
    world.move()
    titles = [one.title for one in _open(world)]
    assert titles == [f"follow: a run failed at the step {name}" for name in ("tell", "again")]
    assert [one.member_id for one in _open(world)] == [None, None]  # `test` published it
    ended = _open(world)[0]
    world.store.write(lambda c: end_task(c, ended.id, "done", by="member:1", now_us=world.now_us))
    _run(world, version, 3, UserError("x", "Three."))
    titles = sorted(one.title for one in _open(world))
    assert titles == [f"follow: a run failed at the step {name}" for name in ("again", "tell")]
    with world.store.read() as connection:
        assert len(failure_tasks(connection, "follow")) == 2
        assert failure_tasks(connection, "follo") == []


def test_whoever_cannot_sign_in_any_more_is_not_told(world: World) -> None:
    version = world.publish(STEPS)
    one = world.store.write(
        lambda c: add_member(c, "Mia", "mia@team.example", "marketing", by="x", now_us=1)
    )
    by = f"member:{one.id}"
    world.store.write(lambda c: set_playbook_status(c, version.id, "live", published_by=by))
    world.store.write(lambda c: change_member(c, one.id, disabled_us=1))
    _run(world, version, 1, UserError("x", "One."))
    assert [task.member_id for task in _open(world)] == [None]


def test_what_failed_in_the_last_day_is_counted_by_playbook(either: World) -> None:
    version = either.publish(STEPS)
    for number in range(3):
        _run(either, version, number, UserError("x", "No."))
    other = either.publish(STEPS, "other")
    _run(either, other, 9, UserError("x", "No."))
    with either.store.read() as connection:
        assert failed_since(connection, either.now_us) == {"follow": 3, "other": 1}
        assert failed_since(connection, either.now_us + 1) == {}
    either.now_us += 2 * DAY
    _run(either, other, 10, UserError("x", "No."))
    with either.store.read() as connection:
        assert failed_since(connection, either.now_us - DAY) == {"other": 1}
