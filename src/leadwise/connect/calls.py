"""Recorded calls, whoever recorded them: pulled since a cursor, and found for one lead.

A recorder learns of a call some time after it began, and has its transcript later still, or never.
So what began within the last days is looked through again at each pull, the calls that are known by
then left out; and a call without a transcript is asked for again until it is a week old.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from leadwise.asking.instants import DAY_US
from leadwise.connect.meeting_times import own_domains
from leadwise.connect.model import Ask, Connection, Page, Talk
from leadwise.errors import RemoteError, UserError
from leadwise.ingest.emails import normalised_email
from leadwise.ingest.messages import Message
from leadwise.qualify.intake import Sent
from leadwise.store.documents import canonical

log = logging.getLogger("leadwise.connect")
BACK_DAYS = 90
"""At a first pull: calls of so many days, where the team says nothing else."""
AGAIN_US = 2 * DAY_US
"""Recorders tell of a call up to so long after it began."""
PATIENCE_US = 7 * DAY_US
"""For a transcript."""
SOON_US = 10 * 60_000_000
"""A transcript is asked for again no sooner than this."""
REFUSED = (401, 403)
"""What is of our rights, and so of every call."""
EVENT = "call_held"
ASKS = (
    Ask("back", "Days back", "Of calls that are pulled at first.", default=str(BACK_DAYS),
        required=False),
    Ask("own", "Own domains", "Addresses that are colleagues, not leads: acme.com, acme.es.",
        required=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who took part. `inside`: one of the team, as far as the recorder knows."""

    address: str = ""
    name: str = ""
    title: str = ""
    phone: str = ""
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the recorder has it; `raw` is its own document. `ready` is False where the recorder
    says already that there is no transcript (yet)."""

    id: str
    title: str
    began_us: int
    seconds: float | None = None
    people: tuple[Person, ...] = ()
    link: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    ready: bool = True


@dataclass(frozen=True, slots=True)
class Calls:
    """A part of the calls of a time, and with what to ask for the next part (empty: none)."""

    calls: tuple[Call, ...]
    following: str = ""
    total: int | None = None


class Recorder(Protocol):
    """What a system that records calls is asked for."""

    def between(self, from_us: int, until_us: int, page: str) -> Calls:
        """Calls that began then; `people` may be missing as yet."""

    def complete(self, calls: Sequence[Call]) -> Sequence[Call]:
        """The same with who took part."""

    def known(self, ids: Sequence[str]) -> list[Call]:
        """These calls; one that is gone is left out. `people` may be missing as yet."""

    def transcripts(self, calls: Sequence[Call]) -> Mapping[str, Sent]:
        """By a call's id its transcript, where it is there."""


@dataclass(frozen=True, slots=True)
class _Cursor:
    """`until_us`: all that began before was looked at. `window` and `page`: in the middle of one.
    `seen`: ids of calls that are known, each with the instant at which it began;
    `waiting`: such without a transcript, each with that and when it is asked for again."""

    until_us: int
    window: tuple[int, int] | None = None
    page: str = ""
    done: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def text(self) -> str:
        return json.dumps(
            {"until": self.until_us, "window": self.window, "page": self.page,
             "done": self.done, "seen": dict(self.seen), "waiting": dict(self.waiting)}
        )  # fmt: skip

    @classmethod
    def of(cls, text: str | None, first_us: int) -> _Cursor:
        if not text:
            return cls(first_us)
        at = json.loads(text)
        window = tuple(at["window"]) if at["window"] else None
        return cls(at["until"], window, at["page"], at["done"], at["seen"], at["waiting"])


def follow(
    recorder: Recorder, connection: Connection, cursor: str | None, now_us: int
) -> Iterator[Page]:
    """New calls with their guests and transcripts, and transcripts that came late."""
    at = _Cursor.of(cursor, now_us - _back_us(connection))
    if at.window is None:
        at = replace(at, window=(at.until_us - (AGAIN_US if cursor else 0), now_us), done=0)
    from_us, to_us = at.window or (at.until_us, now_us)
    while True:
        found = recorder.between(from_us, to_us, at.page)
        new = recorder.complete([one for one in found.calls if one.id not in at.seen])
        sent = _transcripts(recorder, new)
        messages = [one for call in new for one in _messages(call, connection, now_us)]
        talks = [_talk(call, connection, sent[call.id]) for call in new if call.id in sent]
        seen = {**at.seen, **{one.id: one.began_us for one in new}}
        missing = {one.id: _again(one.began_us, now_us) for one in new if one.id not in sent}
        at = replace(
            at, page=found.following, done=at.done + len(found.calls), seen=seen,
            waiting={**at.waiting, **missing},
        )  # fmt: skip
        if not found.following:
            at = _settled(at, to_us)
        yield Page(at.text(), tuple(messages), (), tuple(talks), at.done, found.total)
        if not found.following:
            break
    late = [id_ for id_, (_, again_us) in at.waiting.items() if again_us <= now_us]
    if late:
        yield _late(recorder, connection, at, late, now_us)


