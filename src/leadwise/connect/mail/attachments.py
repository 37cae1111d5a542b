"""What came along with incoming mail: which of it is kept, and where.

Kept are PDFs, pictures and texts, told apart by what is in them, never by their names or by what
the sender calls them; anything else (programs, archives, documents with macros) is only named. Each
is a file in a folder, under the hash of its content: names that strangers gave stand in the record,
not on the disk. A file that no row names any more goes when the folder is swept.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from leadwise.connect.mail.reports import tamed
from leadwise.errors import UserError
from leadwise.store.attachments import file_path, kept_digests
from leadwise.store.opening import Store

MOST_MAIL_BYTES = 15 * 1024 * 1024
"""Of a mail with what came along."""
MOST_KEPT = 5
LONGEST_NAME = 120
SETTLED_S = 120.0
"""A file that no row names may be of a mail that is being taken just now."""
_BAD = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069/\\:*?\"<>|]+")
_PICTURES = {b"\x89PNG\r\n\x1a\n": ("image/png", ".png"), b"\xff\xd8\xff": ("image/jpeg", ".jpg"),
             b"II*\x00": ("image/tiff", ".tif"), b"MM\x00*": ("image/tiff", ".tif")}  # fmt: skip
_TEXTS = (".txt", ".csv", ".tsv", ".md", ".json", ".xml", ".html", ".htm", ".ics", ".log")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came along. `type` is that of its content."""

    name: str
    type: str
    content: bytes

    @property
    def digest(self) -> str:
        """The hash that it is kept under."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """What a mail brought: what is to be kept, and the names of what is not."""

    kept: tuple[Attachment, ...] = ()
    left_out: tuple[str, ...] = ()


def attachments_in(raw: bytes, most_bytes: int) -> Found:
    """The attachments of a mail as it came, `most_bytes` together at most. Never fails: a mail that
    cannot be read, or was cut off, brought nothing."""
    if len(raw) >= MOST_MAIL_BYTES or most_bytes <= 0:
        return Found()
    try:
        mail = email.message_from_bytes(tamed(raw), policy=email.policy.default)
        return _found(mail, most_bytes)
    except Exception:  # noqa: BLE001 - whoever writes mails by hand finds new ways to break parsers
        return Found()


def _found(mail: EmailMessage, most_bytes: int) -> Found:
    kept, left_out, seen, size = list[Attachment](), list[str](), set[str](), 0
    for part in _parts(mail):
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes) or not content:
            continue
        given = _name(part.get_filename() or "", len(kept) + len(left_out) + 1)
        made = _judged(given, content)
        if made is None or len(kept) >= MOST_KEPT or size + len(content) > most_bytes:
            left_out.append(given)
        elif made.digest not in seen:
            seen.add(made.digest)
            kept.append(made)
            size += len(content)
    return Found(tuple(kept), tuple(left_out[:20]))


def _parts(mail: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that are files. Pictures that stand in the text (logos of signatures) are none."""
    for one in mail.walk():
        if one.is_multipart():
            continue
        way = one.get_content_disposition()
        inline = way == "inline" or one.get("Content-ID") is not None
        if inline and one.get_content_maintype() == "image" and way != "attachment":
            continue
        if way == "attachment" or one.get_filename() or one.get_content_maintype() == "application":
            yield one


def _judged(name: str, content: bytes) -> Attachment | None:
    if b"%PDF-" in content[:1024]:
        return Attachment(_ending(name, (".pdf",)), "application/pdf", content)
    for start, (type_, ending) in _PICTURES.items():
        if content.startswith(start):
            endings = (ending, ".jpeg") if ending == ".jpg" else (ending, ".tiff")
            return Attachment(_ending(name, endings), type_, content)
    if b"\x00" in content:
        return None
    with suppress(UnicodeDecodeError):
        content.decode("utf-8")
        return Attachment(_ending(name, _TEXTS, ".txt"), "text/plain", content)
    return None


def _ending(name: str, endings: tuple[str, ...], usual: str = "") -> str:
    """The name with an ending that its content has: no `invoice.pdf.exe` gets out of here."""
    return name if name.lower().endswith(endings) else f"{name}{usual or endings[0]}"


def _name(given: str, number: int) -> str:
    plain = _BAD.sub("-", given).strip(" .-")
    short = plain.encode()[-LONGEST_NAME:].decode("utf-8", "ignore").strip(" .-")
    return short or f"attachment-{number}"


# Where they lie -------------------------------------------------------------------------------


def keep_file(folder: Path, one: Attachment) -> None:
    """Put a file into the folder, whole or not at all. One that is there stays as it is."""
    path = file_path(folder, one.digest)
    with suppress(FileNotFoundError):
        os.utime(path)  # it is not swept before its new row is seen
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.half")
    with open(half, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(one.content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def read_file(folder: Path, digest: str, name: str) -> bytes:
    """What was kept. UserError (`attachment-gone`) where it is there no more."""
    try:
        return file_path(folder, digest).read_bytes()
    except OSError:
        raise UserError(
            "attachment-gone", f"The attachment {name} is not kept any more.",
            hint="`retention.attachments_days` says for how long it is; all services of a record "
            "need the same data folder.",
        ) from None  # fmt: skip


def sweep(store: Store, folder: Path, older_s: float = SETTLED_S) -> int:
    """Delete the files that no row names any more; how many."""
    if not folder.is_dir():
        return 0
    before = time.time() - older_s
    old = [
        path for path in folder.glob("??/*")
        if path.is_file() and path.stat().st_mtime <= before
    ]  # fmt: skip
    deleted = 0
    for start in range(0, len(old), 500):
        part = old[start : start + 500]
        with store.read() as connection:
            kept = kept_digests(connection, [path.name for path in part])
        for path in part:
            if path.name not in kept:
                path.unlink(missing_ok=True)
                deleted += 1
    return deleted
