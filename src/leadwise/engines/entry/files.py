"""Files, standard input included: what format a file has, and its bytes, unpacked."""

from __future__ import annotations

import contextlib
import gzip
import io
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, TypeAlias, cast

from leadwise.errors import Place, UserError

Format: TypeAlias = Literal["csv", "jsonl", "parquet"]

ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file on disk. `label` names it in messages; `temporary`: it is ours to remove."""

    path: Path
    label: str
    format: Format
    packed: bool = False
    temporary: bool = False

    def open(self) -> IO[bytes]:
        """Its bytes from the start, unpacked; the caller closes it."""
        if self.packed:
            return cast(IO[bytes], gzip.open(self.path, "rb"))
        return self.path.open("rb")

    def remove(self) -> None:
        if self.temporary:
            self.path.unlink(missing_ok=True)


def input_file(where: str | Path) -> InputFile:
    """The file at `where`; `-` is standard input, kept in a temporary file while it is needed."""
    if str(where) == "-":
        return _standard_input()
    path = Path(where)
    label = str(where)
    if not path.exists():
        raise UserError(
            "input-missing-file", "There is no such file.", where=Place(label),
            hint="Check the path; '-' is standard input.",
        )  # fmt: skip
    if not path.is_file():
        raise UserError("input-missing-file", "It is not a file.", where=Place(label))
    try:
        return _described(path, label, temporary=False)
    except PermissionError:
        raise UserError(
            "input-missing-file", "The file may not be read.", where=Place(label),
            hint="Check its permissions.",
        ) from None  # fmt: skip


def _standard_input() -> InputFile:
    with tempfile.NamedTemporaryFile(prefix="leadwise-", delete=False) as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
    return _described(Path(kept.name), "-", temporary=True)


def _described(path: Path, label: str, *, temporary: bool) -> InputFile:
    with path.open("rb") as file:
        start = file.read(4096)
    packed = start.startswith(b"\x1f\x8b")
    if packed:
        with gzip.open(path, "rb") as unpacked, unreadable(label):
            start = unpacked.read(4096)
    name = path.name.lower().removesuffix(".gz") if not temporary else ""
    format_ = ENDINGS.get(Path(name).suffix) or _by_content(start)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UserError(
            "input-encoding", "The file is UTF-16.", where=Place(label, 1),
            hint="Save it as UTF-8.",
        )  # fmt: skip
    return InputFile(path, label, format_, packed, temporary)


def _by_content(start: bytes) -> Format:
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.removeprefix(BOM).lstrip().startswith(b"{"):
        return "jsonl"
    return "csv"


@contextlib.contextmanager
def unreadable(label: str) -> Iterator[None]:
    """Turns a broken archive into a UserError."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(
            "input-unreadable",
            f"The file cannot be unpacked: {error}.",
            where=Place(label),
            hint="It is damaged or cut short: pack it again.",
        ) from None


def check_utf8(file: InputFile) -> None:
    """UserError with the line of the first byte that is not UTF-8."""
    with file.open() as opened, unreadable(file.label):
        for number, line in enumerate(opened, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise UserError(
                    "input-encoding",
                    f"Byte {error.start + 1} of the line (0x{line[error.start]:02X}) is not UTF-8.",
                    where=Place(file.label, number),
                    hint="Save the file as UTF-8.",
                ) from None


def text_of(file: InputFile) -> io.TextIOWrapper:
    """Its text, line ends as they are, a byte order mark dropped; bytes not UTF-8 replaced."""
    return io.TextIOWrapper(
        cast(io.BytesIO, file.open()), encoding="utf-8-sig", errors="replace", newline=""
    )
