"""Messages in a channel: issues of the right team, and questions that documents answer."""

from __future__ import annotations

import json

import pytest

from leadwise.connect.model import Request
from leadwise.connect.opening import opened
from leadwise.connect.pulling import Pulling
from leadwise.connect.slack.map import instant_of
from leadwise.ingest.gate.rules import GateRules
from leadwise.store.connections import get_connection
from leadwise.testing.slack import TEAM, signed
from tests.playbooks.recipes.conftest import Team

CHANNEL, JOE = "C00000HELP", "U00000JOE"


def _hear(team: Team, text: str, times: int = 1) -> str:
    """Somebody writes in the channel, and Slack tells us by its Events API."""
    ts = team.slack.say(CHANNEL, JOE, text)
    event = {"type": "message", "channel": CHANNEL, "user": JOE, "text": text, "ts": ts}
    body = json.dumps({"type": "event_callback", "team_id": TEAM, "event": event}).encode()
    team.play.clock_us = now_us = instant_of(ts) + 1_000_000
    headers = signed(body, "hush", now_us // 1_000_000)
    with team.store.read() as database:
        row = get_connection(database, "chat")
    line = opened(row, {})
    for _ in range(times):
        named = {name.lower(): value for name, value in headers.items()}
        page = line.to.receive(Request("POST", "/in/c/chat", named, body, now_us))
        Pulling(team.store, GateRules(), team.play.now).receive(row, page)
    line.close()
    team.play.turn()
    return ts


def _issues(team: Team) -> None:
    team.chat("chat", signing_secret="hush", channels=CHANNEL)
    team.helpdesk("tracker")
    team.live("issue-triage")


def test_a_bug_becomes_an_issue_with_a_link_in_its_thread(team: Team) -> None:
    _issues(team)
    ts = _hear(team, "The import of reports fails with an error, the numbers are wrong", times=2)
    (run,) = team.runs()
    assert run.state == "done"
    assert team.steps(run)["kind"].doc["class"] == "bug"
    (issue,) = team.issues()
    assert issue["hs_task_subject"].startswith("data, bug: The import of reports fails")
    (told,) = team.said(CHANNEL)
    assert told["thread_ts"] == ts
    assert "https://app.hubspot.com/contacts/4711/record/0-27/" in told["text"]


def test_what_stops_everybody_wakes_who_is_on_call(team: Team) -> None:
    _issues(team)
    _hear(team, "Payments by card fail with an error, all customers are concerned and we lose "
          "money every minute")  # fmt: skip
    (run,) = team.runs()
    assert team.steps(run)["urgency"].doc["class"] == "high"
    (alarm,) = team.said("C0000ONCALL")
    assert alarm["text"].startswith("payments: Payments by card fail")
    assert team.issues()[0]["hs_task_priority"] == "HIGH"


@pytest.mark.parametrize("text", ["Thanks a lot, see you at lunch!", "Ha, good joke :)"])
def test_talk_makes_no_issue(team: Team, text: str) -> None:
    _issues(team)
    _hear(team, text)
    (run,) = team.runs()
    assert (run.state, run.why) == ("done", "It is no issue.")
    assert team.issues() == []
    assert team.said(CHANNEL) == []


def _questions(team: Team) -> None:
    team.chat("chat", signing_secret="hush", channels=CHANNEL)
    documents, tickets = team.folder_of("documents"), team.folder_of("tickets")
    (documents / "travel.md").write_text(
        "Travel\n\nTravel expenses are paid back within ten days. Hand in receipts for travel "
        "expenses in the portal, under Finance.\n"
    )
    (tickets / "T-17.txt").write_text("The printer on floor 2 is jammed. Solved: new rollers.\n")
    team.live("internal-question")


def test_a_question_is_answered_in_its_thread_with_where_it_stands(team: Team) -> None:
    _questions(team)
    ts = _hear(team, "Where do I hand in receipts for travel expenses?")
    (run,) = team.runs()
    assert run.state == "done"
    (told,) = team.said(CHANNEL)
    assert told["thread_ts"] == ts
    assert "under Finance" in told["text"]
    assert "documents/travel.md" in told["text"]
    assert team.tasks() == []


def test_an_earlier_message_of_the_channel_answers_too(team: Team) -> None:
    _questions(team)
    team.slack.say(CHANNEL, "U00000EVE", "The code of the garage door is on the card at reception.")
    _hear(team, "What is the code of the garage door?")
    (told,) = team.said(CHANNEL)
    assert "card at reception" in told["text"]
    assert "https://" in told["text"]


def test_what_nobody_wrote_down_goes_to_a_person(team: Team) -> None:
    _questions(team)
    _hear(team, "How do we order new business cards?")
    (task,) = team.tasks()
    assert task.title.startswith("Answer in the channel: How do we order")
    (told,) = team.said(CHANNEL)
    assert told["text"] == "I found nothing about that. Somebody will answer."
