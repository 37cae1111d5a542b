"""`qualify`: a kept conversation is read into answers, which become part of the record.

A conversation that was read before under the same frame (by the same reader, where the step names
one) is not read again. The run goes on once the lead is scored with the answers, so that a step
after it pushes the score that they make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import select

from leadwise.connect.model import JSON
from leadwise.errors import UserError
from leadwise.playbooks.runs.acting import Came, Document, Here, House
from leadwise.qualify.intake import read_kept
from leadwise.qualify.library import frame_named
from leadwise.qualify.readers import reader_named
from leadwise.store.answers import KeptAnswer, answers_of_conversation
from leadwise.store.conversations import get_conversation
from leadwise.store.schema import touched

FRAME, READER = "bant", "embedded"
SURE = 60
SCORED_US = 60_000_000
"""So long the run waits at most until the lead is scored anew."""
LOOK_US = 1_000_000


def act(house: House, here: Here) -> Came:
    """The `answers` by question, and the questions whose answers are `doubtful`."""
    said = here.words("conversation").strip()
    if not said:
        return Came("done", {"answers": {}, "doubtful": []}, why="There is no conversation.")
    conversation_id = _id(said)
    name = str(here.step.settings.get("frame") or FRAME)
    wanted = here.step.settings.get("reader")
    with house.store.read() as database:
        frame = frame_named(database, name)
        lead_id = get_conversation(database, conversation_id).lead_id
        before = answers_of_conversation(database, conversation_id, frame.name, every=True)
    if not _was_read(before, wanted):
        reader = reader_named(str(wanted or READER), house.store, house.settings)
        read_kept(
            house.store, conversation_id, frame, reader, house.settings.qualify, house.clock_us()
        )
    with house.store.read() as database:
        answers = answers_of_conversation(database, conversation_id, frame.name)
        scored = _is_scored(database, lead_id)
    result = result_of(answers, _sure(here))
    now_us = house.clock_us()
    since_us = _since(here, now_us)
    if not scored and now_us < since_us + SCORED_US:
        return Came(
            "waits", {**result, "since": since_us}, until_us=now_us + LOOK_US,
            why="The lead is being scored with the answers.",
        )  # fmt: skip
    return Came("done", result)


def result_of(answers: Sequence[KeptAnswer], sure: int) -> Document:
    """What the step gives. An answer that a person gave or confirmed is not in doubt."""
    told: dict[str, JSON] = {one.question: _told(one) for one in answers}
    doubtful: list[JSON] = [
        one.question for one in answers
        if not one.by_person and (one.confidence * 100 < sure or one.status == "contradicted")
    ]  # fmt: skip
    return {"answers": told, "doubtful": doubtful}


def _told(answer: KeptAnswer) -> dict[str, JSON]:
    quote = answer.quotes[0] if answer.quotes else None
    return {
        "status": answer.status, "value": _plain(answer.value), "confidence": answer.confidence,
        "quote": quote.text if quote else "", "speaker": quote.speaker if quote else "",
        "why": answer.why,
    }  # fmt: skip


def _plain(value: Mapping[str, Any]) -> dict[str, JSON]:
    return {name: list(one) if isinstance(one, tuple) else one for name, one in value.items()}


def _was_read(before: Sequence[KeptAnswer], wanted: object) -> bool:
    if wanted is None:
        return bool(before)
    # Readers are named `embedded/1`, `embedded/1-rules`, `model:NAME/2`.
    return any(one.answered_by.startswith((f"{wanted}/", f"{wanted}:")) for one in before)


def _is_scored(database: Database, lead_id: int) -> bool:
    own = select(touched.c.id).where(touched.c.lead_id == lead_id).limit(1)
    return database.execute(own).first() is None


def _since(here: Here, now_us: int) -> int:
    steps = here.run.doc.get("step")
    own = steps.get(here.step.id) if isinstance(steps, dict) else None
    since = own.get("since") if isinstance(own, dict) else None
    return since if isinstance(since, int) else now_us


def _sure(here: Here) -> int:
    given = here.step.settings.get("sure")
    return given if isinstance(given, int) else SURE


def _id(said: str) -> int:
    if not said.isdecimal():
        raise UserError(
            "no-such-conversation", f"'{said[:60]}' is no conversation.",
            hint="Give the id of one that is kept: {{ step.fetch.conversation }}.",
        )  # fmt: skip
    return int(said)
