"""A conversation read on the command line and kept in the record, with the facts that follow."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from leadwise.cli.stores import actor, now_us, opened_store, settings_of
from leadwise.errors import Place, UserError
from leadwise.qualify.answer import Reading
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.reading import Reader

if TYPE_CHECKING:
    from leadwise.qualify.conversation.opening import Opened


def record(
    name: str, opened: Opened, frame: Frame, reader: Reader, lead: str, data: Path | None
) -> Reading:
    """Keep a conversation with a lead, read it, and record the answers at the day it was held.

    UserError (`undated-conversation`): what is recorded stands at an instant, so that has to be
    known; and as for the lead and the store.
    """
    from leadwise.asking.instants import microseconds, moment_of
    from leadwise.cli.person import lead_of
    from leadwise.qualify.intake import read_kept
    from leadwise.qualify.recording import keep_conversation

    if not opened.is_dated:
        raise UserError(
            "undated-conversation",
            f"{name} does not say when it was held, and an answer is recorded at that day.",
            where=Place(name),
            hint="Give it with --held.",
        )
    now = now_us()
    day = opened.conversation.held_on
    held_us = microseconds(datetime.combine(day, time(12), UTC), "--held")
    if held_us > now and day <= moment_of(now).date():
        held_us = now
    settings = settings_of(data, None, None)
    with opened_store(settings) as store:
        with store.read() as connection:
            lead_id = lead_of(connection, lead)
        kept, _ = store.write(
            lambda c: keep_conversation(
                c, lead_id, opened.conversation, held_us=held_us, source="cli", actor=actor(),
                now_us=now,
            )
        )  # fmt: skip
        _, reading = read_kept(store, kept, frame, reader, settings.qualify, now)
    return reading
