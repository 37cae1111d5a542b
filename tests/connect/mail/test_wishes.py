"""Who wants no more mail, by which address and link whatever, and how many at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete

from leadwise.connect.mail.addresses import mailbox
from leadwise.connect.mail.intake import Intake
from leadwise.connect.mail.links import Links
from leadwise.connect.mail.outbox import Draft
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.playbooks.mails.making import where_to
from leadwise.playbooks.safety.holding import no_address_left
from leadwise.store.mails import reserve
from leadwise.store.schema import mail
from leadwise.store.suppression import Reason, allow, count_suppressed, suppress
from tests.connect.mail.conftest import SECRET, SITE, House, on_both

Drafts = Callable[..., Draft]
OTHER = "ann@home.example"


@pytest.fixture
def both(house: House) -> int:
    """A lead that has two addresses."""
    lead_id = house.identify("ann@lead.example")
    message = Message(
        "identify", "test", "second", "identify", house.now_us, house.now_us,
        user_id="user-ann@lead.example", email=OTHER, document={},
    )  # fmt: skip
    house.store.write(lambda one: record(one, Received((message,)), GateRules(), house.now_us))
    return lead_id


def stop(house: House, address: str, reason: Reason) -> None:
    house.store.write(lambda one: suppress(one, address, reason, by="test", now_us=house.now_us))


@on_both
@pytest.mark.parametrize(
    ("reason", "state"),
    [("unsubscribed", "suppressed"), ("complained", "suppressed"), ("bounced", "sent"),
     ("by hand", "sent")],
)  # fmt: skip
def test_a_persons_word_holds_at_all_their_addresses(
    house: House, draft: Drafts, both: int, reason: Reason, state: str
) -> None:
    waiting = draft(key="waits", to=mailbox(OTHER), lead_id=both)
    house.post.rcpt = ["451 later"]
    assert house.outbox().post(waiting).state == "waiting"
    stop(house, "ann@lead.example", reason)
    house.now_us += 3_600_000_000
    assert house.outbox().post(waiting).state == state
    assert house.outbox().post(draft(key="new", to=mailbox(OTHER), lead_id=both)).state == state
    asked = draft(key="asked", to=mailbox(OTHER), lead_id=both, kind="transactional")
    assert house.outbox().post(asked).state == "sent"
    with house.store.read() as connection:
        assert no_address_left(connection, [both]) == ({both} if state == "suppressed" else set())


def test_who_bounced_as_well_has_still_unsubscribed(house: House, draft: Drafts, both: int) -> None:
    for reason in ("unsubscribed", "bounced"):
        stop(house, "ann@lead.example", reason)
    mail_to = draft(to=mailbox(OTHER), lead_id=both)
    assert house.outbox().post(mail_to).state == "suppressed"
    house.store.write(lambda one: allow(one, "ann@lead.example", entirely=True))
    again = draft(key="again", to=mailbox(OTHER), lead_id=both)
    assert house.outbox().post(again).state == "sent"


def test_an_address_at_which_nobody_is_reached_is_tried_last(house: House, both: int) -> None:
    def to() -> str:
        with house.store.read() as connection:
            return where_to(connection, both).address

    first = to()
    (second,) = {"ann@lead.example", OTHER} - {first}
    stop(house, first, "bounced")
    assert to() == second
    stop(house, second, "bounced")
    assert to() == first


@on_both
def test_the_link_of_somebody_who_was_erased_does_nothing(house: House, draft: Drafts) -> None:
    token = house.outbox().post(draft()).message_id.partition("@")[0]
    house.store.write(lambda one: one.execute(delete(mail)))
    intake = Intake(house.store, Links(SITE, SECRET), GateRules(), house.clock)
    assert intake.unsubscribe(token) is None
    with house.store.read() as connection:
        assert count_suppressed(connection) == {}
    assert house.events("unsubscribed") == []


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_processes_that_count_at_once_keep_to_a_domains_rate(house: House, draft: Drafts) -> None:
    """The second counts when the first is through, whose mail it cannot see before."""
    house.post.rcpt = ["451 later", "451 later"]
    ids = [house.outbox().post(draft(key=key)).mail_id for key in ("a", "b")]
    house.now_us += 3_600_000_000
    until_us = house.now_us + 1

    def reserved(mail_id: int) -> int | None:
        return house.store.write(lambda one: reserve(one, mail_id, house.now_us, until_us, 1))

    with ThreadPoolExecutor(1) as pool:
        with house.store.transaction() as first:
            assert reserve(first, ids[0], house.now_us, until_us, 1) == 2
            second = pool.submit(reserved, ids[1])
            with pytest.raises(TimeoutError):
                second.result(0.5)
        assert second.result(10) is None
