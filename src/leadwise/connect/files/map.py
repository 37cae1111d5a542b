"""What a file is to us: rows of leads or events, a conversation, a text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

from leadwise.asking.instants import moment_of
from leadwise.connect.files.client import Stored
from leadwise.connect.files.pdf import is_pdf, text_of_pdf
from leadwise.connect.mail.markup import readable
from leadwise.connect.model import Talk
from leadwise.engines.entry.files import input_file
from leadwise.errors import UserError
from leadwise.ingest.emails import normalised_email
from leadwise.ingest.file_messages import IdentityKind, Of, Reading
from leadwise.ingest.file_rows import FileRow, file_rows
from leadwise.ingest.messages import Message, Refusal
from leadwise.ingest.refusing import no_identity
from leadwise.ingest.texts import digest
from leadwise.qualify.conversation.opening import opened_file
from leadwise.qualify.intake import Sent
from leadwise.store.documents import canonical
from leadwise.store.identities import Name

EVENT = "file_received"
TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq", ".gz")
ROWS = (".csv", ".tsv")
TEXTS = (
    ".tsv",
    ".txt",
    ".md",
    ".rst",
    ".html",
    ".htm",
    ".pdf",
    ".eml",
    ".json",
    ".csv",
    ".log",
    ".vtt",
)
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_DAY = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)")
_WORD = re.compile(r"[^\W_]{3,}")
_HEADERS = 20_000
"""Characters of a mail in which addresses are looked for: headers and quoted heads."""


def rows_of(
    path: Path, stored: Stored, of: Of, identity: IdentityKind, source: str,
    mapping: Mapping[str, str], now_us: int,
) -> Iterator[Message | Refusal]:  # fmt: skip
    """The rows of a file of leads or events. UserError where it cannot be read as a whole."""
    file = input_file(path)
    columns = {ours: theirs for theirs, ours in mapping.items() if ours}
    without = {theirs for theirs, ours in mapping.items() if not ours}
    import_id = digest(source.encode(), stored.name.encode(), stored.etag.encode())
    reading = Reading(of, now_us, import_id, source, identity, columns)

    def rows() -> Iterator[FileRow]:
        for row in file_rows(file):
            if row.number == 0 and row.problem is None:
                _has_ids(row, columns, stored.name)
            for name in without:
                row.values.pop(name, None)
            yield row

    return reading.read(rows())


def _has_ids(row: FileRow, columns: Mapping[str, str], name: str) -> None:
    if not {"lead_id", columns.get("lead_id", "lead_id")} & row.values.keys():
        shown = ", ".join(f"'{one}'" for one in list(row.values)[:20])
        raise UserError(
            "input-missing-column", f"{name}: there is no column 'lead_id'.",
            hint=f"The columns are {shown}. Map the one that says who it is to lead_id.",
        )  # fmt: skip


def talk_of(data: bytes, stored: Stored, seller: Sequence[str]) -> Talk:
    """A conversation, and whose it is: the addresses in the file's name, or of a mail in its head.

    It was held on the day that it says, or its name does, or its file was written.
    UserError where nobody is named, and as the opening of conversations has it.
    """
    name = PurePosixPath(stored.name).name
    opened = opened_file(data, name)
    found = _ADDRESS.findall(stored.name)
    if not found and name.lower().endswith((".eml", ".mbox")):
        found = _ADDRESS.findall(data[:_HEADERS].decode("utf-8", "replace"))
    names = tuple(dict.fromkeys(_names(found, seller)))
    if not names:
        raise no_identity("an e-mail address in the file's name")
    day = None if opened.is_dated else _day_of(stored)
    sent = Sent(files=((data, name),), held_on=day, seller=tuple(seller))
    return Talk(stored.name, names, sent)


def _names(found: Sequence[str], seller: Sequence[str]) -> Iterator[Name]:
    ours = {one.lower().lstrip("@") for one in seller}
    for one in found:
        address = normalised_email(one.rstrip("."))
        if address and address.rpartition("@")[2] not in ours:
            yield ("email", address)


def _day_of(stored: Stored) -> date:
    match = _DAY.search(stored.name)
    if match:
        try:
            return date(*map(int, match.groups()))
        except ValueError:
            pass
    return moment_of(stored.at_us).astimezone(UTC).date()


def message_of(
    data: bytes, stored: Stored, source: str, link: str, now_us: int
) -> Message:  # fmt: skip
    """A file as an event: its name, its text (what an event may hold of it), and a reference by
    which steps read it whole."""
    values = {
        "file": stored.name, "text": text_in(data, stored.name), "bytes": stored.size,
        "link": link, "ref": f"file:{source}/{stored.name}",
    }  # fmt: skip
    return Message(
        "track", source, f"{stored.name}:{stored.etag}", EVENT, min(stored.at_us, now_us), now_us,
        anonymous_id=f"file:{digest(source.encode(), stored.name.encode())}",
        document=canonical(values),
    )  # fmt: skip


def text_in(data: bytes, name: str) -> str:
    """The text of a file: of a PDF, of HTML without its tags, else as it stands."""
    if is_pdf(data):
        return text_of_pdf(data, name)
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UserError(
            "not-text", f"{name} holds no text.", hint="Texts, HTML, mails and PDFs are read."
        )
    text = _decoded(data)
    if name.lower().endswith((".html", ".htm")):
        stripped = _Stripped()
        stripped.feed(readable(text))
        return " ".join("".join(stripped.parts).split())
    return text


def rows_as_texts(data: bytes, about: str) -> Iterator[tuple[int, str]]:
    """The rows of a table (CSV with a head) that share a word with what is looked for, each with
    its number in the file and as a text: `order: PO-7; amount: 12.00 EUR`. All of them where
    nothing is looked for."""
    lines = _decoded(data).splitlines()
    head = lines[0] if lines else ""
    sign = max("\t;,", key=head.count)
    wanted = _words(about)
    for number, row in enumerate(csv.DictReader(lines, delimiter=sign, restkey=""), 2):
        told = [(name, value.strip()) for name, value in row.items() if name and value]
        if told and (not wanted or wanted & _words(" ".join(value for _, value in told))):
            yield number, "; ".join(f"{name}: {value}" for name, value in told)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


class _Stripped(HTMLParser):
    """The words of a page, without those of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(
        self, tag: str, attrs: list[tuple[str, str | None]]  # noqa: ARG002 - the base class gives it
    ) -> None:  # fmt: skip
        self._silent += tag in ("script", "style")
        self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style") and self._silent:
            self._silent -= 1
        self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)
