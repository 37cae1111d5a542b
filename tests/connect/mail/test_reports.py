"""What comes back: reports as servers write them, complaints, replies, and forged ones."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from leadwise.connect.mail.intake import Intake
from leadwise.connect.mail.links import Links
from leadwise.connect.mail.outbox import Draft
from leadwise.connect.mail.quoting import own_words
from leadwise.connect.mail.reports import read_report
from leadwise.ingest.gate.rules import GateRules
from leadwise.store import mails
from leadwise.store.suppression import allow, find_suppressed
from tests.connect.mail.conftest import SECRET, SITE, House, on_both

Drafts = Callable[..., Draft]
TOKEN = "00112233445566778899aabbccddeeff"

DSN = """From: MAILER-DAEMON@mx.lead.example (Mail Delivery System)
To: bounces@acme.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <20260303@mx.lead.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.lead.example.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.lead.example
X-Postfix-Queue-ID: 4X
Arrival-Date: Tue,  3 Mar 2026 14:30:00 +0000 (UTC)

Final-Recipient: rfc822; ann@lead.example
Original-Recipient: rfc822;ann@lead.example
Action: {action}
Status: {status}
Remote-MTA: dns; mx2.lead.example
Diagnostic-Code: smtp; {code}

--B
Content-Type: {original}

Return-Path: <bounces@acme.example>
From: Sales at Acme <sales@acme.example>
To: Ann <ann@lead.example>
Subject: An offer
Message-ID: <{id}>

--B--
"""
ARF = """From: <abuse@isp.example>
To: bounces@acme.example
Subject: FW: An offer
Message-ID: <arf@isp.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain

This is an email abuse report.

--B
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <bounces@acme.example>

--B
Content-Type: message/rfc822

From: Sales at Acme <sales@acme.example>
To: redacted@isp.example
Subject: An offer
{headers}

Hello
--B--
"""
REPLY = """From: Ann <ann@lead.example>
To: sales@acme.example
Subject: Re: An offer
Message-ID: <{own}@lead.example>
In-Reply-To: <{id}>
References: <first@elsewhere.example> <{id}>
{more}Content-Type: text/plain; charset=utf-8

Yes please, call me on Tuesday.

