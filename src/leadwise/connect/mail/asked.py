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

from leadwise.connect.mail.attachments import Found
from leadwise.connect.mail.reports import Report
from leadwise.ingest.emails import normalised_email
from leadwise.ingest.messages import Message
from leadwise.store import identities
from leadwise.store.documents import canonical

EVENT = "message_received"
NOTHING = Found()
REF = "mail:"
"""What a reference to a file of a mail begins with: `mail:HASH/NAME`."""
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
    connection: Connection, report: Report, inboxes: Sequence[tuple[str, str]], now_us: int,
    files: Found = NOTHING,
) -> Message | None:  # fmt: skip
    """The event; None for what was sent to no inbox, by a program, or by an inbox itself."""
    source, sender = inbox_of(report, inboxes), normalised_email(report.sender)
    own = {address.lower() for address, _ in inboxes}
    if source is None or sender is None or report.automatic or report.sender in own:
        return None
    text = report.text.strip()
    told = "".join(f"\n{one.digest}" for one in files.kept)
    sign = hashlib.sha256(f"{report.id}\n{sender}\n{text}{told}".encode()).hexdigest()[:32]
    values = {
        "from": sender, "to": ", ".join(report.to[:20]), "subject": report.subject or None,
        "text": text, "message_id": report.id or None, **_files(files),
    }  # fmt: skip
    is_known = bool(identities.find(connection, [("email", sender)]))
    return Message(
        "track", source, f"mail-{sign}", EVENT, now_us, now_us,
        email=sender if is_known else None,
        anonymous_id=None if is_known else f"mail:{sender}",
        document=canonical({name: value for name, value in values.items() if value is not None}),
    )  # fmt: skip


def _files(files: Found) -> dict[str, object]:
    """The first file is `file` and `ref`, the next `file_2` and `ref_2`; `attachments` is how many
    there are, `not_kept` names those that are not."""
    values: dict[str, object] = {"attachments": len(files.kept) or None}
    for number, one in enumerate(files.kept, 1):
        more = "" if number == 1 else f"_{number}"
        values[f"file{more}"] = one.name
        values[f"ref{more}"] = f"{REF}{one.digest}/{one.name}"
    values["not_kept"] = ", ".join(files.left_out) or None
    return values
