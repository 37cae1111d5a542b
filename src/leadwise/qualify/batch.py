"""Many conversations of the past at once: a job over a file of JSON lines, one conversation each.

    {"crm_id": "0031", "held_at": "2026-03-04T09:00:00Z", "text": "Ana: We have 80k. ..."}

Or `data`, a whole file in base64, in place of `text`: for other encodings, and mails with what is
attached. A line names its lead by `lead_id` (ours), `email`, `user_id`, `crm_id` or `anonymous_id`,
and has what a conversation has that is sent alone. A line that cannot be taken in is refused and
the others go on; the same file again changes nothing.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, BinaryIO, TypeAlias

import msgspec
from sqlalchemy import Connection

from leadwise.card.values import parse_time
from leadwise.errors import UserError
from leadwise.ingest.emails import normalised_email
from leadwise.jobs import JSON, Context, Handler
from leadwise.qualify.intake import Sent, take_in
from leadwise.qualify.readers import reader_named
from leadwise.qualify.reading import Reader
from leadwise.qualify.talk import Channel
from leadwise.settings import QualifySettings, Settings
from leadwise.store.leads import get_head
from leadwise.store.opening import Store
from leadwise.store.person import lead_called

KIND = "qualify"
LINES_OF_STEP = 5
"""Read in some seconds: what is repeated where a process ends, and waited for at its end."""
MOST_TOLD = 500
"""Refused lines that the result names; the others are only counted."""
LONGEST_LINE = 36_000_000
"""Bytes: a mail of the size that is read, in base64."""
_NAMES = (("email", "email"), ("user_id", "user"), ("crm_id", "crm"), ("anonymous_id", "anonymous"))


Text: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[^\x00]*$", max_length=2_000)]
"""What is kept as it is sent: no database keeps a NUL."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line as it is sent."""

    lead_id: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)] | None = None
    email: Text | None = None
    user_id: Text | None = None
    crm_id: Text | None = None
    anonymous_id: Text | None = None
    text: str | None = None
    data: bytes | None = None
    turns: list[dict[str, Any]] | None = None
    format: Text | None = None
    name: Text | None = None
    held_at: str | None = None
    held_on: date | None = None
    channel: Channel | None = None
    product: Text | None = None
    language: Text | None = None
    title: Text | None = None
    seller: tuple[str, ...] = ()
    buyer: tuple[str, ...] = ()

    def sent(self) -> Sent:
        """Without the lead. UserError (`bad-line`) for a time that is none."""
        try:
            held_us = None if self.held_at is None else parse_time(self.held_at)
        except ValueError:
            raise UserError(
                "bad-line", "held_at is no time.", hint="Write it as 2026-03-04T09:00:00Z."
            ) from None
        files = () if self.data is None else ((self.data, self.name or "conversation.txt"),)
        return Sent(
            self.text, self.turns, self.format, self.name, held_us, self.held_on, self.channel,
            self.product, self.language, self.title, self.seller, self.buyer, files,
        )  # fmt: skip


def batch_handler(
    store: Store,
    settings: Settings,
    uploads: Path,
) -> Handler:
    """The handler of the job `qualify`. Arguments: `path`, `frame`, `reader`, `source`, `by`.

    A file in the folder `uploads` is removed when it was read to its end. The result counts
    `lines`, `conversations` (new ones), `known` (kept before), `answers` (new ones that say
    something) and `refused`, with `refusals` telling the line (from 1), code, message, and the name
    where it has one.
    """

    def handler(context: Context, arguments: dict[str, JSON]) -> JSON:
        given: dict[str, Any] = dict(arguments)
        path = Path(given["path"])
        now_us: int = context.step("begin", context.now_us)
        done: dict[str, Any] = {
            "lines": 0, "conversations": 0, "known": 0, "answers": 0, "refused": 0, "refusals": [],
        }  # fmt: skip
        total = _count(path)
        reader = reader_named(given["reader"], store, settings)
        take = partial(_take, store, settings.qualify, reader, given, now_us)
        place = {"offset": 0, "line": 0}
        while place["line"] < total:
            some = partial(_some, path, place["offset"], place["line"], take)
            step = context.step(f"lines after {place['line']}", some)
            place = step.pop("place")
            _add(done, step)
            said = f"{done['refused']:,} refused" if done["refused"] else ""
            context.progress(place["line"], total, said)
        if path.resolve().parent == uploads.resolve():
            with suppress(OSError):
                path.unlink()
        return done

    return handler


