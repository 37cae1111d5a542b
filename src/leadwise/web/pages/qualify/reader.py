"""Reading conversations from pages: opened, kept with the lead, read by the embedded reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from leadwise.card.values import SECOND
from leadwise.errors import UserError
from leadwise.qualify.conversation.opening import opened_file, opened_thread
from leadwise.qualify.embedded.reader import embedded_reader
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.intake import read_kept
from leadwise.qualify.reading import read
from leadwise.qualify.recording import (
    ReadingKept,
    keep_conversation,
    keep_reading,
)
from leadwise.qualify.talk import Conversation
from leadwise.store.audit import audit
from leadwise.web.pages.visit import Visit

SOURCE = "pages"


@dataclass(frozen=True, slots=True)
class Upload:
    """What was uploaded and said of it; `held_us` is None where nobody said when it was held."""

    files: tuple[tuple[bytes, str], ...]
    held_us: int | None
    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    product: str | None
    language: str | None


def opened(visit: Visit, upload: Upload) -> tuple[Conversation, int]:
    """The conversation of an upload, and its instant: as said, else as the file says.

    UserError as `opened_file` has it, and `undated-conversation`.
    """
    day = None if upload.held_us is None else local_day(visit, upload.held_us)
    if len(upload.files) > 1:
        found = opened_thread(
            upload.files, held_on=day, seller=upload.seller, buyer=upload.buyer,
            product=upload.product, language=upload.language,
        )  # fmt: skip
    else:
        data, name = upload.files[0]
        found = opened_file(
            data, name, held_on=day, seller=upload.seller, buyer=upload.buyer,
            product=upload.product, language=upload.language,
        )  # fmt: skip
    if not found.is_dated:
        _ = visit.texts.say
        raise UserError("undated-conversation", _("Say when the conversation was held."),
                        hint=_("What is said of dates counts from that day."))  # fmt: skip
    held_us = upload.held_us
    if held_us is None:
        on = found.conversation.held_on
        noon = datetime(on.year, on.month, on.day, 12, tzinfo=visit.zone)
        held_us = min(int(noon.timestamp()) * SECOND, visit.now_us)
    return found.conversation, held_us


def keep_and_read(visit: Visit, lead_id: int, conversation: Conversation, held_us: int,
                  frame: Frame) -> tuple[int, bool, ReadingKept]:  # fmt: skip
    """Keep a conversation with a lead and read it; its id, whether it is new, and its answers."""
    with visit.site.api.heavy():
        reading = read(conversation, frame, embedded_reader())

    def work(connection: Connection) -> tuple[int, bool, ReadingKept]:
        id_, new = keep_conversation(
            connection, lead_id, conversation, held_us=held_us, source=SOURCE,
            actor=visit.who.actor, now_us=visit.now_us,
        )  # fmt: skip
        kept = keep_reading(connection, id_, frame, reading, visit.site.settings.qualify,
                            visit.now_us)  # fmt: skip
        audit(connection, visit.who.actor, "add" if new else "read again", "conversation", id_,
              f"of lead {lead_id}", visit.now_us)  # fmt: skip
        return id_, new, kept

    return visit.write(work)


def read_again(visit: Visit, conversation_id: int, frame: Frame) -> ReadingKept:
    """Read a kept conversation under a frame. UserError (`text-forgotten`, `busy-computing`)."""
    api = visit.site.api
    with api.heavy():
        kept, _ = read_kept(api.store, conversation_id, frame, embedded_reader(),
                            visit.site.settings.qualify, visit.now_us)  # fmt: skip
    visit.write(lambda c: audit(c, visit.who.actor, "read again", "conversation", conversation_id,
                                None, visit.now_us))  # fmt: skip
    return kept


def local_day(visit: Visit, us: int) -> date:
    """The day of an instant where the visitor is."""
    return datetime.fromtimestamp(us / SECOND, UTC).astimezone(visit.zone).date()
