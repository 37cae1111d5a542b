"""Dry runs over files: bands day by day, events, the clock where the lead is; and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leadwise.card import parse as parse_card
from leadwise.cli.population import Data, opened
from leadwise.playbooks.dry_run import DryRun, daily, replay
from leadwise.playbooks.dry_run.of_files import FilePast
from leadwise.playbooks.dry_run.wide import wide_card
from leadwise.playbooks.language.parse import parse
from leadwise.settings import Settings
from leadwise.settings.playbooks import PlaybookSettings
from tests.cli.running import document, run

CARD = """
card: small
version: 1
fields:
  employees: number
events:
  visit:
    page: text
  demo_requested:
bands:
  - {id: cold}
  - {id: warm, from: 20}
  - {id: hot, from: 50}
dimensions:
  - id: fit
    criteria:
      - {id: large, when: employees >= 100, points: 20}
  - id: interest
    criteria:
      - {id: visits, on: visit, points: 5, within: 14 days, limit: {points: 15}}
      - {id: asked, on: demo_requested, points: 30, within: 10 days}
"""
LEADS = """lead_id,employees,seats,timezone
big,500,3,America/New_York
small,5,40,
other,500,,
"""
EVENTS = """lead_id,event,timestamp,page
big,demo_requested,2026-06-05T12:00:00Z,
big,visit,2026-06-10T23:30:00Z,/pricing
small,visit,2026-06-11T12:00:00Z,/pricing
small,visit,2026-06-12T12:00:00Z,/blog
small,replied,2026-06-12T18:00:00Z,
other,visit,2026-06-13T12:00:00Z,/blog
"""
UNTIL = "2026-07-01"
UNTIL_US = 1_782_864_000_000_000
DAY_US = 86_400_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("card.yaml", CARD), ("leads.csv", LEADS), ("events.csv", EVENTS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def ran(folder: Path, text: str, days: int = 30, **own: Any) -> DryRun:
    """The days before July with a playbook in them."""
    card = parse_card(CARD).card
    assert card is not None
    whole = "playbook: p\nversion: 1\nlabel: P\n" + text
    parsed = parse(whole, card=card)
    assert parsed.playbook is not None, parsed.problems
    settings = PlaybookSettings(**{"quiet_from": "", "quiet_until": "", **own})
    wide = wide_card(card, parsed.playbook, Settings(playbooks=settings))
    data = Data(str(folder / "leads.csv"), str(folder / "events.csv"))
    with opened(wide, data) as of:
        past = FilePast(of, card, Settings(playbooks=settings))
        return replay(parsed.playbook, past, settings, UNTIL_US - days * DAY_US, UNTIL_US)


def begun(told: DryRun) -> list[tuple[str, int]]:
    """The leads and the days of June."""
    return [(one.lead, 30 - (UNTIL_US - 1 - one.at_us) // DAY_US) for one in told.begun]


def test_bands_are_looked_at_at_the_end_of_each_day(folder: Path) -> None:
    told = ran(folder, "starts: {band: {enters: [hot]}}\nsteps: [{wait: 1 day}]\n")
    assert begun(told) == [("big", 5)]
    assert told.begun[0].why == "warm to hot"
    # It was hot for ten days: on the 15th its request is too old.
    left = ran(folder, "starts: {band: {leaves: [hot]}}\nsteps: [{wait: 1 day}]\n")
    assert begun(left) == [("big", 15)]
    assert any("once a day" in note for note in told.notes)


def test_a_trigger_that_does_not_hold_begins_nothing(folder: Path) -> None:
    start = "starts: {band: {enters: [hot]}}\nsteps: [{wait: 1 day}]\nsafety: {settle: %s}\n"
    assert begun(ran(folder, start % "5 days")) == [("big", 10)]
    assert dict(ran(folder, start % "12 days").refused) == {"holds no more": 1}


def test_events_with_conditions_on_what_they_say_and_on_the_lead(folder: Path) -> None:
    start = "starts: [{event: visit, where: page = '/pricing'}]\n"
    steps = "steps: [{wait: 1 day}]\n"
    assert begun(ran(folder, start + steps)) == [("big", 10), ("small", 11)]
    for when, leads in (
        ("score >= 50", ["big"]), ("band = 'cold'", ["small"]), ("interest < 10", ["small"]),
        ("local_hour = 19", ["big"]), ("employees < 100", ["small"]),
        ("owner is null", ["big", "small"]),
    ):  # fmt: skip
        told = ran(folder, f"{start}when: {when}\n{steps}")
        assert [one.lead for one in told.begun] == leads, when


def test_goals_waits_and_branches_go_by_the_files(folder: Path) -> None:
    told = ran(
        folder,
        "starts: [{event: visit, where: page = '/pricing'}]\n"
        "steps:\n"
        "  - wait: {event: visit, at_most: 2 days, late: [{mail: late}]}\n"
        "  - if: {condition: employees > 100, then: [{mail: big}]}\n"
        "  - wait: 10 days\n"
        "goals: [{event: replied}, {outcome: won}]\n",
    )
    assert {one.lead: (one.mails, one.ended) for one in told.begun} == {
        "big": (2, "done"), "small": (0, "goal: replied"),
    }  # fmt: skip
    assert any("outcomes" in note for note in told.notes)


def test_scores_schedules_and_what_files_do_not_tell(folder: Path) -> None:
    rises = ran(folder, "starts: {score: {rises_past: 49}}\nsteps: [{wait: 1 day}]\n")
    assert [one.why for one in rises.begun] == ["score 20 to 50"]
    weekly = ran(
        folder, "starts: {schedule: '0 9 * * 1'}\nwhen: score > 30\nsteps: [{wait: 1 day}]\n"
        "safety: {again: always}\n",
    )  # fmt: skip
    assert begun(weekly) == [("big", 8), ("big", 15)]
    tasks = ran(folder, "starts: {task: {state: done}}\nsteps: [{wait: 1 day}]\n")
    assert tasks.triggers == 0
    assert tasks.notes == ["Files tell nothing of what starts it by 'task'."]


def test_leads_are_scored_in_parts_and_of_very_many_a_share(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "starts: {score: {rises_past: 4}}\nsteps: [{wait: 1 day}]\n"
    whole = ran(folder, text)
    assert begun(whole) == [("small", 11)]
    monkeypatch.setattr(daily, "AT_ONCE", 1)  # one lead at a time
    assert ran(folder, text) == whole
    monkeypatch.setattr(daily, "MOST_DAYS", 35)
    told = ran(folder, text)
    assert begun(told) == []
    assert told.notes[0] == (
        "There are very many leads: one in 3 was asked, so all of them would come to about 3 times "
        "as much."
    )


def test_a_score_has_to_be_back_at_the_end_of_a_day(folder: Path) -> None:
    more = "other,visit,2026-06-28T12:00:00Z,\n"
    (folder / "events.csv").write_text(EVENTS + more, encoding="utf-8")
    text = "starts: {score: {rises_past: 24, back: %s}}\nsteps: [{wait: 1 day}]\n"
    text += "safety: {again: always}\n"
    # It goes 20, 25, after two weeks 20, and 25 again.
    assert [one for one in begun(ran(folder, text % 4)) if one[0] == "other"] == [
        ("other", 13), ("other", 28),
    ]  # fmt: skip
    assert [one for one in begun(ran(folder, text % 5)) if one[0] == "other"] == [("other", 13)]


def test_quiet_hours_are_those_where_the_lead_is(folder: Path) -> None:
    text = "starts: [{event: visit, where: page = '/pricing'}]\nsteps: [{mail: m}]\n"
    quiet = {"quiet_from": "18:00", "quiet_until": "09:00"}
    told = ran(folder, text, **quiet)
    ends = {one.lead: one.ended_us for one in told.begun}
    # Half past seven in New York waits until nine there, thirteen o'clock UTC.
    assert ends["big"] == UNTIL_US - 20 * DAY_US + 13 * DAY_US // 24
    assert ends["small"] == UNTIL_US - 20 * DAY_US + DAY_US // 2


def test_the_command_tells_and_gives_json(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    text = "playbook: call\nversion: 1\nlabel: C\nstarts: {band: {enters: [hot]}}\n"
    (folder / "call.yaml").write_text(text + "steps: [{mail: m}]\n", encoding="utf-8")
    given = ["playbook", "dry-run", "call.yaml", "--card", "card.yaml", "--leads", "leads.csv",
             "--events", "events.csv", "--days", "30", "--until", UNTIL]  # fmt: skip
    told = run(*given).stdout
    assert "It would have begun once, for 1 lead" in told
    assert "big   2026-06-05T23:59:59Z  warm to hot" in told
    assert "unknown for all" not in told
    found = document(*given)
    assert (found["runs"], found["mails"], found["waited"]) == (1, 1, {})
    assert found["begun"][0]["lead"] == "big"
    assert json.loads(json.dumps(found)) == found


def test_files_need_a_card(folder: Path) -> None:
    (folder / "p.yaml").write_text(
        "playbook: p\nversion: 1\nlabel: P\nstarts: {event: x}\nsteps: [{mail: m}]\n"
    )
    given = ["playbook", "dry-run", folder / "p.yaml", "--leads", folder / "leads.csv"]
    assert "need the card" in run(*given, code=2).output
