"""What a connection is, and what connectors can do: small Protocols, each with several connectors.

A connector is told what to do and answers with plain records; it reads no clock, touches no record
and keeps nothing between calls. What it cannot do raises `RemoteError`: `permanent` where trying
again does not help, else perhaps with `after_s`, the seconds the other side asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from leadwise.connect.http import Http
from leadwise.ingest.messages import Message, Refusal
from leadwise.qualify.intake import Sent
from leadwise.store.identities import Name
from leadwise.store.outcomes import OutcomeKind

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
Noun: TypeAlias = Literal["contact", "company", "deal", "task", "meeting", "event"]


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection as the team set it up.

    `name` is the team's own, and the `source` of all that is pulled. `options` and `secrets` are
    what the kind asks for. `mapping` is the team's: the system's field to ours (`jobtitle: title`),
    over what `map.py` does by itself (`mapping.mapped` puts the two together); a field mapped to
    the empty text is left out. `wanted` is what the live card reads (`from:`), for who asks for
    no more fields than are needed.
    """

    id: int
    name: str
    kind: str
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    mapping: Mapping[str, str] = field(default_factory=dict)
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that the team is asked for when a connection is made."""

    name: str
    label: str
    about: str = ""
    default: str = ""
    required: bool = True
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of connection. `open` makes what talks to the system: an object that has one or more
    of the Protocols below, and `Tested`. `docs` is the page that says what to click there."""

    name: str
    label: str
    docs: str
    asks: tuple[Ask, ...]
    open: Callable[[Connection, Http], Tested]


@runtime_checkable
class Tested(Protocol):
    """What every connection has."""

    def test(self) -> str:
        """Ask for something small that needs the rights; in words, as whom we are known there."""


@runtime_checkable
class Checked(Protocol):
    """It can say which fields it has."""

    def unknown(self, names: Sequence[str]) -> list[str]:
        """Of these fields, as a mapping names them, those that the system does not have."""


# Pulling -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a lead, as the system says: a deal won with its value (hundredths)."""

    name: Name
    kind: OutcomeKind
    at_us: int
    message_id: str
    value: int | None = None
    currency: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as the system has it, and whose it is. `id` is the system's own."""

    id: str
    names: tuple[Name, ...]
    sent: Sent


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what was pulled, and the cursor with which to go on after it.

    `message_id`s are made of the record's id and version there, so that the same twice is once.
    `done` of `total` counts records there; `total` is None where the system does not say.
    """

    cursor: str
    messages: tuple[Message, ...] = ()
    became: tuple[Became, ...] = ()
    talks: tuple[Talk, ...] = ()
    done: int = 0
    total: int | None = None
    refusals: tuple[Refusal, ...] = ()
    """Records that cannot be read, each with the reason: kept for somebody to look at."""
    answer: str = ""
    """What a webhook is answered with once this is recorded, where the system wants its own words
    for it; XML where it begins with `<`."""


@runtime_checkable
class Source(Protocol):
    """Records are pulled from it."""

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """What is new since the cursor (None: everything), the oldest first, page by page."""


# Pushing -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Update:
    """A lead's score as it is to stand in the system. Points are hundredths; `reasons` are the
    greatest lines in words; `as_of_us` and `card` (`bank 3`) say which score it is.

    With `blank` no score is to stand there, whatever does now: the fields are emptied, and the one
    reason says why. Of somebody who was erased there are no names then, only `remote_id`.
    """

    lead_id: int
    names: tuple[Name, ...]
    """All identities of the lead; which of them the system knows is its connector's to say."""
    remote_id: str | None
    """The record's id there, where it is known by now; of several records with spaces between."""
    score: int
    band: str | None
    grade: str | None
    reasons: tuple[str, ...]
    question: str | None
    card: str
    as_of_us: int
    blank: bool = False

    @property
    def records(self) -> tuple[str, ...]:
        """The ids there that `remote_id` has: each as the connector said it (`101`, `person:7`),
        or as the identity goes on after the connection's name (`contact:101`)."""
        return tuple((self.remote_id or "").split())


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of one update. `newer`: the system has a score of a later instant; `unknown`: it
    has no such record; `refused`: it said no, for good (`why`); `later`: not now."""

    lead_id: int
    state: Literal["sent", "same", "newer", "unknown", "refused", "later"]
    remote_id: str | None = None
    why: str = ""


@runtime_checkable
class Target(Protocol):
    """Scores are written to it."""

    def prepare(self) -> tuple[str, ...]:
        """Make the fields that scores are written to, where they are missing; which were made."""

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        """Write these scores, in as few calls as there can be; one answer for each update. A score
        there of a later instant is left as it is."""


# Webhooks ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """A request that a system sent us: names of headers in lower case, `url` as it was called."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_us: int