On Tue, 3 Mar 2026 at 14:30, Sales at Acme wrote:
> Hello Ann,
"""


def raw(text: str, **values: str) -> bytes:
    return text.format(**values).replace("\n", "\r\n").encode()


def dsn(
    token: str, action: str = "failed", status: str = "5.1.1", code: str = "550 5.1.1 unknown",
    original: str = "text/rfc822-headers",
) -> bytes:  # fmt: skip
    return raw(
        DSN, action=action, status=status, code=code, original=original,
        id=f"{token}@acme.example",
    )  # fmt: skip


@pytest.fixture
def intake(house: House) -> Intake:
    return Intake(house.store, Links(SITE, SECRET), GateRules(), house.clock)


@pytest.mark.parametrize(
    ("report", "said", "hard"),
    [
        (dsn(TOKEN), "bounced", True),
        (dsn(TOKEN, original="message/rfc822"), "bounced", True),
        (dsn(TOKEN, status="5.2.2", code="552 5.2.2 mailbox full"), "bounced", False),
        (dsn(TOKEN, status="5.7.1", code="550 5.7.1 blocked"), "bounced", False),
        (dsn(TOKEN, status="5.0.0", code="550 no such user"), "bounced", True),
        (dsn(TOKEN, status="5.0.0", code="554 something"), "bounced", False),
        (dsn(TOKEN, action="delayed", status="4.4.1", code="421 later"), "delayed", False),
        (dsn(TOKEN, action="delivered", status="2.0.0", code="250 ok"), "delivered", False),
    ],
)
def test_delivery_reports(report: bytes, said: str, hard: bool) -> None:
    found = read_report(report)
    assert (found.said, found.hard, found.tokens) == (said, hard, (TOKEN,))


def test_a_bounce_in_words_alone_is_known_by_its_address() -> None:
    text = (
        f"From: <>\nFrom: Mailer-Daemon@mx.example\nTo: bounces+{TOKEN}@acme.example\n"
        "Subject: failure notice\n\nSorry, no mailbox here by that name. (#5.1.1)\n"
    )
    found = read_report(text.replace("From: <>\n", "").encode())
    assert (found.said, found.hard, found.tokens) == ("bounced", True, (TOKEN,))


@pytest.mark.parametrize(
    "junk",
    [b"", b"\x00\xff" * 500, b"Content-Type: multipart/report; boundary=B\r\n\r\n--B\r\n",
     (b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n--B\r\n"
     b"Content-Type: message/delivery-status\r\n\r\n\xff\xfe\r\n\r\nAction: \r\n--B--"),
     b"From: " + b"<" * 5000, (b"Subject: =?bogus?q?=ff?=\r\nContent-Type: text/plain; "
     b"charset=no-such\r\n\r\n\xff"), b"In-Reply-To: <" + b"a" * 100_000 + b">\r\n\r\nx"],
)  # fmt: skip
def test_what_cannot_be_read_says_nothing(junk: bytes) -> None:
    assert read_report(junk).said in ("other", "bounced", "replied")
    assert read_report(junk).tokens == ()


@pytest.mark.parametrize(
    "flood",
    [b"From: " + b"<" * 3_000_000, b"To: x@y.example" + b",\r\n x@y.example" * 200_000,
     b"To: <<<<<<<<<<\r\n" * 200_000, b"Subject: " + b"=?utf-8?q?x?= " * 200_000,
     b"Content-Type: " + b"multipart/report; x=" * 100_000, b"References: " + b"<a@b> " * 400_000,
     b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + b"--B\r\n\r\n" * 100_000],
)  # fmt: skip
def test_a_flood_of_headers_takes_no_time(flood: bytes) -> None:
    started = time.perf_counter()
    read_report(flood + b"\r\n\r\nx")
    assert time.perf_counter() - started < 5


@on_both
def test_a_hard_bounce_ends_all_mail_to_an_address(
    house: House, draft: Drafts, intake: Intake
) -> None:
    posted = house.outbox().post(draft())
    token = posted.message_id.partition("@")[0]
    for _ in range(2):
        taken = intake.take(dsn(token))
        assert (taken.said, taken.mail_id) == ("bounced", posted.mail_id)
    with house.store.read() as connection:
        found = find_suppressed(connection, "ann@lead.example")
        mail = mails.get_mail(connection, posted.mail_id)
    assert found is not None
    assert found.reason == "bounced"
    assert mail is not None
    assert mail.state == "bounced"
    assert [name for name, _ in house.events()] == ["email_sent", "email_bounced"]
    assert house.outbox().post(draft(key="b", kind="transactional")).state == "suppressed"


def test_a_full_mailbox_is_no_reason_to_give_an_address_up(
    house: House, draft: Drafts, intake: Intake
) -> None:
    token = house.outbox().post(draft()).message_id.partition("@")[0]
    intake.take(dsn(token, status="5.2.2", code="552 5.2.2 full"))
    assert [(name, said.get("hard")) for name, said in house.events()][1] == (
        "email_bounced",
        False,
    )
    assert house.outbox().post(draft(key="b")).state == "sent"


def test_a_forged_report_does_nothing(house: House, draft: Drafts, intake: Intake) -> None:
    house.outbox().post(draft())
    for forged in (dsn(TOKEN), dsn("ann@lead.example"), dsn("x" * 32)):
        assert intake.take(forged).mail_id is None
    with house.store.read() as connection:
        assert find_suppressed(connection, "ann@lead.example") is None


@pytest.mark.parametrize("by", ["id", "link"])
def test_a_complaint_is_known_by_what_is_left_of_the_mail(
    house: House, draft: Drafts, intake: Intake, by: str
) -> None:
    posted = house.outbox().post(draft())
    token = posted.message_id.partition("@")[0]
    leave = f"List-Unsubscribe: <{Links(SITE, SECRET).unsubscribe(token)}>"
    headers = f"Message-ID: <{posted.message_id}>" if by == "id" else leave
    assert intake.take(raw(ARF, kind="abuse", headers=headers)).said == "complained"
    with house.store.read() as connection:
        found = find_suppressed(connection, "ann@lead.example")
    assert found is not None
    assert found.reason == "complained"
    assert [name for name, _ in house.events()][1:] == ["email_complained"]
    forged = leave.replace(token, TOKEN)
    assert intake.take(raw(ARF, kind="abuse", headers=forged)).mail_id is None


def test_opting_out_by_a_complaint_is_unsubscribing(
    house: House, draft: Drafts, intake: Intake
) -> None:
    posted = house.outbox().post(draft())
    headers = f"Message-ID: <{posted.message_id}>"
    assert intake.take(raw(ARF, kind="not-spam", headers=headers)).mail_id is None
    assert intake.take(raw(ARF, kind="opt-out", headers=headers)).said == "unsubscribe"
    with house.store.read() as connection:
        found = find_suppressed(connection, "ann@lead.example")
    assert found is not None
    assert found.reason == "unsubscribed"


def test_a_reply_is_an_event_with_its_own_words(
    house: House, draft: Drafts, intake: Intake
) -> None:
    posted = house.outbox().post(draft())
    for own in ("one", "one", "two"):
        taken = intake.take(raw(REPLY, id=posted.message_id, own=own, more=""))
        assert (taken.said, taken.lead_id) == ("replied", draft().lead_id)
    replies = [said for name, said in house.events() if name == "email_replied"]
    assert [said["text"] for said in replies] == ["Yes please, call me on Tuesday."] * 2


@pytest.mark.parametrize(
    "more", ["Auto-Submitted: auto-replied\n", "X-Autoreply: yes\n", "Precedence: bulk\n"]
)
def test_a_program_that_answers_is_no_reply(
    house: House, draft: Drafts, intake: Intake, more: str
) -> None:
    posted = house.outbox().post(draft())
    taken = intake.take(raw(REPLY, id=posted.message_id, own="x", more=more))
    assert taken.said == "auto_replied"
    assert [name for name, _ in house.events()][1:] == ["email_auto_replied"]


def test_a_reply_to_a_mail_that_nobody_saw_go_settles_it(
    house: House, draft: Drafts, intake: Intake
) -> None:
    house.post.text = ["break and keep"]
    outbox = house.outbox()
    posted = outbox.post(draft())
    assert posted.state == "held"
    intake.take(raw(REPLY, id=posted.message_id, own="x", more=""))
    assert outbox.post(draft(), unsure="send again").state == "sent"
    assert len(house.post.got) == 1
    assert sorted(name for name, _ in house.events()) == ["email_replied", "email_sent"]


def test_a_mail_to_the_way_out_is_unsubscribing(
    house: House, draft: Drafts, intake: Intake
) -> None:
    token = house.outbox().post(draft()).message_id.partition("@")[0]
    text = f"From: ann@lead.example\nTo: bounces+{token}@acme.example\nSubject: Unsubscribe\n\n"
    assert intake.take(text.encode()).said == "unsubscribe"
    assert house.outbox().post(draft(key="b")).state == "suppressed"


def test_who_unsubscribed_stays_so_when_a_bounce_is_taken_back(
    house: House, draft: Drafts, intake: Intake
) -> None:
    token = house.outbox().post(draft()).message_id.partition("@")[0]
    intake.unsubscribe(token)
    intake.take(dsn(token))
    reasons = []
    for _ in range(3):
        with house.store.read() as connection:
            found = find_suppressed(connection, "ann@lead.example")
        reasons.append(found and found.reason)
        house.store.write(lambda one: allow(one, "ann@lead.example"))
    assert reasons == ["bounced", "unsubscribed", None]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Yes\n\n> no", "Yes"),
        ("Ja\n\nAm 3. März 2026 um 14:30 schrieb Acme:\nHallo", "Ja"),
        ("Ok\n-----Original Message-----\nx", "Ok"),
        ("A\n\nB\n-- \nAnn\nAcme", "A\n\nB"),
    ],
)
def test_own_words(text: str, own: str) -> None:
    assert own_words(text) == own
