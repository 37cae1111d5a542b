"""A service is killed in the middle of outer steps: they go on within seconds, elsewhere or
where it is started again, and nothing inside happens twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import postgres_database
from tests.playbooks.services.team import Team, team

MOST_SECONDS = 45.0
"""Quiet machines need less than fifteen; a lease that has to run out would need minutes."""
CALLS = """
playbook: calls
version: 1
starts: {event: demo_requested}
steps:
  - webhook: URL/slow
  - convert: {to: mql}
"""
MAILS = """
playbook: mails
version: 1
starts: {event: guide_asked}
steps:
  - mail: nurture-1-guide
    unsure: send again
  - convert: {to: mql}
"""
LOST = """
playbook: lost
version: 1
starts: {event: price_asked}
steps:
  - webhook: URL/lost
  - convert: {to: mql}
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_a_killed_service_was_at_goes_on_within_seconds(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        with team(f"sqlite:///{tmp_path / 'record.db'}", tmp_path) as found:
            lost = _kill_one(found)
            found.start("one")
            _goes_on(found, lost)
        return
    server = request.getfixturevalue("postgres_url")
    with postgres_database(server) as url, team(url, tmp_path) as found:
        _goes_on(found, _kill_one(found, "other"))


def _kill_one(of: Team, *others: str) -> int:
    """In a call that takes long, in the text of a mail, and before a job was put in: how many runs
    of the last kind there were."""
    for text in (CALLS, MAILS, LOST):
        of.live(text)
    of.start("one")
    of.other.fail(200, 1, path="/slow", slow_s=60)
    of.post.text = ["silent"]
    of.happens("demo_requested", "ann")
    of.happens("guide_asked", "bob")
    of.until(lambda: not of.post.text and not of.other._troubles)
    for name in others:
        of.start(name)
    pid = of.pids["one"]
    (of.folder / "dies").write_text(str(pid))
    lost, there = 0, Path(f"/proc/{pid}")
    while there.exists():  # until a step is its own and not the other's
        of.happens("price_asked", f"cat{lost}")
        lost += 1
        of.until(lambda wanted=lost: len(of.runs("lost")) == wanted or not there.exists())
    return lost


def _goes_on(of: Team, lost: int) -> None:
    wanted = {"calls": 1, "mails": 1, "lost": lost}

    def over() -> bool:
        return all(of.states(name) == {"done": count} for name, count in wanted.items())

    of.until(over, MOST_SECONDS)
    # The call that was cut came again under its key; the other side's thread still sleeps.
    assert of.other.keys("/slow") == {f"run-{of.runs('calls')[0].id}-0": 1}
    assert set(of.other.keys("/lost").values()) == {1}
    assert of.mails() == {"bob": 1}
    with of.store.read() as connection:
        counted = connection.exec_driver_sql("SELECT count(*) FROM outcome").scalar_one()
        assert counted == 2 + lost
