"""Each mail once, as far as SMTP can settle it.

A mail is a row before it is tried, under a Message-ID that its key fixes for ever. That its text is
being handed over is durable before the first byte of it goes; what the server answered is durable
in the same transaction as the event `email_sent`. Between the two nobody can know: a process that
dies there, or a connection that breaks, leaves the mail `unsure`, and the sender has said what then
(`unsure`): hold it for a person, or send it again under the same Message-ID.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from sqlalchemy import Connection

from leadwise.connect.mail.addresses import mailbox_of
from leadwise.connect.mail.composing import Draft, Kind, Tracking, composed
from leadwise.connect.mail.events import mail_event
from leadwise.connect.mail.letter import from_document, written
from leadwise.connect.mail.links import Links, mail_key
from leadwise.connect.mail.relay import Outcome, relay_of
from leadwise.errors import LeadwiseError, UserError
from leadwise.ingest.gate.rules import GateRules, recording_rules
from leadwise.ingest.messages import Received
from leadwise.ingest.record import record
from leadwise.settings import Settings
from leadwise.settings.mail import MailSettings
from leadwise.store import mails
from leadwise.store.contacts import ANSWER, add_contact
from leadwise.store.mails import Mail, State
from leadwise.store.opening import Store
from leadwise.store.suppression import find_held, suppress

__all__ = [
    "Delivers",
    "Draft",
    "Kind",
    "Outbox",
    "Posted",
    "Tracking",
    "Unsure",
    "note_bounced",
    "note_sent",
    "outbox_of",
]
log = logging.getLogger("leadwise.mail")
Unsure = Literal["hold", "send again"]
SECOND_US = 1_000_000
KEPT_S = 8
"""For how long a mail is a process's that was last heard of; others go on with it then."""
KEPT_EVERY_S = 2.0
WAITS_S = (60, 300, 900, 1800, 3600, 7200)
"""Before the next attempt after so many; the last one from then on. Servers that refuse whom they
see first (greylisting) take mail after one to five minutes."""
MOST_AGAIN = 3
"""How often a mail that is unsure is sent again; then it is held after all."""
NOBODY_SAW = "The process that sent it ended before the server answered."


