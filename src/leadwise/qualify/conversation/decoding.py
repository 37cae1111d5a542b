"""From bytes to text: any of the usual encodings, and a plain word about what is no text."""

from __future__ import annotations

import codecs
import re

from leadwise.errors import Place, UserError
from leadwise.qualify.conversation.draft import unreadable

MOST_BYTES = 5_000_000
"""A call of three hours is a tenth of this, with the times of every line."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "is a PDF", "save its text as a .txt file"),
    (b"PK\x03\x04", "is a ZIP file or an Office document", "save its text as a .txt file"),
    (b"\xd0\xcf\x11\xe0", "is an old Office document or an Outlook message (.msg)",
     "save it as text, a mail as .eml"),
    (b"{\\rtf", "is a document in RTF", "save its text as a .txt file"),
    (b"ID3", "is a recording (MP3)", "transcribe it first: text is read, not sound"),
    (b"\xff\xfb", "is a recording (MP3)", "transcribe it first: text is read, not sound"),
    (b"\xff\xf3", "is a recording (MP3)", "transcribe it first: text is read, not sound"),
    (b"RIFF", "is a recording (WAV)", "transcribe it first: text is read, not sound"),
    (b"OggS", "is a recording (Ogg)", "transcribe it first: text is read, not sound"),
    (b"fLaC", "is a recording (FLAC)", "transcribe it first: text is read, not sound"),
    (b"\x1aE\xdf\xa3", "is a recording (WebM)", "transcribe it first: text is read, not sound"),
    (b"\x89PNG", "is a picture", ""),
    (b"\xff\xd8\xff", "is a picture", ""),
    (b"GIF8", "is a picture", ""),
    (b"\x1f\x8b", "is packed (gzip)", "unpack it first"),
)  # fmt: skip
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FEW = 0.01
"""Share of control characters from which bytes are no text."""


def text_of(data: bytes, name: str, most: int = MOST_BYTES) -> str:
    """The text of a file, with line ends as `\\n`.

    UserError: `empty-conversation`, `conversation-too-large`, `not-a-conversation`.
    """
    if len(data) > most:
        raise too_large(name, f"has {len(data) / 1e6:.1f} MB; at most {most / 1e6:.0f} MB are read")
    if not data.strip(b"\x00 \t\r\n\x0b\x0c"):
        raise empty(name)
    refuse_binary(data, name)
    text = decoded(data)
    if len(_CONTROLS.findall(text)) > max(2, _FEW * len(text)):
        raise unreadable(name, "is no text")
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if not text.strip():
        raise empty(name)
    return text


def refuse_binary(data: bytes, name: str) -> None:
    """UserError for what begins as a recording, a picture or a document does."""
    for start, what, hint in _BINARY:
        if data.startswith(start):
            raise unreadable(name, what, hint)
    if data[4:8] == b"ftyp":
        raise unreadable(
            name, "is a recording (MP4)", "transcribe it first: text is read, no sound"
        )


def empty(name: str) -> UserError:
    """Nothing in it, or nothing that anybody says."""
    return UserError(
        "empty-conversation",
        f"{name} has no words in it.",
        where=Place(name),
        hint="a conversation is what people said, such as 'Ana: We have 80,000 euros.'",
    )


def too_large(name: str, what: str) -> UserError:
    return UserError(
        "conversation-too-large",
        f"{name} {what}.",
        where=Place(name),
        hint="give one conversation at a time, without attachments or word-by-word times",
    )


def decoded(data: bytes) -> str:
    """UTF-8 where it is that, else UTF-16 by its zeros, else what Western Windows writes."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if wide := _without_mark(data):
        return data.decode(wide, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace") if _is_cp1252(data) else data.decode("latin-1")


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of Western text is zero."""
    part = data[:2000]
    half = len(part) // 2 or 1
    if part[1::2].count(0) > 0.6 * half and part[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if part[0::2].count(0) > 0.6 * half and part[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None


def _is_cp1252(data: bytes) -> bool:
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return True