def find(
    recorder: Recorder, connection: Connection, people: Sequence[str], from_us: int, until_us: int
) -> Talk | None:
    """The longest call with one of these addresses that began then and has a transcript."""
    wanted = {address for one in people if (address := normalised_email(one))}
    if not wanted:
        return None
    page, found = "", list[Call]()
    while True:
        part = recorder.between(from_us, until_us, page)
        within = [one for one in part.calls if one.ready and from_us <= one.began_us < until_us]
        found += [
            one for one in recorder.complete(within)
            if wanted & {normalised_email(who.address) for who in one.people}
        ]  # fmt: skip
        page = part.following
        if not page:
            break
    for call in sorted(found, key=lambda one: -(one.seconds or 0)):
        sent = recorder.transcripts([call]).get(call.id)
        if sent is not None:
            talk = _talk(call, connection, sent)
            first = [name for name in talk.names if name[1] in wanted]
            rest = [name for name in talk.names if name[1] not in wanted]
            return replace(talk, names=(*first, *rest))
    return None


def told(calls: Sequence[Call], connection: Connection, sent: Mapping[str, Sent],
         now_us: int) -> Page:  # fmt: skip
    """What a webhook tells of calls; its cursor is empty."""
    messages = [one for call in calls for one in _messages(call, connection, now_us)]
    talks = [_talk(call, connection, sent[call.id]) for call in calls if call.id in sent]
    return Page("", tuple(messages), (), tuple(talks), len(calls), len(calls))


def guests_of(call: Call, connection: Connection) -> list[Person]:
    """Who is not of the team and has an address, each once."""
    own = own_domains(connection, "")
    found: dict[str, Person] = {}
    for one in call.people:
        address = normalised_email(one.address)
        if address and not one.inside and address.rpartition("@")[2] not in own:
            found.setdefault(address, replace(one, address=address))
    return list(found.values())


def _messages(call: Call, connection: Connection, now_us: int) -> Iterator[Message]:
    for guest in guests_of(call, connection):
        at_us = min(call.began_us, now_us)
        known = {"name": guest.name, "title": guest.title, "phone": guest.phone}
        known = {name: said for name, said in known.items() if said}
        if known:
            yield Message(
                "identify", connection.name, f"call:{call.id}:{guest.address}:who", "identify",
                at_us, now_us, email=guest.address, document=canonical(known),
            )  # fmt: skip
        minutes = None if call.seconds is None else round(call.seconds / 60, 1)
        about = {"call": call.id, "title": call.title, "minutes": minutes, "link": call.link,
                 **call.about}  # fmt: skip
        yield Message(
            "track", connection.name, f"call:{call.id}:{guest.address}", EVENT, at_us, now_us,
            email=guest.address,
            document=canonical({name: said for name, said in about.items() if said}),
        )  # fmt: skip


def _talk(call: Call, connection: Connection, sent: Sent) -> Talk:
    names = tuple(("email", one.address) for one in guests_of(call, connection))
    return Talk(call.id, names, sent)


def _settled(at: _Cursor, to_us: int) -> _Cursor:
    """The window is through: what is older than the next one will look at is forgotten."""
    seen = {id_: began for id_, began in at.seen.items() if began >= to_us - AGAIN_US - DAY_US}
    return replace(at, until_us=to_us, window=None, page="", seen=seen)


def _late(
    recorder: Recorder, connection: Connection, at: _Cursor, late: Sequence[str], now_us: int
) -> Page:
    ready = [one for one in recorder.known(late) if one.ready]
    calls = recorder.complete(ready) if ready else []
    sent = _transcripts(recorder, calls)
    talks = [_talk(call, connection, sent[call.id]) for call in calls if call.id in sent]
    left = {
        id_: _again(began, now_us) if id_ in late else (began, again)
        for id_, (began, again) in at.waiting.items()
        if id_ not in sent and began >= now_us - PATIENCE_US
    }  # fmt: skip
    at = replace(at, waiting=left)
    return Page(at.text(), (), (), tuple(talks), at.done, None)


def _transcripts(recorder: Recorder, calls: Sequence[Call]) -> dict[str, Sent]:
    """By a call's id its transcript. One that can never be had (too large, gone, kept elsewhere)
    holds up no other: it is asked for again like one that is not there yet."""
    if not calls:
        return {}
    try:
        return dict(recorder.transcripts(calls))
    except RemoteError as error:
        if not error.permanent or error.status in REFUSED:
            raise
        if len(calls) == 1:
            log.warning("the transcript of the call %s cannot be had: %s", calls[0].id, error)
            return {}
    found: dict[str, Sent] = {}
    for call in calls:
        found |= _transcripts(recorder, [call])
    return found


def _again(began_us: int, now_us: int) -> tuple[int, int]:
    """When it began, and when it is asked for again: the older a call is, the less often."""
    return began_us, now_us + max(SOON_US, (now_us - began_us) // 4)


def _back_us(connection: Connection) -> int:
    given = connection.options.get("back") or str(BACK_DAYS)
    if not given.isdecimal() or not 1 <= int(given) <= 3650:
        raise UserError(
            "connection-option", f"'{given}' are no days back.", hint="Write a number such as 90."
        )
    return int(given) * DAY_US