def lead_of_line(connection: Connection, line: Line) -> int:
    """The lead that a line names. UserError (`bad-line`, `lead-unknown`, `identity-unknown`,
    `lead-merged`, `gone`)."""
    named = [(kind, value) for key, kind in _NAMES if (value := getattr(line, key)) is not None]
    if line.lead_id is not None:
        named.append(("lead", str(line.lead_id)))
    if len(named) != 1:
        raise UserError(
            "bad-line", "A line names one lead." if named else "The line names no lead.",
            hint="Give one of lead_id, email, user_id, crm_id and anonymous_id.",
        )  # fmt: skip
    kind, value = named[0]
    if kind == "lead":
        head = get_head(connection, int(value))
        return head.merged_into or head.id
    if kind == "email":
        value = normalised_email(value) or value
    return lead_called(connection, kind, value)


def _some(
    path: Path, offset: int, line: int, take: Callable[[bytes], dict[str, int]]
) -> dict[str, Any]:
    """What became of the next lines from a place of the file, and the place after them."""
    done: dict[str, Any] = {"refusals": []}
    with _opened(path) as file:
        file.seek(offset)
        for number, text in enumerate(islice(file, LINES_OF_STEP), line + 1):
            offset, line = offset + len(text), number
            if not text.strip():
                continue
            _add(done, {"lines": 1})
            try:
                _add(done, take(text))
            except UserError as error:
                told: dict[str, Any] = {
                    "line": number, "code": error.code, "message": error.message,
                }  # fmt: skip
                if name := _name_of(text):
                    told["name"] = name
                _add(done, {"refused": 1, "refusals": [told]})
    return {**done, "place": {"offset": offset, "line": line}}


class _Named(msgspec.Struct, frozen=True):
    """Of a line only what it is called."""

    name: str | None = None


def _name_of(text: bytes) -> str | None:
    """The name that a refused line has, so that whoever sent files knows which it was."""
    try:
        return msgspec.json.decode(text.removeprefix(BOM_UTF8), type=_Named).name
    except (msgspec.DecodeError, RecursionError):
        return None


def _take(
    store: Store, settings: QualifySettings, reader: Reader, given: dict[str, Any], now_us: int,
    text: bytes,
) -> dict[str, int]:  # fmt: skip
    if len(text) > LONGEST_LINE:
        raise UserError("bad-line", f"The line has over {LONGEST_LINE:,} bytes.")
    try:
        line = msgspec.json.decode(text.removeprefix(BOM_UTF8), type=Line)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UserError(
            "bad-line", f"The line cannot be read: {error}.",
            hint="It is one JSON object, as docs/qualification.md describes it.",
        ) from error  # fmt: skip
    sent = line.sent()
    with store.read() as connection:
        lead_id = lead_of_line(connection, line)
    done = take_in(
        store, lead_id, sent, given["frame"], reader, settings,
        source=given["source"], actor=given["by"], now_us=now_us,
    )  # fmt: skip
    answers = done.reading.answers if done.reading else ()
    said = sum(one.status != "not_discussed" for one in answers)
    return {"conversations": int(done.is_new), "known": int(not done.is_new), "answers": said}


def _count(path: Path) -> int:
    with _opened(path) as file:
        return sum(1 for _ in file)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UserError(
            "no-such-file", "The file of conversations is not there any more.",
            hint="Send it again.",
        ) from error  # fmt: skip


def _add(done: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        if name == "refusals":
            done[name] = [*done[name], *value][:MOST_TOLD]
        else:
            done[name] = done.get(name, 0) + value