@runtime_checkable
class Hooks(Protocol):
    """It tells us by webhooks."""

    def receive(self, request: Request) -> Page | str:
        """What is in a request, or a text to answer with (a handshake). `UserError`
        (`webhook-signature`) where it is not signed as it must be. Order and repeats do not
        matter: `message_id`s and instants settle them. May ask the system for what is not in it."""


# Doing ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the system as a playbook wants it: `values` by the system's own field names;
    `about` are ids of records it belongs to (a task to its contact)."""

    noun: Noun
    values: Mapping[str, JSON]
    about: Mapping[Noun, str] = field(default_factory=dict)


@runtime_checkable
class Records(Protocol):
    """Records are made and changed in it. `key` is the same however often the same is asked for:
    where the system has no keys of its own, the connector looks for it before it makes another."""

    def find(self, noun: Noun, names: Sequence[Name]) -> str | None:
        """The id of the record of that lead or company, if it has one."""

    def create(self, record: Record, key: str) -> str:
        """Make it; its id."""

    def change(self, noun: Noun, id: str, values: Mapping[str, JSON], key: str) -> None:  # noqa: A002 - their word
        """Give these fields of a record these values."""


@runtime_checkable
class Linked(Protocol):
    """Its records can be opened by an address."""

    def link_of(self, noun: Noun, id: str) -> str:  # noqa: A002 - their word
        """The address for people; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as it is to be booked. `people` are addresses; `zone` is that of the lead."""

    title: str
    from_us: int
    until_us: int
    people: tuple[str, ...]
    about: str = ""
    place: str = ""
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Booked:
    """A meeting in the calendar: its id there and the address at which it is held, if any."""

    id: str
    link: str = ""


@runtime_checkable
class Calendar(Protocol):
    """Meetings are booked in it."""

    def busy(
        self, from_us: int, until_us: int, people: Sequence[str] = ()
    ) -> list[tuple[int, int]]:
        """When it is taken, or one of these people as far as the system shows that: instants from
        and until, in order, not touching each other."""

    def book(self, meeting: Meeting, key: str) -> Booked:
        """Book it; with the same `key` again the same meeting is moved, not doubled."""

    def cancel(self, id: str, key: str) -> None:  # noqa: A002 - their word
        """Take it out; none there is as well."""


@runtime_checkable
class Transcripts(Protocol):
    """Calls are recorded in it."""

    def find_talk(self, people: Sequence[str], from_us: int, until_us: int) -> Talk | None:
        """The call with one of these addresses that began then, once its transcript is there."""


@runtime_checkable
class Messenger(Protocol):
    """Messages go to people through it."""

    def send(self, to: str, text: str, key: str) -> str:
        """Send it to a channel, room or number (`to`; empty: the connection's own); an id if there
        is one. `key` goes with it where the system takes one."""


@runtime_checkable
class Folder(Protocol):
    """Files are kept in it. Names are paths below it with `/`; none leads out of it."""

    def read(self, name: str) -> bytes:
        """What a file holds. UserError `no-such-file`, `file-too-large`."""

    def write(self, name: str, content: bytes) -> str:
        """Put it there whole, in place of one of its name; where it is now, for people."""


@runtime_checkable
class Facts(Protocol):
    """It is asked for what it knows of one person or company."""

    def ask(self, known: Mapping[str, JSON]) -> Mapping[str, JSON] | None:
        """Facts by our names; None where it knows nobody of what is `known` (`email`, `domain`,
        `crm`, `user`, and facts of the lead)."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A text that answers may stand in: a document, a ticket, a message. `link` opens it."""

    id: str
    title: str
    text: str
    link: str = ""
    at_us: int | None = None


@runtime_checkable
class Library(Protocol):
    """Its texts can be looked through."""

    def papers(self, about: str, most: int) -> Iterator[Paper]:
        """At most so many texts: those that the system itself finds for the words of `about`, or
        where it cannot look, its latest."""
