"""Files, standard input included: what format a file has, and its bytes, unpacked."""

from __future__ import annotations

import contextlib
import gzip
import io
import shutil
import stat
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
FOREIGN = {
    b"PK\x03\x04": "a spreadsheet or ZIP archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet",
    b"%PDF": "a PDF document",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ\x00": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"\x1f\x8b": "packed by gzip twice",
    b"SQLite format 3": "an SQLite database",
    b"ARROW1": "an Arrow (Feather) file",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
}
"""How files begin that are often given and cannot be read."""


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
    try:
        mode = path.stat().st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):  # `--leads <(zcat leads.gz)`: read but once
            with path.open("rb") as pipe:
                return _kept(pipe, label)
        if not stat.S_ISREG(mode):
            raise UserError(
                "input-missing-file", "It is a folder." if path.is_dir() else "It is not a file.",
                where=Place(label), hint="Give one file.",
            )  # fmt: skip
        return _described(path, label, temporary=False)
    except FileNotFoundError:
        raise UserError(
            "input-missing-file", "There is no such file.", where=Place(label),
            hint="Check the path; '-' is standard input.",
        ) from None  # fmt: skip
    except PermissionError:
        raise UserError(
            "input-missing-file", "The file may not be read.", where=Place(label),
            hint="Check its permissions.",
        ) from None  # fmt: skip
    except (OSError, ValueError) as error:  # too long a name, a NUL in it, a disk that fails
        said = getattr(error, "strerror", None) or str(error)
        raise UserError(
            "input-missing-file", f"The file cannot be opened: {said}.", where=Place(label),
            hint="Check the path.",
        ) from None  # fmt: skip


def _standard_input() -> InputFile:
    return _kept(sys.stdin.buffer, "-")


def _kept(stream: IO[bytes], label: str) -> InputFile:
    """What `stream` holds as a temporary file, for it is read more than once."""
    with tempfile.NamedTemporaryFile(prefix="leadwise-", delete=False) as kept:
        try:
            shutil.copyfileobj(stream, kept)
            kept.flush()
            return _described(Path(kept.name), label, temporary=True)
        except BaseException:
            Path(kept.name).unlink(missing_ok=True)
            raise


def _described(path: Path, label: str, *, temporary: bool) -> InputFile:
    with path.open("rb") as file:
        start = file.read(4096)
    packed = start.startswith(b"\x1f\x8b")
    if packed:
        with gzip.open(path, "rb") as unpacked, unreadable(label):
            start = unpacked.read(4096)
    name = path.name.lower().removesuffix(".gz") if not temporary else ""
    format_ = ENDINGS.get(Path(name).suffix) or _by_content(start)
    if format_ != "parquet":
        _require_text(start, label)
    return InputFile(path, label, format_, packed, temporary)


def _by_content(start: bytes) -> Format:
    if start.startswith(b"PAR1"):
        return "parquet"
    # A JSON array is no JSON Lines, and that is what its reader will say.
    if start.removeprefix(BOM).lstrip().removeprefix(b"[").lstrip().startswith(b"{"):
        return "jsonl"
    return "csv"


def _require_text(start: bytes, label: str) -> None:
    """UserError where a file that should be text begins like something else."""
    foreign = next((name for sign, name in FOREIGN.items() if start.startswith(sign)), None)
    if foreign is not None:
        raise UserError(
            "input-unreadable", f"The file is {foreign}.", where=Place(label),
            hint="Give it as CSV, JSON Lines (both perhaps packed by gzip) or Parquet.",
        )  # fmt: skip
    if start.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        wide = start.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff"))
        raise UserError(
            "input-encoding", f"The file is UTF-{32 if wide else 16}.", where=Place(label, 1),
            hint="Save it as UTF-8.",
        )  # fmt: skip
    if start.count(0) * 4 > len(start):  # a stray NUL is dropped; UTF-16 is half NULs
        raise UserError(
            "input-encoding", "The file is UTF-16, or no text at all.", where=Place(label, 1),
            hint="Save it as UTF-8.",
        )  # fmt: skip


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
