"""The conversations with a lead, and a form that adds one: pasted, or as a file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.responses import Response

from leadwise.card.values import SECOND
from leadwise.errors import UserError
from leadwise.qualify.frame.model import Frame, said
from leadwise.qualify.intake import Sent
from leadwise.qualify.library import all_frames
from leadwise.store.conversations import Held, count_conversations, list_conversations
from leadwise.web.pages.lead.asked import lead_id_of, local_text, local_us, typed
from leadwise.web.pages.lead.reading import Person, gone, note_read, read_person
from leadwise.web.pages.lower import in_words
from leadwise.web.pages.qualify.conversation import title_of
from leadwise.web.pages.qualify.prospect_words import LANGUAGE_NAMES
from leadwise.web.pages.qualify.reader import (
    MODEL,
    keep,
    model_offered,
    read_by_model,
    read_now,
    reader_asked,
)
from leadwise.web.pages.qualify.standing import PREFERRED
from leadwise.web.pages.qualify.wording import channel_said
from leadwise.web.pages.visit import Visit

MOST_BYTES = 25_000_000
MOST_TEXT = 6 * 1024 * 1024
"""Bytes that may be pasted: a little more than is read of any text, so that the form says so."""
LONGEST = 2_000
MOST_SHOWN = 50
FIELDS = ("text", "held_at", "seller", "buyer", "product", "language", "frame", "reader")


def show_conversations(visit: Visit) -> Response:
    """What conversations there are with a lead, and the form."""
    lead_id = lead_id_of(visit)
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found
    note_read(visit, lead_id, "conversations")
    given = dict.fromkeys(FIELDS, "") | {"frame": visit.query.get("frame", PREFERRED)}
    return _page(visit, lead_id, given, {}, None)


def upload(visit: Visit) -> Response:
    """Keep a conversation and read it at once."""
    lead_id = lead_id_of(visit)
    _ = visit.texts.say
    given = {name: typed(visit, name)[: MOST_TEXT if name == "text" else LONGEST]
             for name in FIELDS}  # fmt: skip
    faults: dict[str, str] = {}
    held_us = local_us(given["held_at"], visit.zone) if given["held_at"] else None
    if given["held_at"] and held_us is None:
        faults["held_at"] = _("Choose a day and time.")
    elif held_us is not None and held_us > visit.now_us + 60 * SECOND:
        faults["held_at"] = _("This lies ahead: choose a time in the past.")
    files = _files(visit, given["text"])
    if not files:
        faults["text"] = _("Paste the conversation, or choose a file.")
    elif sum(len(data) for data, _name in files) > MOST_BYTES:
        faults["file"] = _("At most %(number)s MB are read.", number=MOST_BYTES // 1_000_000)
    if faults:
        return _page(visit, lead_id, given, faults, None, 422)
    frames = visit.read(all_frames)
    frame = next((one for one in frames if one.name == given["frame"]), frames[0])
    sent = Sent(
        held_us=held_us,
        product=given["product"] or None,
        language=given["language"] if given["language"] in LANGUAGE_NAMES else None,
        seller=_names(given["seller"]),
        buyer=_names(given["buyer"]),
        files=tuple(files),
    )
    try:
        id_, new = keep(visit, lead_id, sent, frame)
        notice = _read(visit, id_, frame, new=new)
    except UserError as error:
        if error.code == "undated-conversation":
            faults["held_at"] = _("Say when the conversation was held: what is said of dates "
                                  "counts from that day.")  # fmt: skip
            return _page(visit, lead_id, given, faults, None, 422)
        return _page(visit, lead_id, given, {}, in_words(error, visit.texts), 422)
    return visit.go(f"/conversations/{id_}?frame={frame.name}", notice)


def _read(visit: Visit, id_: int, frame: Frame, *, new: bool) -> str:
    """Read what has been kept, by the reader that was chosen; what to say of it."""
    _ = visit.texts.say
    if reader_asked(visit) == MODEL:
        return read_by_model(visit, id_, frame)
    kept = read_now(visit, id_, frame)
    if not new:
        return _("This conversation was there already; it has been read again.")
    stated = sum(one.status != "not_discussed" for one in kept.answers)
    return visit.texts.count("Read: %(num)s question is answered.",
                             "Read: %(num)s questions are answered.", stated)  # fmt: skip


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _files(visit: Visit, text: str) -> list[tuple[bytes, str]]:
    """The files of the form, else what was pasted."""
    found = [
        (data, one.filename or "conversation")
        for one in visit.form.getlist("file")
        if isinstance(one, UploadFile) and (data := one.file.read(MOST_BYTES + 1))
    ]
    _ = visit.texts.say
    pasted = _("What you pasted")
    return found or ([(text.encode(), pasted)] if text else [])


def _page(visit: Visit, lead_id: int, given: dict[str, str], faults: dict[str, str],
          error: UserError | None, status: int = 200) -> Response:  # fmt: skip
    def reading(connection: Connection) -> tuple[Person, list[Held], int, Any]:
        return (
            read_person(connection, visit, lead_id),
            list_conversations(connection, lead_id, limit=MOST_SHOWN),
            count_conversations(connection, lead_id), all_frames(connection),
        )  # fmt: skip

    person, held, count, frames = visit.read(reading)
    texts = visit.texts
    return visit.page(
        "qualify/conversations.html", status=status, person=person, count=count,
        held=[(one, title_of(visit, one), channel_said(one.channel, texts)) for one in held],
        frames=[(one.name, said(one.label, texts.language)) for one in frames],
        languages=LANGUAGE_NAMES.items(), given=given, faults=faults, error=error,
        now_text=local_text(visit.now_us, visit.zone), model=model_offered(visit),
    )  # fmt: skip
