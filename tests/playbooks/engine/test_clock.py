"""A clock that is set back: what was due is done all the same, deadlines stay where they are."""

from __future__ import annotations

import pytest

from leadwise.playbooks.runs import loop as loop_module
from leadwise.playbooks.runs.loop import PlaybookLoop
from leadwise.store.runs import change_run
from tests.playbooks.engine.world import DAY, MINUTE, World

HOUR = 60 * MINUTE


def test_what_was_due_when_the_clock_went_back_does_not_wait_for_it(
    either: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop_module, "AGAIN_S", 0.0)
    loop = PlaybookLoop(either.store, either.work, either.ways, either.clock)
    began_us = either.now_us
    waits = either.start(either.publish("  - wait: 10 minutes\n", "waits"))
    loop.turn()
    either.now_us += 5 * MINUTE
    loop.turn()
    done = _converts(either, "done")
    either.now_us -= HOUR
    loop.turn()
    assert either.run(done).state == "done"
    assert (either.run(waits).state, either.run(waits).due_us) == (
        "waiting", began_us + 10 * MINUTE
    )  # fmt: skip
    # What was written by the clock as it was, while it was set, is seen the next time.
    late = _converts(either, "late")
    _due(either, late, began_us + 5 * MINUTE)
    loop.turn()
    assert either.run(late).state == "done"
    later = _converts(either, "later")
    _due(either, later, began_us)
    loop.turn()
    assert either.run(later).state == "waiting"  # for it is not due before then
    assert len(either.steps(waits)) == 1
    either.now_us += DAY
    while loop.turn():
        pass
    assert {either.run(one).state for one in (waits, done, late, later)} == {"done"}


def _due(world: World, run_id: int, due_us: int) -> None:
    world.store.write(lambda connection: change_run(connection, run_id, due_us=due_us))


def _converts(world: World, name: str) -> int:
    version = world.publish("  - convert: {to: mql}\n", name)
    return world.start(version, world.lead(f"{name}@acme.example"))
