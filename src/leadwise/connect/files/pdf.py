"""The text of PDFs: bounded in pages, characters, memory and time; by tesseract where it is a scan.

The file is read in a process of its own (`pdf_child`): a PDF comes from anybody, and its format has
room for bombs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from leadwise.errors import UserError

MOST_PAGES = 200
SECONDS = 30.0
MEMORY = 1_500_000_000
OCR_SECONDS = 60.0
_CHILD = Path(__file__).with_name("pdf_child.py")


def is_pdf(data: bytes) -> bool:
    """Whether these bytes are a PDF; a few may stand before its sign."""
    return b"%PDF-" in data[:1024]


def text_of_pdf(data: bytes, name: str = "the PDF", *, ocr: bool = True) -> str:
    """The text, a form feed between pages.

    UserError `unreadable-pdf` (damaged, locked, too much to read in the time), `no-ocr` where it
    holds pictures of text only and tesseract is not installed, `empty-pdf` where there is no text.
    """
    with tempfile.TemporaryDirectory(prefix="leadwise-") as kept:
        folder = Path(kept)
        pages, images = _read(data, name, folder if ocr else None)
        text = "\f".join(pages)
        if text.strip():
            return text
        if not images:
            raise UserError(
                "empty-pdf", f"There is no text in {name}.", hint="Is it the right file?"
            )
        return _seen(sorted(folder.glob("*.img")), name)


def _read(data: bytes, name: str, folder: Path | None) -> tuple[list[str], int]:
    command = [sys.executable, "-I", str(_CHILD), str(MOST_PAGES), str(MEMORY)]
    if folder is not None:
        command.append(str(folder))
    try:
        done = subprocess.run(  # noqa: S603 - our own script, no shell
            command, input=data, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _unreadable(name, f"it takes more than {SECONDS:.0f} seconds to read") from None
    try:
        said = json.loads(done.stdout)
    except ValueError:
        raise _unreadable(name, "reading it ended without an answer") from None
    if "error" in said:
        raise _unreadable(name, str(said["error"]))
    return [str(page) for page in said["pages"]], int(said["images"])


def _seen(images: list[Path], name: str) -> str:
    """What tesseract reads in pictures of pages."""
    program = shutil.which("tesseract")
    if program is None:
        raise UserError(
            "no-ocr", f"{name} is a scan: it holds pictures of text, and no text.",
            hint="Install tesseract (tesseract-ocr), which reads them, or send a PDF with text.",
        )  # fmt: skip
    texts: list[str] = []
    for image in images:
        try:
            done = subprocess.run(  # noqa: S603 - no shell, names are our own
                [program, str(image), "stdout"], capture_output=True, timeout=OCR_SECONDS,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise _unreadable(name, "tesseract takes too long for one of its pages") from None
        if done.returncode == 0:
            texts.append(done.stdout.decode("utf-8", "replace"))
    text = "\f".join(texts)
    if not text.strip():
        raise UserError(
            "empty-pdf", f"tesseract finds no text in {name}.", hint="Scan it at 300 dpi or more."
        )
    return text


def _unreadable(name: str, why: str) -> UserError:
    return UserError(
        "unreadable-pdf", f"{name} cannot be read: {why}.",
        hint="Open it and save or print it as a new PDF.",
    )  # fmt: skip
