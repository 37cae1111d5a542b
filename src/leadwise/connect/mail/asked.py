"""Incoming mail that answers none of ours, as messages: what `message:` of playbooks is started by.

Each address of the settings' `inboxes` is a source of its own. Whoever writes is taken for the lead
that has the address, where there is one; else they are known as `mail:ADDRESS`, an anonymous
identity: who asks for help does not become a lead by it. What a program sent is no message, for an
answer to it might be answered in turn for ever (RFC 3834).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from sqlalchemy import Connection

from leadwise.connect.mail.reports import Report
from leadwise.ingest.emails import normalised_email
from leadwise.ingest.messages import Message
from leadwise.store import identities
from leadwise.store.documents import canonical

EVENT = "message_received"
_TAG = re.compile(r"\+[^@]*@")


def inbox_of(report: Report, inboxes: Sequence[tuple[str, str]]) -> str | None:
    """The name of the inbox that a mail was sent to, with or without a tag (`help+x@`)."""
    names = {address.lower(): name for address, name in inboxes}
    for one in report.to:
        found = names.get(one) or names.get(_TAG.sub("@", one))
        if found:
            return found
    return None


def message_of(
    connection: Connection, report: Report, inboxes: Sequence[tuple[str, str]], now_us: int
) -> Message | None:
    """The event; None for what was sent to no inbox, by a program, or by an inbox itself."""
    source, sender = inbox_of(report, inboxes), normalised_email(report.sender)
    own = {address.lower() for address, _ in inboxes}
    if source is None or sender is None or report.automatic or report.sender in own:
        return None
    text = report.text.strip()
    sign = hashlib.sha256(f"{report.id}\n{sender}\n{text}".encode()).hexdigest()[:32]
    values = {
        "from": sender, "to": ", ".join(report.to[:20]), "subject": report.subject or None,
        "text": text, "message_id": report.id or None,
    }  # fmt: skip
    is_known = bool(identities.find(connection, [("email", sender)]))
    return Message(
        "track", source, f"mail-{sign}", EVENT, now_us, now_us,
        email=sender if is_known else None,
        anonymous_id=None if is_known else f"mail:{sender}",
        document=canonical({name: value for name, value in values.items() if value is not None}),
    )  # fmt: skip
