"""Mails through a real SMTP server: each once, whatever it answers and wherever it breaks."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from leadwise.connect.mail.addresses import mailbox
from leadwise.connect.mail.letter import Attachment
from leadwise.connect.mail.outbox import Draft
from leadwise.errors import UserError
from leadwise.store import mails
from leadwise.store.contacts import count_contacts
from leadwise.store.suppression import find_suppressed, suppress
from tests.connect.mail.conftest import SITE, House, on_both
from tests.connect.mail.strict import parsed

MINUTE_US = 60_000_000
Drafts = Callable[..., Draft]


@on_both
def test_a_mail_is_sent_once_however_often_it_is_asked_for(house: House, draft: Drafts) -> None:
    outbox = house.outbox()
    first = outbox.post(draft())
    assert first.state == "sent"
    assert outbox.post(draft()) == first
    assert house.outbox().post(draft(subject="Another subject")).message_id == first.message_id
    (raw,) = house.post.messages()
    mail = parsed(raw)
    assert mail["message-id"] == f"<{first.message_id}>"
    assert mail["subject"] == "An offer"
    token = first.message_id.partition("@")[0]
    assert str(mail["from"]) == "Sales at Acme <sales@acme.example>"
    assert house.post.got[0].mail_from == f"bounces+{token}@acme.example"
    assert house.post.got[0].rcpt_tos == ["ann@lead.example"]


def test_what_a_marketing_mail_says_below(house: House, draft: Drafts) -> None:
    posted = house.outbox().post(draft(language="es"))
    token = posted.message_id.partition("@")[0]
    mail = parsed(house.post.messages()[0])
    leave = re.search(r"<(https:[^>]+)>", mail["list-unsubscribe"])
    assert leave
    assert leave[1].startswith(f"{SITE}/m/u/{token}.")
    assert f"<mailto:bounces+{token}@acme.example?subject=unsubscribe>" in mail["list-unsubscribe"]
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert f"Darse de baja: {leave[1]}" in text
    assert "Acme, 1 High Street, Oslo" in text
    assert "https://acme.example/offer?a=1&b=2" in text  # a text part is read, not tracked
    assert f'href="{leave[1]}"' in html
    assert 'href="https://acme.example' not in html
    assert f"{SITE}/m/c/{token}." in html
    assert "u=https%3A%2F%2Facme.example%2Foffer%3Fa%3D1%26b%3D2" in html
    assert f"{SITE}/m/o/{token}." in html
    assert '<html lang="es" dir="ltr">' in html


def test_tracking_is_as_little_as_anybody_asks(house: House, draft: Drafts) -> None:
    house.outbox(tracking="clicks").post(draft())
    house.outbox().post(draft(key="b", tracking="none"))
    bodies = [parsed(raw).get_body(("html",)).get_content() for raw in house.post.messages()]
    assert "/m/c/" in bodies[0]
    assert "/m/o/" not in bodies[0]
    assert "/m/c/" not in bodies[1]
    assert "https://acme.example/offer?a=1&amp;b=2" in bodies[1]


def test_the_lead_knows_that_it_was_sent(house: House, draft: Drafts) -> None:
    one = draft()
    posted = house.outbox().post(one)
    ((name, said),) = house.events()
    assert name == "email_sent"
    assert said["mail_id"] == posted.message_id.partition("@")[0]
    assert (said["template"], said["campaign"]) == ("offer", "offers")
    with house.store.read() as connection:
        assert count_contacts(connection, [one.lead_id or 0], 0) == 1


def test_a_transactional_mail_is_no_contact_that_caps_count(house: House, draft: Drafts) -> None:
    one = draft(kind="transactional")
    house.outbox().post(one)
    mail = parsed(house.post.messages()[0])
    assert mail["list-unsubscribe"] is None
    assert mail["auto-submitted"] == "auto-generated"
    with house.store.read() as connection:
        assert count_contacts(connection, [one.lead_id or 0], 0) == 0
        assert count_contacts(connection, [one.lead_id or 0], 0, channels=("answer",)) == 1


def test_greylisting_is_waited_for(house: House, draft: Drafts) -> None:
    house.post.rcpt = ["451 4.7.1 come back later", "451 4.7.1 not yet"]
    outbox = house.outbox()
    first = outbox.post(draft())
    assert (first.state, first.until_us) == ("waiting", house.now_us + MINUTE_US)
    assert "come back later" in first.why
    assert outbox.post(draft()).state == "waiting"
    assert house.post.rcpt, "it was tried before its time"
    house.now_us = first.until_us or 0
    second = outbox.post(draft())
    assert second.state == "waiting"
    house.now_us = second.until_us or 0
    assert outbox.post(draft()).state == "sent"
    assert len(house.post.got) == 1


def test_a_mail_that_nobody_takes_is_given_up(house: House, draft: Drafts) -> None:
    house.post.rcpt = ["450 4.2.1 later"] * 200
    outbox = house.outbox(retry_hours=10)
    posted = outbox.post(draft())
    for _ in range(30):
        if posted.state != "waiting":
            break
        house.now_us = posted.until_us or 0
        posted = outbox.post(draft())
    assert posted.state == "refused"
    assert "10 hours" in posted.why
    assert house.now_us <= draft().number * 10 * 60 * MINUTE_US + 1_772_539_200_000_000


@on_both
def test_an_address_that_is_nobodys_is_never_written_to_again(house: House, draft: Drafts) -> None:
    house.post.rcpt = ["550 5.1.1 no such user"]
    outbox = house.outbox()
    assert outbox.post(draft()).state == "bounced"
    with house.store.read() as connection:
        found = find_suppressed(connection, "ann@lead.example")
    assert found is not None
    assert found.reason == "bounced"
    assert [(name, said["hard"]) for name, said in house.events()] == [("email_bounced", True)]
    again = outbox.post(draft(key="run-1-2", kind="transactional"))
    assert again.state == "suppressed"
    assert not house.post.got


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({"rcpt": ["550 5.7.1 blocked by policy"]}, "refused"),
        ({"rcpt": ["552 5.2.2 mailbox full"]}, "refused"),
        ({"text": ["554 5.7.1 this is spam"]}, "refused"),
        ({"text": ["554 no"]}, "refused"),
        ({"data": ["554 no valid recipients"]}, "refused"),
        ({"sender": ["550 5.7.1 you may not send as that"]}, "refused"),
        ({"text": ["452 4.3.1 out of room"]}, "waiting"),
        ({"data": ["451 later"]}, "waiting"),
        ({"data": ["break"]}, "waiting"),
        ({"sender": ["451 4.3.0 later"]}, "waiting"),
        ({"rcpt": ["550 no such user here"]}, "bounced"),
    ],
)
def test_who_refuses_what(
    house: House, draft: Drafts, answers: dict[str, list[str]], state: str
) -> None:
    for name, told in answers.items():
        setattr(house.post, name, list(told))
    outbox = house.outbox()
    posted = outbox.post(draft())
    assert posted.state == state
    with house.store.read() as connection:
        assert (find_suppressed(connection, "ann@lead.example") is None) is (state != "bounced")
    # The relay is as good as before for the next mail.
    assert outbox.post(draft(key="b", kind="transactional")).state == (
        "suppressed" if state == "bounced" else "sent"
    )


@pytest.mark.parametrize("taken", ["break", "break and keep", "silent"])
def test_a_connection_that_breaks_after_the_text_leaves_it_unsure(
    house: House, draft: Drafts, taken: str
) -> None:
    house.post.text = [taken]
    outbox = house.outbox(timeout_seconds=1)
    posted = outbox.post(draft())
    assert posted.state == "held"
    assert outbox.post(draft()).state == "held"
    sent = 1 if taken == "break and keep" else 0
    assert len(house.post.got) == sent
    assert house.events() == []
    again = outbox.post(draft(), unsure="send again")
    assert again.state == "sent"
    assert len(house.post.got) == sent + 1
    ids = {parsed(raw)["message-id"] for raw in house.post.messages()}
    assert ids == {f"<{posted.message_id}>"}
    assert [name for name, _ in house.events()] == ["email_sent"]


def test_a_person_says_what_became_of_it(house: House, draft: Drafts) -> None:
    house.post.text = ["break and keep"]
    outbox = house.outbox()
    posted = outbox.post(draft())
    assert house.store.write(lambda one: mails.settle(one, posted.mail_id, "sent", house.now_us))
    assert outbox.post(draft()).state == "sent"
    assert len(house.post.got) == 1


def test_a_break_before_the_text_is_no_doubt(house: House, draft: Drafts) -> None:
    house.post.data = ["break"]
    outbox = house.outbox()
    posted = outbox.post(draft())
    assert posted.state == "waiting"
    house.now_us = posted.until_us or 0
    assert outbox.post(draft()).state == "sent"
    assert len(house.post.got) == 1


def test_a_server_that_is_not_there_is_waited_for(house: House, draft: Drafts) -> None:
    there = house.post.port
    house.post.port = 9
    outbox = house.outbox()
    house.post.port = there
    posted = outbox.post(draft())
    assert posted.state == "waiting"
    house.now_us = posted.until_us or 0
    assert house.outbox().post(draft()).state == "sent"


@on_both
def test_a_domain_gets_no_more_than_its_rate(house: House, draft: Drafts) -> None:
    outbox = house.outbox(domain_per_minute=3, domain_rates=(("slow.example", 1),))
    states = [outbox.post(draft(key=f"k{n}")).state for n in range(5)]
    assert states == ["sent"] * 3 + ["waiting"] * 2
    other = mailbox("bob@slow.example")
    slow = [outbox.post(draft(key=f"s{n}", to=other)) for n in range(2)]
    assert [one.state for one in slow] == ["sent", "waiting"]
    house.now_us += MINUTE_US
    assert [outbox.post(draft(key=f"k{n}")).state for n in range(5)] == ["sent"] * 5
    assert len(house.post.got) == 6


def test_who_unsubscribes_while_a_mail_waits_does_not_get_it(house: House, draft: Drafts) -> None:
    house.post.rcpt = ["451 later", "451 later"]
    outbox = house.outbox()
    posted = outbox.post(draft())
    answer = outbox.post(draft(key="answer", kind="transactional"))
    house.store.write(
        lambda one: suppress(one, "ann@lead.example", "unsubscribed", by="lead", now_us=1)
    )
    house.now_us = posted.until_us or 0
    assert outbox.post(draft()).state == "suppressed"
    assert outbox.post(draft(key="answer", kind="transactional")).state == "sent"
    assert answer.state == "waiting"
    assert len(house.post.got) == 1


def test_marketing_mail_without_a_way_out_is_not_sent(house: House, draft: Drafts) -> None:
    outbox = house.outbox()
    outbox = replace(outbox, links=replace(outbox.links, site=""))
    with pytest.raises(UserError) as error:
        outbox.post(draft())
    assert error.value.code == "mail-settings"
    assert outbox.post(draft(kind="transactional")).state == "sent"
    html = parsed(house.post.messages()[0]).get_body(("html",)).get_content()
    assert "/m/" not in html


def test_a_mail_that_is_too_large_is_refused_before_it_is_queued(
    house: House, draft: Drafts
) -> None:
    with pytest.raises(UserError) as error:
        house.outbox(attachment_bytes=10).post(draft(attachments=(Attachment("a", b"x" * 11),)))
    assert error.value.code == "mail-size"
    with house.store.read() as connection:
        assert mails.count_mails(connection) == {}


def test_old_mails_are_forgotten_but_that_they_were(house: House, draft: Drafts) -> None:
    posted = house.outbox().post(draft())
    assert house.store.write(lambda one: mails.forget_mails(one, house.now_us)) == 0
    assert house.store.write(lambda one: mails.forget_mails(one, house.now_us + 1)) == 1
    assert house.store.write(lambda one: mails.forget_mails(one, house.now_us + 1)) == 0
    with house.store.read() as connection:
        found = mails.get_mail(connection, posted.mail_id)
    assert found is not None
    assert (found.state, found.doc, found.subject) == ("sent", {}, "")
    assert house.outbox().post(draft()).state == "sent"
    assert len(house.post.got) == 1


@on_both
def test_several_who_send_the_same_mails_send_each_once(house: House, draft: Drafts) -> None:
    outboxes = [house.outbox() for _ in range(4)]
    drafts = [draft(key=f"k{number}") for number in range(6)]
    with ThreadPoolExecutor(8) as pool:
        found = [
            pool.submit(outbox.post, one) for _ in range(2) for one in drafts for outbox in outboxes
        ]
        states = {one.result().state for one in found}
    assert states <= {"sent", "waiting"}
    ids = [parsed(raw)["message-id"] for raw in house.post.messages()]
    assert sorted(ids) == sorted(set(ids))
    assert len(ids) == 6
    assert [name for name, _ in house.events()] == ["email_sent"] * 6
