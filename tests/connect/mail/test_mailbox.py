"""Incoming mail from a mailbox: each once, and none lost where it cannot be taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from leadwise.connect.mail.mailbox import read_mailbox
from leadwise.connect.mail.outbox import Draft
from leadwise.errors import RemoteError
from leadwise.jobs import Context
from leadwise.playbooks.mails.jobs import mail_handlers, mailbox_handler
from leadwise.settings import Settings
from leadwise.settings.mail import MailSettings
from leadwise.store.suppression import find_suppressed
from tests.connect.mail.conftest import SECRET, SITE, House
from tests.connect.mail.imap import Mailbox, mailbox
from tests.connect.mail.test_reports import dsn

Drafts = Callable[..., Draft]


def settings(box: Mailbox, **more: object) -> MailSettings:
    made = MailSettings(
        imap_host="127.0.0.1", imap_port=box.port, imap_security="none", imap_username="bounces",
        imap_password=SecretStr("secret"), timeout_seconds=2,
    )  # fmt: skip
    return made.model_copy(update=more)


def test_each_mail_is_taken_once() -> None:
    with mailbox() as box:
        box.mails = {3: b"Subject: one\r\n\r\nx", 7: b"Subject: two\r\n\r\n" + b"y" * 10}
        taken: list[bytes] = []
        assert read_mailbox(settings(box, imap_folder='IN "BOX'), taken.append) == 2
        assert taken == [box.mails[3], box.mails[7]]
        assert read_mailbox(settings(box), taken.append) == 0
        assert (box.logins, box.seen) == (["bounces"] * 2, {3, 7})


def test_what_could_not_be_taken_stays_unread() -> None:
    def fails(raw: bytes) -> None:
        if b"two" in raw:
            raise RemoteError("the store is busy", permanent=False)

    with mailbox() as box:
        box.mails = {1: b"Subject: one\r\n\r\n", 2: b"Subject: two\r\n\r\n"}
        with pytest.raises(RemoteError, match="busy"):
            read_mailbox(settings(box), fails)
        assert box.seen == {1}


def test_a_wrong_password_is_not_told_on() -> None:
    with mailbox() as box:
        wrong = settings(box, imap_password=SecretStr("hunter2"))
        with pytest.raises(RemoteError) as error:
            read_mailbox(wrong, print)
        assert error.value.permanent
        assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("command", ["LOGIN", "SEARCH", "FETCH", "STORE"])
def test_a_server_that_goes_away_is_asked_again(command: str) -> None:
    with mailbox() as box:
        box.mails, box.drops_at = {1: b"Subject: one\r\n\r\n"}, command
        with pytest.raises(RemoteError) as error:
            read_mailbox(settings(box), lambda _: None)
        assert not error.value.permanent
        assert box.seen == set()


def test_the_job_follows_what_came_back(house: House, draft: Drafts, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(SECRET.hex())
    token = house.outbox().post(draft()).message_id.partition("@")[0]
    with mailbox() as box:
        box.mails = {1: dsn(token), 2: dsn(token), 3: b"Subject: news\r\n\r\nhello"}
        whole = Settings(data=tmp_path, public_url=SITE, mail=settings(box))
        assert set(mail_handlers(house.store, whole)) == {"mailbox", "mails"}
        handler = mailbox_handler(house.store, whole, house.clock)
        context: Context = None
        assert handler(context, {}) == {"bounced": 2, "other": 1}
        assert handler(context, {}) == {}
    with house.store.read() as connection:
        found = find_suppressed(connection, "ann@lead.example")
    assert found is not None
    assert found.reason == "bounced"
    assert "mailbox" not in mail_handlers(house.store, Settings(data=tmp_path))
