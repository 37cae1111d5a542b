"""Incoming mail that answers none of ours: a message to an inbox, once, and never a program's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from leadwise.connect.mail.asked import inbox_of
from leadwise.connect.mail.intake import Intake
from leadwise.connect.mail.links import Links
from leadwise.connect.mail.outbox import Draft
from leadwise.connect.mail.reports import Report
from leadwise.ingest.gate.rules import GateRules
from leadwise.settings.mail import MailSettings
from leadwise.store.schema import event, identity
from tests.connect.mail.conftest import SECRET, SITE, House

INBOXES = (("Support@acme.example", "support"), ("hello@acme.example", "inbox"))
ASKS = (
    "From: Joe Lee <Joe@Customer.example>\r\nTo: \"Support\" <support@acme.example>\r\n"
    "Subject: Cannot sign in\r\nMessage-ID: <77@customer.example>\r\n{}\r\n"
    "The page says error 500.\r\n"
)  # fmt: skip


@pytest.fixture
def intake(house: House) -> Intake:
    return Intake(house.store, Links(SITE, SECRET), GateRules(), house.clock, INBOXES)


def _who(house: House) -> list[tuple[str, str]]:
    with house.store.read() as connection:
        return [(row.kind, row.value) for row in connection.execute(identity.select())]


def test_a_mail_to_an_inbox_is_a_message_once(house: House, intake: Intake) -> None:
    mail = ASKS.format("").encode()
    assert [intake.take(mail).said for _ in range(2)] == ["asked", "asked"]
    ((name, doc),) = house.events("%")
    assert name == "message_received"
    assert doc == {
        "from": "joe@customer.example", "to": "support@acme.example", "subject": "Cannot sign in",
        "text": "The page says error 500.", "message_id": "77@customer.example",
    }  # fmt: skip
    assert _who(house) == [("anonymous", "mail:joe@customer.example")]
    with house.store.read() as connection:
        assert connection.execute(event.select()).one().source == "support"


def test_who_is_a_lead_writes_as_the_lead(house: House, intake: Intake) -> None:
    house.identify("joe@customer.example")
    intake.take(ASKS.format("").encode())
    assert not [one for one in _who(house) if one[0] == "anonymous"]
    assert house.events("message_received")


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "X-Autoreply: yes\r\n"],
)
def test_a_program_is_not_answered(house: House, intake: Intake, header: str) -> None:
    assert intake.take(ASKS.format(header).encode()).said == "other"
    assert house.events("%") == []


@pytest.mark.parametrize(
    ("was", "now"),
    [("Joe@Customer.example", "MAILER-DAEMON@mx.example"), ("Joe Lee <Joe@Customer.example>", "<>"),
     ("Joe@Customer.example", "hello@acme.example"), ("support@acme.example", "me@acme.example")],
)  # fmt: skip
def test_what_nobody_wrote_to_us_starts_nothing(
    house: House, intake: Intake, was: str, now: str
) -> None:
    assert intake.take(ASKS.format("").replace(was, now).encode()).said == "other"
    assert house.events("%") == []


def test_who_answers_the_answer_writes_once_more(
    house: House, intake: Intake, draft: Callable[..., Draft]
) -> None:
    ours = house.outbox().post(draft(lead_id=None, kind="transactional")).message_id
    answered = ASKS.format(f"In-Reply-To: <{ours}>\r\n").encode()
    assert intake.take(answered).said == "replied"
    assert intake.take(answered.replace(ours.encode(), b"77@elsewhere.example")).said == "asked"
    assert len(house.events("message_received")) == 1


def test_an_inbox_is_known_with_its_tags() -> None:
    report = Report("other", to=("x@acme.example", "hello+ads@acme.example"))
    assert inbox_of(report, INBOXES) == "inbox"
    assert inbox_of(replace(report, to=("x@acme.example",)), INBOXES) is None


def test_inboxes_are_settings() -> None:
    given = MailSettings.model_validate({"inboxes": "support@acme.example=support"})
    assert given.inboxes == (("support@acme.example", "support"),)
    with pytest.raises(ValueError, match="inboxes"):
        MailSettings.model_validate({"inboxes": {"a@acme.example": "Not a name"}})