class Delivers(Protocol):
    """What mails go through: `relay.Relay`."""

    def deliver(
        self, sender: str, to: str, message: bytes, handing_over: Callable[[], bool]
    ) -> Outcome: ...

    def test(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a mail stands. `waiting`: until `until_us`; `held`: a person has to decide."""

    state: Literal["sent", "waiting", "held", "suppressed", "refused", "bounced", "complained"]
    message_id: str
    mail_id: int
    until_us: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outbox:
    """What mails are sent by; `outbox_of` makes it of the settings."""

    store: Store
    settings: MailSettings
    links: Links
    relay: Delivers
    rules: GateRules
    clock_us: Callable[[], int]

    def post(self, draft: Draft, *, unsure: Unsure = "hold") -> Posted:
        """Send a mail that was not sent yet; where it stands. Ask again while it is `waiting`.

        UserError: `mail-settings`, `mail-address`, `mail-size` before anything is written.
        """
        with self.store.read() as connection:
            mail = mails.mail_of_token(connection, self.links.token(draft.key))
        if mail is None:
            values = composed(draft, self.settings, self.links, self.clock_us())
            mail = self.store.write(lambda connection: self._queued(connection, draft, values))
        return self.move(mail, unsure=unsure)

    def move(self, mail: Mail, *, unsure: Unsure = "hold") -> Posted:
        """Do with a mail what is to be done now."""
        for _ in range(4):
            now_us = self.clock_us()
            match mail.state:
                case "ready" if mail.due_us <= now_us:
                    self._attempt(mail, now_us)
                case "ready" | "sending" if mail.due_us > now_us:
                    return _posted(mail, "waiting", mail.due_us)
                case "sending":
                    self._doubt(mail, now_us, NOBODY_SAW)
                case "unsure":
                    if unsure == "hold" or mail.attempts > MOST_AGAIN:
                        return _posted(mail, "held")
                    self.store.write(_settling(mail.id, now_us))
                case "sent" | "suppressed" | "refused" | "bounced" | "complained":
                    return _posted(mail, mail.state)
            with self.store.read() as connection:
                found = mails.get_mail(connection, mail.id)
            if found is None:
                raise UserError("mail-gone", "The mail was erased with its lead.")
            mail = found
        return _posted(mail, "waiting", self.clock_us() + WAITS_S[0] * SECOND_US)

    def _queued(self, connection: Connection, draft: Draft, values: dict[str, object]) -> Mail:
        address = str(values["address"])
        found = find_held(connection, address, draft.lead_id, draft.kind)
        if found is not None:
            values = {**values, "state": "suppressed", "why": found.reason, "doc": {}}
        return mails.queue_mail(connection, **values)

    def _attempt(self, mail: Mail, now_us: int) -> None:
        rate = self.settings.rate_of(mail.domain)

        def taken(connection: Connection) -> int | None:
            # Whoever unsubscribed while the mail waited gets it no more.
            kind = str(mail.doc.get("kind", "marketing"))
            found = find_held(connection, mail.address, mail.lead_id, kind)
            if found is not None:
                mails.ended(connection, mail.id, "suppressed", now_us=now_us, why=found.reason)
                return None
            return mails.reserve(connection, mail.id, now_us, now_us + KEPT_S * SECOND_US, rate)

        attempt = self.store.write(taken)
        if attempt is None:
            return
        letter = from_document(mail.message_id, mail.doc["letter"])
        bounces_to = self.settings.bounces_to.replace("*", mail.token)
        sender = mailbox_of(bounces_to).address if bounces_to else letter.sender.address

        def handing_over() -> bool:
            return self.store.write(lambda connection: mails.begin(connection, mail.id, attempt))

        with self._kept(mail, attempt):
            outcome = self.relay.deliver(sender, letter.to.address, written(letter), handing_over)
        self._finish(replace(mail, attempts=attempt), outcome)

    @contextmanager
    def _kept(self, mail: Mail, attempt: int) -> Iterator[None]:
        """Say that the mail is being tried, for as long as the server takes."""
        over = threading.Event()

        def keep() -> None:
            while not over.wait(KEPT_EVERY_S):
                try:
                    self.store.write(
                        lambda one: mails.keep(
                            one, mail.id, attempt, self.clock_us() + KEPT_S * SECOND_US
                        )
                    )
                except LeadwiseError as error:
                    log.warning("mail %d could not be kept: %s", mail.id, error)

        thread = threading.Thread(target=keep, name="leadwise-mail-kept", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _finish(self, mail: Mail, outcome: Outcome) -> None:
        """Write down how the attempt of the number `mail.attempts` ended."""
        now_us = self.clock_us()
        match outcome.state:
            case "unsure":
                self._doubt(mail, mails.FAR_US, outcome.said)
            case "later":
                self.store.write(lambda connection: self._later(connection, mail, outcome, now_us))
            case "sent":
                self.store.write(lambda connection: self._sent(connection, mail, outcome, now_us))
            case "refused":
                self.store.write(
                    lambda connection: self._refused(connection, mail, outcome, now_us)
                )

    def _later(self, connection: Connection, mail: Mail, outcome: Outcome, now_us: int) -> None:
        wait_us = WAITS_S[min(mail.attempts, len(WAITS_S)) - 1] * SECOND_US
        if now_us + wait_us > mail.created_us + self.settings.retry_hours * 3600 * SECOND_US:
            said = (
                f"Not taken for {self.settings.retry_hours} hours; the last answer: {outcome.said}"
            )
            mails.ended(
                connection, mail.id, "refused", now_us=now_us, attempt=mail.attempts, why=said
            )
            return
        mails.ended(
            connection, mail.id, "ready", now_us=now_us, attempt=mail.attempts, why=outcome.said,
            due_us=now_us + wait_us, unsent=not outcome.reached,
        )  # fmt: skip

    def _sent(self, connection: Connection, mail: Mail, outcome: Outcome, now_us: int) -> None:
        if not self._settled(connection, mail, "sent", outcome, now_us):
            return  # a report came first, or a person decided
        note_sent(connection, mail, now_us, self.rules)

    def _refused(self, connection: Connection, mail: Mail, outcome: Outcome, now_us: int) -> None:
        state: State = "bounced" if outcome.hard else "refused"
        if not self._settled(connection, mail, state, outcome, now_us):
            return
        if outcome.hard:
            note_bounced(connection, mail, now_us, self.rules, hard=True, why=outcome.said)

    def _settled(
        self, connection: Connection, mail: Mail, state: State, outcome: Outcome, now_us: int
    ) -> bool:
        """The server has spoken: that settles a mail, too, that others took to be unsure."""
        return mails.ended(
            connection, mail.id, state, now_us=now_us, attempt=mail.attempts, why=outcome.said,
            was=("ready", "sending", "unsure"),
        )  # fmt: skip

    def _doubt(self, mail: Mail, now_us: int, why: str) -> None:
        self.store.write(
            lambda connection: mails.doubt(connection, mail.id, mail.attempts, now_us, why)
        )


def outbox_of(store: Store, settings: Settings, clock_us: Callable[[], int]) -> Outbox:
    """The outbox of the settings. UserError (`secret-key`) where the service never started."""
    links = Links(settings.public_url, mail_key(settings.secret_key_path))
    return Outbox(
        store, settings.mail, links, relay_of(settings.mail), recording_rules(settings), clock_us
    )


def note_sent(connection: Connection, mail: Mail, now_us: int, rules: GateRules) -> None:
    """What follows from a mail that was sent: the event, and one of the lead's contacts."""
    if mail.lead_id is None:
        return
    channel = "mail" if mail.doc.get("kind", "marketing") == "marketing" else ANSWER
    # Under its key, by which what holds mails back may have counted it before it went.
    key = str(mail.doc.get("key") or f"mail-{mail.token}")
    add_contact(connection, mail.lead_id, channel, key, now_us)
    event = mail_event(mail, "email_sent", now_us)
    if event is not None:
        record(connection, Received((event,)), rules, now_us)


def note_bounced(
    connection: Connection, mail: Mail, now_us: int, rules: GateRules, *, hard: bool, why: str,
    by: str = "smtp",
) -> None:  # fmt: skip
    """What follows from a mail that could not be delivered."""
    if hard:
        suppress(connection, mail.address, "bounced", by=by, now_us=now_us, detail=why)
        mails.drop_waiting(connection, mail.address, "bounced")
    event = mail_event(
        mail, "email_bounced", now_us, properties={"hard": hard, "reason": why[:200]}
    )
    if event is not None:
        record(connection, Received((event,)), rules, now_us)


def _settling(mail_id: int, now_us: int) -> Callable[[Connection], bool]:
    return lambda connection: mails.settle(connection, mail_id, "again", now_us)


def _posted(
    mail: Mail,
    state: Literal["sent", "waiting", "held", "suppressed", "refused", "bounced", "complained"],
    until_us: int | None = None,
) -> Posted:
    return Posted(state, mail.message_id, mail.id, until_us, mail.why or "")
