"""Rows of files as messages: a row of leads is what is known of somebody, one of events what
somebody did. The columns are called as on the command line:

    leads    lead_id, known_at                                     other columns are fields
    events   lead_id, event, timestamp, received_at, message_id, source     others are properties

An id without `message_id` is made of what the row says, so that the same row is recorded once,
however often and in whatever file it comes; equal rows of one file are told apart by counting.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from leadwise.card.values import FIRST_US, parse_time
from leadwise.errors import UserError
from leadwise.ingest.emails import normalised_email
from leadwise.ingest.file_rows import FileRow
from leadwise.ingest.messages import Message, Refusal
from leadwise.ingest.naming import event_names
from leadwise.ingest.refusing import no_identity, refusal
from leadwise.ingest.texts import LONGEST_NAME, digest, identifier, one_line
from leadwise.store.documents import canonical

Of: TypeAlias = Literal["leads", "events"]
IdentityKind: TypeAlias = Literal["crm", "email", "user", "anonymous"]
IDENTITY_KINDS: tuple[IdentityKind, ...] = ("crm", "email", "user", "anonymous")
OWN: dict[Of, tuple[str, ...]] = {
    "leads": ("lead_id", "known_at", "message_id", "source"),
    "events": ("lead_id", "event", "timestamp", "received_at", "message_id", "source"),
}
COUNTED_ROWS = 1_000_000
"""Equal rows are told apart within so many; the memory that takes is bounded (some 150 MB)."""


@dataclass(slots=True)
class Reading:
    """How the rows of one file are to be understood.

    `columns` maps a name of ours, a field or a property to the column that it is read from.
    `import_id` is of this import alone: rows of leads that do not say since when they hold are
    statements of now, and the same row may be true again after another was.
    """

    of: Of
    now_us: int
    import_id: str
    source: str = "import"
    identity: IdentityKind = "crm"
    columns: Mapping[str, str] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    def read(self, rows: Iterator[FileRow]) -> Iterator[Message | Refusal]:
        """A message or a refusal for each row, in their order."""
        renamed = {column: name for name, column in self.columns.items()}
        for row in rows:
            if row.number % COUNTED_ROWS == 0:
                self._seen.clear()
            if row.problem is not None:
                yield _refused(row, row.problem, row.text)
                continue
            values = dict(row.values)
            # A name of ours that is read from elsewhere is not what the file calls so, unless it
            # lacks that column: one mapping serves several files.
            found = {renamed[name]: values.pop(name) for name in row.values if name in renamed}
            values |= found
            try:
                yield self._message(row, values)
            except UserError as error:
                body = json.dumps(row.values, ensure_ascii=False, default=str)
                yield _refused(row, error, body)

    def _message(self, row: FileRow, values: dict[str, Any]) -> Message:
        own = {name: values.pop(name, None) for name in OWN[self.of]}
        names = self._names(own["lead_id"], values)
        source = one_line(str(own["source"] or self.source), LONGEST_NAME)
        document = canonical(values)
        if self.of == "leads":
            known_us = _instant(own["known_at"], "known_at")
            at_us = self.now_us if known_us is None else min(known_us, self.now_us)
            lasting = known_us is not None
            message_id = self._message_id(row, own, values, lasting=lasting)
            return Message(
                "identify", source, message_id, "identify", at_us, self.now_us,
                document=document, **names,
            )  # fmt: skip
        plain, name = event_names(str(own["event"] or ""))
        at_us = _instant(own["timestamp"], "timestamp", required=True) or 0
        received_us = _instant(own["received_at"], "received_at")
        # Nothing is received later than now, nor happens later than it is received.
        received_us = min(self.now_us, at_us if received_us is None else received_us)
        return Message(
            "track", source, self._message_id(row, own, values, lasting=True), plain,
            max(FIRST_US, min(at_us, received_us)), received_us, name,
            document=document, **names,
        )  # fmt: skip

    def _names(self, lead_id: Any, values: Mapping[str, Any]) -> dict[str, Any]:
        """The identities that the row states; beside another id an `email` is one too."""
        if lead_id is not None and not isinstance(lead_id, str | int | float):
            raise UserError("event-wrong-type", "lead_id is neither a text nor a number")
        if isinstance(lead_id, float) and lead_id.is_integer():
            lead_id = int(lead_id)
        value = identifier(None if lead_id is None else str(lead_id), "lead_id")
        if value is None:
            raise no_identity("a lead_id in every row")
        if self.identity == "email":
            address = normalised_email(value)
            if address is None:
                raise UserError("no-identity", "the lead_id is no e-mail address")
            return {"email": address}
        names = {f"{self.identity}_id": value}
        address = normalised_email(values.get("email")) if self.of == "leads" else None
        return names if address is None else {**names, "email": address}

    def _message_id(
        self, row: FileRow, own: Mapping[str, Any], values: Mapping[str, Any], *, lasting: bool
    ) -> str:
        given = own["message_id"]
        if given is not None:
            found = identifier(given if isinstance(given, str | int) else str(given), "message_id")
            if found is not None:
                return found
        if not lasting:
            return f"{self.import_id}:{row.number}"
        said = {name: value for name, value in own.items() if value is not None}
        text = json.dumps([self.identity, said, values], sort_keys=True, default=str)
        content = digest(self.of.encode(), text.encode("utf-8", "replace"))
        count = self._seen[content] = self._seen.get(content, 0) + 1
        return content if count == 1 else f"{content}:{count}"


def _instant(value: Any, what: str, *, required: bool = False) -> int | None:
    if value is None:
        if required:
            raise UserError("event-time", f"there is no {what}", hint="2026-06-30T12:00:00Z")
        return None
    try:
        return parse_time(str(value).strip())
    except ValueError:
        raise UserError(
            "event-time", f"{what} is no time in ISO 8601: {one_line(str(value), 60)}",
            hint="2026-06-30 or 2026-06-30T12:00:00+02:00",
        ) from None  # fmt: skip


def _refused(row: FileRow, error: UserError, body: str) -> Refusal:
    where = f"line {row.line}" if row.line is not None else f"row {row.number + 1}"
    said = UserError(error.code, f"{where}: {error.message}", hint=error.hint)
    return refusal(row.number, said, body)
