"""Support: from the mail that asks for help to the ticket, the answer and who is told."""

from __future__ import annotations

from tests.playbooks.recipes.conftest import Team

MAIL = (
    "From: Joe Lee <joe@customer.example>\r\nTo: help@team.example\r\nSubject: {}\r\n"
    "Message-ID: <1@customer.example>\r\n\r\n{}\r\n"
)  # fmt: skip


def _set_up(team: Team) -> None:
    team.helpdesk("helpdesk")
    team.chat("chat")
    team.folder_of("tickets")
    documents = team.folder_of("documents")
    (documents / "exports.md").write_text(
        "# Exports\n\nTo export all orders as CSV, open Reports, choose Orders and press Export.\n"
        "\n# Passwords\n\nA forgotten password is set anew from the sign-in page.\n"
    )
    team.live("ticket-triage")


def test_a_question_is_acknowledged_answered_and_kept(team: Team) -> None:
    _set_up(team)
    asks = MAIL.format("Export of orders", "How can I export all my orders as CSV?")
    assert team.mail_in(asks).said == "asked"
    (run,) = team.runs()
    assert (run.state, run.lead_id is not None) == ("done", True)
    (mail,) = team.mails()
    assert mail["To"] == "joe@customer.example"
    assert mail["Subject"] == "We have your message: Export of orders"
    assert mail["In-Reply-To"] is None or "1@customer.example" in mail["In-Reply-To"]
    steps = team.steps(run)
    assert steps["kind"].doc["class"] == "question"
    assert "Reports" in str(steps["answers"].doc["best"])
    (issue,) = team.issues()
    assert issue["hs_task_subject"] == "Export of orders (question)"
    assert "press Export" in issue["hs_task_body"]
    assert issue["hs_task_priority"] == "MEDIUM"
    (told,) = team.said("C000SUPPORT")
    assert "https://app.hubspot.com/contacts/4711/record/0-27/" in told["text"]
    assert team.said("C0000URGENT") == []


def test_an_outage_is_urgent_and_told_by_mail_too(team: Team) -> None:
    _set_up(team)
    team.mail_in(
        MAIL.format(
            "Nobody can work",
            "Since this morning nobody in our office can work, every page shows an error and all "
            "our data are lost.",
        )
    )
    (run,) = team.runs()
    assert run.state == "done"
    steps = team.steps(run)
    assert (steps["kind"].doc["class"], steps["urgency"].doc["class"]) == ("broken", "urgent")
    (issue,) = team.issues()
    assert issue["hs_task_priority"] == "HIGH"
    assert [one["To"] for one in team.mails()][1:] == ["Ada <ada@team.example>"]
    assert len(team.said("C0000URGENT")) == 1
    assert team.said("C000SUPPORT") == []


def test_the_same_mail_twice_and_a_robots_mail_make_one_ticket(team: Team) -> None:
    _set_up(team)
    asks = MAIL.format("Export", "How can I export all my orders as CSV?")
    team.mail_in(asks)
    team.mail_in(asks)
    team.mail_in(asks.replace("Message-ID", "Auto-Submitted: auto-replied\r\nMessage-ID"))
    assert len(team.runs()) == len(team.issues()) == 1
