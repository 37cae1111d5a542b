"""A folder as a connection: followed by what is new in it, written to, looked through."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TypedDict, cast

from leadwise.connect.files.client import (
    DiskFolder,
    Keeping,
    S3Folder,
    Stored,
    newest,
    s3_client,
)
from leadwise.connect.files.map import (
    ROWS,
    TABLES,
    TEXTS,
    message_of,
    rows_as_texts,
    rows_of,
    talk_of,
    text_in,
)
from leadwise.connect.http import Http, Would
from leadwise.connect.model import Connection, Page, Paper, Talk
from leadwise.errors import UserError
from leadwise.ingest.file_messages import IDENTITY_KINDS, IdentityKind, Of
from leadwise.ingest.messages import Message, Refusal
from leadwise.ingest.refusing import refusal

HOLDS = ("", "leads", "events", "transcripts", "messages")
OVERLAP_US = 3_600_000_000
"""So long before the newest file a later one may be dated: clocks differ, and S3 tells seconds."""
SETTLED_US = 2_000_000
"""A file on disk that was written within this time may not be finished."""
AT_ONCE = 1_000
MOST_PAPER_BYTES = 5_000_000


class _Cursor(TypedDict):
    """The time of the newest file that was read, and etag and time of those near it."""

    at: int
    marks: dict[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Files:
    """A folder of files. `holds` says what new ones are."""

    connection: Connection
    http: Http
    place: Keeping
    holds: str
    identity: IdentityKind
    seller: tuple[str, ...]

    def test(self) -> str:
        """How many files there are."""
        count = sum(1 for _ in self.place.list())
        return f"{count:,} file{'' if count == 1 else 's'} in {self._folder}"

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """What is in files that are new or changed since the cursor, the oldest first."""
        if not self.holds:
            return
        known: _Cursor = json.loads(cursor) if cursor else {"at": 0, "marks": {}}
        new = sorted(self._new(known, now_us), key=lambda one: (one.at_us, one.name))
        for number, stored in enumerate(new, 1):
            before = json.dumps(known, sort_keys=True)
            parts = list[Message | Refusal]()
            talks: tuple[Talk, ...] = ()
            try:
                if self.holds in ("leads", "events"):
                    with self.place.fetched(stored.name) as path:
                        for one in self._rows(path, stored, now_us):
                            parts.append(one)
                            if len(parts) >= AT_ONCE:
                                yield _page(before, parts, (), number - 1, len(new))
                                parts = []
                elif self.holds == "transcripts":
                    talks = (talk_of(self.place.read(stored.name), stored, self.seller),)
                else:
                    data = self.place.read(stored.name)
                    link = f"{self._folder.rstrip('/')}/{stored.name}"
                    parts.append(message_of(data, stored, self.connection.name, link, now_us))
            except UserError as error:
                body = json.dumps({"file": stored.name, "etag": stored.etag})
                parts.append(refusal(0, error, body))
            known = _after(known, stored, now_us)
            yield _page(json.dumps(known, sort_keys=True), parts, talks, number, len(new))

    def read(self, name: str) -> bytes:
        """What a file holds."""
        return self.place.read(name)

    def write(self, name: str, content: bytes) -> str:
        """Put it there whole, in place of one of its name; where it is now."""
        if self.http.dry:
            self.http.would.append(Would("PUT", name, f"{len(content):,} bytes"))
            return name
        return self.place.write(name, content)

    def papers(self, about: str, most: int) -> Iterator[Paper]:
        """The texts of the newest files, and the rows of tables that share a word with `about`;
        what cannot be read is passed over."""
        for stored in newest(list(self.place.list()), lambda name: name.lower().endswith(TEXTS)):
            if most <= 0:
                return
            if stored.size > MOST_PAPER_BYTES:
                continue
            try:
                data = self.place.read(stored.name)
                table = stored.name.lower().endswith(ROWS)
                text = "" if table else text_in(data, stored.name)
            except UserError:
                continue
            title = PurePosixPath(stored.name).name
            link = f"{self._folder.rstrip('/')}/{stored.name}"
            if not table:
                most -= 1
                yield Paper(stored.name, title, text, link, stored.at_us)
                continue
            for number, row in islice(rows_as_texts(data, about), most):
                most -= 1
                yield Paper(f"{stored.name}:{number}", f"{title}, row {number}", row, link,
                            stored.at_us)  # fmt: skip

    @property
    def _folder(self) -> str:
        return self.connection.options["folder"]

    def _new(self, known: _Cursor, now_us: int) -> Iterator[Stored]:
        marks = {name: mark[0] for name, mark in known["marks"].items()}
        since = known["at"] - OVERLAP_US
        settled = now_us - (SETTLED_US if isinstance(self.place, DiskFolder) else 0)
        tables = self.holds in ("leads", "events")
        for one in self.place.list():
            fresh = settled < one.at_us <= now_us + SETTLED_US
            if one.at_us < since or fresh or marks.get(one.name) == one.etag:
                continue
            if not tables or one.name.lower().endswith(TABLES):
                yield one

    def _rows(self, path: Path, stored: Stored, now_us: int) -> Iterator[Message | Refusal]:
        return rows_of(
            path, stored, cast(Of, self.holds), self.identity, self.connection.name,
            self.connection.mapping, now_us,
        )  # fmt: skip


def open_files(connection: Connection, http: Http) -> Files:
    """The folder of a connection. UserError `connection-option` where an option means nothing."""
    options = connection.options
    folder = options.get("folder", "")
    holds, identity = options.get("holds", ""), options.get("identity") or "email"
    if not folder:
        raise _wrong(connection, "has no folder", "Give a path, or s3://bucket/folder.")
    if holds not in HOLDS:
        raise _wrong(connection, f"holds no '{holds}'", "One of " + ", ".join(HOLDS[1:]) + ".")
    if identity not in IDENTITY_KINDS:
        raise _wrong(connection, f"knows no identity '{identity}'", ", ".join(IDENTITY_KINDS))
    seller = tuple(one.strip() for one in options.get("seller", "").split(",") if one.strip())
    place: Keeping
    if folder.startswith("s3://"):
        bucket, _, prefix = folder.removeprefix("s3://").partition("/")
        prefix = prefix.strip("/")
        client = s3_client(
            options.get("endpoint", ""), options.get("region", ""),
            connection.secrets.get("access_key", ""), connection.secrets.get("secret_key", ""),
        )  # fmt: skip
        place = S3Folder(client, bucket, prefix + "/" if prefix else "")
    else:
        place = DiskFolder(Path(folder))
    return Files(connection, http, place, holds, identity, seller)


def _after(known: _Cursor, stored: Stored, now_us: int) -> _Cursor:
    """The cursor after a file: only those near the newest need to be told by their marks, and those
    that are dated ahead, which are newer than all that comes."""
    marks = {**known["marks"], stored.name: (stored.etag, stored.at_us)}
    at = max(known["at"], min(stored.at_us, now_us))
    return {"at": at, "marks": {n: m for n, m in marks.items() if m[1] >= at - OVERLAP_US}}


def _page(
    cursor: str, parts: Sequence[Message | Refusal], talks: tuple[Talk, ...], done: int, total: int
) -> Page:
    messages = tuple(one for one in parts if isinstance(one, Message))
    refusals = tuple(one for one in parts if isinstance(one, Refusal))
    return Page(cursor, messages, talks=talks, done=done, total=total, refusals=refusals)


def _wrong(connection: Connection, what: str, hint: str) -> UserError:
    return UserError("connection-option", f"The connection {connection.name} {what}.", hint=hint)
