"""Who has a mail says so for as long as the server takes; who is silent has it no more."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event

import pytest

from leadwise.connect.mail import outbox as outbox_module
from leadwise.connect.mail.outbox import KEPT_S, Delivers, Draft, Posted
from leadwise.connect.mail.relay import Outcome
from leadwise.store import mails
from tests.connect.mail.conftest import House, on_both

Drafts = Callable[..., Draft]
LATER_US = KEPT_S * 1_000_000


@dataclass
class Slow:
    """A relay before which, or within which, something else happens."""

    relay: Delivers
    before: Callable[[], object] = lambda: None
    within: Callable[[], object] = lambda: None

    def deliver(
        self, sender: str, to: str, message: bytes, handing_over: Callable[[], bool]
    ) -> Outcome:
        self.before()

        def handed() -> bool:
            if not handing_over():
                return False
            self.within()
            return True

        return self.relay.deliver(sender, to, message, handed)

    def test(self) -> str:
        return self.relay.test()


@on_both
def test_who_sleeps_before_the_text_finds_it_sent_by_another(house: House, draft: Drafts) -> None:
    outbox, others = house.outbox(), list[Posted]()

    def sleeps() -> None:
        house.now_us += LATER_US - 1
        assert house.outbox().post(draft()).state == "waiting"
        house.now_us += 1
        others.append(house.outbox().post(draft()))

    posted = replace(outbox, relay=Slow(outbox.relay, before=sleeps)).post(draft())
    assert [one.state for one in others] == ["sent"]
    assert posted.state == "sent"
    assert len(house.post.got) == 1
    assert [name for name, _ in house.events()] == ["email_sent"]


@on_both
def test_who_wakes_to_a_refusal_leaves_it_to_who_is_at_it(house: House, draft: Drafts) -> None:
    house.post.rcpt = ["", "451 later"]  # the other is taken, then the first is not
    asleep, wake, seen = Event(), Event(), list[str]()
    outbox = house.outbox()
    slow = Slow(outbox.relay, before=lambda: (asleep.set(), wake.wait(10)))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(replace(outbox, relay=slow).post, draft())
        assert asleep.wait(10)
        house.now_us += LATER_US

        def first_wakes() -> None:
            wake.set()
            seen.append(first.result(10).state)
            with house.store.read() as connection:
                assert mails.mails_in_state(connection, ["sending"]), "it is the other's"

        other = house.outbox()
        assert replace(other, relay=Slow(other.relay, within=first_wakes)).post(draft()) == (
            house.outbox().post(draft())
        )
    assert seen == ["waiting"]
    assert [name for name, _ in house.events()] == ["email_sent"]
    assert len(house.post.got) == 1
    assert not house.post.rcpt


@on_both
def test_who_died_in_the_text_is_known_by_silence(house: House, draft: Drafts) -> None:
    outbox, held = house.outbox(), list[str]()

    def killed() -> None:
        assert house.outbox().post(draft()).state == "waiting"
        house.now_us += LATER_US
        held.append(house.outbox().post(draft()).state)

    posted = replace(outbox, relay=Slow(outbox.relay, within=killed)).post(draft())
    # It had only slept: what its server said then settles what a person would have been asked.
    assert held == ["held"]
    assert posted.state == "sent"
    assert [name for name, _ in house.events()] == ["email_sent"]


def test_it_is_kept_for_as_long_as_the_server_takes(
    house: House, draft: Drafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "KEPT_EVERY_S", 0.01)
    outbox, states = house.outbox(), list[str]()

    def takes_long() -> None:
        for _ in range(5):
            house.now_us += LATER_US - 1
            until = time.monotonic() + 5
            while _due_us(house) < house.now_us + LATER_US and time.monotonic() < until:
                time.sleep(0.01)
            states.append(house.outbox().post(draft()).state)

    slow = Slow(outbox.relay, before=takes_long, within=takes_long)
    assert replace(outbox, relay=slow).post(draft()).state == "sent"
    assert states == ["waiting"] * 10
    assert len(house.post.got) == 1


def _due_us(house: House) -> int:
    with house.store.read() as connection:
        return mails.mails_in_state(connection, ["ready", "sending"])[0].due_us
