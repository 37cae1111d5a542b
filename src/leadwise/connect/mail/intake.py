"""What follows from incoming mail: suppression, what became of mails, events of leads, and messages
that start playbooks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from leadwise.connect.mail.asked import NOTHING, inbox_of, message_of
from leadwise.connect.mail.attachments import Found, attachments_in, keep_file
from leadwise.connect.mail.events import MailEvent, mail_event
from leadwise.connect.mail.links import Links, mail_key
from leadwise.connect.mail.outbox import note_bounced, note_sent
from leadwise.connect.mail.reports import Report, Said, read_report
from leadwise.ingest.emails import normalised_email
from leadwise.ingest.gate.rules import GateRules, recording_rules
from leadwise.ingest.messages import Received
from leadwise.ingest.record import record
from leadwise.settings import Settings
from leadwise.store import mails
from leadwise.store.attachments import FOLDER, note_attachment
from leadwise.store.mails import Mail
from leadwise.store.opening import Store
from leadwise.store.suppression import suppress

RECENT_US = 5_000_000
"""What is recorded of a mail's end cannot be before the mail; clocks differ."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an incoming mail was (`asked`: a message to an inbox), and the mail and lead that it was
    about, where there is one."""

    said: Said | Literal["asked"]
    mail_id: int | None = None
    lead_id: int | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes incoming mails. The same one twice does what it did once."""

    store: Store
    links: Links
    rules: GateRules
    clock_us: Callable[[], int]
    inboxes: tuple[tuple[str, str], ...] = ()
    """Addresses at which people write to us, each with the name that `message:` knows it by."""
    folder: Path | None = None
    """Where what came along with messages is kept; None: nothing is."""
    most_attached: int = 0
    """Bytes of what came along with one message."""

    def take(self, raw: bytes) -> Taken:
        """Take a mail as it came (RFC 5322); returns once all that follows is durable."""
        report = read_report(raw, self.links)
        if report.said == "other" and self.inboxes:
            files = self._files(raw, report)
            return self.store.write(lambda connection: self._asked(connection, report, files))
        if report.said in ("other", "delivered") or not report.tokens:
            return Taken(report.said)
        return self.store.write(lambda connection: self._follow(connection, report))

    def unsubscribe(self, token: str, by: str = "lead") -> Mail | None:
        """Whoever got that mail wants no more; None where there is no such mail."""

        def work(connection: Connection) -> Mail | None:
            mail = mails.mail_of_token(connection, token)
            if mail is not None:
                self._leave(connection, mail, by)
            return mail

        return self.store.write(work)

    def _follow(self, connection: Connection, report: Report) -> Taken:
        mail = next(
            (found for token in report.tokens
             if (found := mails.mail_of_token(connection, token)) is not None),
            None,
        )  # fmt: skip
        if mail is None:
            return self._asked(connection, report)
        match report.said:
            case "bounced":
                self._bounced(connection, mail, report)
            case "complained":
                self._complained(connection, mail, report.why)
            case "unsubscribe":
                self._leave(connection, mail, "lead")
            case "replied" | "auto_replied":
                self._replied(connection, mail, report)
        return Taken(report.said, mail.id, mail.lead_id)

    def _files(self, raw: bytes, report: Report) -> Found:
        """What came along with a message to an inbox, put into the folder before the record names
        it."""
        if self.folder is None or report.automatic or inbox_of(report, self.inboxes) is None:
            return NOTHING
        found = attachments_in(raw, self.most_attached)
        for one in found.kept:
            keep_file(self.folder, one)
        return found

    def _asked(self, connection: Connection, report: Report, files: Found = NOTHING) -> Taken:
        """What answers no mail of ours: a message, where it came into an inbox."""
        if report.said not in ("other", "replied"):
            return Taken("other")
        now_us = self.clock_us()
        made = message_of(connection, report, self.inboxes, now_us, files)
        if made is None:
            return Taken("other")
        for one in files.kept:
            note_attachment(
                connection, source=made.source, message_id=made.message_id,
                sender=normalised_email(report.sender) or report.sender, name=one.name,
                type_=one.type, size=len(one.content), digest=one.digest, at_us=now_us,
            )  # fmt: skip
        record(connection, Received((made,)), self.rules, now_us)
        return Taken("asked")

    def _bounced(self, connection: Connection, mail: Mail, report: Report) -> None:
        self._was_sent(connection, mail)
        if mails.became(connection, mail.id, "bounced", report.why):
            note_bounced(
                connection, mail, self.clock_us(), self.rules, hard=report.hard, why=report.why,
                by="report",
            )  # fmt: skip

    def _complained(self, connection: Connection, mail: Mail, why: str) -> None:
        self._was_sent(connection, mail)
        now_us = self.clock_us()
        if mails.became(connection, mail.id, "complained", why):
            suppress(connection, mail.address, "complained", by="report", now_us=now_us, detail=why)
            mails.drop_waiting(connection, mail.address, "complained")
            self._event(connection, mail, "email_complained")

    def _leave(self, connection: Connection, mail: Mail, by: str) -> None:
        now_us = self.clock_us()
        if suppress(connection, mail.address, "unsubscribed", by=by, now_us=now_us):
            self._event(connection, mail, "unsubscribed", str(now_us))

    def _replied(self, connection: Connection, mail: Mail, report: Report) -> None:
        self._was_sent(connection, mail)
        if mail.lead_id is None:
            # Who answers the answer to a message of theirs, and is no lead, writes once more.
            self._asked(connection, report)
            return
        sign = hashlib.sha256(f"{report.id}\n{report.text}".encode()).hexdigest()[:16]
        said = {"text": report.text or None, "reply_subject": report.subject or None}
        event: MailEvent = "email_replied" if report.said == "replied" else "email_auto_replied"
        self._event(connection, mail, event, sign, **said)

    def _was_sent(self, connection: Connection, mail: Mail) -> None:
        """A mail that comes back or is answered did go, whatever we saw of it."""
        if mail.state in ("unsure", "sending"):
            now_us = self.clock_us()
            mails.ended(connection, mail.id, "sent", now_us=now_us, was=("unsure", "sending"))
            note_sent(connection, mail, min(now_us, mail.created_us + RECENT_US), self.rules)

    def _event(
        self, connection: Connection, mail: Mail, event: MailEvent, sign: str = "", **said: object
    ) -> None:
        now_us = self.clock_us()
        made = mail_event(mail, event, now_us, id=sign, properties=said)
        if made is not None:
            record(connection, Received((made,)), self.rules, now_us)


def intake_of(store: Store, settings: Settings, clock_us: Callable[[], int]) -> Intake:
    """The intake of the settings. UserError (`secret-key`) where the service never started."""
    links = Links(settings.public_url, mail_key(settings.secret_key_path))
    return Intake(
        store, links, recording_rules(settings), clock_us, settings.mail.inboxes,
        settings.data / FOLDER, settings.mail.keep_attachment_bytes,
    )  # fmt: skip
