"""Jobs of mail: the mailbox that bounces and replies come into, and forgetting what mails said."""

from __future__ import annotations

import time
from collections.abc import Callable

from leadwise.connect.mail.attachments import sweep
from leadwise.connect.mail.intake import intake_of
from leadwise.connect.mail.mailbox import read_mailbox
from leadwise.jobs import JSON, Context, Handler
from leadwise.settings import Settings
from leadwise.store.attachments import FOLDER
from leadwise.store.mails import forget_mails
from leadwise.store.opening import Store

DAY_US = 86_400_000_000


def mail_handlers(store: Store, settings: Settings) -> dict[str, Handler]:
    """The handlers of the kinds `mailbox` (where there is one) and `mails`."""
    found: dict[str, Handler] = {"mails": _forgetting(store, settings)}
    if settings.mail.imap_host:
        found["mailbox"] = mailbox_handler(store, settings)
    return found


def mailbox_handler(
    store: Store, settings: Settings,
    clock_us: Callable[[], int] = lambda: time.time_ns() // 1000,
) -> Handler:  # fmt: skip
    """The handler of `mailbox`: reads what is unread; its result counts by what mails said."""

    def handler(_: Context, __: dict[str, JSON]) -> JSON:
        intake = intake_of(store, settings, clock_us)
        counts: dict[str, JSON] = {}

        def take(raw: bytes) -> None:
            said = intake.take(raw).said
            had = counts.get(said, 0)
            counts[said] = (had if isinstance(had, int) else 0) + 1

        read_mailbox(settings.mail, take)
        return counts

    return handler


def _forgetting(store: Store, settings: Settings) -> Handler:
    def handler(context: Context, _: dict[str, JSON]) -> JSON:
        before_us = context.now_us() - settings.mail.keep_days * DAY_US
        forgotten = 0
        while not context.cancelled():
            number = store.write(lambda connection: forget_mails(connection, before_us, 500))
            forgotten += number
            if number == 0:
                break
        swept = sweep(store, settings.data / FOLDER)
        return {"forgotten": forgotten, "swept": swept}

    return handler
