"""Two whole services on one PostgreSQL: what starts, starts once, and each step is done once, while
the clock jumps, leads become one, people are erased, and playbooks are paused and retired."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.ingest.merging import merge_leads
from leadwise.playbooks import versions
from leadwise.store.privacy import erase_person
from leadwise.store.runs import get_run
from tests.databases import postgres_database
from tests.playbooks.services.team import Team, team

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
STEPS = """
playbook: {name}
version: 1
starts: {{event: {event}}}
steps:
  - webhook: URL/{name}-began
  - mail: nurture-1-guide
  - wait: 2 hours
  - webhook: URL/{name}-ended
"""


@pytest.fixture
def two(tmp_path: Path, postgres_url: str) -> Iterator[Team]:
    """Both at work."""
    with postgres_database(postgres_url) as url, team(url, tmp_path) as found:
        for name in ("one", "other"):
            found.start(name)
        yield found


def test_each_thing_happens_once(two: Team) -> None:
    # Nothing begins for what happened before its playbook was live, by the clock as it was.
    two.move_clock(-2 * HOUR_US)
    for name in ("flow", "paused", "retired", "ended"):
        two.live(STEPS.format(name=name, event=f"{name}_asked"))
    two.move_clock(2 * HOUR_US)
    people = [f"p{number}" for number in range(20)]
    two.happens("flow_asked", *people)
    two.happens("flow_asked", *people)  # while each is in the playbook already
    for name in ("paused", "retired", "ended"):
        two.happens(f"{name}_asked", f"{name}-ann")
    two.until(lambda: two.states("flow") == {"waits": 20})
    dues = {one.id: one.due_us for one in two.runs("flow")}
    mails = Counter(dict.fromkeys((*people, "paused-ann", "retired-ann", "ended-ann"), 1))
    two.until(lambda: two.mails() == mails)

    # The clock goes back by an hour: what waits waits on, and what begins then does not hang.
    two.move_clock(-HOUR_US)
    two.happens("flow_asked", "late")
    two.until(lambda: two.states("flow", "late") == {"waits": 1})
    (late,) = two.runs("flow", "late")
    assert abs(late.due_us - two.now_us - 2 * HOUR_US) < 60_000_000
    assert {one.id: one.due_us for one in two.runs("flow", *people)} == dues

    # Leads become one: two who were in it both, and one whose run follows to a lead without.
    two.happens("seen", "alone")
    _merge(two, "p0", "p1")
    _merge(two, "alone", "p2")
    # One is erased while it waits, another while its call is under way.
    two.other.fail(200, 1, path="/flow-began", slow_s=1.0)
    two.happens("flow_asked", "cut")
    two.until(lambda: not two.other._troubles)
    for name in ("p3", "cut"):
        _erase(two, name)
    two.store.write(lambda c: versions.pause(c, "paused", actor="test", now_us=two.now_us))
    two.store.write(lambda c: versions.retire(c, "retired", actor="test", now_us=two.now_us))
    two.store.write(
        lambda c: versions.retire(c, "ended", actor="test", now_us=two.now_us, stop=True)
    )
    for name in ("paused", "retired", "ended"):
        two.happens(f"{name}_asked", f"{name}-bob")

    two.move_clock(DAY_US)
    two.until(lambda: two.states("flow") == {"done": 19, "stopped": 1})
    two.until(lambda: two.states("retired") == {"done": 1})
    two.until(lambda: two.states("paused") == {"held": 1})
    assert two.states("ended") == {"stopped": 1}
    two.store.write(lambda c: versions.resume(c, "paused", actor="test", now_us=two.now_us))
    two.until(lambda: two.states("paused") == {"done": 1})
    time.sleep(1)  # whatever would come twice has come

    with two.store.read() as connection:
        assert get_run(connection, two.runs("flow", "alone")[0].id).state == "done"
    for name, began, ended in (("flow", 22, 19), ("paused", 1, 1), ("retired", 1, 1),
                               ("ended", 1, 0)):  # fmt: skip
        assert _counts(two, f"/{name}-began") == ([1] * began)
        assert _counts(two, f"/{name}-ended") == ([1] * ended)
    assert two.mails() == mails | Counter({"late": 1})
    assert '"level": "error"' not in two.log


def _counts(of: Team, path: str) -> list[int]:
    return sorted(of.other.keys(path).values())


def _merge(of: Team, kept: str, other: str) -> None:
    ids = of.lead(kept), of.lead(other)
    of.store.write(lambda c: merge_leads(c, *ids, "hand", "test", of.now_us))


def _erase(of: Team, name: str) -> None:
    lead_id = of.lead(name)
    of.store.write(lambda c: erase_person(c, lead_id, of.now_us, "test"))
